"""What `evaluate` computes: images gathered, features taken, scores in plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from gan.cli.gathering import Gathered, generated_by, generated_files, real_images
from gan.contract.errors import UserError
from gan.data.decode import Pixels
from gan.metrics.evaluation import Options, evaluate
from gan.metrics.extractors.base import Extractor
from gan.metrics.extractors.encoder import EncoderExtractor, EncoderTraining
from gan.metrics.extractors.inception_files import FILE, VARIABLE, InceptionExtractor, find_inception
from gan.metrics.keeping import CachedExtractor, Say, kept_encoder
from gan.training.device import choose_machine
from gan.training.networks import Network, open_network


@dataclass(frozen=True)
class Wish:
    """What to score against what."""

    data: Path
    split: str
    network: Path | None
    images: Path | None
    per_class: int
    seed: int
    truncation: float
    repeats: int
    device: str


@dataclass(frozen=True)
class Eye:
    """Which features to look at."""

    features: str
    """`auto`, `inception` or `encoder`."""
    inception: Path | None
    encoder_steps: int = EncoderTraining.steps


def score(wish: Wish, eye: Eye, say: Say) -> dict[str, Any]:
    """The evaluation as plain values. Without classes on the generated side all is scored as one.

    `say` tells the person of a cache that was damaged.

    Raises:
        UserError: something cannot be read, the classes differ, or there are too few images.
    """
    real, side = real_images(wish.data, wish.split), _generated_side(wish)
    _require_same_classes(wish, real.classes, side.classes)
    device = choose_machine(wish.device, "float32", 0).device
    extractor = choose_extractor(eye, real.images.pixels, device, say)
    generated = _made(wish, side)
    options = Options(repeats=wish.repeats, seed=wish.seed)
    try:
        kept = CachedExtractor(extractor, say)
        found = evaluate(real.images, generated.images, generated.classes, extractor, options, kept)
    except ValueError as error:
        raise UserError(f"{wish.data} cannot be compared with: {error}.") from error
    facts = {"data": str(wish.data), "split": wish.split, "generated": generated.source}
    return {**facts, "truncation": wish.truncation, **asdict(found)}


def choose_extractor(eye: Eye, real: Pixels, device: torch.device, say: Say) -> Extractor:
    """Inception where its weights are, else (or where asked for) an encoder trained on the real images.

    Raises:
        UserError: Inception was asked for and is not there, or there are too few images for an encoder.
    """
    weights = inception_weights(eye)
    if weights is not None:
        return InceptionExtractor(weights, device)
    try:
        network = kept_encoder(real, EncoderTraining(steps=eye.encoder_steps), device, say)
    except ValueError as error:
        raise UserError(f"{error}: import and label more frames.") from error
    return EncoderExtractor(network, device)


def inception_weights(eye: Eye) -> Path | None:
    """The file of Inception's weights; None where an encoder is to be trained instead.

    Raises:
        UserError: Inception was asked for and is not there.
    """
    weights = None if eye.features == "encoder" else find_inception(eye.inception)
    if weights is None and eye.features == "inception":
        raise UserError(
            f"The Inception weights are not here: fetch {FILE} and name it with --inception "
            f"or the variable {VARIABLE}, or choose the features encoder."
        )
    return weights


def _generated_side(wish: Wish) -> Gathered | Network:
    """Opened, but not generated yet: that takes long, and comes when all else is known to be right."""
    if wish.images is not None:
        return generated_files(wish.images)
    assert wish.network is not None  # noqa: S101 - the command asks for one of the two
    return open_network(wish.network, wish.device)


def _made(wish: Wish, side: Gathered | Network) -> Gathered:
    if isinstance(side, Gathered):
        return side
    return generated_by(side, wish.per_class, wish.seed, wish.truncation)


def _require_same_classes(wish: Wish, real: tuple[str, ...], generated: tuple[str, ...]) -> None:
    if generated and generated != real:
        raise UserError(
            f"{wish.images or wish.network} has the classes {', '.join(generated)}, "
            f"but {wish.data} has {', '.join(real) or 'none'}."
        )
