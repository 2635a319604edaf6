"""Every generated image beside the real frames that it is most like, one row at a time, by keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QWidget

from blasto_annotator.curation.near_copies import NEIGHBOURS, Nearest
from blasto_annotator.gui.typed import typed_char
from blasto_annotator.gui.widgets.basics import button, column, frame, restyle, row, text, tool
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.pictures import Pictures
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.imaging.likeness import turned_image
from blasto_annotator.reports.nearest import HOUSE, Beside
from blasto_annotator.store import Project

PLACES = NEIGHBOURS + 1
MARK_KEY, PASS_KEY = "M", "A"
HINT = "← → one image   ·   Page Up, Page Down ten   ·   M next near copy   ·   A let it pass   ·   Esc back"
JUMP = 10
_MOVES = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -JUMP,
    Qt.Key.Key_PageDown: JUMP,
}


class NearestView(QWidget):
    """Rows nearest first; a decision on a near copy is sent, the owner stores it."""

    decided = Signal(object, bool)
    """A `Nearest`, and whether it may pass."""
    closed = Signal()

    def __init__(self, rows: Sequence[Beside], project: Project) -> None:
        super().__init__()
        self._rows = list(rows)
        self._passed = {one.found.sha256: one.let_pass for one in rows}
        self._project = project
        self.at = 0
        self._failures: dict[int, str] = {}
        """Of pictures that cannot be read, by position."""
        self.pictures = Pictures(self._load, PLACES * len(rows), self)
        self.views = [ImageView() for _ in range(PLACES)]
        self.words = [text("", wrap=True) for _ in range(PLACES)]
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.passes = QCheckBox("Another embryo: let it pass (A)")
        self._count = text("", "heading")
        self._fate = text("", "muted")
        self._build()
        self.show_row(0)

    @property
    def row(self) -> Beside:
        """The row on show."""
        return self._rows[self.at]

    def show_row(self, at: int) -> None:
        """Shows one generated image with its neighbours."""
        self.at = max(0, min(len(self._rows) - 1, at))
        self.place.blockSignals(True)
        self.place.setValue(self.at)
        self.place.blockSignals(False)
        self._count.setText(f"Image {self.at + 1} of {len(self._rows)}, nearest first")
        self.setAccessibleDescription(self._count.text())
        self._say()
        self._show_pictures()
        self.pictures.expect(range(PLACES * (self.at - 1), PLACES * (self.at + 4)))

    def next_marked(self) -> None:
        """To the next near copy, round the end."""
        order = [*range(self.at + 1, len(self._rows)), *range(self.at + 1)]
        found = next((at for at in order if self._rows[at].found.near_copy), None)
        if found is not None:
            self.show_row(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        letter = typed_char(event)
        if event.key() in _MOVES:
            self.show_row(self.at + _MOVES[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self.show_row(0)
        elif event.key() == Qt.Key.Key_End:
            self.show_row(len(self._rows) - 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif letter == MARK_KEY:
            self.next_marked()
        elif letter == PASS_KEY and self.row.found.near_copy:
            self.passes.click()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    def _say(self) -> None:
        one = self.row
        found, passed = one.found, self._passed[one.found.sha256]
        said = "; ".join(one.verdicts) or "no verdict"
        name = found.image.rpartition("/")[2]
        told = f"Generated as {one.class_name}\n{name}\n{said}"
        self.words[0].setText(self._failures.get(PLACES * self.at, told))
        for place, words in enumerate(self.words[1:]):
            near = found.neighbours[place] if place < len(found.neighbours) else None
            told = f"Embryo {near.embryo}\ndistance {near.distance:.3f}" if near is not None else ""
            words.setText(self._failures.get(PLACES * self.at + place + 1, told))
        self.passes.setVisible(found.near_copy)
        self.passes.blockSignals(True)
        self.passes.setChecked(passed)
        self.passes.blockSignals(False)
        self._fate.setText(f"Threshold {one.threshold:.3f}: {_fate(found, passed)}")
        restyle(self._fate, "warning" if found.near_copy and not passed else "muted")

    def _decide(self, passes: bool) -> None:
        self._passed[self.row.found.sha256] = passes
        self.decided.emit(self.row.found, passes)
        self._say()
        self.setFocus()

    def _load(self, position: int) -> NDArray[np.uint8]:
        at, place = divmod(position, PLACES)
        one = self._rows[at]
        if place == 0:
            return decode_grey(self._project.folder / one.generated)
        near = one.found.neighbours[place - 1]
        return turned_image(decode_grey(self._project.folder / near.real), near.view)

    def _show_pictures(self) -> None:
        for place, view in enumerate(self.views):
            known = place <= len(self.row.found.neighbours)
            position = PLACES * self.at + place
            known = known and position not in self._failures
            picture: QImage | None = self.pictures.get(position) if known else None
            view.set_image(picture)
            view.fit()

    def _ready(self, position: int) -> None:
        if position // PLACES == self.at:
            self._show_pictures()

    def _failed(self, position: int, sentence: str) -> None:
        self._failures[position] = sentence
        if position // PLACES == self.at:
            self._say()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Generated images beside their nearest real frames")
        self.place.setRange(0, len(self._rows) - 1)
        self.place.setPageStep(JUMP)
        self.place.setAccessibleName("Image")
        self.place.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.place.valueChanged.connect(self.show_row)
        self.passes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.passes.toggled.connect(self._decide)
        self.pictures.ready.connect(self._ready)
        self.pictures.failed.connect(self._failed)
        titles = ["Generated", *(f"{name} embryo" for name in ("Nearest", "Second", "Third")[:NEIGHBOURS])]
        for title, view in zip(titles, self.views, strict=True):
            view.setAccessibleName(f"Picture: {title}")
        shown = [
            self._place(title, view, words)
            for title, view, words in zip(titles, self.views, self.words, strict=True)
        ]
        pictures = row(*shown, gap=12)
        for at in range(len(shown)):
            pictures.setStretch(at, 1)
        marked = button("Next near copy", self.next_marked)
        marked.setToolTip("To the next near copy (M)")
        marked.setEnabled(any(one.found.near_copy for one in self._rows))
        back = tool("chevron-left", "One image back (Left)", lambda: self.show_row(self.at - 1))
        on = tool("chevron-right", "One image on (Right)", lambda: self.show_row(self.at + 1))
        for made in (back, on, marked):
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head = row(back, on, self._count, self.place, marked, gap=12)
        head.setStretch(3, 1)
        foot = row(self._fate, self.passes, None, gap=16)
        said = column(text(HINT, "muted"), text(HOUSE, "small", wrap=True), gap=4)
        body = column(head, pictures, foot, said, gap=12, margin=16)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _place(self, title: str, view: ImageView, words: QLabel) -> QWidget:
        words.setMinimumHeight(3 * words.fontMetrics().height() + 4)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        made = column(text(title, "section"), view, words, gap=6, margin=8)
        made.setStretch(1, 1)
        return frame(made, "card")


def _fate(found: Nearest, passed: bool) -> str:
    if not found.near_copy:
        return "no near copy."
    return "let pass by a person." if passed else "a near copy, kept out of training and export."
