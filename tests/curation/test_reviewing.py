"""Planning a blind review, showing its images, and verdicts as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blasto_annotator.curation.controls import trained_embryos
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.curation.reviewing import export_reviews, image_of, import_reviews
from blasto_annotator.curation.reviews_csv import ReviewExport
from blasto_annotator.curation.selection import SnapshotOptions
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Answer, ItemKind, Mode, Realism, ReviewSession, Seen, Verdict
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.store import Project
from tests.curation.material import CLASSES, add_frames, batch, labelled, pixels


def table(path: Path, *lines: str) -> Path:
    path.write_text(
        "\n".join(["image,realism,wrong_class,defects,looks_like", *lines]) + "\n", encoding="utf-8"
    )
    return path


def planned(project: Project, batch_name: str, **wish: Any) -> ReviewSession:
    """One reader's session without repeats."""
    (session,) = plan_review(project, ReviewPlan((batch_name,), ("rita",), repeat_share=0, **wish))
    return session


def verdicts(project: Project, batch_name: str = "b1") -> dict[str, Verdict | None]:
    return {review.image: review.verdict for review in project.reviews.current(batch_name)}


def test_a_session_holds_every_image_of_the_batch_in_an_order_that_the_seed_fixes(project: Project) -> None:
    images = batch(project, per_class=4)
    first = planned(project, "b1", seed=5)
    assert [item.position for item in first.items] == list(range(12))
    assert sorted(item.image for item in first.items) == sorted(item.image for item in images)
    assert [item.image for item in first.items] != sorted(item.image for item in images)
    assert planned(project, "b1", seed=5).items == first.items
    assert planned(project, "b1", seed=6).items != first.items
    assert project.reviews.session(first.id).seed == 5


def test_a_share_of_real_frames_is_mixed_in_over_all_classes(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6})
    batch(project, per_class=4)
    session = planned(project, "b1", real_share=0.25, seed=1)
    real = [item for item in session.items if item.kind is ItemKind.REAL]
    assert (len(session.items), len(real)) == (16, 4)  # 4 of 16 are a quarter
    assert set(Counter(item.class_name for item in real)) == set(CLASSES)
    assert {item.frame_id for item in real} != {None}
    kinds = [item.kind for item in session.items]
    assert kinds != sorted(kinds)


def test_only_held_out_embryos_are_controls(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 10, "average": 10, "poor": 10}, frames=2)
    build(project, SnapshotOptions(size=32, thin_distance=0))
    trained = trained_embryos(project)
    assert len(trained) == 21
    batch(project, per_class=4)
    session = planned(project, "b1", real_share=0.5, seed=2)
    controls = [project.frames.get(item.frame_id) for item in session.items if item.frame_id is not None]
    assert len(controls) == 12
    assert not trained & {frame.embryo for frame in controls}
    assert len({frame.embryo for frame in controls}) == 9  # one each before any second


def test_without_enough_real_frames_fewer_are_mixed_in_and_without_any_it_is_said(
    project: Project, tmp_path: Path
) -> None:
    batch(project, per_class=4)
    with pytest.raises(
        UserError, match=r"No labelled frame .* held-out embryo can be mixed into this review"
    ):
        planned(project, "b1", real_share=0.3)
    assert project.reviews.sessions() == []
    labelled(project, tmp_path / "s", {"good": 1}, frames=1)
    assert len(planned(project, "b1", real_share=0.5).items) == 13


def test_real_and_generated_images_have_the_same_size_and_type(project: Project, tmp_path: Path) -> None:
    ids = labelled(project, tmp_path / "s", {"good": 3}, frames=2)
    batch(project, size=32)
    session = planned(project, "b1", real_share=0.5, seed=1)
    shown = {item.kind: image_of(project, session, item) for item in session.items}
    assert {(image.shape, image.dtype.name) for image in shown.values()} == {((32, 32), "uint8")}
    generated = next(item for item in session.items if item.kind is ItemKind.GENERATED)
    assert np.array_equal(
        image_of(project, session, generated), decode_grey(project.batches / "b1" / generated.image)
    )
    real = next(item for item in session.items if item.kind is ItemKind.REAL)
    assert real.frame_id in ids.values()
    (project.frames.file(project.frames.get(real.frame_id or 0))).write_bytes(b"changed meanwhile")
    with pytest.raises(UserError, match="has changed since this review was planned"):
        image_of(project, session, real)


