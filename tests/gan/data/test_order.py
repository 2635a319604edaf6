"""Which image comes when: a function of seed and position alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan.data.images import ImageSet
from gan.data.order import DataOrder
from gan.data.stream import BatchStream

CPU = torch.device("cpu")


@pytest.mark.parametrize("weights", [None, np.array([1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 1.0])])
def test_any_position_gives_what_reading_from_the_start_gives(weights: np.ndarray | None) -> None:
    whole = DataOrder(7, 3, weights).at(0, 100)

    resumed = DataOrder(7, 3, weights)

    assert (np.concatenate([resumed.at(37, 20), resumed.at(57, 43)]) == whole[37:]).all()
    assert (resumed.at(5, 1) == whole[5]).all()


def test_each_epoch_shows_every_image_once_in_another_order() -> None:
    epochs = DataOrder(50, 1).at(0, 150).reshape(3, 50)

    assert (np.sort(epochs, 1) == np.arange(50)).all()
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_another_seed_is_another_order() -> None:
    assert (DataOrder(50, 1).at(0, 50) != DataOrder(50, 2).at(0, 50)).any()


def test_the_order_is_that_of_numpys_frozen_generator() -> None:
    """RandomState's streams never change, so that a run resumes under another numpy."""
    expected = np.random.RandomState([9, 0]).permutation(np.arange(5))

    assert (DataOrder(5, 9).at(0, 5) == expected).all()


def test_weights_say_how_often_an_image_is_shown() -> None:
    weights = np.array([1.0, 2.0, 4.0, 1.0])
    order = DataOrder(4, 0, weights)

    counts = np.bincount(order.at(0, 4000), minlength=4)

    assert np.abs(counts - 4000 * weights / 8).max() <= 1000 / 2
    for epoch in range(50):  # systematic sampling: floor or ceil of the expected number, in every epoch
        shown = np.bincount(order.at(4 * epoch, 4), minlength=4)
        assert (shown >= np.floor(weights / 2)).all()
        assert (shown <= np.ceil(weights / 2)).all()


def ramp(weights: np.ndarray | None = None) -> ImageSet:
    """Three images whose left half differs from the right."""
    pixels = np.zeros((3, 1, 2, 2), np.uint8)
    pixels[:, 0, :, 0] = np.array([0, 100, 255])[:, None]
    return ImageSet(pixels, np.array([2, 0, 1]), weights)


def test_images_lie_between_minus_one_and_one_with_their_labels() -> None:
    batch = BatchStream(ramp(), 0, False, CPU).at(0, 3)

    left = {
        int(label): float(image[0, 0, 0]) for image, label in zip(batch.images, batch.labels, strict=True)
    }
    assert left == pytest.approx({2: -1.0, 0: 100 / 127.5 - 1, 1: 1.0})
    assert batch.images.dtype == torch.float32


def test_a_mirrored_run_shows_each_image_and_its_mirror_image_once_an_epoch() -> None:
    stream = BatchStream(ramp(), 0, True, CPU)

    batch = stream.at(0, 6)

    shown = {tuple(image.flatten().tolist()) for image in batch.images}
    unmirrored = BatchStream(ramp(), 0, False, CPU).at(0, 3).images
    both = torch.cat([unmirrored, unmirrored.flip(3)])
    assert shown == {tuple(image.flatten().tolist()) for image in both}
    assert torch.cat([stream.at(0, 2).images, stream.at(2, 4).images]).equal(batch.images)


def test_labels_are_drawn_from_the_distribution_in_which_images_are_shown() -> None:
    rng = torch.Generator().manual_seed(0)

    even = BatchStream(ramp(), 0, False, CPU).draw_labels(3000, rng)
    weighted = BatchStream(ramp(np.array([1.0, 1.0, 8.0])), 0, False, CPU).draw_labels(3000, rng)

    assert torch.bincount(even).tolist() == pytest.approx([1000] * 3, rel=0.1)
    assert torch.bincount(weighted).tolist() == pytest.approx([300, 2400, 300], rel=0.2)


def test_mirrored_and_weighted_images_keep_their_share() -> None:
    stream = BatchStream(ramp(np.array([1.0, 1.0, 4.0])), 0, True, CPU)

    labels = stream.at(0, 600).labels

    assert torch.bincount(labels).tolist() == pytest.approx([100, 400, 100], rel=0.05)
