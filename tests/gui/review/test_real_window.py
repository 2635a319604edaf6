"""A review in the real application, under real keys, and what a SIGKILL leaves of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from blasto_annotator.domain.reviews import Realism, Verdict
from blasto_annotator.store import Project
from tests.gui.real_window import RealWindow, display


@pytest.fixture
def reviewing(tmp_path: Path, study: Project) -> Iterator[RealWindow]:
    """The application in a review of the study's batch."""
    study.close()
    with display() as number:
        made = RealWindow(tmp_path / "places", number, study.folder).start()
        made.wait_for("listed")
        made.focus()
        made.press("ctrl+2")
        made.wait_for("batches")
        made.type_text("Ben")
        made.press("Return")
        made.wait_for("review session")
        yield made
        if made.process.poll() is None:
            made.kill()


def test_verdicts_typed_in_the_real_window_outlive_its_end(reviewing: RealWindow, study: Project) -> None:
    reviewing.type_text("1w3as2")
    reviewing.wait_for("saved review row", 3)
    reviewing.press("BackSpace")
    reviewing.wait_for("saved review row", 4)
    reviewing.kill()
    with Project.open(study.folder) as project:
        session = project.reviews.sessions()[0]
        found = {at: review.verdict for at, review in project.reviews.of_session(session.id).items()}
        assert project.audit.verify() is None
    assert session.reviewer == "Ben"
    assert found == {0: Verdict(Realism.PERFECT), 1: Verdict(Realism.IMPLAUSIBLE, wrong_class=True)}