@pytest.mark.parametrize(
    ("name", "share", "sentence"),
    [("none", 0.0, "There is no batch “none”"), ("b1", 1.0, "share of 1 real frames cannot be used")],
)
def test_a_session_that_cannot_be_is_refused(
    project: Project, name: str, share: float, sentence: str
) -> None:
    batch(project)
    with pytest.raises(UserError, match=sentence):
        planned(project, name, real_share=share)


def test_an_incomplete_batch_is_said(project: Project) -> None:
    batch(project)
    (project.batches / "b1" / "batch.json").unlink()
    with pytest.raises(UserError, match="batch b1 is incomplete"):
        planned(project, "b1")


def test_verdicts_are_imported_by_every_way_to_name_an_image(project: Project, tmp_path: Path) -> None:
    images = batch(project, per_class=2)
    file = table(
        tmp_path / "r.csv",
        "00000.png,perfect,0,,",
        "images/00001.png,minor_flaws,no,shape;cell_borders,",
        "b1/images/00002.png,Minor flaws,,Mirror symmetry|other,",
        f"{project.batches / 'b1' / 'images' / '00003.png'},implausible,1,,poor",
        f"{images[4].sha256},,yes,,Good",
        "00005.png,,,,",
    )
    report = import_reviews(project, file, "rita")
    assert (report.imported, report.skipped, report.problems, report.batches) == (5, 1, (), ("b1",))
    assert verdicts(project) == {
        "images/00000.png": Verdict(Realism.PERFECT),
        "images/00001.png": Verdict(Realism.MINOR_FLAWS, False, ("shape", "cell_borders")),
        "images/00002.png": Verdict(Realism.MINOR_FLAWS, False, ("mirror", "other")),
        "images/00003.png": Verdict(Realism.IMPLAUSIBLE, True, (), "poor"),
        "images/00004.png": Verdict(None, True, (), "good"),
    }
    assert project.reviews.current()[0].class_name == "good"
    again = import_reviews(project, file, "rita")
    assert (again.imported, again.skipped) == (0, 6)


def test_each_bad_line_is_named_and_the_good_ones_go_in(project: Project, tmp_path: Path) -> None:
    batch(project)
    file = table(
        tmp_path / "r.csv",
        "00000.png,perfect,,,",
        "00099.png,perfect,,,",
        "00001.png,splendid,,,",
        "00001.png,perfect,perhaps,,",
        "00001.png,perfect,,halo,",
        "00001.png,perfect,,,excellent",
        "00001.png,,,shape,",
        "00000.png,implausible,,,",
        ",perfect,,,",
    )
    report = import_reviews(project, file, "rita")
    assert report.imported == 1
    expected = [
        "Line 3: “00099.png” is no image of this project's batches",
        "Line 4: “splendid” is no realism; write perfect, minor_flaws, implausible",
        "Line 5: “perhaps” in the column wrong_class is neither yes nor no",
        "Line 6: “halo” is no defect",
        "Line 7: “excellent” is no class and no grade; write good, average, poor",
        "Line 8: it has neither a realism nor a wrong class",
        "Line 9: line 2 says otherwise of the same image",
        "Line 10: it names no image",
    ]
    for problem, start in zip(report.problems, expected, strict=True):
        assert problem.startswith(start)


def test_one_name_in_two_batches_needs_its_batch(project: Project, tmp_path: Path) -> None:
    batch(project, "b1")
    batch(project, "b2", first_seed=2000)
    report = import_reviews(project, table(tmp_path / "r.csv", "00000.png,perfect,,,"), "rita")
    assert report.imported == 0
    assert (
        "is in the batches b1, b2; write the batch before it, such as b2/images/00000.png"
        in report.problems[0]
    )
    import_reviews(project, table(tmp_path / "r.csv", "b2/00000.png,perfect,,,"), "rita")
    import_reviews(project, table(tmp_path / "r.csv", "images/00001.png,implausible,,,"), "rita", batch="b1")
    assert verdicts(project, "b2") == {"images/00000.png": Verdict(Realism.PERFECT)}
    assert verdicts(project, "b1") == {"images/00001.png": Verdict(Realism.IMPLAUSIBLE)}


