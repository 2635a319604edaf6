"""What each part of a grade means, with drawn examples, over the frame; grading goes on beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from blasto_annotator.domain.definitions import EXPANSION, ICM, TE
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.widgets.basics import clear, column, row, text, tool
from gan.contract.resources import resource

SMALLEST, LARGEST = 92, 200
"""Sides of an example, logical pixels: as large as the room over the frame allows."""
GAP = 6
AROUND, BELOW = 60, 60
"""Pixels about the examples of a line, and for what stands below each."""
ABOVE_AND_BELOW = 140
"""Pixels for the heading, the rule, the foot and the margins."""
FOOT = "Drawn examples, not photographs. Expansions 5 and 6 are plain schemes."


class Definitions(QFrame):
    """Covers the frame until its key is pressed again; takes no keys itself."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setProperty("role", "popup")
        self._shown = ("", 0)
        """Scheme and side that the sheet was built for."""
        self._over = over
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(4)
        inner = self._inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setLayout(column(self._grid, None))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        self.close_button = tool("close", "Close the definitions", self.hide)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rule, self.foot = text("", "small", wrap=True), text(FOOT, "small", wrap=True)
        head = row(text("What the grades mean", "heading"), None, self.close_button)
        self.setLayout(column(head, self.rule, area, self.foot, gap=8, margin=14))
        layout = QVBoxLayout(over)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self)
        self.hide()

    def toggle(self, scheme: Scheme | None) -> None:
        """Opens or closes the sheet."""
        if scheme is None or self.isVisible():
            self.hide()
            return
        self._build(scheme, self._side())
        self.show()
        self.raise_()

    def _side(self) -> int:
        """Of an example, so that six stand side by side and two lines below each other."""
        across = (self._over.width() - AROUND) // len(EXPANSION) - GAP
        down = (self._over.height() - 3 * AROUND) // 2 - BELOW
        return min(max(min(across, down), SMALLEST), LARGEST)

    def _build(self, scheme: Scheme, side: int) -> None:
        if self._shown == (scheme.name, side):
            return
        self._shown = (scheme.name, side)
        self.setMaximumWidth(len(EXPANSION) * (side + GAP) + AROUND)
        clear(self._grid)
        start = scheme.letters_from
        alone = "Expansion 1 is" if start == 2 else f"Expansions 1 to {start - 1} are"
        self.rule.setText(f"{scheme.title}. {alone} graded alone: ICM and TE from expansion {start} on.")
        self._add_part(0, 0, "Expansion", "expansion", [(str(n), words) for n, words in EXPANSION.items()])
        letters = scheme.letters
        self.foot.setText(f"{FOOT} D has no drawn example." if "D" in letters else FOOT)
        beside = 2 * len(letters) <= len(EXPANSION)
        self._add_part(2, 0, "ICM", "icm", [(letter, ICM[letter]) for letter in letters])
        place = (2, len(letters)) if beside else (4, 0)
        self._add_part(*place, "TE", "te", [(letter, TE[letter]) for letter in letters])
        self.setMaximumHeight(self._inner.sizeHint().height() + ABOVE_AND_BELOW)

    def _add_part(
        self, line: int, first: int, title: str, name: str, meanings: Sequence[tuple[str, str]]
    ) -> None:
        heading = text(title, "section")
        heading.setContentsMargins(0, 8, 0, 0)
        self._grid.addWidget(heading, line, first, 1, len(meanings))
        for place, (choice, meaning) in enumerate(meanings, first):
            self._grid.addWidget(_example(title, name, choice, meaning, self._shown[1]), line + 1, place)


def _example(title: str, name: str, choice: str, meaning: str, side: int) -> QWidget:
    picture = QLabel()
    picture.setFixedSize(side, side)
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    picture.setProperty("role", "example")
    file = resource("examples") / f"{name}-{choice}.png"
    if file.is_file():
        picture.setPixmap(_scaled(QPixmap(str(file)), side, picture.devicePixelRatioF()))
    else:
        picture.setText("no drawn\nexample")
    picture.setAccessibleName(f"{title} {choice}: {meaning}")
    words = text(meaning, "small", wrap=True)
    words.setFixedWidth(side)
    words.ensurePolished()
    words.setMinimumHeight(words.heightForWidth(side))
    holder = QWidget()
    holder.setLayout(column(picture, text(choice, "strong"), words, None, gap=2))
    return holder


def _scaled(picture: QPixmap, width: int, ratio: float) -> QPixmap:
    side = round(width * ratio)
    made = picture.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    made.setDevicePixelRatio(ratio)
    return made
