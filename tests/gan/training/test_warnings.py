"""What a person is told while a run trains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gan.contract.config import RunConfig
from gan.training.loop import ada_cap
from gan.training.progress import Ceiling
from tests.gan.trainers import SMALL, new_run, recorded, train

RISING = {"ada_target": -1.0, "ada_interval": 1, "ada_kimg": 0.1, "augment_p_max": 0.05}
"""The mean sign is above the target at every step: p rises by 0.04 a step."""


def test_augmentation_at_its_cap_is_told_once(tmp_path: Path, data: Path) -> None:
    run = new_run(tmp_path / "run", data, family="stylegan2", options={**SMALL, **RISING}, goal_kimg=0.12)

    assert train(run).returncode == 0

    (told,) = (event.fields["message"] for event in recorded(run) if event.kind == "warning")
    assert "cap of 0.05" in told
    assert "augment_p_max" in told
    assert any((run.path / "tensorboard").glob("events.out.tfevents.*"))


@pytest.mark.parametrize(
    ("options", "cap"),
    [
        ({"augment_p_max": 0.6}, 0.6),
        ({"augment": "adaptive", "augment_p_max": 0.6}, 0.6),
        ({"augment": "fixed", "augment_p_max": 0.6}, None),
        ({"augment": "adaptive"}, None),
        ({}, None),
    ],
)
def test_only_an_adaptive_strength_has_a_cap(options: dict[str, Any], cap: float | None) -> None:
    assert ada_cap(RunConfig(data="x", resolution=32, options=options)) == cap


def test_a_cap_is_told_again_after_the_value_has_left_it() -> None:
    ceiling = Ceiling(0.8, before=0.8)

    assert [ceiling.reached(value) for value in (0.8, 0.7, 0.7999, 0.8, None, 0.8)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    assert not any(Ceiling(None, None).reached(value) for value in (0.0, 1.0, None))
