"""What a person is told while a run trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from gan.training.progress import Ceiling
from tests.gan.trainers import SMALL, new_run, recorded, train

RISING = {"ada_target": -2.0, "ada_interval": 1, "ada_kimg": 0.1, "augment_p_max": 0.05}
"""The mean sign is above the target at every step: p rises by 0.04 a step."""


@pytest.mark.parametrize(("augment", "warned"), [("adaptive", 1), ("fixed", 0)])
def test_augmentation_at_its_cap_is_told_once(tmp_path: Path, data: Path, augment: str, warned: int) -> None:
    options = {**SMALL, **RISING, "augment": augment, "augment_p": 0.05 if augment == "fixed" else 0.0}
    run = new_run(tmp_path / "run", data, family="stylegan2", options=options, goal_kimg=0.12)

    assert train(run).returncode == 0

    told = [event.fields["message"] for event in recorded(run) if event.kind == "warning"]
    assert len(told) == warned
    assert all("cap of 0.05" in message and "augment_p_max" in message for message in told)
    assert any((run.path / "tensorboard").glob("events.out.tfevents.*"))


def test_a_cap_is_told_again_after_the_value_has_left_it() -> None:
    ceiling = Ceiling(0.8, before=0.8)

    assert [ceiling.reached(value) for value in (0.8, 0.7, 0.7999, 0.8, None, 0.8)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    assert not any(Ceiling(None, None).reached(value) for value in (0.0, 1.0, None))
