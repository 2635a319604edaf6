"""Every family in the list keeps the seam's promises at a tiny size."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan.contract.families import FAMILIES
from gan.data.images import ImageSet
from gan.data.stream import BatchStream
from gan.training.building import build_family
from gan.training.checkpoints import NETWORK_PREFIXES, read_state, write_checkpoint
from gan.training.family import Family, Setting, Step
from gan.training.randomness import PREFIX, Randomness
from tests.gan.trainers import SMALL

NAMES = [entry.name for entry in FAMILIES]
TINY_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "stylegan2": {**SMALL, "r1_interval": 2, "pl_interval": 2, "augment_p": 0.3, "ada_interval": 1}
}
"""A new family adds a line where its defaults are large."""
CPU = torch.device("cpu")
BATCH, SIZE = 4, 16
SHAPES = [(0, 1), (3, 1), (3, 3)]
"""Classes and channels."""


def images(classes: int, channels: int) -> ImageSet:
    """Ten images of noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (10, channels, SIZE, SIZE), dtype=np.uint8)
    return ImageSet(pixels, np.arange(10) % max(classes, 1), None)


class Bench:
    """A family with everything that its steps take."""

    def __init__(self, name: str, classes: int = 3, channels: int = 1, seed: int = 0) -> None:
        self.randomness = Randomness(seed, CPU)
        setting = Setting(SIZE, channels, classes, BATCH, CPU, torch.float32)
        self.family: Family = build_family(name, TINY_OPTIONS.get(name, {}), setting)
        self._stream = BatchStream(images(classes, channels), 1, True, CPU)
        self.steps = 0

    def train(self, steps: int) -> list[Mapping[str, torch.Tensor | float]]:
        """Takes some steps; returns what each measured."""
        return [self._step() for _ in range(steps)]

    def _step(self) -> Mapping[str, torch.Tensor | float]:
        rng, seen = self.randomness.step, self.steps * BATCH
        batch = self._stream.at(seen, BATCH)
        self.steps += 1
        return self.family.train_step(
            Step(
                batch.images,
                batch.labels,
                self.steps - 1,
                seen,
                rng,
                lambda n: self._stream.draw_labels(n, rng),
            )
        )

    def save(self, folder: Path) -> Path:
        """A checkpoint."""
        state = {**self.family.state_dict(), **self.randomness.state_dict()}
        said = {"family": "f", "options": {}, "resolution": SIZE, "channels": 1, "classes": [], "kimg": 0.0}
        return write_checkpoint(folder, 0.0, state, said)

    def load(self, checkpoint: Path, steps: int) -> None:
        """Goes on from a checkpoint after so many steps."""
        state = read_state(checkpoint)
        self.randomness.load_state_dict({k: v for k, v in state.items() if k.startswith(PREFIX)})
        self.family.load_state_dict({k: v for k, v in state.items() if not k.startswith(PREFIX)})
        self.steps = steps


def unequal(one: Family, two: Family) -> list[str]:
    """Names of tensors that differ in any bit."""
    first, second = one.state_dict(), two.state_dict()
    assert list(first) == list(second)
    return [name for name in first if first[name].numpy().tobytes() != second[name].numpy().tobytes()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("classes", "channels"), SHAPES)
def test_it_samples_images_of_the_right_shape_and_changes_nothing(
    name: str, classes: int, channels: int
) -> None:
    family = Bench(name, classes, channels).family
    before = family.state_dict()
    z, labels = torch.randn(5, family.z_dim), torch.arange(5) % max(classes, 1)

    for noise in ("const", "none", "random"):
        made = family.sample(z, labels, truncation=0.7, noise=noise)
        assert (made.shape, made.dtype) == ((5, channels, SIZE, SIZE), torch.float32)
        assert made.isfinite().all()
        assert not made.requires_grad
    assert family.sample(z, labels).equal(family.sample(z, labels))
    assert all(value.equal(before[key]) for key, value in family.state_dict().items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("classes", "channels"), SHAPES)
def test_a_step_measures_finite_scalars_and_changes_every_network(
    name: str, classes: int, channels: int
) -> None:
    bench = Bench(name, classes, channels)
    before = bench.family.state_dict()

    measured = bench.train(2)

    assert all(np.isfinite(float(value)) for values in measured for value in values.values())
    after = bench.family.state_dict()
    for prefix in NETWORK_PREFIXES:
        own = [key for key in after if key.startswith(prefix)]
        assert any(not after[key].equal(before[key]) for key in own), prefix


@pytest.mark.parametrize("name", NAMES)
def test_its_state_names_networks_optimisers_and_counters_only(name: str) -> None:
    state = Bench(name).family.state_dict()

    assert all(key.startswith((*NETWORK_PREFIXES, "optimizer/", "counter/")) for key in state)
    assert all(any(key.startswith(prefix) for key in state) for prefix in NETWORK_PREFIXES)


@pytest.mark.parametrize("name", NAMES)
def test_the_class_changes_the_picture(name: str) -> None:
    bench = Bench(name, classes=2)
    bench.train(2)
    z = torch.randn(1, bench.family.z_dim)

    one, other = (bench.family.sample(z, torch.tensor([index])) for index in (0, 1))

    assert not one.equal(other)


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_a_resume_and_two_steps_are_four_steps_to_the_last_bit(name: str, tmp_path: Path) -> None:
    straight, broken, resumed = Bench(name), Bench(name), Bench(name, seed=5)
    assert unequal(straight.family, resumed.family)

    straight.train(4)
    broken.train(2)
    resumed.load(broken.save(tmp_path), 2)
    resumed.train(2)

    assert unequal(straight.family, resumed.family) == []
    z = torch.randn(2, straight.family.z_dim)
    labels = torch.tensor([0, 1])
    assert straight.family.sample(z, labels).equal(resumed.family.sample(z, labels))


@pytest.mark.parametrize("name", NAMES)
def test_a_state_that_does_not_fit_is_refused(name: str) -> None:
    family = Bench(name).family
    state = family.state_dict()
    first = next(key for key in state if key.startswith("G/"))

    with pytest.raises(KeyError):
        family.load_state_dict({key: value for key, value in state.items() if key != first})
    with pytest.raises(ValueError, match="shape"):
        family.load_state_dict({**state, first: torch.zeros(1, 2, 3)})


def test_the_list_needs_no_torch() -> None:
    import subprocess

    code = "import sys, gan.contract.families, gan.contract.presets; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
