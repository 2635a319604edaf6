"""A step in portions, after a shortage of memory too, is the step itself up to the order of its sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from test_training_step import SETTING, Player, same

from gan.families.stylegan2 import Config
from gan.families.stylegan2.trainer import StyleGan2
from gan.nn.deviation import minibatch_std
from gan.training.portions import PortionSize, divided
from gan.training.processes import Alone

EIGHT = replace(SETTING, batch=8)
TOLERANCE = 1e-4
"""Of the largest value of a tensor."""
CALM: dict[str, Any] = {"adam_eps": 1e-3, "augment_pipe": "bgc", "mbstd_group_size": 4, "channels": 3}
"""Adam divides by a gradient's own size: the larger epsilon keeps those that are all rounding small."""


def player(at_once: int | None = None, **options: Any) -> Player:
    setting = replace(
        EIGHT,
        channels=options.pop("channels", 1),
        resolution=options.pop("resolution", 16),
        portion=PortionSize(at_once),
    )
    return Player(setting, **options)


def largest_difference(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    """Relative to each tensor's largest value."""
    assert a.keys() == b.keys()
    return max(float((a[n] - b[n]).abs().max() / a[n].abs().max().clamp(min=1e-3)) for n in a)


@pytest.mark.parametrize("group", [1, 2, 4])
@pytest.mark.parametrize("at_once", [None, 1, 3, 4])
@pytest.mark.parametrize("count", [1, 2])
def test_every_image_is_taken_once_and_groups_stay_whole(group: int, at_once: int | None, count: int) -> None:
    portions = [rows for rank in range(count) for rows in divided(16, group, rank, count, at_once)]
    assert sorted(torch.cat(portions).tolist()) == list(range(16))
    x = torch.randn(16, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    whole = minibatch_std(x, group)
    for rows in portions:
        assert len(rows) <= max(at_once or 16, group)
        assert torch.equal(minibatch_std(x[rows], group), whole[rows])


@pytest.mark.parametrize(
    "options",
    [
        CALM,
        CALM | {"resolution": 32, "augment_pipe": "bgcfnc"},
        CALM | {"pl_interval": 0, "r1_interval": 0, "mbstd_group_size": 2, "augment_pipe": "bg"},
        CALM | {"mbstd_num_channels": 0, "augment": "none"},
    ],
)
@pytest.mark.parametrize("at_once", [2, 4])
def test_portions_change_nothing_but_the_order_of_sums(options: dict[str, Any], at_once: int) -> None:
    whole, parts = player(**options), player(at_once, **options)
    for told, again in zip(whole.steps(3), parts.steps(3), strict=True):
        assert again == pytest.approx(told, rel=1e-4, abs=1e-5)
    difference = largest_difference(whole.family.state_dict(), parts.family.state_dict())
    assert 0 < difference < TOLERANCE


class Small:
    """A device whose memory holds so many images in the discriminator or in the generator."""

    def __init__(self, family: StyleGan2, room: int) -> None:
        self.room, self.refused = room, 0
        family.D.register_forward_pre_hook(self._enter)
        family.G.synthesis.register_forward_pre_hook(self._enter)

    def _enter(self, module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) > self.room:
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.mark.parametrize(("room", "refused"), [(4, 1), (2, 2)])
def test_a_shortage_halves_the_portion_and_loses_nothing(room: int, refused: int) -> None:
    options = CALM | {"mbstd_group_size": 2}
    whole, short = player(**options), player(**options)
    device = Small(short.family, room)
    whole.steps(3)
    short.steps(3)
    assert device.refused == refused
    assert short.setting.portion.images == room
    assert short.setting.portion.shrunk()
    assert not short.setting.portion.shrunk()
    assert largest_difference(whole.family.state_dict(), short.family.state_dict()) < TOLERANCE
    split = player(room, **options)
    split.steps(3)
    assert same(split.family.state_dict(), short.family.state_dict())


def test_a_shortage_in_the_middle_of_a_phase_keeps_the_gradients_before_it() -> None:
    options = CALM | {"mbstd_group_size": 2, "pl_interval": 0, "r1_interval": 0}
    whole, short = player(**options), player(**options)
    calls = []

    def fail_late(module: torch.nn.Module, gradient: torch.Tensor) -> None:
        calls.append(1)
        if len(calls) == 2:  # the discriminator's backward pass over real images
            raise torch.OutOfMemoryError("CUDA out of memory.")

    short.family.D.b4.out.weight.requires_grad_(True)
    short.family.D.b4.out.weight.register_hook(lambda gradient: fail_late(short.family.D, gradient))
    short.family.D.b4.out.weight.requires_grad_(False)
    whole.steps(1)
    short.steps(1)
    assert len(calls) > 2
    assert largest_difference(whole.family.state_dict(), short.family.state_dict()) < TOLERANCE


def test_too_little_for_one_group_is_told_as_it_is() -> None:
    short = player(**CALM)
    Small(short.family, 3)
    with pytest.raises(torch.OutOfMemoryError):
        short.step()


def test_a_fault_is_no_shortage() -> None:
    broken = player()
    broken.family.D.register_forward_pre_hook(lambda *_: (_ for _ in ()).throw(RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ"):
        broken.step()
    assert broken.setting.portion.images is None


class Several(Alone):
    """So many processes, seen from the first."""

    def __init__(self, count: int) -> None:
        self.count = count


@pytest.mark.parametrize(
    ("batch", "count", "options", "sentence"),
    [
        (8, 3, {}, "a batch of 8 images cannot be shared by 3 processes alike"),
        (8, 4, {}, "by 4 processes alike, for deviation groups of 4 stay whole: .* a multiple of 16"),
        (4, 4, {"mbstd_group_size": 1}, "leaves 2 of them for the path length in 4 processes"),
    ],
)
def test_a_batch_that_cannot_be_shared_is_refused(
    batch: int, count: int, options: dict[str, Any], sentence: str
) -> None:
    setting = replace(SETTING, batch=batch, processes=Several(count))
    with pytest.raises(ValueError, match=sentence):
        StyleGan2(Config(z_dim=8, w_dim=8, channel_base=128, channel_max=8, **options), setting)
