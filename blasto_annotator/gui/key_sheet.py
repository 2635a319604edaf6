"""Help > Keyboard: every key, in columns, and where to change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QWidget

from blasto_annotator.gui.actions import native, shortcut_texts
from blasto_annotator.gui.keys import KEYS, Key
from blasto_annotator.gui.settings import Settings
from blasto_annotator.gui.typed import printed
from blasto_annotator.gui.widgets.basics import button, column, row, text

TITLES = {
    "grade": "Grade", "time": "Time", "plane": "Focal planes", "embryo": "Embryos", "mouse": "Mouse",
    "zoom": "Zoom", "picture": "Picture", "undo": "Undo", "find": "Find", "page": "Pages",
    "open": "Projects", "data": "Import and export", "window": "Window", "train": "Train",
    "settings": "Settings", "help": "Help", "end": "Leave", "adjudicate": "Adjudicate",
}  # fmt: skip
COLUMNS = (
    ("grade", "undo", "plane", "embryo", "mouse"),
    ("time", "zoom", "picture", "find", "adjudicate"),
    ("page", "window", "open", "data", "train", "settings", "help", "end"),
)


class KeySheet(QDialog):
    """Non-modal, so that it can lie beside the frame while one learns."""

    def __init__(self, parent: QWidget, settings: Settings) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        sheet = QWidget()
        sheet.setProperty("role", "plain")
        groups = [self._groups(names) for names in COLUMNS]
        review = _review_keys()
        if review:
            groups[0].append(_group("Review", review))
        for made in groups:
            _align(made)
        parts = [column(*made, None, gap=4) for made in groups]
        columns = row(*parts, gap=28)
        for place in range(len(parts)):
            columns.setStretch(place, 1)
        sheet.setLayout(columns)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(sheet)
        close = button("Close", self.close, role="primary")
        note = text("Keys can be changed in Settings, Keyboard.", "small")
        self.setLayout(column(text("Keyboard", "heading"), area, row(note, None, close), gap=14, margin=20))
        self.resize(min(1160, parent.width() - 40), min(980, parent.height() - 60))

    def _groups(self, names: Iterable[str]) -> list[QWidget]:
        made = []
        for name in names:
            rows = [(self._keys(key), key.title) for key in KEYS if key.group == name and self._keys(key)]
            if rows:
                made.append(_group(TITLES[name], rows))
        return made

    def _keys(self, key: Key) -> str:
        return " ".join(map(printed, key.shown.split(" "))) or " · ".join(
            native(chosen) for chosen in shortcut_texts(key, self._settings)
        )


def _align(groups: Sequence[QWidget]) -> None:
    """What the keys of one column do begins at one line, however long a key is."""
    grids = [grid for group in groups for grid in group.findChildren(QGridLayout)]
    caps = [cap for group in groups for cap in group.findChildren(QLabel) if cap.property("role") == "keycap"]
    for cap in caps:
        cap.ensurePolished()
    widest = max((cap.sizeHint().width() for cap in caps), default=0)
    for grid in grids:
        grid.setColumnMinimumWidth(0, widest)


def _group(title: str, rows: Iterable[tuple[str, str]]) -> QWidget:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    grid.setContentsMargins(0, 2, 0, 14)
    for line, (keys, title_of_it) in enumerate(rows):
        cap = QLabel(keys)
        cap.setProperty("role", "keycap")
        grid.addWidget(cap, line, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(text(title_of_it.removesuffix(" …"), wrap=True), line, 1)
    grid.setColumnStretch(1, 1)
    holder = QWidget()
    holder.setLayout(column(text(title, "section"), grid, gap=4))
    return holder


def _review_keys() -> tuple[tuple[str, str], ...]:
    name = "blasto_annotator.gui.review.keys"
    if find_spec(name) is None:
        return ()
    keys: tuple[tuple[str, str], ...] = import_module(name).KEYS
    return keys
