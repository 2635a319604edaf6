"""Adjudication by keys in the real window, on real frames that three graders read differently."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from subprocess import CalledProcessError
from threading import Thread

import pytest

from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.adjudication import Adjudication
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from tests.gui.real_window import RealWindow, display

GRADERS = ("Ada", "Ben", "Cleo")
SAID = (
    ("4AB", "4AB", "4BB"),  # the ICM alone decides
    ("3BB", "3BB", "4BB"),  # one group: nothing to decide
    ("4CC", "4AA", "4AC"),  # good, average and poor: the worst; the ICM, then the TE
    ("4BB", "4BC", "3BC"),  # the TE alone
    ("4AB", "", "3AB"),  # can it be graded at all?
    ("3CC", "3CC", "3CC"),  # all agree
)
"""What each grader says of the middle plane of an embryo; empty: out of focus."""
PIN = "2718"
OPEN = 4


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """One X server for this file."""
    with display() as number:
        yield number


@pytest.fixture
def panel(tmp_path: Path, shared_data: Path) -> Path:
    """A closed project of STORK's frames: three graders' labels, and Eva, who adjudicates under a PIN."""
    if not (shared_data / "stork").is_dir():
        pytest.skip("STORK's frames are absent from ../shared/data")
    with Project.create(tmp_path / "panel") as project:
        import_source(project, shared_data / "stork")
        project.graders.add("Eva", "Eva", pin=PIN, may_adjudicate=True)
        for grader in GRADERS:
            project.graders.add(grader, "Eva")
        for frame, words in zip(middle_planes(project), SAID, strict=False):
            for grader, said in zip(GRADERS, words, strict=True):
                entry = LabelEntry(parse_grade(said)) if said else LabelEntry(None, "out of focus")
                project.labels.record(frame.id, project.frames.ensure_hash(frame.id), grader, entry)
        return project.folder


@pytest.fixture
def window(screen: str, tmp_path: Path, panel: Path) -> Iterator[RealWindow]:
    """The application at the disputes, Eva signed in by her PIN: all by keys."""
    made = RealWindow(tmp_path / "places", screen, panel).start()
    try:
        made.wait_for("listed")
        go_to_disputes(made)
        yield made
    finally:
        if made.process.poll() is None:
            made.kill()


def go_to_disputes(window: RealWindow) -> None:
    """Signs Eva in and opens Agreement, Adjudicate."""
    window.focus()
    window.type_text("Eva")
    window.press("Return")
    window.wait_for("asks for the PIN of Eva")
    window.focus("PIN")
    window.type_text(PIN)
    window.press("Return")
    window.wait_for("grades as Eva")
    window.focus()
    window.press("ctrl+4")
    window.wait_for(f"read 3 graders, {OPEN} disputes")
    window.press("Right", "Right", "Right")  # from Figures over Each two and Over time


def middle_planes(project: Project) -> list[Frame]:
    """The middle plane of each embryo."""
    embryos = [project.frames.of_embryo(row.id) for row in project.frames.embryos()]
    return [min(frames, key=lambda frame: abs(frame.plane or 0)) for frames in embryos]


def answer(window: RealWindow, letters: str, rows: int) -> None:
    """Types answers, and waits until so many rows are on the disk."""
    window.type_text(letters)
    window.wait_for("saved adjudication row", rows)


def acknowledged(window: RealWindow) -> list[int]:
    """Rows that the window said are saved."""
    lines = [line for line in window.log() if "saved adjudication row" in line]
    return [int(line.split("saved adjudication row ")[1].partition(":")[0]) for line in lines]


def every_row(project: Project) -> list[Adjudication]:
    """Decisions and withdrawals, oldest first."""
    return [row for row, _ in project.adjudications.steps("Eva")]


def spoken(row: Adjudication) -> str:
    """`undo: withdrawn`, `4AB`."""
    said = "withdrawn" if row.entry is None else str(row.entry.grade or row.entry.reason)
    return f"{row.why}: {said}" if row.why else said


def test_disputes_are_decided_undone_and_decided_again_by_keys_alone(window: RealWindow, panel: Path) -> None:
    window.press("Left", "Right", "Right")  # other focal planes; what is decided stays about the graded one
    window.type_text("4a")  # nobody asks for the expansion
    window.press("BackSpace")
    window.type_text("b")  # at ICM B the TE still decides
    answer(window, "c", 1)
    window.press("ctrl+z")
    window.wait_for("taken back")
    answer(window, "ac", 3)
    answer(window, "ny", 4)  # not gradable after all? no: a key too much
    window.press("ctrl+z")
    window.wait_for("saved adjudication row", 5)
    answer(window, "y", 6)
    window.type_text("r")  # the names, of this one only
    answer(window, "a", 7)
    answer(window, "c", 8)
    window.close()

    with Project.open(panel) as project:
        rows = every_row(project)
        assert [spoken(row) for row in rows] == [
            "4BC", "undo: withdrawn", "4AC", "out of focus", "undo: withdrawn", "3AB", "4AB", "4BC",
        ]  # fmt: skip
        asked = [["icm", "te"], ["icm", "te"], ["gradable"], ["gradable"], ["icm"], ["te"]]
        assert [row.basis["asked"] for row in rows if row.entry is not None] == asked
        assert [row.basis["revealed"] for row in rows if row.entry is not None] == [*[False] * 4, True, False]
        assert {row.adjudicator for row in rows} == {"Eva"}
        assert project.audit.verify() is None
        assert counted(project) == COUNTED


COUNTED = {
    0: ("4AB", "Eva", "adjudicated"),
    1: ("3BB", "Ada+Ben+Cleo", "majority 3 of 3"),
    2: ("4AC", "Eva", "adjudicated"),
    3: ("4BC", "Eva", "adjudicated"),
    4: ("3AB", "Eva", "adjudicated"),
    5: ("3CC", "Ada+Ben+Cleo", "majority 3 of 3"),
}
"""Place in `SAID` to grade, grader and reason in the training set."""


def counted(project: Project) -> dict[int, tuple[str, str, str]]:
    """What a training set takes."""
    info = build(project, SnapshotOptions(size=32, thin_distance=0))
    embryos = [frame.embryo for frame in middle_planes(project)]
    with (info.path / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return {
            embryos.index(row["embryo"]): (
                row["expansion"] + row["icm"] + row["te"],
                row["grader"],
                row["reason"],
            )
            for row in csv.DictReader(file)
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_killing_the_window_while_it_decides_loses_nothing_that_it_said_is_saved(
    window: RealWindow, panel: Path, seed: int
) -> None:
    chance = random.Random(seed)
    after = chance.randint(1, 5)
    keys = ["b", "c", "ctrl+z", "a", "c", "y", "ctrl+z", "y", "a", "c"]
    typing = Thread(target=lambda: press_all(window, keys), daemon=True)
    typing.start()
    window.wait_for("saved adjudication row", after)
    window.kill()
    typing.join()

    told = acknowledged(window)
    with Project.open(panel) as project:
        rows = every_row(project)
        assert len(told) >= after
        assert [row.id for row in rows][: len(told)] == told
        assert len(rows) <= len(told) + 1  # one at most was on its way
        assert project.audit.verify() is None


def press_all(window: RealWindow, keys: list[str]) -> None:
    """Keys again and again until the window is gone: one that meets a decision being saved does nothing."""
    with suppress(CalledProcessError):  # killed under the key
        for key in cycle(keys):
            if window.process.poll() is not None:
                break
            window.press(key)