def test_an_export_comes_in_again_with_its_real_controls(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 2}, frames=1)
    batch(project, "b1")
    batch(project, "b2", first_seed=2000)
    session = planned(project, "b2", real_share=0.2, seed=1)
    for item in session.items:
        said = Verdict(
            Realism.PERFECT, False, ("shape", "own:Bubble in the well"), "", "a note, with a comma"
        )
        project.reviews.record(session.id, "b2", item, "rita", said)
    file = tmp_path / "out.csv"
    assert export_reviews(project, file) == ReviewExport(written=len(session.items), waiting=0)
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0])[:5] == ["image", "realism", "wrong_class", "defects", "looks_like"]
    assert {row["kind"] for row in rows} == {"generated", "real"}
    report = import_reviews(project, file, "second reader")
    assert (report.imported, report.problems) == (len(session.items), ())
    mine, theirs = (project.reviews.current("b2", reader) for reader in ("rita", "second reader"))
    assert {(r.sha256, r.kind, r.verdict) for r in mine} == {(r.sha256, r.kind, r.verdict) for r in theirs}


def test_verdicts_of_an_unfinished_session_wait(project: Project, tmp_path: Path) -> None:
    """The table says what is real: its reader must not see it yet."""
    labelled(project, tmp_path / "s", {"good": 2}, frames=1)
    batch(project)
    session = planned(project, "b1", real_share=0.2, seed=1)
    for item in session.items[:-1]:
        project.reviews.record(session.id, "b1", item, "rita", Verdict(Realism.PERFECT))
    file = tmp_path / "out.csv"

    found = export_reviews(project, file)

    assert found == ReviewExport(written=0, waiting=len(session.items) - 1)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1


def test_answers_and_repeats_are_exported_and_count_as_no_verdict_when_read(
    project: Project, tmp_path: Path
) -> None:
    batch(project, "b1", per_class=2)
    batch(project, "b2", per_class=2, first_seed=2000)
    plan = ReviewPlan(("b1", "b2"), ("rita",), Mode.PAIR, seed=1)
    (session,) = plan_review(project, plan)
    for item in session.items[::2]:
        said = Verdict(None, answer=Answer.LEFT)
        project.reviews.record(session.id, item.batch or "b1", item, "rita", said, seen=Seen(2.5))
    file = tmp_path / "out.csv"

    found = export_reviews(project, file)

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert found.written == len(rows) == 6
    assert {(row["role"], row["answer"], row["seconds"]) for row in rows} == {("pair", "left", "2.5")}
    sides = {frozenset((row["image"][:2], row["beside"][:2])) for row in rows}
    assert sides == {frozenset(("b1", "b2"))}
    assert import_reviews(project, file, "second reader").imported == 0


def test_a_grade_that_an_image_looks_like_comes_in_and_goes_out(project: Project, tmp_path: Path) -> None:
    batch(project)
    lines = ("b1/images/00000.png,,1,,4cc", "b1/images/00001.png,,1,,4XX")

    report = import_reviews(project, table(tmp_path / "r.csv", *lines), "rita")

    assert [r.verdict for r in project.reviews.current()] == [Verdict(None, True, (), "4CC")]
    assert "no class and no grade" in report.problems[0]
    export_reviews(project, tmp_path / "out.csv")
    assert ",1,,4CC," in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_files_and_names_that_cannot_be_used_are_said(project: Project, tmp_path: Path) -> None:
    batch(project)
    with pytest.raises(UserError, match="Nobody is named as reviewer"):
        import_reviews(project, table(tmp_path / "r.csv"), " ")
    with pytest.raises(UserError, match="cannot be read"):
        import_reviews(project, tmp_path / "gone.csv", "rita")
    with pytest.raises(UserError, match="There is no batch “b9”"):
        import_reviews(project, table(tmp_path / "r.csv"), "rita", batch="b9")
    with pytest.raises(UserError, match="cannot be written"):
        export_reviews(project, tmp_path / "no such folder" / "out.csv")


def test_frames_of_other_classes_than_the_batchs_are_no_controls(project: Project, tmp_path: Path) -> None:
    add_frames(project, tmp_path / "s", {"e/0.png": pixels(1)})
    batch(project)
    with pytest.raises(UserError, match="No labelled frame"):
        planned(project, "b1", real_share=0.1)
