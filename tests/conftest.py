"""Fixtures that every room's tests share; a room's own lie beside its tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.store import Project

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = _CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data (../shared/data beside the checkout) is absent")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A new, empty project in a folder whose name holds a space, a quote and Cyrillic."""
    with Project.create(tmp_path / "проект d'été") as made:
        yield made
