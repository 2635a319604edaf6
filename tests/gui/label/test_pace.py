"""Throughput said quietly, and the proposal of a break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.label.changes import Change
from blasto_annotator.gui.label.pace import Pace
from blasto_annotator.gui.label.page import LabelPage
from tests.gui.label.test_label_page import press, project_of, type_keys

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENTRY = LabelEntry(parse_grade("4AB"))


def test_seconds_per_grade_leave_out_pauses() -> None:
    pace = Pace()
    now = 0.0
    for step in (0, 3, 5, 4, 900, 4):
        now += step
        pace.graded(now)
    assert pace.words() == "6 today · 4.0 s a grade"
    assert pace.at_it_minutes() == 4 / 60


def graded_at(page: LabelPage, seconds: float) -> None:
    """A grade is stored that was typed so many seconds after noon."""
    frame = page.flow.navigator.frame
    assert frame is not None
    entered = NOON + timedelta(seconds=seconds)
    page.flow.pace._count(Change(frame, "0" * 64, "Ada", None, ENTRY, entered=entered))


def test_what_was_stored_late_counts_from_when_it_was_typed(label_page: LabelPage) -> None:
    for seconds in (0, 3, 6, 9):  # all of them come from the disk at once
        graded_at(label_page, seconds)
    assert label_page.side.pace.text() == "4 today · 3.0 s a grade"


def test_what_is_taken_back_no_longer_counts_today(qtbot: QtBot, label_page: LabelPage) -> None:
    shown = label_page.side.pace
    type_keys(qtbot, label_page, "4ab3bb")
    qtbot.waitUntil(lambda: shown.text().startswith("2 today"))
    for key, count in ((Qt.Key.Key_Z, "1 today"), (Qt.Key.Key_Y, "2 today")):
        press(qtbot, label_page, key, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda said=count: shown.text().startswith(said))
    midnight = datetime.now(UTC) - timedelta(hours=1)
    acts = project_of(label_page).acts
    assert acts.given_since("Ada", midnight) == 2
    for _ in range(2):
        press(qtbot, label_page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown.text() == "")
    assert acts.given_since("Ada", midnight) == 0


def test_a_break_is_proposed_once_in_the_panel_and_can_be_turned_off(label_page: LabelPage) -> None:
    assert label_page._settings is not None
    label_page._settings.set_text("label/break_minutes", "1")
    for seconds in (0, 50, 100):
        graded_at(label_page, seconds)
    assert "without a pause" in label_page.side.pace.text()
    graded_at(label_page, 110)
    assert "without a pause" not in label_page.side.pace.text()
    assert label_page.side.pace.text().startswith("4 today")
    label_page._settings.set_text("label/break_minutes", "0")
    graded_at(label_page, 165)
    assert "without a pause" not in label_page.side.pace.text()
