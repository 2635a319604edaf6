"""Silent repeats: when one is due, which image comes back, and that it never counts as a label."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.repeats import GAP_LABELS, TURNS, RepeatTask, chosen, is_slot
from blasto_annotator.store import Project

ENTRY = LabelEntry(parse_grade("4AB"), note="first")
AGAIN = LabelEntry(parse_grade("3BB"), view={"zoom": 1.5})


@pytest.fixture
def many(project: Project, tmp_path: Path) -> Project:
    """Three hundred frames, each a moment."""
    source = project.frames.add_source(tmp_path / "frames", "folder")
    frames = [ImportedFrame(f"E{i // 10}/{i}.png", f"E{i // 10}", index=i % 10) for i in range(300)]
    project.frames.add(source, frames)
    return project


def frame_ids(project: Project) -> list[int]:
    return [f.id for e in project.frames.embryos() for f in project.frames.of_embryo(e.id)]


def grade(project: Project, numbers: range, grader: str = "ann", why: str = "") -> list[RepeatTask]:
    """Grades frames one by one, and each repeat that is due on the way; the repeats."""
    ids, seen = frame_ids(project), []
    for number in numbers:
        project.labels.record(ids[number], f"{number:064x}", grader, ENTRY, why)
        task = project.repeats.due(grader)
        if task is not None:
            project.repeats.record(task, grader, AGAIN)
            seen.append(task)
    return seen


def test_a_slot_follows_one_label_in_twenty() -> None:
    found = sum(is_slot("project", number, 0.05) for number in range(20_000))

    # Binomial with n = 20,000, p = 0.05: mean 1,000, standard deviation 30.8; five of them either way.
    assert 846 <= found <= 1154


def test_every_way_to_turn_comes_up() -> None:
    assert set(Counter(chosen("project", number, TURNS) for number in range(500))) == set(TURNS)


def test_repeats_come_back_turned_after_fifty_others_and_each_image_once(many: Project) -> None:
    many.repeats.set_share(0.2, "chief")

    tasks = grade(many, range(200))

    first = {label.id: place for place, label in enumerate(many.labels.current("ann"))}
    repeats = many.repeats.pairs("ann")
    assert len(tasks) > 10
    assert [pair.again.sha256 for pair in repeats] == [task.sha256 for task in tasks]
    assert len({task.sha256 for task in tasks}) == len(tasks)
    assert all(task.transform in TURNS for task in tasks)
    for pair in repeats:
        given = sum(label.time_utc < pair.again.time_utc for label in many.labels.current("ann"))
        assert given - first[pair.first.id] > GAP_LABELS
        assert (pair.first.entry, pair.again.entry) == (ENTRY, AGAIN)


def test_repeats_are_no_labels(many: Project) -> None:
    many.repeats.set_share(0.5, "chief")
    tasks = grade(many, range(80))

    assert tasks
    assert len(many.labels.current()) == 80
    assert many.labels.progress("ann") == (80, 300)
    assert all(label.entry == ENTRY for label in many.labels.current())
    assert many.labels.history(tasks[0].sha256) == [many.labels.current_of(tasks[0].sha256, "ann")]


def test_the_answer_stays_until_the_next_label(many: Project) -> None:
    many.repeats.set_share(0.5, "chief")
    ids = frame_ids(many)
    for number in range(70):
        many.labels.record(ids[number], f"{number:064x}", "ann", ENTRY)
    task = many.repeats.due("ann")

    assert task is not None
    assert many.repeats.due("ann") == task
    many.repeats.record(task, "ann", AGAIN)
    assert many.repeats.due("ann") is None


def test_days_replace_the_fifty_frames(many: Project) -> None:
    many.repeats.set_share(0.5, "chief")
    ids, yesterday = frame_ids(many), datetime.now(UTC) - timedelta(days=2)
    for number in range(10):
        many.labels.record(ids[number], f"{number:064x}", "ann", ENTRY, moment=yesterday)

    tasks = grade(many, range(10, 30))

    assert tasks
    assert {task.first_label_id for task in tasks} <= {label.id for label in many.labels.current()[:10]}


def test_nothing_comes_back_where_repeats_are_off_or_labels_were_not_typed(many: Project) -> None:
    many.repeats.set_share(0, "chief")
    assert grade(many, range(100)) == []

    many.repeats.set_share(0.5, "chief")
    assert grade(many, range(100, 200), grader="bob", why="inherited from frame 3") == []


def test_corrected_images_and_images_not_gradable_do_not_come_back(many: Project) -> None:
    many.repeats.set_share(0.5, "chief")
    ids = frame_ids(many)
    for number in range(60):
        entry = LabelEntry(None, "empty well") if number < 5 else ENTRY
        many.labels.record(ids[number], f"{number:064x}", "ann", entry)
    for number in range(5, 30):
        many.labels.record(ids[number], f"{number:064x}", "ann", AGAIN, "correction")

    assert grade(many, range(60, 70)) == []


def test_a_repeat_saved_twice_because_the_answer_was_lost_is_one_row(many: Project) -> None:
    label = many.labels.record(frame_ids(many)[0], "a" * 64, "ann", ENTRY)
    task, moment = RepeatTask(label.frame_id, label.sha256, "rot90", label.id), datetime.now(UTC)

    stored = [many.repeats.record(task, "ann", AGAIN, moment) for _ in range(2)]

    assert stored[0] == stored[1]
    assert len(many.repeats.pairs()) == 1
    assert [row.action for row in many.audit.rows()].count("repeat") == 1
    assert many.audit.verify() is None


def test_a_share_that_makes_no_sense_is_refused(many: Project) -> None:
    for share in (-0.1, 0.51, 5.0):
        with pytest.raises(UserError, match="share of repeats"):
            many.repeats.set_share(share, "chief")
    assert many.repeats.share() == 0.05
