"""Which frames enter a snapshot, in which split, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from blasto_annotator.curation import thinning
from blasto_annotator.curation.aggregation import TIE
from blasto_annotator.curation.candidates import CHANGED
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.curation.selection import SnapshotOptions, preview, select
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.store import Project
from tests.curation.material import GRADES, add_frames, batch, label, labelled, pixels, rate

EVERYTHING = SnapshotOptions(thin_distance=0)


def chosen(project: Project, options: SnapshotOptions = EVERYTHING) -> dict[str, str]:
    """Source file -> class."""
    return {item.source_file: item.class_name for item, _ in select(project, options).items}


def splits(project: Project, options: SnapshotOptions = EVERYTHING) -> dict[str, str]:
    """Embryo -> split."""
    return {item.embryo: split for item, split in select(project, options).items if item.embryo}


def test_only_gradable_frames_of_the_chosen_expansions_with_a_group_enter(
    project: Project, tmp_path: Path
) -> None:
    ids = list(add_frames(project, tmp_path / "s", {f"e/{n}.png": pixels(n) for n in range(7)}).values())
    entries = [
        Grade(2, "A", "A"), Grade(3, "B", "A"), Grade(4, "C", "B"), Grade(5, "A", "A"), Grade(6, "A", "A"),
        Grade(1), LabelEntry(None, "empty well"),
    ]  # fmt: skip
    for frame_id, entry in zip(ids, entries, strict=True):
        label(project, frame_id, entry)
    assert chosen(project) == {"e/0.png": "good", "e/1.png": "average", "e/2.png": "poor"}
    seen = preview(project, EVERYTHING)
    assert seen.left_out == {
        "expansion 5": 1, "expansion 6": 1, "expansion 1": 1, "not gradable: empty well": 1,
    }  # fmt: skip
    assert list(chosen(project, SnapshotOptions(expansions=(5,), thin_distance=0))) == ["e/3.png"]


def test_graders_who_disagree_keep_an_image_out_until_they_agree_or_one_is_chosen(
    project: Project, tmp_path: Path
) -> None:
    (frame_id,) = add_frames(project, tmp_path / "s", {"e/0.png": pixels(0)}).values()
    label(project, frame_id, GRADES["good"], "anna")
    label(project, frame_id, GRADES["poor"], "bea")
    assert chosen(project) == {}
    assert preview(project, EVERYTHING).left_out == {TIE: 1}
    assert chosen(project, SnapshotOptions(grader="anna")) == {"e/0.png": "good"}
    label(project, frame_id, GRADES["poor"], "anna")
    assert chosen(project) == {"e/0.png": "poor"}


def test_a_withdrawn_label_is_no_label(project: Project, tmp_path: Path) -> None:
    (frame_id,) = add_frames(project, tmp_path / "s", {"e/0.png": pixels(0)}).values()
    sha256 = label(project, frame_id, GRADES["good"])
    project.labels.withdraw(frame_id, sha256, "anna")
    assert chosen(project) == {}
    assert preview(project, EVERYTHING).sentence == "No image can enter a snapshot yet."


def test_changed_and_missing_files_stay_out_and_are_counted(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 1}, frames=3)
    (tmp_path / "s" / "good0" / "0.png").unlink()
    (tmp_path / "s" / "good0" / "1.png").write_bytes(b"another content altogether")
    assert chosen(project) == {"good0/2.png": "good"}
    assert preview(project, EVERYTHING).left_out == {CHANGED: 2}


def test_a_chosen_plane_leaves_the_others_out(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 1}, frames=2)
    assert chosen(project, SnapshotOptions(planes=(15,))) == {}
    assert preview(project, SnapshotOptions(planes=(15,))).left_out == {"another focal plane": 2}


def test_near_identical_frames_of_one_embryo_are_thinned_and_the_threshold_shown(
    project: Project, tmp_path: Path
) -> None:
    smooth = np.kron(np.random.default_rng(3).integers(40, 200, (8, 8), np.uint8), np.ones((8, 8), np.uint8))
    files = {"e/0.png": smooth, "e/1.png": smooth + 3, "e/2.png": pixels(9), "f/0.png": smooth + 5}
    for frame_id in add_frames(project, tmp_path / "s", files).values():
        label(project, frame_id, GRADES["good"])
    seen = preview(project, SnapshotOptions(thin_distance=4))
    assert set(chosen(project, SnapshotOptions(thin_distance=4))) == {"e/0.png", "e/2.png", "f/0.png"}
    assert (seen.thinned, seen.threshold, seen.images, seen.embryos) == (1, 4, 3, 2)
    assert "1 near-identical frame thinned (perceptual hashes within 4 of 64 bits" in seen.sentence
    assert len(chosen(project, EVERYTHING)) == 4


def test_hashes_are_read_from_the_cache_and_a_damaged_cache_is_made_again(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(project, tmp_path / "s", {"good": 2})
    told: list[tuple[int, int]] = []
    first = preview(project, SnapshotOptions(), lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    decoded: list[Path] = []
    monkeypatch.setattr(thinning, "decode_grey", lambda path: decoded.append(path) or decode_grey(path))
    assert preview(project, SnapshotOptions()) == first
    assert decoded == []
    for file in project.cache.glob("perceptual*"):
        file.write_text("damaged")
    assert preview(project, SnapshotOptions()) == first
    assert len(decoded) == 6


def test_an_embryo_is_never_divided_and_classes_reach_every_split(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 10, "average": 10, "poor": 10})
    seen = preview(project, EVERYTHING)
    assert {split: sum(counts.values()) // 3 for split, counts in seen.groups.items()} == {
        "train": 21, "val": 5, "test": 4,
    }  # fmt: skip
    assert all(count > 0 for counts in seen.groups.values() for count in counts.values())
    assert seen.warnings == ()


@pytest.mark.parametrize("seed", range(5))
def test_fourteen_embryos_give_every_split_something_and_train_every_class(
    project: Project, tmp_path: Path, seed: int
) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 7, "poor": 1}, frames=1)
    groups = preview(project, SnapshotOptions(thin_distance=0, seed=seed)).groups
    assert all(groups["train"].values())
    assert sum(groups["train"].values()) in (9, 10)
    assert sum(groups["val"].values()) >= 2
    assert sum(groups["test"].values()) >= 2


def test_very_few_embryos_all_train_and_it_is_said(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 1, "average": 1})
    seen = preview(project, EVERYTHING)
    assert seen.groups["train"] == {"good": 3, "average": 3, "poor": 0}
    assert seen.warnings == (
        "Train has no image of poor.", "Too few embryos for a split of their own: val and test empty.",
    )  # fmt: skip


def test_siblings_stay_together(project: Project, tmp_path: Path) -> None:
    for couple in range(6):
        files = {f"c{couple}-{n}/0.png": pixels(100 * couple + n) for n in range(3)}
        for frame_id in add_frames(project, tmp_path / f"s{couple}", files, f"c{couple}").values():
            label(project, frame_id, GRADES["good"])
    placed = splits(project)
    assert len(placed) == 18
    for couple in range(6):
        assert len({placed[f"c{couple}-{n}"] for n in range(3)}) == 1
    assert set(placed.values()) == {"train", "val", "test"}


def test_one_embryo_in_two_sources_stays_together_even_if_only_one_knows_its_couple(
    project: Project, tmp_path: Path
) -> None:
    for number in range(8):
        for source, couple in (("left", "pair"), ("right", "")):
            files = {f"e{number}/0.png": pixels(50 * number + len(source))}
            ids = add_frames(project, tmp_path / source, files, f"{couple}{number}" if couple else "")
            label(project, next(iter(ids.values())), GRADES["good"])
    items = select(project, EVERYTHING).items
    assert len(items) == 16
    by_embryo: dict[str, set[str]] = {}
    for item, split in items:
        by_embryo.setdefault(item.embryo, set()).add(split)
    assert all(len(found) == 1 for found in by_embryo.values())


def test_another_seed_divides_otherwise_and_the_same_seed_alike(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 12}, frames=1)
    first = splits(project)
    assert splits(project) == first
    assert any(splits(project, SnapshotOptions(thin_distance=0, seed=seed)) != first for seed in range(1, 5))


def test_the_verdicts_are_explained_with_their_counts(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 10, "average": 10, "poor": 10})
    images = batch(project, per_class=3)
    rate(project, images[0], Realism.PERFECT)
    rate(project, images[1], Realism.PERFECT, wrong=True)
    rate(project, images[2], Realism.MINOR_FLAWS)
    rate(project, images[3], Realism.IMPLAUSIBLE)
    rate(project, images[4], Realism.PERFECT)
    rate(project, images[4], Realism.MINOR_FLAWS, reviewer="second opinion")
    said = preview(project, EVERYTHING).verdicts
    assert said == {
        "perfect": "1 generated image rated perfect and of its class: stays out, because only real frames "
        "were chosen.",
        "minor_flaws": "2 generated images with minor flaws: never train.",
        "implausible": "1 generated image implausible: never train.",
        "wrong_class": "1 generated image of the wrong class: never train.",
    }
    included = preview(project, SnapshotOptions(thin_distance=0, include_generated=True))
    assert included.generated == {"good": 1, "average": 0, "poor": 0}
    assert (
        "1 into the training split (at most 20% of it), 0 stay out; never val or test"
        in included.verdicts["perfect"]
    )


def test_verdicts_of_an_unfinished_session_wait_and_tell_nothing_of_its_images(
    project: Project, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "s", {"good": 3, "average": 3, "poor": 3}, frames=1)
    batch(project, per_class=1)
    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ana",), real_share=0.4, repeat_share=0))
    told = []
    for item in session.items:
        told.append(preview(project, EVERYTHING).verdicts)
        project.reviews.record(session.id, "b1", item, "Ana", Verdict(Realism.PERFECT))

    count = len(session.items)
    assert told[0] == {}
    assert [set(said) for said in told[1:]] == [{"unfinished_session"}] * (count - 1)
    assert told[1]["unfinished_session"].startswith("1 verdict of unfinished sessions: they count once")
    done = preview(project, EVERYTHING).verdicts
    assert done["perfect"].startswith("3 generated images rated perfect")
    assert done["real_control"].startswith(f"{count - 3} verdicts on real frames")


def test_generated_images_are_capped_and_serve_the_rarest_class(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 12, "average": 6}, frames=1)
    for item in batch(project, per_class=5):
        rate(project, item, Realism.PERFECT)
    options = SnapshotOptions(thin_distance=0, include_generated=True, generated_cap=0.2)
    seen = preview(project, options)
    real = sum(seen.groups["train"].values()) - sum(seen.generated.values())
    assert sum(seen.generated.values()) == int(real * 0.25)  # 0.2 of the whole is a quarter of the real
    assert seen.generated["average"] == sum(seen.generated.values())
    assert seen.generated["poor"] == 0  # no real training image of this class
    assert seen.left_out["generated image of a class without real training images"] == 5
    assert any(reason.startswith("generated image over the cap of 20%") for reason in seen.left_out)
    without = preview(project, EVERYTHING)
    assert {s: without.groups[s] for s in ("val", "test")} == {s: seen.groups[s] for s in ("val", "test")}


def test_a_generated_image_that_changed_since_its_review_stays_out(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 8})
    images = batch(project)
    rate(project, images[0], Realism.PERFECT)
    (project.batches / "b1" / images[0].image).write_bytes(b"swapped")
    seen = preview(project, SnapshotOptions(thin_distance=0, include_generated=True))
    assert sum(seen.generated.values()) == 0
    assert seen.left_out["generated image gone or changed since its review"] == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"size": 100}, "cannot have 100 pixels a side; use one of 16, 32, 64"),
        ({"expansions": (4, 7)}, "Expansions 4, 7 cannot be used"),
        ({"thin_distance": 65}, r"use 0 \(off\) to 64"),
        ({"splits": (0.5, 0.1, 0.1)}, "they sum to 1"),
        ({"generated_cap": 1.0}, "give a share from 0 to 0.9"),
    ],
)
def test_options_that_cannot_be_are_refused_with_a_sentence(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        SnapshotOptions(**wrong)  # type: ignore[arg-type]
