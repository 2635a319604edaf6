"""Reviews: planned order, append-only verdicts, undo, import."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import psycopg
import pytest

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import (
    Answer,
    ItemKind,
    Mode,
    Realism,
    ReviewItem,
    Seen,
    Stroke,
    Verdict,
    role_of,
)
from blasto_annotator.store import Project
from tests.store.conftest import by_hand

FINE = Verdict(Realism.PERFECT)
FLAWED = Verdict(Realism.MINOR_FLAWS, True, ("mirror", "other"), "poor", "слишком ровный")


def items(project: Project) -> list[ReviewItem]:
    frame = project.frames.embryos()[0].id
    generated = [
        ReviewItem(n, ItemKind.GENERATED, f"{n:064x}", "good", f"images/{n:05}.png") for n in range(3)
    ]
    return [*generated, ReviewItem(3, ItemKind.REAL, "f" * 64, "average", "E1/1.png", frame)]


def test_a_session_keeps_its_plan(filled: Project) -> None:
    plan = items(filled)[::-1]
    planned = [ReviewItem(n, i.kind, i.sha256, i.class_name, i.image, i.frame_id) for n, i in enumerate(plan)]

    started = filled.reviews.start("batch1", "ann", planned, seed=2**40, real_share=0.25)
    other = filled.reviews.start("batch2", "bob", [], seed=1, real_share=0.0)

    assert filled.reviews.session(started.id) == started
    assert started.items == tuple(planned)
    assert (started.seed, started.real_share) == (2**40, 0.25)
    assert filled.reviews.sessions() == [started, other]
    assert filled.reviews.sessions("batch2") == [other]


def test_an_unknown_session_is_named(project: Project) -> None:
    with pytest.raises(UserError, match="7"):
        project.reviews.session(7)


@pytest.mark.parametrize("verdict", [FINE, FLAWED, Verdict(None, wrong_class=True)])
def test_a_verdict_comes_back_as_it_was_given(filled: Project, verdict: Verdict) -> None:
    item = items(filled)[0]

    stored = filled.reviews.record(None, "batch1", item, "ann", verdict)

    assert stored.verdict == verdict
    assert filled.reviews.current() == [stored]
    assert (stored.kind, stored.image, stored.class_name) == (item.kind, item.image, item.class_name)


def test_a_changed_mind_and_an_undo_are_rows(filled: Project) -> None:
    plan = items(filled)
    session = filled.reviews.start("batch1", "ann", plan, 1, 0.25)
    filled.reviews.record(session.id, "batch1", plan[0], "ann", FINE)
    changed = filled.reviews.record(session.id, "batch1", plan[0], "ann", FLAWED)
    real = filled.reviews.record(session.id, "batch1", plan[3], "ann", FINE)

    assert filled.reviews.of_session(session.id) == {0: changed, 3: real}

    filled.reviews.record(session.id, "batch1", plan[3], "ann", None, "undo")
    assert filled.reviews.of_session(session.id) == {0: changed}
    assert filled.reviews.current("batch1") == [changed]
    assert filled.audit.verify() is None


def test_reviewers_and_batches_are_kept_apart(filled: Project) -> None:
    item = items(filled)[0]
    given = {
        (batch, who): filled.reviews.record(None, batch, item, who, FINE)
        for batch in ("b1", "b2")
        for who in ("ann", "bob")
    }
    filled.reviews.record(None, "b1", item, "ann", None)

    assert filled.reviews.current("b1") == [given["b1", "bob"]]
    assert filled.reviews.current(reviewer="ann") == [given["b2", "ann"]]
    assert len(filled.reviews.current()) == 3


def test_an_import_skips_what_is_known(filled: Project) -> None:
    plan = items(filled)
    rows = [(plan[0], FINE), (plan[1], FLAWED)]

    assert filled.reviews.import_many(rows, "batch1", "ann") == 2
    assert filled.reviews.import_many(rows, "batch1", "ann") == 0
    assert filled.reviews.import_many([(plan[0], FLAWED)], "batch1", "ann") == 1
    assert [review.verdict for review in filled.reviews.current("batch1", "ann")] == [FLAWED, FLAWED]


def test_nobody_cannot_review(filled: Project) -> None:
    with pytest.raises(UserError, match="reviewer"):
        filled.reviews.record(None, "batch1", items(filled)[0], "", FINE)


@pytest.mark.parametrize("table", ["review", "review_session", "review_item", "promotion"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "another"])
def test_plans_and_verdicts_cannot_be_taken_back_by_hand(filled: Project, table: str, act: str) -> None:
    plan = items(filled)
    session = filled.reviews.start("batch1", "ann", plan, 1, 0.25)
    filled.reviews.record(session.id, "batch1", plan[0], "ann", FINE)
    by_hand(filled, "INSERT INTO promotion VALUES (1, 'runs/a', 'ann', '', '2025-01-01 00:00:00.000000')")

    if act == "another":
        on_server = filled.location.url is not None
        act = "TRUNCATE {0} CASCADE" if on_server else "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        by_hand(filled, act.format(table))


def test_a_choice_a_repeat_and_a_withdrawal_of_them_leave_the_rating_alone(filled: Project) -> None:
    image = _generated(0)
    filled.reviews.record(None, "batch1", image, "ann", FINE)
    items = [
        replace(image, position=0, role=role_of(Mode.CHOICE)),
        replace(image, position=1, role=role_of(Mode.CHOICE, repeat=True)),
    ]
    session = filled.reviews.start("batch1", "ann", items, 1, 0.5, Mode.CHOICE, {"seconds": 3})
    said = Verdict(None, answer=Answer.GENERATED)

    for item in session.items:
        filled.reviews.record(session.id, "batch1", item, "ann", said, seen=Seen(1.25, {"zoom": 2.0}))
    filled.reviews.record(session.id, "batch1", session.items[1], "ann", None, "undo")

    assert [review.verdict for review in filled.reviews.current()] == [FINE]
    answers = filled.reviews.answers("batch1")
    assert [(a.role, a.verdict, a.seen) for a in answers] == [("choice", said, Seen(1.25, {"zoom": 2.0}))]
    assert (session.mode, session.plan) == (Mode.CHOICE, {"seconds": 3})
    assert filled.audit.verify() is None


def test_a_repeat_never_replaces_the_first_rating(filled: Project) -> None:
    items = [_generated(0), replace(_generated(0), position=1, role=role_of(Mode.RATE, repeat=True))]
    session = filled.reviews.start("batch1", "ann", items, 1, 0.0)

    filled.reviews.record(session.id, "batch1", session.items[0], "ann", FINE)
    filled.reviews.record(session.id, "batch1", session.items[1], "ann", FLAWED)

    assert [review.verdict for review in filled.reviews.current()] == [FINE]
    assert [review.verdict for review in filled.reviews.answers()] == [FLAWED]
    assert len(filled.reviews.of_session(session.id)) == 2


def test_strokes_and_own_defects_come_back_as_they_were_drawn(filled: Project) -> None:
    stroke = Stroke("zona_merged", 0.02, ((0.1, 0.2), (0.15, 0.25)))
    said = Verdict(Realism.MINOR_FLAWS, defects=("own:bubble in the well",), strokes=(stroke,))

    filled.reviews.record(None, "batch1", _generated(0), "ann", said)

    assert filled.reviews.current()[0].verdict == said
    assert filled.audit.verify() is None


def test_a_stroke_outside_the_image_is_a_fault() -> None:
    with pytest.raises(ValueError, match="does not lie in the image"):
        Stroke("", 0.1, ((1.2, 0.5),))


def _generated(position: int) -> ReviewItem:
    return ReviewItem(position, ItemKind.GENERATED, "e" * 64, "good", "images/x.png")
