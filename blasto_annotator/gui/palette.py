"""The command palette: every act of the key table, found by typing a part of its name."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from blasto_annotator.gui.actions import Actions, native
from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.widgets.basics import column
from blasto_annotator.gui.widgets.two_column import TwoColumnDelegate

WIDTH, HEIGHT = 560, 400


class CommandPalette(QFrame):
    """A box over the window; Enter runs, Esc closes."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self.hide()
        self._before: QWidget | None = None
        self.setProperty("role", "popup")
        self._actions = actions
        self._window = window
        self.field = QLineEdit(placeholderText="What would you like to do?")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setItemDelegate(TwoColumnDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(column(self.field, self.list, margin=10))
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._run)
        self.list.itemClicked.connect(lambda _: self._run())
        self.field.installEventFilter(self)

    def open_box(self) -> None:
        """Shows the palette in the upper middle of the window."""
        self.setFixedSize(min(WIDTH, self._window.width() - 40), min(HEIGHT, self._window.height() - 80))
        self.move((self._window.width() - self.width()) // 2, 56)
        self._before = QApplication.focusWidget()
        self.field.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._close()
                return True
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        self.list.clear()
        words = typed.casefold().split()
        for key, action in self._actions.all():
            words_of_it = f"{key.menu} {key.title}".casefold()
            if action.isEnabled() and key.id != "view.palette" and all(word in words_of_it for word in words):
                self.list.addItem(self._item(action, key.title, key.menu))
        self.list.setCurrentRow(0)

    def _item(self, action: QAction, title: str, menu: str) -> QListWidgetItem:
        shown = icon("blank") if action.icon().isNull() else action.icon()
        item = QListWidgetItem(shown, title.removesuffix(" …"))
        item.setData(Qt.ItemDataRole.UserRole, action)
        item.setData(TwoColumnDelegate.RIGHT, native(action.shortcut().toString()))
        item.setToolTip(menu)
        return item

    def _close(self) -> None:
        """Hides, and gives the keys back to whoever had them."""
        self.hide()
        if self._before is not None and shiboken6.isValid(self._before):
            self._before.setFocus()

    def _run(self) -> None:
        item = self.list.currentItem()
        self._close()
        if item is not None:
            item.data(Qt.ItemDataRole.UserRole).trigger()
