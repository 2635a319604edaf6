"""Scripted grading in the real window: what was typed, what the window said is saved, what is on the disk."""

from __future__ import annotations

import random
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from blasto_annotator.domain.labels import Label
from blasto_annotator.importers.run import import_source
from blasto_annotator.store import Project
from tests.gui.conftest import PATTERN
from tests.gui.real_window import RealWindow

GRADER = "Ada"
_SAVED = re.compile(r"saved (label|repeat) row (\d+): (\S+) · ")
Row = tuple[str, int]
"""`label` or `repeat`, and its number."""


def make_cohort(folder: Path, embryos: int, moments: int, side: int = 64) -> Path:
    """A closed project of frames of one plane."""
    rng = np.random.default_rng(7)
    for embryo in range(1, embryos + 1):
        (folder / "frames" / f"E{embryo}").mkdir(parents=True)
        for moment in range(1, moments + 1):
            pixels = rng.integers(0, 255, (side, side), dtype=np.uint8)
            name = f"RUN{moment}_F0_{100 + moment}.0h.png"
            Image.fromarray(pixels).save(folder / "frames" / f"E{embryo}" / name)
    with Project.create(folder / "cohort") as project:
        import_source(project, folder / "frames", "folder", {"pattern": PATTERN})
    return folder / "cohort"


def grades(chance: random.Random, count: int) -> list[str]:
    """Grades as a grader may type them; some too early for letters."""
    made = []
    for _ in range(count):
        expansion = chance.randint(1, 6)
        made.append(str(expansion) + ("" if expansion == 1 else "".join(chance.choices("ABC", k=2))))
    return made


def acknowledged(window: RealWindow) -> dict[Row, str]:
    """Row -> grade, as this session's window said it is saved, in order."""
    found = (_SAVED.search(line) for line in window.log())
    return {(match[1], int(match[2])): match[3] for match in found if match is not None}


def stored(project: Project) -> dict[Row, str]:
    """Row -> grade, of every row on the disk."""
    hashes = {label.sha256 for label in project.labels.current(GRADER)}
    rows = [label for sha256 in hashes for label in project.labels.history(sha256, GRADER)]
    again = [pair.again for pair in project.repeats.pairs(GRADER)]
    kept: dict[Row, str] = {("label", label.id): said(label) for label in rows}
    return kept | {("repeat", row.id): str(row.entry.grade) for row in again}


def said(label: Label) -> str:
    """The grade of a row."""
    return str(label.entry.grade) if label.entry is not None else "withdrawn"


@dataclass(frozen=True)
class Killed:
    """One session that was ended by SIGKILL."""

    acknowledged: int
    stored: int
    lost: int
    """Acknowledged, but not on the disk as acknowledged."""
    whole: bool
    """Whether the audit trail holds."""


def kill_in_a_session(
    places: Path, display: str, folder: Path, chance: random.Random, after: int = 0, seconds: float = 2.0
) -> Killed:
    """Types grades as fast as the window takes them and kills it once `after` rows are saved.

    The moment is drawn from the `seconds` that follow.
    """
    window = RealWindow(places, display, folder).start()
    try:
        window.wait_for("listed")
        window.focus()
        window.grade_as(GRADER)
        text = "".join(grades(chance, 200)).lower()
        typing = subprocess.Popen(
            ["xdotool", "type", "--delay", "16", text], env={"DISPLAY": display}, stderr=subprocess.DEVNULL
        )
        window.wait_for("saved ", after)
        time.sleep(seconds * chance.random())  # the random moment itself
    finally:
        window.kill()
    typing.kill()
    typing.wait()
    window.release("".join(sorted(set(text))))
    told = acknowledged(window)
    with Project.open(folder) as project:
        kept = stored(project)
        lost = sum(kept.get(row) != grade for row, grade in told.items())
        return Killed(len(told), len(kept), lost, project.audit.verify() is None)
