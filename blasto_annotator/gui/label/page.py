"""The Label page: composes list, frame, time line and grade, and moves on after each grade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QListView,
    QSplitter,
    QStackedLayout,
    QWidget,
)

from blasto_annotator.gui.label.centre import Centre
from blasto_annotator.gui.label.commands import Handler, label_commands
from blasto_annotator.gui.label.embryo_panel import EmbryoPanel
from blasto_annotator.gui.label.flow import LabelFlow
from blasto_annotator.gui.label.hints import show_hints
from blasto_annotator.gui.label.side import SidePanel
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.typed import stands_for_other, typed_char
from blasto_annotator.gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from blasto_annotator.gui.actions import Actions
    from blasto_annotator.gui.label.saves import SaveQueue
    from blasto_annotator.gui.status_bar import StatusBar

EMPTY = (
    "Import a folder of frames from a time-lapse incubator or a microscope. The files stay where they are."
)
LIST_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)
SPECIAL = {Qt.Key.Key_Backspace: "<", Qt.Key.Key_Escape: "!"}


class LabelPage(QWidget):
    """Holds the three columns; `LabelFlow` holds what happens between them."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.state = state
        self.flow = LabelFlow(self, state)
        self.embryos = EmbryoPanel()
        self.side = SidePanel(self.flow.grading)
        self.centre = Centre(self.flow.navigator)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.embryos, self.centre, self.side):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([232, 700, 300])
        self.splitter.setChildrenCollapsible(False)
        self.empty = EmptyState(
            "embryo", "No frames yet", EMPTY, ("Import frames …", state.import_requested.emit)
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.splitter)
        self._stack.addWidget(self.empty)
        self._settings: Settings | None = None
        self.flow.connect_views(self.embryos, self.centre, self.side)
        self.flow.listed.connect(lambda frames: self._stack.setCurrentIndex(0 if frames else 1))

    @property
    def saves(self) -> SaveQueue:
        """Labels on their way to the disk."""
        return self.flow.saves

    def attach(self, settings: Settings, status: StatusBar) -> None:
        """The window lends its settings and its status bar."""
        self._settings = settings
        self.flow.attach(settings, status)
        self.splitter.restoreState(settings.data("label/columns"))

    def activated(self) -> None:
        """The page is on show: keys go to the frame."""
        self.flow.refresh_grader()

    def remember(self) -> None:
        """Keeps columns and place for the next session."""
        if self._settings is not None:
            self._settings.set_data("label/columns", self.splitter.saveState())
        self.flow.remember()

    def undo(self) -> None:
        """Takes the newest label back, wherever it is."""
        self.flow.saving.undo()

    def redo(self) -> None:
        """Puts back what was undone."""
        self.flow.saving.redo()

    def commands(self) -> Mapping[str, Handler]:
        """What the key table calls."""
        return label_commands(self.flow)

    def show_keys(self, actions: Actions) -> None:
        """The keys that acts have now, by what they say."""
        show_hints(self.flow, actions.name_of)

    def event(self, event: QEvent) -> bool:
        """Widgets that Tab went to keep the keys that work them; elsewhere the key table has them.

        A key that is held turns a page when the one before is seen: what comes faster is dropped.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            works = _works(QApplication.focusWidget(), Qt.Key(event.key()))
            held = event.isAutoRepeat() and self.flow.turning()  # the page before is not on screen yet
            if works or held or (_plain(event) and stands_for_other(event)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Grades are typed here; all other keys are actions of the key table."""
        char = SPECIAL.get(Qt.Key(event.key())) or typed_char(event)
        if event.isAutoRepeat() and not char.isalpha():
            return  # a finger that rests on a digit must not grade frame after frame; CC may be typed so
        if not _plain(event) or not char or not self.flow.type_char(char):
            super().keyPressEvent(event)


def _plain(event: QKeyEvent) -> bool:
    """Whether neither Ctrl nor Alt is held: the key is typed, not a command."""
    held = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
    return not event.modifiers() & ~held


def _works(widget: QWidget | None, key: Qt.Key) -> bool:
    """Whether this key works this widget."""
    if isinstance(widget, QAbstractButton):
        return key == Qt.Key.Key_Space
    return isinstance(widget, QListView | QComboBox) and key in (*LIST_KEYS, Qt.Key.Key_Space)
