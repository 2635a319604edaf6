"""After a review: near copies beside their training frame, and the decision on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.near_copies import find_near_copies, kept_out
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.curation.selection import SnapshotOptions
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.store import Project
from tests.curation.material import CLASSES, batch, labelled


@pytest.fixture
def copied(project: Project, tmp_path: Path) -> Project:
    """A batch whose first image is a training frame, turned."""
    labelled(project, tmp_path / "s", dict.fromkeys(CLASSES, 10), frames=2)
    build(project, SnapshotOptions(size=32, thin_distance=0))
    batch(project, per_class=2, first_seed=7000)
    source = np.asarray(Image.open(next(project.snapshots.glob("*/train/**/*.png"))))
    Image.fromarray(np.rot90(source).copy()).save(project.batches / "b1" / "images/00000.png")
    find_near_copies(project, "b1")
    return project


def test_a_copy_is_shown_beside_its_frame_and_let_pass_by_a_tick(
    qtbot: QtBot, state: AppState, copied: Project
) -> None:
    (session,) = plan_review(copied, ReviewPlan(("b1",), ("Ada",), repeat_share=0))
    for item in session.items:
        copied.reviews.record(session.id, "b1", item, "Ada", Verdict(Realism.PERFECT))
    page = ReviewPage(state)
    qtbot.addWidget(page)
    state.set_project(copied)
    state.set_grader("Ada")
    page.show()

    page.show_reveal(session)
    qtbot.waitUntil(lambda: page.reveal is not None)

    assert page.reveal is not None
    card = page.reveal.near
    assert card is not None
    (box,) = card.boxes.values()
    assert not box.isChecked()
    assert len(kept_out(copied)) == 1
    with qtbot.waitSignal(state.saved):
        box.click()
    assert kept_out(copied) == frozenset()
    assert copied.audit.rows()[-1].who == "Ada"
