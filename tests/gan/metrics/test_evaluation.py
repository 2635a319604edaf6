"""An evaluation tells good generated sets from bad ones, whatever the batch size, and finds copies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gan.contract.errors import UserError
from gan.metrics.evaluation import Evaluation, Options, evaluate
from gan.metrics.extractors.encoder import EncoderExtractor, EncoderTraining, train_encoder
from gan.metrics.extractors.inception_files import InceptionExtractor, find_inception
from gan.metrics.extractors.resizing import resized
from gan.metrics.images import Images
from gan.metrics.kernel import squared_mmd

pytestmark = pytest.mark.xdist_group("evaluation")  # its fixtures are made on one worker

CLASSES = ("dense", "sparse")
OPTIONS = Options(subsets=5, repeats=20)


def blobs(n: int, seed: int) -> Images:
    """n 32-pixel images of many (class 0) or few (class 1) soft blobs, four of each 'embryo'."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    y, x = np.mgrid[:32, :32]
    pixels = np.zeros((n, 1, 32, 32))
    for image, label in zip(pixels, labels, strict=True):
        for cx, cy in rng.uniform(6, 26, (12 if label == 0 else 3, 2)):
            image[0] += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 6)
    grey = (40 + 120 * np.clip(pixels, 0, 1.5) + rng.normal(0, 3, pixels.shape)).clip(0, 255).astype(np.uint8)
    return Images(grey, labels, tuple(f"E{i // 8}-{i % 2}" for i in range(n)))


@pytest.fixture(scope="module")
def real() -> Images:
    return blobs(96, 1)


@pytest.fixture(scope="module")
def encoder(real: Images) -> EncoderExtractor:
    return EncoderExtractor(train_encoder(real.pixels, EncoderTraining(steps=40, batch=32)))


@pytest.fixture(scope="module")
def good(real: Images, encoder: EncoderExtractor) -> Evaluation:
    """Against images of the same kind."""
    return evaluate(real, blobs(64, 2), CLASSES, encoder, OPTIONS)


def test_noise_scores_worse_than_images_of_the_same_kind(
    real: Images, encoder: EncoderExtractor, good: Evaluation
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 1, 32, 32)).astype(np.uint8)
    bad = evaluate(real, Images(noise, np.arange(64) % 2), CLASSES, encoder, OPTIONS)
    for name in ("frechet_distance", "kernel_distance"):
        assert bad.scores[0].values[name] > 5 * good.scores[0].values[name]
        assert good.scores[0].intervals[name][1] < bad.scores[0].intervals[name][0]
    assert bad.scores[0].values["recall"] < good.scores[0].values["recall"]


def test_scores_stand_per_class_and_pooled_with_their_numbers(good: Evaluation) -> None:
    assert [(s.name, s.n_real, s.n_generated) for s in good.scores] == [
        ("all", 96, 64),
        ("dense", 48, 32),
        ("sparse", 48, 32),
    ]
    assert good.scores[0].embryos == 24
    assert len(str(good.extractor["hash"])) == 64


def test_pooled_scores_do_not_measure_that_classes_were_made_equally_often(encoder: EncoderExtractor) -> None:
    many = blobs(320, 1)
    rare = np.flatnonzero((many.labels == 0) | (np.arange(320) % 10 == 1))  # 160 dense, 32 sparse
    real = Images(many.pixels[rare], many.labels[rare], tuple(many.embryos[row] for row in rare))

    found = evaluate(real, blobs(160, 2), CLASSES, encoder, OPTIONS)

    pooled = found.scores[0]
    assert [(s.name, s.n_real, s.n_generated) for s in found.scores] == [
        ("all", 192, 96), ("dense", 160, 80), ("sparse", 32, 80),
    ]  # fmt: skip
    low, high = pooled.intervals["kernel_distance"]
    equally = squared_mmd(
        *(encoder.extract(of.pixels).features.astype(float) for of in (real, blobs(160, 2)))
    )
    assert low < 0 < high  # the same kind of images in the same mix
    assert equally > high
    fidelity = {score.name: score.values["class_fidelity"] for score in found.scores}
    assert fidelity["all"] == pytest.approx((5 * fidelity["dense"] + fidelity["sparse"]) / 6)


