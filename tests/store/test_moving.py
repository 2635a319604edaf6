"""Moving a project to a server and back: nothing changes but the place, or not even that."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blasto_annotator.domain.assignments import AssignmentPlan
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import RepeatTask
from blasto_annotator.domain.reviews import ItemKind, Realism, ReviewItem, Verdict
from blasto_annotator.store import Project, moving
from blasto_annotator.store.location import LINK, Location, parse_url
from tests.postgresql import Server
from tests.store.conftest import CHECKOUT, by_hand, imported, unprotect

ENTRY = LabelEntry(parse_grade("4AB"), view={"zoom": 1.25, "plane": 0})


@pytest.fixture
def worked(file_project: Project, tmp_path: Path) -> Project:
    """A project in a file with rows in every table that people fill."""
    source = file_project.frames.add_source(tmp_path / "frames", "folder", options={"pattern": "x"})
    file_project.frames.add(source, [imported(f"E{i // 10}", i, 0) for i in range(60)])
    for number in range(40):
        label = file_project.labels.record(number + 1, f"{number:064x}", "ann", ENTRY)
    file_project.labels.withdraw(3, f"{2:064x}", "ann")
    file_project.repeats.record(RepeatTask(label.frame_id, label.sha256, "rot90", label.id), "ann", ENTRY)
    file_project.flags.put(1, "0" * 64, "ann", "unsure", note="тёмный")
    file_project.graders.add("ann", "ann", pin="2718")
    file_project.graders.add("bob", "ann")
    file_project.assignments.assign(AssignmentPlan(("ann", "bob")), "ann")
    item = ReviewItem(0, ItemKind.GENERATED, "c" * 64, "good", "images/00000.png")
    file_project.reviews.record(None, "batch1", item, "ann", Verdict(Realism.PERFECT))
    file_project.close()
    return file_project


def state(folder: Path) -> dict[str, object]:
    """What the project says; equal before and after a move."""
    with Project.open(folder) as project:
        frames = [f for e in project.frames.embryos() for f in project.frames.of_embryo(e.id)]
        trail = [row for row in project.audit.rows() if row.action != "project.move"]
        assert project.audit.verify() is None
        return {
            "id": project.id,
            "frames": frames,
            "labels": project.labels.current(),
            "trail": trail,
            "history": project.labels.history(f"{2:064x}"),
            "graders": project.graders.all(),
            "repeats": project.repeats.pairs(),
            "flags": project.flags.of_image("0" * 64),
            "shares": project.assignments.shares(),
            "reviews": project.reviews.current(),
        }


def to_server(folder: Path, url: str) -> moving.Move:
    return moving.move(folder, Location(folder, parse_url(url)), "chief")


def to_file(folder: Path) -> moving.Move:
    return moving.move(folder, Location(folder), "chief")


def test_there_and_back_keeps_every_row(worked: Project, postgresql: Server) -> None:
    folder, before = worked.folder, state(worked.folder)

    there = to_server(folder, postgresql.new_database())
    assert state(folder) == before
    assert not (folder / "project.db").exists()
    assert Path(there.backup).is_file()

    back = to_file(folder)
    assert state(folder) == before
    assert back.rows > there.rows > 150
    assert not (folder / LINK).exists()
    assert not (folder / "moving").exists()


def test_work_goes_on_after_a_move(worked: Project, postgresql: Server) -> None:
    to_server(worked.folder, postgresql.new_database())

    with Project.open(worked.folder) as moved:
        label = moved.labels.record(50, "e" * 64, "bob", ENTRY)
        source = moved.frames.sources()[0]
        assert label.id == 42  # forty labels and one withdrawal were there
        assert moved.frames.add(source, [imported("late", 1, 0)]) == (1, 0)
        assert moved.audit.verify() is None
        assert "project.move" in [row.action for row in moved.audit.rows()]


def test_other_seats_of_a_server_that_was_left_are_told(
    worked: Project, postgresql: Server, tmp_path: Path
) -> None:
    database = postgresql.new_database()
    to_server(worked.folder, database)
    with Project.join(tmp_path / "seat 2", database) as second:
        to_file(worked.folder)

        with pytest.raises(UserError, match="was moved to the folder") as caught:
            second.labels.record(50, "e" * 64, "bob", ENTRY)
        assert str(worked.folder) in str(caught.value)
    with pytest.raises(UserError, match="was moved to"):
        Project.open(tmp_path / "seat 2")


def test_a_project_can_go_back_to_the_server_that_it_left(worked: Project, postgresql: Server) -> None:
    before, database = state(worked.folder), postgresql.new_database()
    to_server(worked.folder, database)
    to_file(worked.folder)

    to_server(worked.folder, database)

    assert state(worked.folder) == before


def test_a_taken_database_and_an_open_window_are_refused(
    worked: Project, postgresql: Server, tmp_path: Path
) -> None:
    before, taken = state(worked.folder), postgresql.new_database()
    Project.create(tmp_path / "other", database=taken).close()
    with pytest.raises(UserError, match="project already"):
        to_server(worked.folder, taken)
    with Project.open(worked.folder) as window:
        window.hold_window()
        with pytest.raises(UserError, match="open in a window"):
            to_server(worked.folder, postgresql.new_database())
    with pytest.raises(UserError, match="file already"):
        to_file(worked.folder)

    assert state(worked.folder) == before


def test_a_trail_that_does_not_verify_is_not_moved(worked: Project, postgresql: Server) -> None:
    unprotect(worked, "label")
    by_hand(worked, "UPDATE label SET te = 'C' WHERE id = 7")

    with pytest.raises(UserError, match="does not verify, so nothing was moved"):
        to_server(worked.folder, postgresql.new_database())
    assert not (worked.folder / LINK).exists()


def _server_dies(server: Server) -> Callable[..., None]:
    def die(*_: object) -> None:
        server.stop()

    return die


def test_a_server_that_dies_in_the_middle_leaves_the_project_where_it_was(
    worked: Project, postgresql: Server
) -> None:
    before, database = state(worked.folder), postgresql.new_database()
    target = Location(worked.folder, parse_url(database))
    try:
        with pytest.raises(UserError, match="does not answer"):
            moving.move(worked.folder, target, "chief", _server_dies(postgresql))
    finally:
        postgresql.start()

    assert state(worked.folder) == before
    to_server(worked.folder, database)
    assert state(worked.folder) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from blasto_annotator.store import moving
from blasto_annotator.store.location import Location, parse_url

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(moving, sys.argv[3], die)
folder = Path(sys.argv[1])
moving.move(folder, Location(folder, parse_url(sys.argv[2]) if sys.argv[2] else None), "chief")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("place", ["_check_count", "_switch", "_leave", "_put_aside"])
def test_a_move_killed_at_any_point_leaves_a_whole_project(
    worked: Project, postgresql: Server, place: str
) -> None:
    folder, before, database = worked.folder, state(worked.folder), postgresql.new_database()
    _killed(folder, database, place)
    assert state(folder) == before
    if not (folder / LINK).exists():
        to_server(folder, database)
        assert state(folder) == before

    _killed(folder, "", place if place != "_put_aside" else "_leave")
    assert state(folder) == before
    with Project.open(folder) as project:
        project.labels.record(50, "e" * 64, "bob", ENTRY)
        assert project.audit.verify() is None


def _killed(folder: Path, database: str, place: str) -> None:
    command = [sys.executable, "-c", KILLED, str(folder), database, place]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_the_old_file_that_is_kept_is_a_whole_project(
    worked: Project, postgresql: Server, tmp_path: Path
) -> None:
    before = state(worked.folder)
    backup = Path(to_server(worked.folder, postgresql.new_database()).backup)

    again = tmp_path / "restored"
    again.mkdir()
    shutil.copy(backup, again / "project.db")

    restored = state(again)
    assert restored == before
    assert backup.parent == worked.folder
