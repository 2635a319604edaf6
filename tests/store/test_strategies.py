"""What comes next, by each kind of queue."""

from __future__ import annotations

import json

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.queues import queue_choice
from blasto_annotator.store import Project
from blasto_annotator.store.strategies import RANKING

HOURS = (104.0, 112.0, 115.0, 117.5)


@pytest.fixture
def cohort(project: Project) -> Project:
    """Four embryos, four moments each on two planes, with remarks."""
    source = project.frames.add_source(project.folder / "frames", "folder")
    remarks = {"E1": "4AA", "E2": "ICM C TE C", "E3": "", "E4": "3B-B"}
    frames = [
        ImportedFrame(f"{embryo}/{index}_{plane}.png", embryo, "", plane, index, hpi, "tB", remark)
        for embryo, remark in remarks.items()
        for index, hpi in enumerate(HOURS)
        for plane in (0, 15)
    ]
    project.frames.add(source, frames)
    return project


def grade(project: Project, frame_id: int, grader: str, text: str) -> None:
    project.labels.record(frame_id, f"{frame_id:064x}", grader, LabelEntry(parse_grade(text)))


def frame_of(project: Project, embryo: str, place: int) -> int:
    row = next(row for row in project.frames.embryos() if row.name == embryo)
    return project.frames.of_embryo(row.id)[2 * place].id


def upcoming(project: Project, name: str, after: int | None = None) -> list[tuple[str, float | None]]:
    found = project.queues.upcoming(queue_choice(name), "ann", project.scheme, after)
    return [(frame.embryo, frame.hpi) for frame in map(project.frames.get, found)]


def test_one_frame_of_each_embryo_lies_nearest_the_windows_middle(cohort: Project) -> None:
    assert upcoming(cohort, "one") == [(f"E{n}", 115.0) for n in (1, 2, 3, 4)]
    grade(cohort, frame_of(cohort, "E1", 3), "ann", "4AA")
    grade(cohort, frame_of(cohort, "E2", 0), "ann", "4AA")
    assert upcoming(cohort, "one", after=frame_of(cohort, "E2", 1)) == [
        ("E3", 115.0),
        ("E4", 115.0),
        ("E2", 115.0),
    ]


def test_the_rarest_group_so_far_comes_first_and_the_unknown_last(cohort: Project) -> None:
    grade(cohort, frame_of(cohort, "E1", 0), "ann", "4AA")
    assert [embryo for embryo, _ in upcoming(cohort, "balance")] == ["E2", "E4", "E1", "E3"]
    assert ("E1", 112.0) in upcoming(cohort, "balance")


def test_what_others_dispute_comes_first_and_is_left_out_once_graded(cohort: Project) -> None:
    disputed, agreed = frame_of(cohort, "E3", 1), frame_of(cohort, "E1", 1)
    for grader, text in (("bob", "4AA"), ("eve", "4CC")):
        grade(cohort, disputed, grader, text)
        grade(cohort, agreed, grader, "4AA")
    assert upcoming(cohort, "disagreement") == [("E3", 112.0)]
    grade(cohort, disputed, "ann", "4BB")
    assert upcoming(cohort, "disagreement") == []


def test_a_ranking_is_followed_and_labelled_moments_are_left_out(cohort: Project) -> None:
    with pytest.raises(UserError, match="queue rank"):
        upcoming(cohort, "uncertain")
    first, second = frame_of(cohort, "E3", 0), frame_of(cohort, "E2", 0)
    file = cohort.folder / RANKING
    file.parent.mkdir(parents=True)
    told = {"frames": {str(first): [0.9, "good"], str(second): [0.2, "poor"]}}
    file.write_text(json.dumps(told), encoding="utf-8")
    assert upcoming(cohort, "uncertain") == [("E3", 104.0), ("E2", 104.0)]
    grade(cohort, first + 1, "ann", "4AA")  # another plane of the same moment
    assert upcoming(cohort, "uncertain") == [("E2", 104.0)]


def test_an_unknown_queue_and_an_empty_window_are_refused() -> None:
    with pytest.raises(UserError, match="choose one of time, one"):
        queue_choice("random")
    with pytest.raises(UserError, match="empty"):
        queue_choice("one", 118, 114)
