"""The family behind the seam: steps, exact resumption, sampling, and what each option does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from gan.families.stylegan2 import Config, build
from gan.families.stylegan2.trainer import StyleGan2
from gan.training.family import Setting, Step

SETTING = Setting(16, 1, 3, 4, torch.device("cpu"), torch.float32)
SMALL: dict[str, Any] = {
    "z_dim": 8,
    "w_dim": 12,
    "d_mapping_layers": 2,
    "channel_base": 128,
    "channel_max": 12,
    "augment_p": 0.5,
    "pl_interval": 2,
    "r1_interval": 3,
    "ada_interval": 2,
    "ada_kimg": 0.1,
}


class Player:
    """A loop in small: the same images every time, one generator for all draws."""

    def __init__(self, setting: Setting = SETTING, seed: int = 0, **options: Any) -> None:
        self.setting = setting
        torch.manual_seed(5)
        self.family = StyleGan2(Config(**{**SMALL, **options}), setting)
        self.rng = torch.Generator().manual_seed(seed)
        self.iteration = 0

    def step(self) -> dict[str, float]:
        n, s = self.setting.batch, self.setting
        fixed = torch.Generator().manual_seed(self.iteration)
        step = Step(
            images=torch.rand(n, s.channels, s.resolution, s.resolution, generator=fixed) * 2 - 1,
            labels=torch.arange(n) % max(s.classes, 1),
            iteration=self.iteration,
            seen_images=self.iteration * n,
            rng=self.rng,
            draw_labels=lambda count: torch.randint(0, max(s.classes, 1), (count,), generator=self.rng),
        )
        self.iteration += 1
        return {name: float(value) for name, value in self.family.train_step(step).items()}

    def steps(self, count: int) -> list[dict[str, float]]:
        return [self.step() for _ in range(count)]

    def resumed(self) -> Player:
        """A new family with other weights that takes this one's state over."""
        options = {
            name: getattr(self.family.config, name) for name in self.family.config.__dataclass_fields__
        }
        other = Player(self.setting, seed=99, **options)
        other.steps(1)
        other.family.load_state_dict(self.family.state_dict())
        other.rng.set_state(self.rng.get_state())
        other.iteration = self.iteration
        return other


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize(
    ("setting", "options"),
    [
        ({}, {"augment_pipe": "bgc"}),
        ({"classes": 0, "channels": 3}, {"augment": "fixed"}),
        ({"classes": 9}, {"augment": "none", "d_architecture": "skip", "mbstd_group_size": None}),
        ({}, {"g_architecture": "resnet", "d_architecture": "orig", "freeze_d": 2}),
        ({"precision": torch.bfloat16}, {"pl_interval": 0, "r1_interval": 0}),
    ],
)
def test_two_steps_a_resume_and_two_steps_equal_four(
    setting: dict[str, Any], options: dict[str, Any]
) -> None:
    whole = Player(replace(SETTING, **setting), **options)
    half = Player(replace(SETTING, **setting), **options)
    whole.steps(4)
    half.steps(2)
    other = half.resumed()
    other.steps(2)
    assert same(whole.family.state_dict(), other.family.state_dict())


def test_every_draw_comes_from_the_steps_generator() -> None:
    first, second = Player(), Player()
    first.steps(3)
    torch.manual_seed(1234)
    second.steps(3)
    assert same(first.family.state_dict(), second.family.state_dict())
    other = Player(seed=1)
    other.steps(3)
    assert not same(first.family.state_dict(), other.family.state_dict())


def test_a_step_reports_what_is_worth_plotting() -> None:
    first, second = Player().steps(2)
    always = {"loss_g", "loss_d", "real_score", "fake_score", "ada_p"}
    assert set(first) == always | {"path_length", "r1", "ada_sign"}
    assert set(second) == always
    assert all(torch.isfinite(torch.tensor(list(values.values()))).all() for values in (first, second))


def test_states_are_named_as_the_seam_says() -> None:
    names = set(Player().family.state_dict())
    prefixes = {name.split("/")[0] for name in names}
    assert prefixes == {"G", "D", "G_ema", "optimizer", "counter"}
    assert {"counter/ada_p", "counter/sign_sum", "counter/sign_count", "counter/pl_mean"} <= names
    assert {"optimizer/G/synthesis.b4.const/exp_avg_sq", "optimizer/D/b4.out.weight/step"} <= names
    assert {name[2:] for name in names if name.startswith("G/")} == {
        name[6:] for name in names if name.startswith("G_ema/")
    }


def test_a_wrong_state_is_refused() -> None:
    family = Player().family
    state = family.state_dict()
    missing = {name: value for name, value in state.items() if name != "G/mapping.w_avg"}
    with pytest.raises(KeyError, match="w_avg"):
        family.load_state_dict(missing)
    with pytest.raises(ValueError, match=r"G/mapping.w_avg has shape \(5,\)"):
        family.load_state_dict({**state, "G/mapping.w_avg": torch.zeros(5)})


