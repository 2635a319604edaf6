"""A preset that trains in seconds, for tests of what surrounds the training."""

from __future__ import annotations

from blasto_annotator.training.presets import Preset

TINY = Preset(
    name="tiny",
    title="Tiny",
    minutes_hint=10.0,
    settings={
        "resolution": 32,
        "batch": 4,
        "goal_kimg": 2.0,
        "tick_kimg": 0.008,
        "checkpoint_kimg": 0.08,
        "threads": 1,
        "device": "cpu",
        "options": {"z_dim": 16, "w_dim": 16, "channel_base": 256, "channel_max": 16, "augment": "none"},
    },
)
