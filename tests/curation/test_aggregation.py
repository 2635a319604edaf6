"""Whose word counts: decisions, majorities, models, one grader; and how disputes are listed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from blasto_annotator.curation.adjudicating import decide, question, read_disputes, take_back
from blasto_annotator.curation.aggregation import TIE, advice, choose_labels
from blasto_annotator.curation.options import SnapshotOptions, parse_labels_by
from blasto_annotator.curation.snapshot import build
from blasto_annotator.curation.votes import read_votes
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.store import Project
from tests.curation.material import add_frames, label, pixels, png

SAID = {
    "a/0.png": {"anna": "4AA", "bea": "4AB", "cleo": "3AA"},  # all good
    "b/0.png": {"anna": "4AA", "bea": "4BB", "cleo": "4BB"},  # good against two of average
    "c/0.png": {"anna": "4AA", "bea": "4CC"},  # as far apart as can be
    "d/0.png": {"anna": "3BB"},
}


@pytest.fixture
def panel(project: Project, tmp_path: Path) -> Project:
    """Four images of three graders."""
    ids = add_frames(project, tmp_path / "s", {path: pixels(n) for n, path in enumerate(SAID)})
    for path, words in SAID.items():
        for grader, grade in words.items():
            label(project, ids[path], parse_grade(grade), grader)
    return project


def classes(project: Project, **options: object) -> dict[str, str]:
    """Embryo -> grade, grader and reason that count."""
    chosen, _ = choose_labels(project, SnapshotOptions(**options))  # type: ignore[arg-type]
    frames = project.frames.many({one.label.frame_id for one in chosen})
    return {
        frames[one.label.frame_id].embryo: f"{one.label.entry and one.label.entry.grade} {one.label.grader}"
        f" {one.reason}"
        for one in chosen
    }


def test_most_graders_decide_and_a_tie_stays_out_with_its_reason(panel: Project) -> None:
    assert classes(panel) == {
        "a": "3AA anna+bea+cleo majority 3 of 3",
        "b": "4BB bea+cleo majority 2 of 3",
        "d": "3BB anna labelled",
    }
    assert choose_labels(panel, SnapshotOptions())[1] == {TIE: 1}


def test_within_the_group_the_commonest_grade_counts_whoever_came_last(
    panel: Project, tmp_path: Path
) -> None:
    (frame_id,) = add_frames(panel, tmp_path / "t", {"h/0.png": pixels(12)}).values()
    for grader, grade in (("anna", "4AB"), ("bea", "4AB"), ("cleo", "5AB")):
        label(panel, frame_id, parse_grade(grade), grader)

    assert classes(panel)["h"] == "4AB anna+bea+cleo majority 3 of 3"


def test_disputes_are_listed_worst_first_and_a_decision_counts_at_once(panel: Project) -> None:
    worst, other = read_disputes(panel)
    assert (worst.frame.embryo, other.frame.embryo) == ("c", "b")
    assert question(worst, panel.scheme, {}) == "icm"

    decide(panel, worst, {"icm": "C"}, "Eva", revealed=False)
    decide(panel, other, {"icm": "A"}, "Eva", revealed=True)

    counted = classes(panel)
    assert counted["b"] == "4AB Eva adjudicated"
    assert counted["c"] == "4CA Eva adjudicated"  # TE was not asked: of A and C, equally common, the first
    assert classes(panel, labels_by="majority")["b"] == "4BB bea+cleo majority 2 of 3"
    assert "c" not in classes(panel, labels_by="majority")
    assert all(dispute.decision is not None for dispute in read_disputes(panel))
    assert panel.audit.verify() is None


def test_a_decision_is_taken_back_to_what_stood_before(panel: Project) -> None:
    dispute = read_disputes(panel)[0]
    first = decide(panel, dispute, {"icm": "A", "te": "A"}, "Eva", revealed=False)
    second = decide(panel, dispute, {"icm": "C"}, "Eva", revealed=False)

    take_back(panel, second, first, "Eva")
    assert classes(panel)["c"] == "4AA Eva adjudicated"
    take_back(panel, first, None, "Eva")
    assert "c" not in classes(panel)
    assert read_disputes(panel)[0].decision is None


def test_a_decision_keeps_which_labels_were_weighed_and_what_was_asked(panel: Project) -> None:
    dispute = read_disputes(panel)[0]

    row = decide(panel, dispute, {"icm": "C"}, "Eva", revealed=True)

    assert row.basis == {"labels": [v.label.id for v in dispute.votes], "asked": ["icm"], "revealed": True}
    with pytest.raises(ValueError, match="icm is not answered"):
        decide(panel, dispute, {}, "Eva", revealed=False)


def test_a_grade_without_its_letters_abstains(panel: Project, tmp_path: Path) -> None:
    (frame_id,) = add_frames(panel, tmp_path / "t", {"g/0.png": pixels(8)}).values()
    for grader, grade in (("anna", "4AB"), ("bea", "2"), ("cleo", "3"), ("dora", "4?C")):
        label(panel, frame_id, parse_grade(grade), grader)

    assert "g" not in {dispute.frame.embryo for dispute in read_disputes(panel)}
    assert classes(panel)["g"] == "4AB anna labelled"


def test_models_of_graders_settle_ties_by_who_is_usually_right(project: Project, tmp_path: Path) -> None:
    names = [f"e{n}/0.png" for n in range(30)]
    ids = add_frames(project, tmp_path / "s", {path: pixels(n) for n, path in enumerate(names)})
    for number, path in enumerate(names):
        truth = ("4AA", "4BB", "4CC")[number % 3]
        wrong = ("4CC", "4AA", "4BB")[number % 3]
        label(project, ids[path], parse_grade(truth), "anna")
        if number < 24:
            label(project, ids[path], parse_grade(truth), "bea")
        label(project, ids[path], parse_grade(wrong if number % 2 else truth), "cleo")

    for method in ("one-coin", "dawid-skene"):
        counted = classes(project, labels_by=method)
        assert [counted[f"e{n}"][:3] for n in range(24, 30)] == ["4AA", "4BB", "4CC"] * 2
        assert counted["e25"].startswith(f"4BB anna {method} ")
        found = advice(read_votes(project), project.scheme, method)
        assert found is not None
        reliability = dict(zip(found.graders, found.opinion.reliability, strict=True))
        assert reliability["anna"] > 0.9 > reliability["cleo"]
        assert found.opinion.posterior.sum(axis=1) == pytest.approx(1)


def test_planes_of_one_moment_are_heard_together_and_both_enter(project: Project, tmp_path: Path) -> None:
    source = project.frames.add_source(tmp_path / "s", "folder")
    (tmp_path / "s").mkdir()
    for plane in (0, 15):
        (tmp_path / "s" / f"{plane}.png").write_bytes(png(pixels(plane)))
    project.frames.add(source, [ImportedFrame(f"{p}.png", "e", plane=p, index=7) for p in (0, 15)])
    for plane, grade in ((0, "4AA"), (15, "4AB")):
        (frame,) = project.frames.by_path(f"{plane}.png")
        label(project, frame.id, parse_grade(grade), f"g{plane}")

    chosen, _ = choose_labels(project, SnapshotOptions())

    assert len({vote.moment for vote in read_votes(project)}) == 1
    assert [str(one.label.entry.grade) for one in chosen if one.label.entry] == ["4AB", "4AB"]
    assert {one.reason for one in chosen} == {"majority 2 of 2"}


def test_the_choice_is_recorded_in_the_snapshot(panel: Project) -> None:
    info = build(panel, SnapshotOptions(size=16, thin_distance=0, labels_by="majority"))

    written = json.loads((info.path / "snapshot.json").read_text("utf-8"))
    with (info.path / "manifest.csv").open(newline="") as file:
        rows = {row["embryo"]: (row["grader"], row["reason"]) for row in csv.DictReader(file)}

    assert written["options"]["labels_by"] == "majority"
    assert rows["b"] == ("bea+cleo", "majority 2 of 3")


def test_a_label_that_was_taken_over_still_enters_a_snapshot(panel: Project, tmp_path: Path) -> None:
    (frame_id,) = add_frames(panel, tmp_path / "t", {"f/0.png": pixels(9)}).values()
    sha256 = panel.frames.ensure_hash(frame_id)
    entry = LabelEntry(parse_grade("4AB"))
    panel.labels.record_many([(frame_id, sha256, entry)], "anna", "inherited from frame 1")

    assert classes(panel)["f"] == "4AB anna labelled"
    assert "f" not in {vote.frame.embryo for vote in read_votes(panel)}


def test_ways_to_count_labels_are_read_from_the_command_line() -> None:
    assert parse_labels_by("dawid-skene") == ("dawid-skene", None)
    assert parse_labels_by("grader: Ana") == ("grader", "Ana")
    for wrong in ("newest", "grader", "majority:Ana"):
        with pytest.raises(UserError, match="use adjudicated, majority"):
            parse_labels_by(wrong)
    assert SnapshotOptions(grader="Ana").labels_by == "grader"
    with pytest.raises(UserError, match="grader:Ana"):
        SnapshotOptions(labels_by="grader")