def test_a_state_does_not_change_under_further_steps() -> None:
    player = Player()
    state = player.family.state_dict()
    before = {name: value.clone() for name, value in state.items()}
    player.steps(1)
    assert same(state, before)


def test_samples_come_from_the_averaged_weights_and_change_nothing() -> None:
    player = Player()
    player.steps(2)
    z, labels = torch.randn(5, player.family.z_dim), torch.tensor([0, 1, 2, 0, 1])
    before = player.family.state_dict()
    images = player.family.sample(z, labels)
    assert images.shape == (5, 1, 16, 16)
    assert images.dtype == torch.float32
    assert not images.requires_grad
    assert torch.equal(images, player.family.sample(z, labels))
    assert same(before, player.family.state_dict())
    with torch.no_grad():
        for parameter in player.family.G.parameters():
            parameter.zero_()
    assert torch.equal(images, player.family.sample(z, labels))


def test_truncation_and_noise_change_a_sample() -> None:
    player = Player()
    player.steps(3)
    z, labels = torch.randn(2, 8), torch.tensor([0, 1])
    images = player.family.sample(z, labels)
    assert not torch.allclose(images, player.family.sample(z, labels, truncation=0.5))
    assert not torch.equal(images, player.family.sample(z, labels, noise="none"))
    torch.manual_seed(0)
    first = player.family.sample(z, labels, noise="random")
    assert not torch.equal(first, player.family.sample(z, labels, noise="random"))


def test_classes_are_ignored_where_there_are_none() -> None:
    player = Player(replace(SETTING, classes=0))
    player.steps(1)
    z = torch.randn(2, 8)
    assert torch.equal(
        player.family.sample(z, torch.tensor([0, 0])), player.family.sample(z, torch.tensor([1, 2]))
    )


def test_frozen_layers_keep_their_weights() -> None:
    player = Player(freeze_d=3)
    before = player.family.state_dict()
    player.steps(2)
    after = player.family.state_dict()
    frozen = ("D/b16.fromrgb.", "D/b16.conv0.", "D/b16.conv1.")
    learned = [name for name in before if name.startswith("D/") and not name.endswith("resample_filter")]
    for name in learned:
        assert torch.equal(before[name], after[name]) == name.startswith(frozen), name


def test_adaptive_p_moves_with_the_signs_and_not_above_its_cap() -> None:
    player = Player(ada_target=-1.0, augment_p_max=0.6)
    p = [values["ada_p"] for values in player.steps(8)]
    assert p[0] == pytest.approx(0.58)  # 0.5 + 4 images * 2 steps / 100 images
    assert p[0] == p[1] < p[2] == pytest.approx(0.6)
    assert p[-1] == pytest.approx(0.6)


def test_the_sign_statistic_includes_the_penalty_phase() -> None:
    player = Player(augment="fixed", r1_interval=2)
    player.steps(3)  # penalties in steps 0 and 2
    assert float(player.family.state_dict()["counter/sign_count"]) == 5 * SETTING.batch


def test_fixed_p_stays_and_no_augmentation_has_no_p() -> None:
    assert {values["ada_p"] for values in Player(augment="fixed", augment_p=0.25).steps(4)} == {0.25}
    assert "ada_p" not in Player(augment="none").step()


def test_the_average_of_w_follows_every_phase_that_generates() -> None:
    moved = []
    for options in ({"pl_weight": 0.0}, {"pl_weight": 2.0}):
        player = Player(w_avg_beta=0.0, **options)
        player.step()
        moved.append(player.family.G.mapping.w_avg.clone())
        assert float(moved[-1].abs().max()) > 0
        assert torch.equal(player.family.G_ema.mapping.w_avg, moved[-1])


def test_the_default_penalty_grows_with_the_image() -> None:
    options = {"r1_interval": 0, "augment": "none"}
    automatic = Player(**options)
    explicit = Player(**options, r1_gamma=0.0002 * 16**2 / 4)
    automatic.steps(2)
    explicit.steps(2)
    assert same(automatic.family.state_dict(), explicit.family.state_dict())


def test_a_broken_gradient_does_not_break_the_weights() -> None:
    player = Player()
    with torch.no_grad():
        player.family.D.b4.out.weight[0, 0] = float("inf")
    player.step()
    assert all(torch.isfinite(p).all() for p in player.family.G.parameters())


def test_building_gives_a_family() -> None:
    family = build(Config(**SMALL), SETTING)
    assert family.z_dim == 8
    assert family.sample(torch.zeros(1, 8), torch.zeros(1, dtype=torch.int64)).shape == (1, 1, 16, 16)
