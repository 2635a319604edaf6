"""Losses of a fixed run, recorded: whoever changes how the trainer computes sees it here.

The numbers were recorded from this program (on x86-64 with torch 2.13) once the reference cases of
`tests/data/stylegan2` agreed. They guard refactors; those cases say what is right. After a change that means
to alter training, take the new numbers from the failing test's message.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gan.data.images import Form, load_images
from gan.data.stream import BatchStream
from gan.families.stylegan2 import Config, build
from gan.training.family import Setting, Step
from gan.training.randomness import Randomness, derived_seed
from tests.gan.trainers import SMALL

STEPS = 6
RECORDED: dict[str, list[float]] = {
    "loss_g": [0.743047, 0.677435, 0.739412, 0.672161, 0.750885, 0.726932],
    "loss_d": [1.38921, 1.428563, 1.398734, 1.378903, 1.439201, 1.342088],
    "r1": [0.000196, 0.000229],
    "path_length": [0.666273, 0.906368],
}


def measured(data: Path) -> dict[str, list[float]]:
    """What six steps on the data set measure, as the loop takes them."""
    cpu = torch.device("cpu")
    randomness = Randomness(0, cpu)
    options = {**SMALL, "augment_p": 0.2, "ada_kimg": 0.5}
    family = build(Config(**options), Setting(32, 1, 3, 4, cpu, torch.float32))
    images = load_images(data, Form(32, 1, ("good", "average", "poor")))
    stream, rng = BatchStream(images, derived_seed(0, 2), True, cpu), randomness.step
    found: dict[str, list[float]] = {name: [] for name in RECORDED}
    for number in range(STEPS):
        batch = stream.at(4 * number, 4)
        values = family.train_step(
            Step(batch.images, batch.labels, number, 4 * number, rng, lambda n: stream.draw_labels(n, rng))
        )
        for name in set(found) & set(values):
            found[name].append(round(float(values[name]), 6))
    return found


def test_the_losses_of_six_steps_are_the_recorded_ones(data: Path) -> None:
    found = measured(data)

    for name, values in RECORDED.items():
        assert found[name] == pytest.approx(values, rel=2e-3, abs=2e-6), found
