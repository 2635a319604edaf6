"""A preset that trains in seconds, for tests of what surrounds the training."""

from __future__ import annotations

from blasto_annotator.training.presets import Preset

TINY = Preset(
    name="tiny",
    title="Tiny",
    minutes_hint=10.0,
    settings={"resolution": 32, "batch": 4, "goal_kimg": 2.0, "tick_kimg": 0.008, "threads": 1},
)
