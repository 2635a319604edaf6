"""The seam between the training loop and whoever scores what the generator makes.

The loop makes the images and keeps the record; an evaluator, which knows the metrics, turns them into
figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from gan.contract.config import RunConfig
from gan.data.decode import Pixels
from gan.data.images import ImageSet
from gan.data.manifest import Origins
from gan.data.pictures import to_pixels
from gan.training.family import Family
from gan.training.latents import latents

FIRST_SEED = 1_000_000
"""Of the latents: others than the sample pictures show."""
AT_ONCE = 16


@dataclass(frozen=True)
class Ground:
    """What an evaluator is built on."""

    config: RunConfig
    images: ImageSet
    """The run's own images."""
    origins: Origins | None
    """Their embryos, where a snapshot's manifest tells them."""
    device: torch.device


@dataclass(frozen=True)
class Made:
    """What the averaged generator makes at some moment."""

    pixels: Pixels
    """[N, C, H, W], 0 to 255; the same latents at each evaluation of a run."""
    labels: npt.NDArray[np.int64]
    """Class indices [N], equally many of each."""
    ada_p: float | None
    """Strength of augmentation; None where the family tells none."""


@dataclass(frozen=True)
class Figure:
    """One score."""

    name: str
    value: float
    n: int
    """Generated images behind it."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else pins it: fields of its `metric` event."""


@dataclass(frozen=True)
class Verdict:
    """An evaluation."""

    figures: tuple[Figure, ...]
    leak: str = ""
    """A sentence for the person where augmentations show in what was made."""


class Evaluator(Protocol):
    """Scores generated images against the run's real ones."""

    def evaluate(self, made: Made) -> Verdict:
        """The figures of one moment; one of them is called as the configuration's `best_by`.

        Raises:
            UserError: there can be none for this data; training goes on without.
        """


EvaluatorFor = Callable[[Ground, Callable[[str], None]], Evaluator | None]
"""Builds an evaluator that tells people through the second argument; None for none.

Raises:
    UserError: what the configuration asks for is not there.
"""


def make_images(family: Family, config: RunConfig, device: torch.device, ada_p: float | None) -> Made:
    """`evaluate_per_class` images of each class: averaged weights, constant noise, no truncation."""
    labels = np.repeat(np.arange(max(len(config.classes), 1)), config.evaluate_per_class)
    z = latents(range(FIRST_SEED, FIRST_SEED + len(labels)), family.z_dim)
    classes = torch.from_numpy(labels)
    parts = []
    for start in range(0, len(labels), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        images = family.sample(z[part].to(device), classes[part].to(device))
        parts.append(to_pixels(images.float().cpu().numpy()))
    return Made(np.concatenate(parts), labels, ada_p)
