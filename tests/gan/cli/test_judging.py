"""What is compared with what when the trainer evaluates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan.cli import judging
from gan.cli.judging import Judge
from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.data.images import ImageSet
from gan.data.manifest import Origins
from gan.metrics.proportion import in_proportion
from gan.training import evaluating
from gan.training.building import build_family
from gan.training.evaluating import Figure, Ground, Made, make_images
from gan.training.family import Setting
from tests.gan.trainers import SMALL

CPU = torch.device("cpu")
CONFIG = RunConfig(
    data="data",
    resolution=16,
    classes=("good", "poor"),
    evaluate_kimg=1,
    evaluate_per_class=40,
    evaluate_features="encoder",
    encoder_steps=2,
)


def images(count: int, seed: int = 0) -> ImageSet:
    """Two thirds are of the first class."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 1, 16, 16), dtype=np.uint8)
    names = tuple(f"{n}.png" for n in range(count))
    return ImageSet(pixels, (np.arange(count) % 3 == 0).astype(np.int64), None, names)


def silent(sentence: str) -> None:
    pytest.fail(sentence)


def judged(ground: Ground, made: Made) -> dict[str, Figure]:
    return {figure.name: figure for figure in Judge(ground, silent).evaluate(made).figures}


def made_of(found: ImageSet, ada_p: float | None = 0.5) -> Made:
    """Forty of each class."""
    rows = np.concatenate([np.flatnonzero(found.labels == k)[:40] for k in (0, 1)])
    return Made(found.pixels[rows], found.labels[rows], ada_p)


def test_the_classes_have_their_real_shares_in_pooled_figures() -> None:
    real = np.repeat([0, 1, 2], [60, 30, 6])
    made = np.repeat([0, 1, 2], 40)

    rows = in_proportion(made, real)

    assert list(np.bincount(made[rows])) == [40, 20, 4]
    assert list(in_proportion(made, np.repeat([0, 1, 2], 9))) == list(range(120))
    unequal = in_proportion(np.repeat([0, 1, 3], [9, 30, 5]), real)  # none of class 2, some of no real class
    assert list(unequal) == [*range(9), *range(9, 13)]


def test_figures_say_how_many_images_stand_behind_them() -> None:
    figures = judged(Ground(CONFIG, images(120), None, CPU), made_of(images(150, seed=1)))

    assert figures["kernel_distance"].n == 60  # forty of the commoner class and half as many of the other
    assert figures["kernel_distance"].facts["n_real"] == 120
    assert figures["kernel_distance/good"].n == 40
    assert figures["kernel_distance/good"].facts["n_real"] == 80
    assert figures["leaks"].value == 0
    assert abs(figures["kernel_distance"].value) < 0.01  # noise against noise
    assert figures["precision"].value > 0.5


def test_generated_images_of_the_training_set_are_no_reference() -> None:
    found = images(120)
    origins = Origins(tuple(f"E{n // 4}" if n < 90 else "" for n in range(120)), np.arange(120) < 90)

    figures = judged(Ground(CONFIG, found, origins, CPU), made_of(images(150, seed=1)))

    assert figures["kernel_distance"].facts["n_real"] == 90
    with pytest.raises(UserError, match="holds no two real images"):
        Judge(Ground(CONFIG, found, replace(origins, real=np.zeros(120, bool)), CPU), silent)


def test_of_many_real_images_the_same_ones_are_chosen_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_REAL", 50)
    ground, made = Ground(CONFIG, images(120), None, CPU), made_of(images(150, seed=1))

    first, second = judged(ground, made), judged(ground, made)

    assert first == second
    assert first["kernel_distance"].facts["n_real"] == 50


def test_without_augmentation_nothing_leaks() -> None:
    ground = Ground(CONFIG, images(120), None, CPU)
    flat = Made(np.full((80, 1, 16, 16), 250, np.uint8), np.repeat([0, 1], 40), 0.0)

    quiet = Judge(ground, silent).evaluate(flat)
    loud = Judge(ground, silent).evaluate(replace(flat, ada_p=None))

    leaks = [{f.name: f.value for f in verdict.figures}["leaks"] for verdict in (quiet, loud)]
    assert leaks[0] == 0 < leaks[1]
    assert quiet.leak == ""
    assert "brighter or darker" in loud.leak


def test_how_many_images_are_made_at_once_changes_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    family = build_family("stylegan2", dict(SMALL), Setting(16, 1, 2, 4, CPU, torch.float32))
    ground = Ground(CONFIG, images(120), None, CPU)
    whole = make_images(family, CONFIG, CPU, 0.5)
    monkeypatch.setattr(evaluating, "AT_ONCE", 7)
    parts = make_images(family, CONFIG, CPU, 0.5)

    assert np.abs(whole.pixels.astype(int) - parts.pixels).max() <= 1  # a value on the edge of rounding
    assert list(whole.labels) == [0] * 40 + [1] * 40
    first, second = judged(ground, whole), judged(ground, parts)
    for name, figure in first.items():
        assert second[name].value == pytest.approx(figure.value, rel=1e-2, abs=1e-3), name
