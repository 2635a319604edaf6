"""A review session's rules: what a key does to marks, verdicts, history and place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blasto_annotator.domain.reviews import (
    DEFECTS,
    ItemKind,
    Realism,
    Review,
    ReviewItem,
    ReviewSession,
    Seen,
    Verdict,
)
from blasto_annotator.gui.review.marks import (
    CLASS_LETTERS,
    DEFECT_KEYS,
    REALISM_KEYS,
    WRONG_CLASS_KEY,
    Marks,
    mark_looks_like,
    mark_realism,
    marks_of,
    toggle_defect,
    toggle_wrong_class,
)
from blasto_annotator.gui.review.session_model import PAGE, REST, SessionModel, Step

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def session(count: int = 4) -> ReviewSession:
    items = tuple(
        ReviewItem(i, ItemKind.GENERATED, f"{i:064d}", "good", f"images/{i:05d}.png") for i in range(count)
    )
    return ReviewSession(1, "b", "Ada", 0, 0.0, NOW, items)


def review(row: int, position: int, verdict: Verdict | None) -> Review:
    item = session().items[position]
    return Review(
        row,
        "b",
        1,
        "Ada",
        item.kind,
        item.sha256,
        item.class_name,
        item.image,
        verdict,
        NOW,
        "",
    )


@pytest.fixture
def model() -> SessionModel:
    return SessionModel(session(), {})


def commit(model: SessionModel, realism: Realism) -> Step:
    step = model.commit_realism(realism)
    assert step is not None
    model.saved(step)
    model.advance()
    return step


def test_no_key_has_two_meanings() -> None:
    keys = [*REALISM_KEYS, WRONG_CLASS_KEY, *DEFECT_KEYS, *CLASS_LETTERS]
    assert len(keys) == len(set(keys))
    assert set(DEFECT_KEYS.values()) == set(DEFECTS)


def test_a_realism_commits_with_the_marks_set_before_it(model: SessionModel) -> None:
    model.change(toggle_wrong_class)
    model.change(lambda marks: toggle_defect(marks, "mirror"))
    step = model.commit_realism(Realism.MINOR_FLAWS)
    assert step == Step(0, None, Verdict(Realism.MINOR_FLAWS, True, ("mirror",)))


def test_wrong_class_alone_is_a_verdict_and_a_defect_alone_is_not(model: SessionModel) -> None:
    model.change(lambda marks: toggle_defect(marks, "shape"))
    assert model.commit() is None
    model.change(toggle_wrong_class)
    step = model.commit()
    assert step is not None
    assert step.after == Verdict(None, True, ("shape",))


def test_the_same_verdict_again_writes_nothing(model: SessionModel) -> None:
    commit(model, Realism.PERFECT)
    model.go(0)
    assert model.commit_realism(Realism.PERFECT) is None


def test_another_verdict_on_a_seen_image_is_a_correction(model: SessionModel) -> None:
    commit(model, Realism.PERFECT)
    model.go(0)
    step = model.commit_realism(Realism.IMPLAUSIBLE)
    assert step is not None
    assert step.why == "correction"


def test_advance_finds_the_next_open_image_round_the_end(model: SessionModel) -> None:
    model.go(2)
    commit(model, Realism.PERFECT)
    assert model.position == 3
    commit(model, Realism.PERFECT)
    assert model.position == 0


def test_undo_returns_to_the_image_with_its_other_marks_and_redo_gives_the_verdict_again(
    model: SessionModel,
) -> None:
    model.change(toggle_wrong_class)
    first = commit(model, Realism.PERFECT)
    undone = model.undo()
    assert undone == Step(0, first.after, None, "undo")
    assert model.position == 0
    assert model.marks == Marks(None, True)
    assert model.done == 0
    again = model.redo()
    assert again == Step(0, None, first.after, "redo")
    assert model.done == 1


def test_undo_of_a_correction_restores_the_verdict_before_it(model: SessionModel) -> None:
    commit(model, Realism.PERFECT)
    model.go(0)
    commit(model, Realism.IMPLAUSIBLE)
    undone = model.undo()
    assert undone is not None
    assert undone.after == Verdict(Realism.PERFECT)
    assert model.marks == marks_of(Verdict(Realism.PERFECT))


def test_a_new_verdict_ends_the_redo(model: SessionModel) -> None:
    commit(model, Realism.PERFECT)
    model.undo()
    commit(model, Realism.IMPLAUSIBLE)
    assert model.redo() is None


def test_a_failed_save_brings_the_image_back_with_what_was_typed(model: SessionModel) -> None:
    model.change(lambda marks: toggle_defect(marks, "shape"))
    step = model.commit_realism(Realism.MINOR_FLAWS)
    assert step is not None
    model.advance()
    model.failed(step)
    assert model.position == 0
    assert model.done == 0
    assert model.marks == Marks(Realism.MINOR_FLAWS, False, ("shape",))
    assert not model.can_undo


def test_a_failed_undo_leaves_the_verdict_and_can_be_tried_again(model: SessionModel) -> None:
    commit(model, Realism.PERFECT)
    undone = model.undo()
    assert undone is not None
    model.failed(undone)
    assert model.verdict_at(0) == Verdict(Realism.PERFECT)
    assert model.undo() is not None


def test_it_is_complete_only_when_the_last_verdict_is_saved(model: SessionModel) -> None:
    for _ in range(3):
        commit(model, Realism.PERFECT)
    last = model.commit_realism(Realism.PERFECT)
    assert last is not None
    assert not model.complete
    model.saved(last)
    assert model.complete


def test_a_resumed_session_starts_at_the_first_open_image_and_undo_reaches_back() -> None:
    reviews = {1: review(8, 1, Verdict(Realism.PERFECT)), 0: review(9, 0, Verdict(Realism.IMPLAUSIBLE))}
    model = SessionModel(session(), reviews)
    assert model.position == 2
    undone = model.undo()
    assert undone is not None
    assert undone.position == 0  # the newest row


def test_a_withdrawn_review_counts_as_open() -> None:
    model = SessionModel(session(), {0: review(3, 0, None)})
    assert model.done == 0


def test_marks_stay_when_one_looks_at_another_image(model: SessionModel) -> None:
    model.change(toggle_wrong_class)
    model.go(1)
    assert model.marks == Marks()
    model.go(0)
    assert model.marks.wrong_class


def test_looking_like_another_class_says_wrong_class_and_its_own_takes_it_back() -> None:
    marked = mark_looks_like(Marks(), "poor", "good")
    assert (marked.wrong_class, marked.looks_like) == (True, "poor")
    assert mark_looks_like(marked, "good", "good") == Marks()
    assert toggle_wrong_class(marked) == Marks()


def test_the_same_realism_again_takes_it_back() -> None:
    assert mark_realism(mark_realism(Marks(), Realism.PERFECT), Realism.PERFECT) == Marks()


def test_one_key_judges_the_rest_of_a_page_and_one_takes_it_back() -> None:
    model = SessionModel(session(2 * PAGE), {})
    model.go(4)
    commit(model, Realism.IMPLAUSIBLE)
    model.go(0)
    model.change(toggle_wrong_class)

    steps = model.commit_rest(Realism.PERFECT)

    assert [step.position for step in steps] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert steps[0].after == Verdict(Realism.PERFECT, wrong_class=True)  # beside what was marked
    assert all(step.rest for step in steps)
    assert (model.done, model.next_open(-1)) == (PAGE, PAGE)
    undone = model.undo_turn()
    assert [step.after for step in undone] == [None] * 8
    assert model.verdict_at(4) == Verdict(Realism.IMPLAUSIBLE)  # the exception was a key of its own
    assert len(model.redo_turn()) == 8
    assert model.commit_rest(Realism.PERFECT) == []


def test_the_last_page_ends_where_the_session_ends() -> None:
    model = SessionModel(session(PAGE + 2), {})
    model.go(PAGE + 1)

    assert [step.position for step in model.commit_rest(Realism.MINOR_FLAWS)] == [PAGE, PAGE + 1]


def test_a_resumed_triage_takes_a_page_back_with_one_key() -> None:
    def rest(row: int, position: int) -> Review:
        return replace(review(row, position, Verdict(Realism.PERFECT)), seen=Seen(1.0, {REST: True}))

    model = SessionModel(
        session(), {0: review(1, 0, Verdict(Realism.MINOR_FLAWS)), 1: rest(2, 1), 2: rest(3, 2)}
    )

    assert sorted(step.position for step in model.undo_turn()) == [1, 2]
    assert [step.position for step in model.undo_turn()] == [0]


def test_what_failed_of_a_page_comes_back_and_the_rest_stands() -> None:
    model = SessionModel(session(), {})
    first, second, *others = model.commit_rest(Realism.PERFECT)
    model.saved(first)
    model.failed(second)
    for step in others:
        model.saved(step)

    assert model.position == 1
    assert model.verdict_at(1) is None
    assert model.marks.realism is Realism.PERFECT
    assert [step.position for step in model.commit_rest(Realism.PERFECT)] == [1]
