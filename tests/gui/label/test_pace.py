"""Throughput said quietly, and the proposal of a break."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from blasto_annotator.gui.label.pace import Pace, PaceFlow
from blasto_annotator.gui.label.page import LabelPage
from tests.gui.label.test_label_page import saved, type_keys


class Clock:
    """Goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_seconds_per_grade_leave_out_pauses() -> None:
    clock = Clock()
    pace = Pace(clock)
    for step in (0, 3, 5, 4, 900, 4):
        clock.now += step
        pace.graded()
    assert pace.words() == "6 today · 4.0 s a grade"
    assert pace.at_it_minutes() == 4 / 60


def test_a_break_is_proposed_once_in_the_panel_and_can_be_turned_off(
    qtbot: QtBot, label_page: LabelPage
) -> None:
    clock = Clock()
    flow = label_page.flow
    flow.saving.counted.disconnect(flow.pace._count)
    flow.pace = PaceFlow(flow, clock)
    flow.pace.begin()
    assert label_page._settings is not None
    label_page._settings.set_text("label/break_minutes", "1")
    for step in (0, 50, 50):
        clock.now += step
        type_keys(qtbot, label_page, "4ab")
        saved(qtbot, label_page)
    assert "without a pause" in label_page.side.pace.text()
    clock.now += 10
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    assert "without a pause" not in label_page.side.pace.text()
    assert label_page.side.pace.text().startswith("4 today")
    label_page._settings.set_text("label/break_minutes", "0")
    clock.now += 55
    type_keys(qtbot, label_page, "4ab")
    saved(qtbot, label_page)
    assert "without a pause" not in label_page.side.pace.text()
