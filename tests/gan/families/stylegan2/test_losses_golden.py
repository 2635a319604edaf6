"""Each phase of training gives the reference's losses, penalties and gradients of every parameter."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from percentile_draws import augment_at
from stylegan2_golden import FIRST, SECOND, below, discriminator, generator, options, relative_error, tensors
from torch import nn

from gan.families.stylegan2.augment.pipes import parse_pipe
from gan.families.stylegan2.chance import UNCHANGED, Generated, Latents, Real, Unchanged
from gan.families.stylegan2.losses import PathPenalty, fake_loss, generator_loss, path_lengths, real_loss
from gan.families.stylegan2.phases import (
    Game,
    PathPass,
    RealTerms,
    back_fake,
    back_generator,
    back_real,
)
from gan.training.portions import Portion

CASES = options("loss")
GIVEN = tensors("loss")
PIPE = parse_pipe("bgc")


def game(tag: str) -> Game:
    return Game(generator("g_skip"), discriminator("d_resnet"))


class Augmented(Unchanged):
    """Every image at the same percentile."""

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return augment_at(images, PIPE, 0.3)


def change(tag: str) -> Unchanged:
    return Augmented() if CASES[tag]["augment"] is not None else UNCHANGED


def made(tag: str) -> Generated:
    return Generated(Latents(GIVEN["in/z"], GIVEN["in/c"]), augment=change(tag))


def real(tag: str) -> Real:
    return Real(GIVEN["in/real_img"], GIVEN["in/real_c"], change(tag))


N = len(GIVEN["in/z"])


def report(tag: str, name: str) -> torch.Tensor:
    return GIVEN[f"{tag}/report/Loss_{name}"]


def tags(phase: str) -> list[str]:
    return [tag for tag, case in CASES.items() if case["phase"] == phase]


def check_gradients(tag: str, network: nn.Module, limit: float) -> None:
    """Every stored gradient, and the norm of every gradient."""
    expected, norms = below("loss", f"{tag}/grad/"), CASES[tag]["grad_norms"]
    assert set(norms) == {name for name, _ in network.named_parameters()}
    largest = max(norms.values())
    for name, parameter in network.named_parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        assert float(gradient.norm()) == pytest.approx(norms[name], rel=limit, abs=limit * 1e-3 * largest), (
            name
        )
        if name in expected and norms[name] > 0:
            assert relative_error(gradient, expected[name]) < limit, name


def half(case: dict[str, Any]) -> Latents:
    n = len(GIVEN["in/z"]) // case["pl_batch_shrink"]
    return Latents(GIVEN["in/z"][:n], GIVEN["in/c"][:n])


@pytest.fixture(params=[1, 2], ids=["whole", "portions"])
def portions(request: pytest.FixtureRequest) -> list[Portion]:
    """The half batch of the path-length phase, at once and image by image."""
    n = len(half(CASES["Greg"]).z)
    parts = torch.arange(n).chunk(1 if request.param == 1 else n)
    return [Portion(rows, len(parts) == 1) for rows in parts]


def back_path_of(tag: str, play: Game, portions: list[Portion]) -> None:
    """Backs the penalty and checks its terms."""
    case = CASES[tag]
    path = PathPass(play, Generated(half(case)), GIVEN["in/pl_noise"])
    measured = [path.measure(portion) for portion in portions]
    mean = torch.stack([sums["length"] for sums in measured]).sum() / len(half(case).z)
    penalty = PathPenalty.after(mean, torch.tensor(case["pl_mean_before"]), case["pl_decay"])
    for portion in portions:
        path.back(portion, penalty, case["pl_weight"] * case["gain"])
    assert float(penalty.mean) == pytest.approx(case["pl_mean_after"], rel=FIRST)
    penalties = penalty.of(lengths_of(tag, play))
    assert relative_error(penalties, report(tag, "pl_penalty")) < FIRST
    assert relative_error(penalties * case["pl_weight"], report(tag, "G_reg")) < FIRST


def lengths_of(tag: str, play: Game) -> torch.Tensor:
    ws = play.G.mapping(half(CASES[tag]).z, half(CASES[tag]).c).detach().requires_grad_()
    return path_lengths(play.G.synthesis(ws), ws, GIVEN["in/pl_noise"], create_graph=False)


def check_real(tag: str, terms: RealTerms) -> None:
    assert relative_error(terms.logits, report(tag, "scores_real")) < FIRST
    if terms.penalty is not None:
        assert relative_error(terms.penalty, report(tag, "r1_penalty")) < FIRST
        assert relative_error(terms.penalty * CASES[tag]["r1_gamma"] / 2, report(tag, "D_reg")) < FIRST


@pytest.mark.parametrize("tag", tags("Gmain"))
def test_generator_phase(tag: str) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    terms = back_generator(play, made(tag), N)
    assert relative_error(terms.logits, report(tag, "scores_fake")) < FIRST
    assert relative_error(terms.loss, report(tag, "G_loss")) < FIRST
    assert torch.equal(terms.logits.sign(), report(tag, "signs_fake"))
    assert torch.equal(terms.loss, generator_loss(terms.logits))
    check_gradients(tag, play.G, FIRST)


@pytest.mark.parametrize("tag", tags("Greg"))
def test_path_length_phase(tag: str, portions: list[Portion]) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    back_path_of(tag, play, portions)
    check_gradients(tag, play.G, SECOND)


def test_path_length_from_its_intermediate_values() -> None:
    case, play = CASES["Greg"], game("Greg")
    ws = play.G.mapping(half(case).z, half(case).c)
    assert relative_error(ws, GIVEN["Greg/pl_ws"]) < FIRST
    ws.requires_grad_()
    lengths = path_lengths(play.G.synthesis(ws), ws, GIVEN["in/pl_noise"])
    assert relative_error(lengths, GIVEN["Greg/pl_lengths"]) < FIRST


@pytest.mark.parametrize("tag", tags("Dmain"))
def test_discriminator_phase(tag: str) -> None:
    play = game(tag)
    play.D.requires_grad_(True)
    fake = back_fake(play, made(tag), N)
    terms = back_real(play, real(tag), N, main=True, r1_weight=0.0)
    assert terms.penalty is None
    assert relative_error(fake.logits, report(tag, "scores_fake")) < FIRST
    assert relative_error(fake.loss + terms.loss, report(tag, "D_loss")) < FIRST
    assert torch.equal(fake.loss, fake_loss(fake.logits))
    assert torch.equal(terms.loss, real_loss(terms.logits))
    check_real(tag, terms)
    check_gradients(tag, play.D, FIRST)


@pytest.mark.parametrize("tag", tags("Dreg"))
def test_r1_phase(tag: str) -> None:
    play, case = game(tag), CASES[tag]
    play.D.requires_grad_(True)
    weight = case["r1_gamma"] / 2 * case["gain"]
    check_real(tag, back_real(play, real(tag), N, main=False, r1_weight=weight))
    check_gradients(tag, play.D, SECOND)


def test_r1_gradients_of_the_images() -> None:
    play = game("Dreg")
    images = GIVEN["in/real_img"].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(play.D(images, GIVEN["in/real_c"]).sum(), images)
    assert relative_error(gradient[: len(GIVEN["Dreg/r1_grads"])], GIVEN["Dreg/r1_grads"]) < FIRST


@pytest.mark.parametrize("tag", tags("Gboth"))
def test_both_terms_of_the_generator_at_once(tag: str, portions: list[Portion]) -> None:
    play = game(tag)
    play.G.requires_grad_(True)
    back_generator(play, made(tag), N)
    back_path_of(tag, play, portions)
    check_gradients(tag, play.G, SECOND)


@pytest.mark.parametrize("tag", tags("Dboth"))
def test_both_terms_of_the_discriminator_at_once(tag: str) -> None:
    play, case = game(tag), CASES[tag]
    play.D.requires_grad_(True)
    back_fake(play, made(tag), N)
    check_real(tag, back_real(play, real(tag), N, main=True, r1_weight=case["r1_gamma"] / 2))
    check_gradients(tag, play.D, SECOND)
