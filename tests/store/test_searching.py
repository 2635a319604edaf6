"""Typed filters against a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cohort that tests only read."""
    with Project.create(tmp_path_factory.mktemp("shared") / "project") as project:
        yield filled_with_labels(project)


@pytest.fixture
def cohort(project: Project) -> Project:
    """A cohort of the test's own."""
    return filled_with_labels(project)


def filled_with_labels(project: Project) -> Project:
    """Two couples, three embryos, two moments, one plane each; ann and bob have labelled."""
    source = project.frames.add_source(project.folder / "frames", "folder", "Vienna")
    frames = [
        ImportedFrame(f"{embryo}/{index}.png", embryo, couple, 0, index, 108.0 + 4 * index, phase, remark)
        for embryo, couple, remark in (("AA83-7", "AA83", "3AA"), ("AA83-10", "AA83", ""), ("B2-1", "B2", ""))
        for index, phase in ((1, "tB"), (2, "tEB"))
    ]
    project.frames.add(source, frames)
    label(project, "AA83-7", 0, "ann", LabelEntry(parse_grade("4AB"), note="Thin zona"))
    label(project, "AA83-7", 1, "ann", LabelEntry(None, "collapsed"))
    label(project, "B2-1", 0, "bob", LabelEntry(parse_grade("4AA")))
    return project


def label(project: Project, embryo: str, place: int, grader: str, entry: LabelEntry) -> None:
    row = next(row for row in project.frames.embryos() if row.name == embryo)
    frame = project.frames.of_embryo(row.id)[place]
    project.labels.record(frame.id, f"{frame.id:064x}", grader, entry)


def names(project: Project, text: str, grader: str = "ann") -> list[str]:
    return [row.name for row in project.search.embryos(text, grader, project.scheme)]


EVERY = ["AA83-7", "AA83-10", "B2-1"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", EVERY),
        ("aa83", ["AA83-7", "AA83-10"]),
        ("-aa83", ["B2-1"]),
        ("couple:b2", ["B2-1"]),
        ("source:vien", EVERY),
        ("hpi>113 phase:teb", EVERY),
        ("hpi>113 phase:tB", []),
        ("hpi:110..112", EVERY),
        ("remark:3a", ["AA83-7"]),
        ("plane:0", EVERY),
        ("group:good", ["AA83-7"]),
        ("group:poor", []),
        ("grade:4", ["AA83-7"]),
        ("grade:4ab", ["AA83-7"]),
        ("grade:4aa", []),
        ("icm:a te:b expansion>=4", ["AA83-7"]),
        ("note:zona", ["AA83-7"]),
        ("reason:collapsed", ["AA83-7"]),
        ("is:not-gradable", ["AA83-7"]),
        ("is:unlabelled", ["AA83-10", "B2-1"]),
        ("is:labelled", ["AA83-7"]),
        ("-is:labelled", ["AA83-10", "B2-1"]),
        ("is:noted hpi<113", ["AA83-7"]),
        ("is:noted hpi>113", []),
    ],
)
def test_a_filter_finds_embryos_with_a_frame_that_fits(shared: Project, typed: str, found: list[str]) -> None:
    assert names(shared, typed) == found


def test_nobody_finds_out_by_searching_what_a_colleague_said(cohort: Project) -> None:
    assert names(cohort, "grade:4AA", "ann") == []
    assert names(cohort, "grade:4AA", "bob") == ["B2-1"]
    cohort.flags.put(5, f"{5:064x}", "bob", "surely 4aa")
    assert names(cohort, "flag:surely", "ann") == []
    assert names(cohort, "flag:surely", "bob") == ["B2-1"]


def test_usual_flags_of_colleagues_are_found(cohort: Project) -> None:
    cohort.flags.put(5, f"{5:064x}", "bob", "ask a colleague")
    assert names(cohort, "flag:ask", "ann") == ["B2-1"]
    assert names(cohort, "is:flagged -flag:teaching", "ann") == ["B2-1"]
    cohort.flags.put(5, f"{5:064x}", "bob", "ask a colleague", raised=False)
    assert names(cohort, "flag:ask", "ann") == []


def test_frames_that_fit_are_told_one_by_one(shared: Project) -> None:
    row = shared.search.embryos("AA83-7", "ann", shared.scheme)[0]
    assert shared.search.frames(row.id, "hpi>113", "ann", shared.scheme) == {2}
    assert row.labelled == 2


def test_a_filter_that_cannot_be_read_is_refused_with_what_can(shared: Project) -> None:
    with pytest.raises(UserError, match="no field"):
        names(shared, "colour:red")


def test_completion_offers_what_the_project_holds(shared: Project) -> None:
    offered = shared.search.values("ann", shared.scheme)
    assert offered["phase"] == ["tB", "tEB"]
    assert offered["group"] == ["good", "average", "poor"]
    assert offered["flag"][0] == "teaching case"


def test_a_known_embryos_span_follows_a_second_import(cohort: Project) -> None:
    source = cohort.frames.sources()[0]
    cohort.frames.add(source, [ImportedFrame("B2-1/3.png", "B2-1", "B2", 15, 3, 150.0, "tHB", "")])
    assert names(cohort, "hpi>140") == ["B2-1"]
    assert names(cohort, "phase:thb plane:15") == ["B2-1"]
    assert names(cohort, "phase:tB plane:15") == []
