"""Typed filters against a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.queues import queue_choice
from blasto_annotator.store import Project, searching
from blasto_annotator.store.stepping import Way
from tests.store.conftest import by_hand


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
        ("frame:2 phase:teb", EVERY),
        ("frame:1..1 hpi>113", []),
        ("frame>2", []),
        ("aa83 -frame>1", ["AA83-7", "AA83-10"]),
        ("file:AA83-10/2.PNG", ["AA83-10"]),
        ("file:7/1 hpi>113", []),
        ("-file:aa83", ["B2-1"]),
        ("file:b2 is:unlabelled", ["B2-1"]),
        ("file:aa83 is:labelled", ["AA83-7"]),
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


def test_groups_are_those_of_the_scheme_and_letters_that_come_too_early_make_none(cohort: Project) -> None:
    label(cohort, "AA83-10", 0, "ann", LabelEntry(parse_grade("1AA")))
    assert names(cohort, "group:good") == ["AA83-7"]
    cohort.choose_scheme("gardner-full", "ann")
    assert names(cohort, "group:1") == ["AA83-10"]
    assert names(cohort, "group:4ab") == ["AA83-7"]


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


@pytest.fixture
def videos(project: Project) -> Project:
    """Three embryos of forty moments, an hour apart; ann has labelled the hours 110 to 112 of the first."""
    source = project.frames.add_source(project.folder / "frames", "folder", "Vienna")
    frames = [
        ImportedFrame(
            f"{embryo}/{index}.png", embryo, "", 0, index, 100.0 + index, "tB" if index < 20 else "tEB"
        )
        for embryo in ("first", "other", "third")
        for index in range(40)
    ]
    project.frames.add(source, frames)
    for place in (10, 11, 12):
        label(project, "first", place, "ann", LabelEntry(parse_grade("4AB")))
    return project


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("is:unlabelled hpi:110..112", ["other", "third"]),
        ("is:unlabelled hpi:110..113", ["first", "other", "third"]),
        ("is:unlabelled hpi>105", ["first", "other", "third"]),
        ("is:unlabelled phase:tB hpi>109 hpi<113", ["other", "third"]),
        ("is:unlabelled phase:tEB", ["first", "other", "third"]),
        ("-group:good hpi:110..112", ["other", "third"]),
        ("-group:poor hpi:110..112", ["first", "other", "third"]),
        ("is:unlabelled -hpi<110 hpi<113", ["other", "third"]),
        ("is:unlabelled hpi>200", []),
    ],
)
def test_what_is_not_labelled_is_found_by_time_too(videos: Project, typed: str, found: list[str]) -> None:
    assert names(videos, typed) == found


def test_frames_are_found_by_number_and_by_file_among_many_embryos(file_project: Project) -> None:
    source = file_project.frames.add_source(file_project.folder / "frames", "folder")
    made = [ImportedFrame(f"E{e}/RUN{i + e}.png", f"E{e}", index=i + e) for e in range(90) for i in (1, 2)]
    file_project.frames.add(source, made)
    assert names(file_project, "frame:90") == ["E88", "E89"]
    assert names(file_project, "file:run90.") == ["E88", "E89"]
    by_hand(
        file_project, "UPDATE embryo SET summary = json_remove(summary, '$.numbers')"
    )  # as earlier versions
    assert names(file_project, "frame:90") == ["E88", "E89"]
    row = file_project.search.embryos("frame:90", "ann", file_project.scheme)[0]
    assert len(file_project.search.frames(row.id, "frame:90", "ann", file_project.scheme)) == 1


def test_a_search_that_is_wanted_no_more_ends(file_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_PATHS_AT_ONCE", 10)
    source = file_project.frames.add_source(file_project.folder / "frames", "folder")
    file_project.frames.add(source, [ImportedFrame(f"{e}.png", f"E{e}") for e in range(90)])
    answers = iter([True, True, False])
    found = file_project.search.embryos("file:png", "ann", file_project.scheme, wanted=lambda: next(answers))
    assert len(found) == 20


def test_what_is_left_is_found_among_many_labelled_embryos(
    file_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_EMBRYOS_AT_ONCE", 40)
    source = file_project.frames.add_source(file_project.folder / "frames", "folder")
    made = [ImportedFrame(f"{e}/{i}.png", f"E{e}", index=i, hpi=100.0 + i) for e in range(90) for i in (1, 2)]
    file_project.frames.add(source, made)
    frames = [f for row in file_project.frames.embryos() for f in file_project.frames.of_embryo(row.id)]
    left = [f for f in frames if f.index == 2 and f.embryo in ("E0", "E45", "E89")]
    entry = LabelEntry(parse_grade("4AB"))
    rows = [(frame.id, f"{frame.id:064x}", entry) for frame in frames if frame not in left]
    file_project.labels.import_many(rows, "ann")
    for typed in ("is:unlabelled", "-is:labelled", "-grade:4AB", "-icm:A hpi>101"):
        assert names(file_project, typed) == ["E0", "E45", "E89"]
    assert len(names(file_project, "-icm:B")) == 90


def test_an_embryo_all_of_whose_moments_are_labelled_is_done(videos: Project) -> None:
    for place in range(40):
        label(videos, "other", place, "ann", LabelEntry(parse_grade("4AB")))
    assert names(videos, "is:unlabelled") == ["first", "third"]
    assert names(videos, "is:unlabelled phase:tEB") == ["first", "third"]
    assert names(videos, "is:unlabelled", "bob") == ["first", "other", "third"]


def walked(project: Project, text: str, here: int | None, **how: object) -> list[int]:
    """The frames that one comes to, step by step."""
    embryos = [row.id for row in project.search.embryos(text, "ann", project.scheme)]
    found: list[int] = []
    while len(found) < 8:
        way = Way(embryos, found[-1] if found else here, **how)  # type: ignore[arg-type]
        frame = project.search.following(way, text, "ann", project.scheme)
        if frame is None:
            break
        found.append(frame)
    return found


@pytest.mark.parametrize(
    ("typed", "here", "how", "found"),
    [
        ("hpi>113", None, {}, [2, 4, 6]),
        ("hpi>113", 2, {}, [4, 6]),
        ("hpi>113", 1, {}, [2, 4, 6]),  # the embryo's later moment comes first
        ("hpi>113", 6, {"forward": False}, [4, 2]),
        ("hpi>113", 4, {"around": True}, [6, 2, 4, 6, 2, 4, 6, 2]),
        ("is:not-gradable", 2, {"around": True, "inclusive": True}, [2] * 8),
        ("b2", 5, {}, [6]),
        ("group:poor", 1, {"around": True}, []),
        ("is:unlabelled", 1, {}, [3, 4, 5, 6]),
    ],
)
def test_one_goes_from_frame_to_frame_that_fits(
    shared: Project, typed: str, here: int | None, how: dict[str, object], found: list[int]
) -> None:
    assert walked(shared, typed, here, **how) == found


def test_of_a_moments_planes_the_nearest_that_fits_is_gone_to(cohort: Project) -> None:
    source = cohort.frames.sources()[0]
    planes = [
        ImportedFrame(f"B2-1/2_{plane}.png", "B2-1", "B2", plane, 2, 116.0, "tEB", "") for plane in (-15, 15)
    ]
    cohort.frames.add(source, planes)
    embryo = names_to_ids(cohort)["B2-1"]

    def plane_of(typed: str, wanted: int) -> int | None:
        found = cohort.search.following(Way([embryo], 5, plane=wanted), typed, "ann", cohort.scheme)
        return None if found is None else cohort.frames.get(found).plane

    assert (plane_of("hpi>113", 30), plane_of("hpi>113", 0), plane_of("plane<0", 30)) == (15, 0, -15)


def test_a_queue_keeps_to_a_filter_and_lists_as_many_frames_as_are_asked_for(cohort: Project) -> None:
    def upcoming(search: str, limit: int = 9) -> list[int]:
        choice = queue_choice("time")
        return cohort.queues.upcoming(choice, "ann", cohort.scheme, limit=limit, search=search)

    assert upcoming("") == [3, 4, 5, 6]
    assert upcoming("", 2) == [3, 4]
    assert upcoming("hpi>113") == [4, 6]
    assert upcoming("aa83 hpi>113") == [4]
    assert upcoming("group:good") == []
    with pytest.raises(UserError, match="no field"):
        upcoming("colour:red")


def names_to_ids(project: Project) -> dict[str, int]:
    return {row.name: row.id for row in project.frames.embryos()}
