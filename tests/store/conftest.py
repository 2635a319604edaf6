"""A project with frames, children that write labels, and a way past the application to its database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.store import Project

CHECKOUT = Path(__file__).resolve().parents[2]
EMBRYOS = ("E10", "E2", "e1")
MOMENTS = 4
PLANES = (-15, 0, 15)

Start = Callable[..., subprocess.Popen[str]]


def imported(embryo: str, index: int, plane: int) -> ImportedFrame:
    """A frame as an importer reports it."""
    path = f"{embryo}/F{plane}/{index}.png"
    return ImportedFrame(path, embryo, "C1", plane, index, 100.0 + index, size=10, modified_ns=20)


@pytest.fixture
def filled(project: Project, tmp_path: Path) -> Project:
    """Three embryos of four moments in three planes."""
    source = project.frames.add_source(tmp_path / "frames", "folder")
    frames = [imported(e, i, p) for e in EMBRYOS for i in range(1, MOMENTS + 1) for p in PLANES]
    project.frames.add(source, frames)
    return project


@pytest.fixture
def start_writer() -> Iterator[Start]:
    """Starts children that record labels and print each label's number after its commit."""
    children: list[subprocess.Popen[str]] = []

    def start(project: Project, grader: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.store.writer", str(project.folder), grader, str(count)]
        child = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def by_hand(project: Project, *statements: str) -> None:
    """Runs SQL on the database behind the application's back."""
    with closing(sqlite3.connect(project.folder / "project.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)