def test_a_class_that_nobody_made_is_said_and_too_few_of_one_refused(
    real: Images, encoder: EncoderExtractor
) -> None:
    made = blobs(64, 2)
    dense = made.of_class(0)
    few = np.flatnonzero((made.labels == 0) | (np.arange(64) < 4))  # two are sparse

    found = evaluate(real, dense, CLASSES, encoder, Options(subsets=5, repeats=0))

    assert found.scores[0].n_generated == 32
    assert "no generated image of sparse: pooled are the others" in found.scores[0].notes[-1]
    with pytest.raises(ValueError, match="only 4 of the generated ones can be pooled"):
        evaluate(real, Images(made.pixels[few], made.labels[few]), CLASSES, encoder, OPTIONS)


def test_class_fidelity_falls_to_chance_when_labels_are_ignored(
    real: Images, encoder: EncoderExtractor, good: Evaluation
) -> None:
    generated = blobs(64, 2)
    shuffled = Images(generated.pixels, np.random.default_rng(0).permutation(generated.labels))
    blind = evaluate(real, shuffled, CLASSES, encoder, OPTIONS)
    assert good.scores[0].values["class_fidelity"] > 0.85
    assert blind.scores[0].values["class_fidelity"] < 0.7


def test_turned_copies_of_real_images_are_near_copies_and_new_images_are_not(
    real: Images, encoder: EncoderExtractor, good: Evaluation
) -> None:
    turned = np.ascontiguousarray(np.rot90(real.pixels[:20], 1, (2, 3)))
    copied = evaluate(real, Images(turned, real.labels[:20]), CLASSES, encoder, OPTIONS)
    assert len(copied.near_copies) == 20
    assert [copy["real"] for copy in copied.near_copies] == list(range(20))
    assert len(good.near_copies) <= 6


def test_the_batch_size_inside_an_extractor_changes_nothing(real: Images) -> None:
    network = train_encoder(real.pixels, EncoderTraining(steps=2, batch=16))
    whole, single = (EncoderExtractor(network, batch=n).extract(real.pixels[:9]) for n in (9, 1))
    np.testing.assert_allclose(whole.features, single.features, rtol=1e-4, atol=1e-6)


def test_the_encoder_is_the_same_for_the_same_seed(real: Images) -> None:
    first, second = (
        EncoderExtractor(train_encoder(real.pixels, EncoderTraining(steps=3, batch=16))).identity.hash
        for _ in range(2)
    )
    assert first == second


def test_too_few_images_for_an_encoder_are_refused(real: Images) -> None:
    with pytest.raises(ValueError, match="at least eight"):
        train_encoder(real.pixels[:7], EncoderTraining())


def test_resizing_keeps_an_image_of_the_right_size_and_does_not_alias() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), 64)[None, None, None, :].repeat(128, 2)
    assert (resized(stripes, 128) == stripes).all()
    inner = resized(stripes, 32)[0, 0, 4:-4, 4:-4]
    assert np.ptp(inner) < 2  # a filter without antialiasing would keep black or white stripes
    assert inner.mean() == pytest.approx(127.5, abs=1)


def test_a_named_inception_file_that_is_absent_or_no_weights_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Inception weights file"):
        find_inception(tmp_path / "absent.pth")
    for content in (b"hello", b""):
        (tmp_path / "bad.pth").write_bytes(content)
        with pytest.raises(UserError, match="not a readable weights file"):
            InceptionExtractor(tmp_path / "bad.pth")
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UserError, match="other weights than Inception"):
        InceptionExtractor(tmp_path / "other.pth")
