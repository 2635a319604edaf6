"""Changing keys: each act with its key, and a word where two acts claim the same one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QLabel, QScrollArea, QWidget

from blasto_annotator.gui.actions import Actions, shortcut_texts
from blasto_annotator.gui.keys import KEYS, Key, conflicts
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.widgets.basics import column, text, tool

TYPED = ("1", "2", "3", "4", "5", "6", "A", "B", "C", "D", "Backspace", "Esc")
"""Keys that grades are typed with."""


class KeyEditor(QWidget):
    """A key that is taken is shown as such and not put into use until it is free."""

    def __init__(self, settings: Settings, actions: Actions) -> None:
        super().__init__()
        self._settings = settings
        self._actions = actions
        self.fields: dict[str, QKeySequenceEdit] = {}
        self._words: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        for line, key in enumerate(key for key in KEYS if key.menu and key.id != "view.palette"):
            self._add(grid, line, key)
        sheet = QWidget()
        sheet.setProperty("role", "plain")
        sheet.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(sheet)
        note = text("Click a field and press the key. Grades keep 1 to 6 and A to D.", "small")
        self.setLayout(column(note, area, margin=12))

    def _add(self, grid: QGridLayout, line: int, key: Key) -> None:
        field = QKeySequenceEdit()
        field.setMaximumSequenceLength(1)
        field.setClearButtonEnabled(True)
        field.setFixedWidth(170)
        field.setAccessibleName(f"Key for {key.title}")
        self.fields[key.id] = field
        self._words[key.id] = text("", "danger")
        self._show(key)
        field.editingFinished.connect(lambda: self._changed(key))
        back = tool("reset", f"Default key for {key.title}", lambda: self._reset(key))
        grid.addWidget(text(f"{key.menu}  ›  {key.title.removesuffix(' …')}"), line, 0)
        grid.addWidget(self._words[key.id], line, 1)
        grid.addWidget(field, line, 2)
        grid.addWidget(back, line, 3, Qt.AlignmentFlag.AlignLeft)

    def _show(self, key: Key) -> None:
        chosen = shortcut_texts(key, self._settings)
        self.fields[key.id].setKeySequence(QKeySequence(chosen[0] if chosen else ""))

    def _changed(self, key: Key) -> None:
        keys = self.fields[key.id].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        owner = self._owner(key, keys)
        self._words[key.id].setText(f"taken by {owner}" if owner else "")
        if not owner and keys != (shortcut_texts(key, self._settings) or ("",))[0]:
            self._settings.set_shortcut(key.id, keys)
            self._actions.apply_shortcuts()

    def _reset(self, key: Key) -> None:
        self._settings.set_shortcut(key.id, None)
        self._words[key.id].setText("")
        self._show(key)
        self._actions.apply_shortcuts()

    def _owner(self, key: Key, keys: str) -> str:
        """Which other act has this key; empty where it is free."""
        if keys in TYPED:
            return "grading"
        chosen = {other.id: shortcut_texts(other, self._settings) for other in KEYS if other.menu}
        chosen[key.id] = (keys,) if keys else ()
        rivals = [owner for owner in conflicts(chosen).get(keys, []) if owner != key.id]
        return next((other.title for other in KEYS if other.id in rivals), "")
