"""Changing keys: each act with its key, and a word where two acts claim the same one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QGridLayout,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QWidget,
)

from blasto_annotator.gui.actions import Actions, shortcut_texts
from blasto_annotator.gui.keys import KEYS, Key, conflicts
from blasto_annotator.gui.settings import KEYS_BY_PLACE, Settings
from blasto_annotator.gui.typed import place_named, printed
from blasto_annotator.gui.widgets.basics import button, column, row, text, tool

TYPED = ("1", "2", "3", "4", "5", "6", "A", "B", "C", "D", "Backspace", "Esc")
"""Keys that grades are typed with."""
NOTE = (
    "Click a field and press the key. Grades keep 1 to 6 and A to D. A foot pedal or a gamepad that sends "
    "keys, such as F13 to F24, is set the same way."
)

PLACES = (
    "As printed: on AZERTY, A is the key that says A. By their place: A is where a US keyboard has it, on "
    "AZERTY the key that says Q. Buttons and key sheet then name what your keys say, menus the US keys; Ctrl "
    "and Alt go with what is printed. On Cyrillic keyboards the place counts either way."
)


class KeyEditor(QWidget):
    """A key that is taken is shown as such and not put into use until it is free."""

    def __init__(self, settings: Settings, actions: Actions) -> None:
        super().__init__()
        self._settings = settings
        self._actions = actions
        self.fields: dict[str, QKeySequenceEdit] = {}
        self.swaps: dict[str, QPushButton] = {}
        self._words: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        for line, key in enumerate(key for key in KEYS if key.menu and key.id != "view.palette"):
            self._add(grid, 2 * line, key)
        sheet = QWidget()
        sheet.setProperty("role", "plain")
        sheet.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(sheet)
        self.printed, self.by_place = (
            QRadioButton("As printed"),
            QRadioButton("By their place on the keyboard"),
        )
        chosen = self.by_place if settings.flag(KEYS_BY_PLACE, False) else self.printed
        chosen.setChecked(True)
        self.by_place.toggled.connect(self._count)
        choice = row(text("Letters count"), self.printed, self.by_place, None, gap=14)
        about = text(PLACES, "small", wrap=True)
        self.setLayout(column(text(NOTE, "small", wrap=True), choice, about, area, margin=12))

    def _count(self, by_place: bool) -> None:
        self._actions.count_by_place(by_place)
        for key in KEYS:
            if key.id in self.fields:
                self._show(key)

    def _add(self, grid: QGridLayout, line: int, key: Key) -> None:
        field = QKeySequenceEdit()
        field.setMaximumSequenceLength(1)
        field.setClearButtonEnabled(True)
        field.setFixedWidth(170)
        field.setAccessibleName(f"Key for {key.title}")
        self.fields[key.id] = field
        self._words[key.id] = text("", "danger")
        self._words[key.id].hide()
        self.swaps[key.id] = button("Swap", lambda: self._swap(key))
        self.swaps[key.id].setToolTip("Take the key; the other act gets this one's")
        self.swaps[key.id].hide()
        self._show(key)
        field.editingFinished.connect(lambda: self._changed(key))
        back = tool("reset", f"Default key for {key.title}", lambda: self._reset(key))
        grid.addWidget(text(f"{key.menu}  ›  {key.title.removesuffix(' …')}"), line, 0)
        grid.addWidget(field, line, 1)
        grid.addWidget(back, line, 2, Qt.AlignmentFlag.AlignLeft)
        trouble = row(None, self._words[key.id], self.swaps[key.id])
        grid.addLayout(trouble, line + 1, 0, 1, 2)  # below, so that the fields stay where they are

    def _show(self, key: Key) -> None:
        chosen = shortcut_texts(key, self._settings)
        self.fields[key.id].setKeySequence(QKeySequence(printed(chosen[0]) if chosen else ""))

    def _changed(self, key: Key) -> None:
        keys = self._typed(key)
        rival = self._rival(key, keys)
        owner = "grading" if keys in TYPED else rival.title.removesuffix(" …") if rival is not None else ""
        self._say(key, f"taken by {owner}" if owner else "")
        self.swaps[key.id].setVisible(rival is not None)
        if not owner and keys != (shortcut_texts(key, self._settings) or ("",))[0]:
            self._store(key, keys)

    def _swap(self, key: Key) -> None:
        """The key goes here, and this act's key to the act that had it."""
        keys = self._typed(key)
        rival = self._rival(key, keys)
        if rival is None:
            return
        mine = (shortcut_texts(key, self._settings) or ("",))[0]
        self._store(rival, mine)
        self._store(key, keys)
        self._show(rival)
        self._settle(key)

    def _typed(self, key: Key) -> str:
        return place_named(
            self.fields[key.id].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        )

    def _store(self, key: Key, keys: str) -> None:
        self._settings.set_shortcut(key.id, keys)
        self._actions.apply_shortcuts()

    def _settle(self, key: Key) -> None:
        self._say(key, "")
        self.swaps[key.id].hide()

    def _say(self, key: Key, words: str) -> None:
        self._words[key.id].setText(words)
        self._words[key.id].setVisible(bool(words))

    def _reset(self, key: Key) -> None:
        self._settings.set_shortcut(key.id, None)
        self._settle(key)
        self._show(key)
        self._actions.apply_shortcuts()

    def _rival(self, key: Key, keys: str) -> Key | None:
        """Which other act has this key; None where it is free."""
        chosen = {other.id: shortcut_texts(other, self._settings) for other in KEYS if other.menu}
        chosen[key.id] = (keys,) if keys else ()
        rivals = [owner for owner in conflicts(chosen).get(keys, []) if owner != key.id]
        return next((other for other in KEYS if other.id in rivals), None)
