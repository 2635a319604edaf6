"""Whoever hears the screen instead of seeing it: every control of these pages says what it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from blasto_annotator.curation.review_plan import ReviewPlan
from blasto_annotator.gui.reports.page import ReportsPage
from blasto_annotator.gui.review.page import ReviewPage
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.page import TrainPage
from blasto_annotator.store import Project
from tests.gui.material import draw_frames, write_batch_of

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit,
)  # fmt: skip


def nameless(page: QWidget) -> list[str]:
    """Controls that the keyboard reaches and that say nothing."""
    found = []
    for kind in CONTROLS:
        for control in page.findChildren(kind):
            inner = isinstance(control.parent(), QAbstractSpinBox | QComboBox)
            popup = control.window() is not page.window()
            scroll_bar = isinstance(control, QScrollBar)
            if inner or popup or scroll_bar or control.focusPolicy() == Qt.FocusPolicy.NoFocus:
                continue
            text = control.text() if isinstance(control, QAbstractButton) else ""
            if not control.accessibleName() and not text:
                found.append(f"{type(control).__name__} in {type(control.parent()).__name__}")
    return found


def test_every_control_has_a_name(qtbot: QtBot, project: Project, tmp_path: Path) -> None:
    write_batch_of(project, draw_frames(tmp_path / "frames"))
    state = AppState()
    review, train, reports = ReviewPage(state), TrainPage(state), ReportsPage(state)
    for page in (review, train, reports):
        qtbot.addWidget(page)
    state.set_project(project)
    state.set_grader("Ada")
    review.start(ReviewPlan(("20260101-120000",), ("Ada",)))
    qtbot.waitUntil(lambda: review.session is not None)
    assert [nameless(page) for page in (review, train, reports)] == [[], [], []]
    train.remember()
