"""Batches come ahead of time and are the same as if they did not."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.data.images import Form, ImageSet, load_images
from gan.data.stream import BatchStream
from gan.training.progress import DataWait
from tests.gan.datasets import CLASSES

CPU = torch.device("cpu")


def images(count: int = 10) -> ImageSet:
    pixels = np.random.default_rng(0).integers(0, 256, (count, 1, 16, 16), dtype=np.uint8)
    return ImageSet(pixels, np.arange(count) % 3, np.arange(1.0, count + 1))


def test_what_comes_depends_on_the_position_alone_whatever_was_made_ready() -> None:
    straight, jumping = BatchStream(images(), 3, True, CPU), BatchStream(images(), 3, True, CPU)
    expected = {position: straight.at(position, 4) for position in range(0, 80, 4)}

    for position in (40, 44, 0, 76, 4, 8, 8, 36):
        batch = jumping.at(position, 4)
        assert batch.images.equal(expected[position].images)
        assert batch.labels.equal(expected[position].labels)
    other_count = jumping.at(40, 8)
    assert other_count.images[:4].equal(expected[40].images)
    assert other_count.images[4:].equal(expected[44].images)


def test_the_next_batch_is_gathered_while_this_one_is_used() -> None:
    gathered: list[int] = []
    reached = threading.Event()

    class Watched(np.ndarray[tuple[int, ...], np.dtype[np.uint8]]):
        def __getitem__(self, numbers: object) -> object:
            if isinstance(numbers, np.ndarray):
                gathered.append(len(numbers))
                if len(gathered) == 2:
                    reached.set()
            return np.asarray(self)[numbers]  # type: ignore[index]

    plain = images()
    watched = ImageSet(plain.pixels.view(Watched), plain.labels, plain.weights)
    stream = BatchStream(watched, 0, False, CPU)

    stream.at(0, 4)

    assert reached.wait(120)
    stream.at(4, 4)
    assert stream.waited > 0


def test_an_error_while_gathering_comes_with_the_batch() -> None:
    broken = images(4)
    stream = BatchStream(ImageSet(broken.pixels, broken.labels[:3], None), 0, False, CPU)

    with pytest.raises(IndexError):
        stream.at(0, 4)


def test_a_set_larger_than_the_memory_budget_is_mapped_and_the_same(tmp_path: Path, data: Path) -> None:
    form = Form(32, 1, CLASSES)
    held = load_images(data, form)
    mapped = load_images(data, form, cache=tmp_path, memory_limit=5000)

    assert isinstance(mapped.pixels, np.memmap)
    assert not isinstance(held.pixels, np.memmap)
    one, other = (BatchStream(found, 1, True, CPU) for found in (held, mapped))
    assert all(one.at(p, 5).images.equal(other.at(p, 5).images) for p in range(0, 30, 5))


class Clock:
    waited = 0.0


def test_the_share_of_waiting_is_of_the_steps_since_it_was_last_asked_for() -> None:
    clock = Clock()
    wait = DataWait(clock)
    assert wait.share() is None

    wait.begin()
    wait.end()
    clock.waited += 0.0
    assert wait.share() == 0.0
    wait.begin()
    clock.waited += 100.0
    wait.end()

    share = wait.share()
    assert share is not None
    assert share > 1  # a hundred seconds of waiting in no time: the two clocks are taken as they are
    assert wait.share() is None
