"""The reward in the generator's loss: its gradient, and that nothing else of a step changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import torch
from test_portions import CALM, EIGHT, TOLERANCE, largest_difference
from test_training_step import SETTING, SMALL, Player, same
from torch.nn import functional as F

from gan.families.stylegan2 import Config
from gan.families.stylegan2.chance import Generated, Latents
from gan.families.stylegan2.losses import generator_loss
from gan.families.stylegan2.phases import Game, back_generator, generate
from gan.families.stylegan2.trainer import StyleGan2
from gan.training.portions import PortionSize


@dataclass(frozen=True)
class Bright:
    """Is pleased by bright images, of the last class most; the part kept out by dark ones."""

    weight: float
    facts: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def judge(self, images: torch.Tensor, classes: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        means = 3 * images.mean((1, 2, 3))
        eager = 1 if classes is None else 1 + classes.argmax(1)
        return F.logsigmoid(eager * means), torch.sigmoid(-means).detach()


def player(weight: float | None, at_once: int | None = None, **options: Any) -> Player:
    reward = None if weight is None else Bright(weight)
    return Player(replace(EIGHT, reward=reward, portion=PortionSize(at_once)), **options)


def test_the_term_is_minus_the_weight_times_the_mean_log_probability() -> None:
    torch.manual_seed(3)
    family = StyleGan2(Config(**SMALL), SETTING)
    classes = F.one_hot(torch.arange(4) % 3, 3).float()
    made = Generated(Latents(torch.randn(4, 8), classes))
    game = Game(family.G.requires_grad_(True), family.D, Bright(0.7))

    told = back_generator(game, made, 4)

    images = generate(game, made)[0]
    log_p, kept_out = game.reward.judge(images, classes) if game.reward else (images, images)
    loss = generator_loss(family.D(images, classes)).mean() - 0.7 * log_p.mean()
    parameters = [p for p in family.G.parameters() if p.grad is not None]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        assert torch.allclose(parameter.grad, gradient, rtol=1e-4, atol=1e-7)
    assert told.rewards is not None
    assert torch.allclose(told.rewards.used, log_p.exp())
    assert torch.equal(told.rewards.kept_out, kept_out)
    assert torch.allclose(told.loss, generator_loss(family.D(images, classes)))  # plotted without the reward


def test_weight_zero_trains_as_without_and_reports_the_probabilities() -> None:
    without, measured = player(None), player(0.0)

    plain, told = without.steps(3), measured.steps(3)

    assert same(without.family.state_dict(), measured.family.state_dict())
    for before, after in zip(plain, told, strict=True):
        assert after.keys() - before.keys() == {"p_reward", "p_kept_out"}
        assert {name: after[name] for name in before} == before
        assert 0 < after["p_reward"] < 1


def test_the_generator_learns_to_please_and_the_part_kept_out_tells_that_it_is_gamed() -> None:
    rewarded, control = player(3.0), player(0.0)

    *_, last = rewarded.steps(40)
    *_, other = control.steps(40)

    assert last["p_reward"] > other["p_reward"] + 0.2
    assert last["p_kept_out"] < other["p_kept_out"] - 0.2


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_with_a_reward_two_steps_a_resume_and_two_steps_equal_four(precision: torch.dtype) -> None:
    setting = replace(SETTING, reward=Bright(0.5), precision=precision)
    whole, half = Player(setting), Player(setting)
    whole.steps(4)
    half.steps(2)
    other = half.resumed()
    other.steps(2)
    assert same(whole.family.state_dict(), other.family.state_dict())


@pytest.mark.parametrize("at_once", [2, 4])
def test_portions_change_nothing_of_the_reward_but_the_order_of_sums(at_once: int) -> None:
    options = {**CALM, "mbstd_group_size": 2}
    options.pop("channels")
    whole, parts = player(0.5, **options), player(0.5, at_once, **options)
    for told, again in zip(whole.steps(3), parts.steps(3), strict=True):
        assert again == pytest.approx(told, rel=1e-4, abs=1e-5)
    assert 0 < largest_difference(whole.family.state_dict(), parts.family.state_dict()) < TOLERANCE
