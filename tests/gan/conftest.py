"""What the trainer's tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gan.datasets import write_data
from tests.gan.drawn import write_sharpness_scorer
from tests.gan.trainers import NURSERY


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nothing is kept in, or taken from, this user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("BLASTO_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def no_process_stays() -> Iterator[None]:
    """The process that trainers are forked from ends with the tests."""
    yield
    NURSERY.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve grey images of 32 px in three classes; not to be changed."""
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def sharp_scorer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scorer of drawn embryos that wants them sharp; not to be changed."""
    return write_sharpness_scorer(tmp_path_factory.mktemp("scorer"))


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Child processes that are ended with the test, whatever became of it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()
