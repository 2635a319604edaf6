"""What a reader must not see before the end, and must not change after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from blasto_annotator.curation.blinding import (
    VEIL,
    open_sessions,
    record,
    require_unblind,
    reveal,
    revealed,
    veiled,
)
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Answer, Mode, Realism, ReviewSession, Seen, Verdict
from blasto_annotator.store import Project
from tests.curation.material import batch, labelled

PERFECT = Verdict(Realism.PERFECT)


@pytest.fixture
def planned(project: Project, tmp_path: Path) -> tuple[ReviewSession, ReviewSession]:
    """Sessions of Ana and Boris on one batch, real frames among its images."""
    labelled(project, tmp_path / "s", {"good": 4, "average": 4, "poor": 4})
    batch(project, per_class=2)
    ana, boris = plan_review(project, ReviewPlan(("b1",), ("Ana", "Boris"), real_share=0.4, repeat_share=0))
    return ana, boris


def give(project: Project, session: ReviewSession, count: int | None = None) -> None:
    for item in session.items[:count]:
        record(project, session, item, PERFECT, "", Seen(1.0))


def test_a_reader_sees_no_results_before_the_end_whoever_has_finished(
    project: Project, planned: tuple[ReviewSession, ReviewSession]
) -> None:
    ana, boris = planned
    count = len(boris.items)
    give(project, ana)
    give(project, boris, 3)

    require_unblind(project, "Ana", ["b1"])
    require_unblind(project, "Cid", ["b1"])
    with pytest.raises(UserError, match=f"Boris has {count - 3} of {count} images to judge yet"):
        require_unblind(project, "Boris", ["b1"])
    with pytest.raises(UserError, match=f"Boris 3 of {count}.*say who you are"):
        require_unblind(project, "", ["b1"])
    require_unblind(project, "Boris", ["b2"])


def test_what_was_revealed_stands(project: Project, planned: tuple[ReviewSession, ReviewSession]) -> None:
    ana, _ = planned
    give(project, ana, len(ana.items) - 1)
    with pytest.raises(UserError, match="not finished"):
        reveal(project, ana, "Ana")
    give(project, ana)
    record(project, ana, ana.items[0], Verdict(Realism.MINOR_FLAWS), "correction", Seen())  # still blind

    reveal(project, ana, "Ana")
    reveal(project, ana, "Ana")

    assert revealed(project) == {ana.id}
    acts = [row for row in project.audit.rows() if row.action == "review.reveal"]
    assert [(row.who, row.subject) for row in acts] == [("Ana", f"session:{ana.id}")]
    with pytest.raises(UserError, match="would not be blind"):
        record(project, ana, ana.items[0], PERFECT, "correction", Seen())
    verdict = project.reviews.of_session(ana.id)[0].verdict
    assert verdict is not None
    assert verdict.realism is Realism.MINOR_FLAWS
    assert project.audit.verify() is None


def test_a_session_of_pairs_ends_with_half_as_many_answers(project: Project) -> None:
    batch(project, per_class=2)
    batch(project, "b2", per_class=2, first_seed=5000)
    (pairs,) = plan_review(project, ReviewPlan(("b1", "b2"), ("Ana",), Mode.PAIR))
    assert [one.words for one in open_sessions(project, "b2")] == ["Ana 0 of 6"]

    for item in pairs.items[::2]:
        record(project, pairs, item, Verdict(None, answer=Answer.LEFT), "", Seen())

    assert open_sessions(project) == []


def test_the_trail_hides_what_an_image_is_until_its_session_is_finished(
    project: Project, planned: tuple[ReviewSession, ReviewSession]
) -> None:
    ana, boris = planned
    give(project, ana, 4)
    told = veiled(project, project.audit.rows())
    given = [row for row in told if row.action == "review"]

    assert [row.subject for row in given] == [VEIL] * 4
    assert all('"real"' not in row.after and '"generated"' not in row.after for row in given)
    assert all("perfect" in row.after for row in given)
    shown = {row.id: row for row in told if row.action != "review"}
    assert shown == {row.id: row for row in project.audit.rows() if row.action != "review"}
    give(project, ana)
    assert veiled(project, project.audit.rows()) == project.audit.rows()
    assert boris.id != ana.id


def test_who_was_shown_the_images_is_not_asked_again(
    project: Project, planned: tuple[ReviewSession, ReviewSession]
) -> None:
    ana, _ = planned
    give(project, ana)
    plan_review(project, ReviewPlan(("b1",), ("Ana",), repeat_share=0))  # not shown yet: another time is well
    reveal(project, ana, "Ana")

    with pytest.raises(UserError, match="Ana was shown what the images of batch b1 are"):
        plan_review(project, ReviewPlan(("b1",), ("Cid", "Ana"), repeat_share=0))
    plan_review(project, ReviewPlan(("b1",), ("Cid",), repeat_share=0))
    batch(project, "b2", first_seed=5000)
    plan_review(project, ReviewPlan(("b2",), ("Ana",), repeat_share=0))
