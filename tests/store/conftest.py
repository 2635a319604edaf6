"""A project with frames, children that write labels, and a way past the application to its database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.store import Project

CHECKOUT = Path(__file__).resolve().parents[2]
EMBRYOS = ("E10", "E2", "e1")
MOMENTS = 4
PLANES = (-15, 0, 15)

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def file_project(tmp_path: Path) -> Iterator[Project]:
    """A new, empty project whose database is a file."""
    with Project.create(tmp_path / "проект d'été") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A new, empty project, once on each kind of database."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    database = "" if server is None else server.new_database()
    with Project.create(tmp_path / "проект d'été", database=database) as made:
        yield made


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


def by_hand(project: Project, *statements: str) -> list[tuple[object, ...]]:
    """Runs SQL on the database behind the application's back; the last statement's rows."""
    url = project.location.url
    if url is not None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as server:
            found = [server.execute(statement) for statement in statements][-1]
            return found.fetchall() if found.description else []
    with closing(sqlite3.connect(project.folder / "project.db")) as file, file:
        return [file.execute(statement) for statement in statements][-1].fetchall()


def unprotect(project: Project, table: str) -> None:
    """Takes the triggers away that keep a table append-only, as an intruder would."""
    if project.location.url is not None:
        by_hand(project, f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    by_hand(project, *(f"DROP TRIGGER {table}_no_{act}" for act in ("update", "delete", "replace")))
