"""What was acknowledged stays: two writers at once, a kill at any moment, a full disk."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import Label, LabelEntry
from blasto_annotator.store import Project
from tests.conftest import fill_disk
from tests.store.conftest import Start, imported

ENTRY = LabelEntry(parse_grade("4AB"))


def _go(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "ready\n"
    child.stdin.write("go\n")
    child.stdin.flush()


def _acknowledged(output: str) -> dict[int, str]:
    """Label number -> note that the child entered; a line cut off by the kill acknowledged nothing."""
    whole = output[: output.rfind("\n") + 1].splitlines()
    return {int(line.split()[0]): line.split()[1] for line in whole}


def test_two_processes_labelling_at_once_lose_nothing_and_keep_one_chain(
    filled: Project, start_writer: Start
) -> None:
    children = {grader: start_writer(filled, grader, 100) for grader in ("ann", "bob")}
    for child in children.values():
        _go(child)

    told = {grader: _acknowledged(child.communicate(timeout=600)[0]) for grader, child in children.items()}

    stored = [row for row in filled.audit.rows() if row.action == "label"]
    assert [len(labels) for labels in told.values()] == [100, 100]
    assert len(stored) == 200
    assert set(told["ann"]).isdisjoint(told["bob"])
    assert filled.audit.verify() is None


@pytest.mark.parametrize("project", ["sqlite"], indirect=True)
def test_opening_a_project_twice_in_one_process_keeps_its_locks(filled: Project, start_writer: Start) -> None:
    # Without them a second process would think itself the last on closing, and take the log away.
    filled.labels.record(1, "a" * 64, "ann", ENTRY)
    Project.open(filled.folder).close()

    child = start_writer(filled, "bob", 3)
    _go(child)
    child.communicate(timeout=600)

    assert child.returncode == 0
    assert (filled.folder / "project.db-wal").exists()
    filled.labels.record(2, "b" * 64, "ann", ENTRY)
    with Project.open(filled.folder) as again:
        assert len(again.labels.current()) == 5
        assert again.audit.verify() is None


@pytest.mark.parametrize(
    ("project", "seed"),
    [*(("sqlite", n) for n in range(6)), *(("postgresql", n) for n in range(3))],
    indirect=["project"],
)
def test_a_kill_in_the_middle_of_labelling_loses_no_acknowledged_label(
    filled: Project, start_writer: Start, seed: int
) -> None:
    chance = random.Random(seed)
    child = start_writer(filled, "ann", 100_000)
    _go(child)
    assert child.stdout is not None

    lines = [child.stdout.readline() for _ in range(chance.randint(1, 40))]
    time.sleep(chance.random() / 100)  # the kill falls anywhere between two acknowledgements
    child.kill()
    told = _acknowledged("".join(lines) + child.stdout.read())

    with Project.open(filled.folder) as again:
        notes = {row.id: row.entry.note for row in _every_label(again) if row.entry}
        assert {number: notes.get(number) for number in told} == {
            n: f"ann {note}" for n, note in told.items()
        }
        assert again.audit.verify() is None
        frame = again.frames.embryos()[0].id
        assert again.labels.record(frame, "f" * 64, "bob", ENTRY).grader == "bob"


def _every_label(project: Project) -> list[Label]:
    hashes = {frame.sha256 for e in project.frames.embryos() for frame in project.frames.of_embryo(e.id)}
    return [label for sha256 in hashes if sha256 for label in project.labels.history(sha256, "ann")]


def _label_until_refused(project: Project, kept: list[int]) -> str:
    """The log may hold room for a few more labels; the sentence of the first refusal."""
    try:
        for number in range(5, 500):
            kept.append(project.labels.record(1, f"{number:064x}", "ann", ENTRY).id)
    except UserError as error:
        return str(error)
    return "never refused"


def test_a_full_disk_refuses_the_label_and_keeps_the_earlier_ones(small_disk: Path) -> None:
    with Project.create(small_disk / "project") as project:
        source = project.frames.add_source(small_disk / "frames", "folder")
        project.frames.add(source, [imported("E1", index, 0) for index in range(50)])
        kept = [project.labels.record(1, f"{n:064x}", "ann", ENTRY).id for n in range(5)]
        filler = fill_disk(small_disk)

        sentence = _label_until_refused(project, kept)

        assert "disk is full" in sentence
        assert str(project.folder / "project.db") in sentence
        assert [label.id for label in project.labels.current()] == kept
        assert project.audit.verify() is None

        filler.unlink()
        kept.append(project.labels.record(1, "e" * 64, "ann", ENTRY).id)
        assert [label.id for label in project.labels.current()] == kept

    with Project.open(small_disk / "project") as again:
        assert [label.id for label in again.labels.current()] == kept
        assert again.audit.verify() is None


def test_a_full_disk_leaves_no_half_import(small_disk: Path) -> None:
    with Project.create(small_disk / "project") as project:
        source = project.frames.add_source(small_disk / "frames", "folder")
        filler = fill_disk(small_disk)
        frames = [imported("E1", index, 0) for index in range(4000)]

        with pytest.raises(UserError, match="full"):
            project.frames.add(source, frames)
        assert project.frames.count() == 0

        filler.unlink()
        assert project.frames.add(source, frames) == (4000, 0)


def test_a_project_that_finds_the_disk_full_can_be_made_later(small_disk: Path) -> None:
    filler = fill_disk(small_disk)

    with pytest.raises(UserError, match=r"full|No space"):
        Project.create(small_disk / "project")

    filler.unlink()
    Project.create(small_disk / "project").close()


@pytest.fixture
def connections() -> Iterator[set[int]]:
    """The database connections that are open now; every one that is made from here on."""
    now: set[int] = set()

    def made(connection: object, _record: object) -> None:
        now.add(id(connection))

    def gone(connection: object, _record: object) -> None:
        now.discard(id(connection))

    event.listen(Pool, "connect", made)
    event.listen(Pool, "close", gone)
    yield now
    event.remove(Pool, "connect", made)
    event.remove(Pool, "close", gone)


def test_closing_in_the_middle_of_reads_leaves_no_connection_open(
    filled: Project, connections: set[int]
) -> None:
    filled.close()
    for _ in range(8):
        seat = Project.open(filled.folder)
        begun = threading.Barrier(5)

        def read(seat: Project = seat, begun: threading.Barrier = begun) -> None:
            begun.wait()
            for _ in range(10):
                seat.setting("grader")

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert connections
        begun.wait()
        seat.close()
        for thread in threads:
            thread.join()

        assert not connections
