"""Planning reviews: readers, repeats, choices, pairs; and that nothing but the picture tells real frames."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from blasto_annotator.curation.controls import Met
from blasto_annotator.curation.review_outlook import outlook
from blasto_annotator.curation.review_plan import (
    ReviewPlan,
    choose_images,
    default_share,
    plan_review,
    shortage_words,
)
from blasto_annotator.curation.reviewing import image_of
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.reviews import ItemKind, Mode, Realism, ReviewSession, Verdict
from blasto_annotator.store import Project
from gan.contract.scorer_folder import SCORE_COLUMNS, SCORES_FILE
from tests.curation.material import GRADES, batch, label, labelled, pixels, png


def write_scores(project: Project, scores: dict[str, float]) -> None:
    """As an expert scorer leaves them beside batch b1."""
    lines = [f"images/{sha256}.png,{sha256},0.9,0.9,{p}" for sha256, p in scores.items()]
    text = "\n".join([",".join(SCORE_COLUMNS), *lines]) + "\n"
    (project.batches / "b1" / SCORES_FILE).write_text(text)


def _looks(session: ReviewSession) -> list[tuple[str, str]]:
    return sorted((item.sha256, item.role) for item in session.items if "repeat" not in item.role)


def test_every_reader_sees_the_same_images_in_an_order_of_his_own(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6})
    batch(project, per_class=6)

    ann, bob = plan_review(project, ReviewPlan(("b1",), ("Ann", "Bob"), real_share=0.3, seed=4))

    assert (ann.reviewer, bob.reviewer) == ("Ann", "Bob")
    assert _looks(ann) == _looks(bob)
    assert [item.sha256 for item in ann.items] != [item.sha256 for item in bob.items]


def test_repeats_come_far_behind_the_image_and_are_marked(project: Project) -> None:
    batch(project, per_class=20)

    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ann",), repeat_share=0.1, seed=1))

    repeats = [item for item in session.items if item.role == "repeat"]
    assert (len(session.items), len(repeats)) == (66, 6)
    for item in repeats:
        first = next(i for i in session.items if i.sha256 == item.sha256 and not i.role)
        assert item.position - first.position > 20


def test_fewer_images_of_each_class_can_be_reviewed(project: Project) -> None:
    batch(project, per_class=9)

    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ann",), per_class=4, repeat_share=0, seed=1))

    assert Counter(item.class_name for item in session.items) == {"good": 4, "average": 4, "poor": 4}


def test_a_choice_asks_of_real_and_generated_alike(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6})
    batch(project, per_class=4)

    plan = ReviewPlan(("b1",), ("Ann",), Mode.CHOICE, real_share=0.5, repeat_share=0, seconds=2.5, seed=3)
    (session,) = plan_review(project, plan)

    assert Counter(item.kind for item in session.items) == {ItemKind.REAL: 12, ItemKind.GENERATED: 12}
    assert {item.role for item in session.items} == {"choice"}
    assert session.plan["seconds"] == 2.5
    with pytest.raises(UserError, match="needs real frames"):
        plan_review(project, ReviewPlan(("b1",), ("Ann",), Mode.CHOICE))


def test_pairs_show_one_class_of_two_models_side_by_side_on_either_side(project: Project) -> None:
    batch(project, "b1", per_class=10)
    batch(project, "b2", per_class=10, first_seed=5000)

    (session,) = plan_review(project, ReviewPlan(("b1", "b2"), ("Ann",), Mode.PAIR, seed=8))

    pairs = [session.items[place : place + 2] for place in range(0, len(session.items), 2)]
    assert len(pairs) == 30
    for left, right in pairs:
        assert (left.partner, right.partner) == (right.position, left.position)
        assert left.class_name == right.class_name
        assert {left.batch, right.batch} == {"", "b2"}
    assert 5 < sum(left.batch == "b2" for left, _ in pairs) < 25
    assert image_of(project, session, next(i for i in session.items if i.batch)).shape == (32, 32)


def test_two_models_and_real_frames_can_be_mixed_for_a_release(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 9, "average": 9, "poor": 9})
    batch(project, "b1", per_class=6)
    batch(project, "b2", per_class=6, first_seed=5000)

    plan = ReviewPlan(("b1", "b2"), ("Ann",), real_share=1 / 3, repeat_share=0, seed=8)
    (session,) = plan_review(project, plan)

    assert Counter((item.kind, item.batch) for item in session.items) == {
        (ItemKind.GENERATED, ""): 18,
        (ItemKind.GENERATED, "b2"): 18,
        (ItemKind.REAL, ""): 18,
    }


def test_what_teaches_the_scorer_most_is_taken_on_request(project: Project) -> None:
    items = batch(project, per_class=6)
    with pytest.raises(UserError, match="No expert scorer has looked"):
        plan_review(project, ReviewPlan(("b1",), ("Ann",), teach=True))
    unsure = {item.sha256 for item in items if item.position % 3 == 0}
    write_scores(project, {i.sha256: 0.52 if i.sha256 in unsure else 0.97 for i in items})

    plan = ReviewPlan(("b1",), ("Ann",), per_class=2, teach=True, repeat_share=0)
    (session,) = plan_review(project, plan)

    assert {item.sha256 for item in session.items} == unsure
    assert session.plan["teach"] is True


def test_what_teaches_most_comes_first_and_real_frames_anywhere(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 30, "average": 30, "poor": 30})
    images = batch(project, per_class=20)
    certain = {image.sha256: 0.5 + 0.5 * place / len(images) for place, image in enumerate(images)}
    write_scores(project, certain)

    ann, bob = plan_review(
        project, ReviewPlan(("b1",), ("Ann", "Bob"), teach=True, real_share=0.5, repeat_share=0, seed=2)
    )

    shown = [item for item in ann.items if item.kind is ItemKind.GENERATED]
    thirds = [np.mean([certain[i.sha256] for i in shown[at : at + 20]]) for at in (0, 20, 40)]
    assert thirds == sorted(thirds)
    real = [item.position for item in ann.items if item.kind is ItemKind.REAL]
    assert len(real) == 60
    assert 45 < np.mean(real) < 75  # of 120: anywhere
    assert [item.sha256 for item in ann.items] != [item.sha256 for item in bob.items]


def test_only_ratings_teach(project: Project) -> None:
    batch(project)

    with pytest.raises(UserError, match="Only ratings teach"):
        plan_review(project, ReviewPlan(("b1",), ("Ann",), Mode.CHOICE, teach=True, real_share=0.5))


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (ReviewPlan(("b1",), ()), "Nobody is named as reader"),
        (ReviewPlan(("b1",), ("Ann", "Ann")), "named twice"),
        (ReviewPlan(("b1",), ("Ann",), repeat_share=0.8), "share of 0.8 repeats"),
        (ReviewPlan(("b1",), ("Ann",), Mode.PAIR), "Pairs compare two batches"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(project: Project, plan: ReviewPlan, sentence: str) -> None:
    batch(project)

    with pytest.raises(UserError, match=sentence):
        plan_review(project, plan)
    assert project.reviews.sessions() == []


def test_all_but_the_picture_leaves_a_classifier_at_chance(project: Project, tmp_path: Path) -> None:
    """Place, class shown, repetition, and the form and bytes of what the view receives."""
    labelled(project, tmp_path / "s", {"good": 12, "average": 12, "poor": 12}, frames=2)
    batch(project, per_class=24)
    scores = []
    for seed in range(6):
        plan = ReviewPlan(("b1",), ("Ann",), real_share=0.5, seed=seed)
        (session,) = plan_review(project, plan)
        real = np.array([item.kind is ItemKind.REAL for item in session.items])
        known = np.array([_all_but_the_picture(project, session, place) for place in range(len(real))])
        assert {tuple(row[3:]) for row in known} == {tuple(known[0][3:])}
        guessed = cross_val_predict(LogisticRegression(), known, real, cv=5, method="predict_proba")[:, 1]
        scores.append(roc_auc_score(real, guessed))
    # 6 sessions of about 158 images: the mean's standard error is about 0.02.
    assert np.mean(scores) < 0.5 + 3 * 0.02


def _all_but_the_picture(project: Project, session: ReviewSession, place: int) -> list[float]:
    item, image = session.items[place], image_of(project, session, session.items[place])
    names = ("good", "average", "poor")
    neighbours = place / len(session.items)
    form = [*image.shape, *image.strides, image.nbytes, float(image.flags["C_CONTIGUOUS"])]
    return [neighbours, float(names.index(item.class_name)), float(place % 2), *form]


def test_each_class_has_its_own_share_of_real_frames(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 7, "average": 2, "poor": 7}, frames=1)
    batch(project, per_class=6)

    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ann",), real_share=0.5, repeat_share=0, seed=1))

    real = Counter(item.class_name for item in session.items if item.kind is ItemKind.REAL)
    assert real == {"good": 6, "average": 2, "poor": 6}


def test_a_choice_leaves_out_a_class_that_would_tell_and_a_rating_says_so(
    project: Project, tmp_path: Path
) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 0})
    batch(project, per_class=4)
    choice = ReviewPlan(("b1",), ("Ann",), Mode.CHOICE, real_share=0.5, seed=1)
    rating = ReviewPlan(("b1",), ("Ann",), Mode.RATE, real_share=0.5, seed=1)

    asked, rated = (choose_images(project, plan, 1) for plan in (choice, rating))

    assert {item.class_name for item in asked} == {"good", "average"}
    assert shortage_words(asked, choice) == []
    assert sum(item.class_name == "poor" for item in rated) == 4
    assert any("no real frame of class poor" in words for words in shortage_words(rated, rating))


def test_a_generated_picture_that_was_changed_is_not_judged(project: Project) -> None:
    items = batch(project, per_class=2)
    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ann",), repeat_share=0, seed=1))
    path = project.batches / "b1" / items[0].image
    path.write_bytes((project.batches / "b1" / items[1].image).read_bytes())
    changed = next(item for item in session.items if item.sha256 == items[0].sha256)

    with pytest.raises(UserError, match="has changed since this review was planned"):
        image_of(project, session, changed)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (ReviewPlan(("b1", "b1"), ("Ann",)), "named twice"),
        (ReviewPlan(("b1", "b2", "b3"), ("Ann",)), "two batches at most"),
        (ReviewPlan(("b1", "b2"), ("Ann",), Mode.CHOICE, real_share=0.5), "one batch at a time"),
    ],
)
def test_batches_that_make_no_comparison_are_refused(project: Project, plan: ReviewPlan, said: str) -> None:
    with pytest.raises(UserError, match=said):
        plan_review(project, plan)

    assert project.reviews.sessions() == []


def test_a_choice_is_half_real_unless_somebody_says_otherwise() -> None:
    assert (default_share(Mode.CHOICE), default_share(Mode.RATE), default_share(Mode.PAIR)) == (0.5, 0.2, 0)


def test_of_a_moment_one_focal_plane_is_shown(project: Project, tmp_path: Path) -> None:
    """Who sees an embryo again knows that it is real."""
    seeds = count()
    for name, grade in (("g", GRADES["good"]), ("p", GRADES["poor"])):
        files = {f"{name}{number}": tmp_path / "s" / name / str(number) for number in range(4)}
        for embryo, folder in files.items():
            frames = [ImportedFrame(f"{plane}.png", embryo, "", plane=plane) for plane in (-15, 0, 15)]
            for frame in frames:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / frame.path).write_bytes(png(pixels(next(seeds))))
            project.frames.add(source := project.frames.add_source(folder, "folder"), frames)
            for frame in frames:
                label(project, project.frames.by_path(frame.path, source.id)[0].id, grade)
    batch(project, per_class=9)

    (session,) = plan_review(project, ReviewPlan(("b1",), ("Ann",), real_share=0.5, repeat_share=0, seed=1))

    shown = [project.frames.get(item.frame_id).embryo for item in session.items if item.frame_id is not None]
    assert sorted(shown) == [f"{name}{number}" for name in "gp" for number in range(4)]


def test_embryos_that_a_reader_has_met_come_last_and_it_is_said(project: Project, tmp_path: Path) -> None:
    labelled(project, tmp_path / "s", {"good": 6, "average": 6, "poor": 6}, frames=1)
    batch(project, per_class=3)
    plan = ReviewPlan(("b1",), ("Ann",), real_share=0.5, repeat_share=0, seed=1)
    (first,) = plan_review(project, plan)
    for item in first.items:
        project.reviews.record(first.id, "b1", item, "Ann", Verdict(Realism.PERFECT))

    (again,) = plan_review(project, plan)
    (third,) = plan_review(project, replace(plan, per_class=2, real_share=0.9))

    real = [{i.sha256 for i in s.items if i.kind is ItemKind.REAL} for s in (first, again)]
    assert len(real[0]) == 9
    assert not real[0] & real[1]
    told = "Ann has graded or judged 9 of the 18 real embryos before and may recognise them."
    assert told in outlook(project, plan, third.items).words
    assert not [words for words in outlook(project, plan, again.items).words if "recognise" in words]


def test_a_plan_and_its_outlook_look_up_once_what_the_readers_have_met(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled(project, tmp_path / "s", {"good": 4}, frames=1)  # graded by anna
    batch(project)
    plan = ReviewPlan(("b1",), ("anna", "Bob"), real_share=0.5, seed=1)
    asked: list[str | None] = []
    current = project.labels.current

    def counted(grader: str | None = None) -> list[Label]:
        asked.append(grader)
        return current(grader)

    monkeypatch.setattr(project.labels, "current", counted)
    met = Met(project, plan.readers)

    found = outlook(project, plan, choose_images(project, plan, 1, met), met)

    assert any(words.startswith("anna has graded or judged 2 of the 2 real embryos") for words in found.words)
    assert [grader for grader in asked if grader is not None] == ["anna", "Bob"]


def test_the_outlook_counts_each_model_s_own_images(project: Project) -> None:
    batch(project, "b1", per_class=9)
    batch(project, "b2", per_class=3, first_seed=5000)
    plan = ReviewPlan(("b1", "b2"), ("Ann",), seed=1)

    found = outlook(project, plan, choose_images(project, plan, 1))

    assert (found.generated, found.real) == (36, 0)
    assert any(words.startswith("27 and 9 images of the models") for words in found.words)


def test_images_that_watchers_of_the_training_know_and_twins_are_told(project: Project) -> None:
    batch(project, "b1", per_class=9, first_seed=0)
    batch(project, "b2", per_class=9, first_seed=5)
    batch(project, "b3", per_class=9, first_seed=5000)

    def words(*batches: str, mode: Mode = Mode.RATE) -> str:
        plan = ReviewPlan(batches, ("Ann",), mode, seed=1)
        return " ".join(outlook(project, plan, choose_images(project, plan, 1)).words)

    assert "may recognise the first images" in words("b1")
    assert "twins" in words("b1", "b2")
    assert "twins" not in words("b1", "b2", mode=Mode.PAIR)
    assert "twins" not in words("b1", "b3")
    assert "recognise" not in words("b3")
