"""Each two graders as a heat map, and where the chosen two differ."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QScrollArea, QWidget

from blasto_annotator.domain.agreement import PairAgreement
from blasto_annotator.domain.raters import Ints, Ratings, confusion
from blasto_annotator.gui.agreement.heat_map import Cell, HeatMap
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.reports.agreement import CriterionReport
from blasto_annotator.reports.agreement_words import estimate, number

CHOICES = {"percent": "Equal grades", "kappa": "Cohen's kappa", "weighted_kappa": "Weighted kappa"}
FEW = 30
"""A figure of fewer shared images is marked."""


class PairsView(QScrollArea):
    """Left the matrix, right the confusion of the chosen pair."""

    def __init__(self) -> None:
        super().__init__()
        self._part: CriterionReport | None = None
        self._figure = "percent"
        self.matrix = HeatMap("Agreement of each two graders")
        self.matrix.chosen.connect(self._choose)
        self.confusion = HeatMap("Where the two differ")
        self.pair = text("", "heading", wrap=True)
        self.words = text("", "muted", wrap=True)
        self.axes = text("", "small", wrap=True)
        self.buttons = {name: self._choice(name) for name in CHOICES}
        self.buttons["percent"].setChecked(True)
        few = text(f"A number in brackets rests on fewer than {FEW} shared images.", "small", wrap=True)
        head = row(*self.buttons.values(), None, gap=0)
        left = column(head, self.matrix, few, None, gap=12)
        right = column(self.pair, self.words, 4, self.confusion, self.axes, None, gap=8, margin=16)
        card = frame(right)
        card.setMinimumWidth(300)
        inner = QWidget()
        layout = row(left, card, gap=24, margin=20)
        layout.setStretch(1, 1)
        layout.setAlignment(card, Qt.AlignmentFlag.AlignTop)
        inner.setLayout(layout)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_report(self, part: CriterionReport) -> None:
        """Another criterion or other graders; the chosen pair stays where it can."""
        self._part = part
        self.buttons["weighted_kappa"].setEnabled(part.result.ratings.ordered)
        if not part.result.ratings.ordered and self._figure == "weighted_kappa":
            self.buttons["kappa"].click()
        self._fill()
        place = self.matrix.current or self._worst()
        if place is not None:
            self.matrix.choose(*place)

    def _choice(self, name: str) -> QPushButton:
        if not hasattr(self, "_group"):
            self._group = QButtonGroup(self)
        made = button(CHOICES[name], lambda: self._show_figure(name), role="segment")
        made.setCheckable(True)
        self._group.addButton(made)
        return made

    def _show_figure(self, name: str) -> None:
        self._figure = name
        self._fill()

    def _fill(self) -> None:
        if self._part is None:
            return
        names = self._part.result.ratings.graders
        cells = [[self._cell(a, b) for b in names] for a in names]
        self.matrix.show_cells(names, names, cells)

    def _cell(self, first: str, second: str) -> Cell:
        pair = self._pair(first, second)
        if pair is None or not pair.shared:
            return Cell(tip="" if first == second else "No image in common")
        value = getattr(pair, self._figure).value
        shown = number(value)
        tip = f"{first} and {second}: {CHOICES[self._figure].lower()} {shown}, {pair.shared} shared images"
        return Cell(f"({shown})" if pair.shared < FEW else shown, value, tip)

    def _pair(self, first: str, second: str) -> PairAgreement | None:
        return self._part.result.pair(first, second) if self._part is not None and first != second else None

    def _worst(self) -> tuple[int, int] | None:
        """The two who agree least, of those with enough shared images."""
        if self._part is None:
            return None
        names = self._part.result.ratings.graders
        pairs = [p for p in self._part.result.pairs if p.shared and not math.isnan(p.percent.value)]
        if not pairs:
            return None
        worst = min(pairs, key=lambda pair: (not pair.in_mean, pair.percent.value))
        return names.index(worst.first), names.index(worst.second)

    def _choose(self, row: int, column: int) -> None:
        if self._part is None:
            return
        ratings = self._part.result.ratings
        first, second = ratings.graders[row], ratings.graders[column]
        pair = self._pair(first, second)
        if pair is None:
            return
        self.pair.setText(f"{first} and {second}")
        self.words.setText(_words(pair))
        counts = confusion(ratings, first, second)
        self.confusion.show_cells(*count_cells(ratings, counts, first, second))
        self.axes.setText(f"Rows: {first}. Columns: {second}. On the diagonal both said the same.")


def count_cells(
    ratings: Ratings, counts: Ints, first: str, second: str
) -> tuple[list[str], list[str], list[list[Cell]]]:
    """Rows, columns and cells of a table of counts, without categories that nobody used."""
    used = [k for k in range(len(counts)) if counts[k].sum() or counts[:, k].sum()]
    names = [ratings.categories[k] for k in used]
    most = max(int(counts.max(initial=0)), 1)
    cells = []
    for row_name, line in zip(names, counts[used][:, used].tolist(), strict=True):
        tips = [
            f"{first}: {row_name}, {second}: {name}: {n} images" for name, n in zip(names, line, strict=True)
        ]
        cells.append([Cell(str(n) if n else "·", n / most, tip) for n, tip in zip(line, tips, strict=True)])
    return names, names, cells


def _words(pair: PairAgreement) -> str:
    text_of = (
        f"{pair.shared} shared images. Equal grades {estimate(pair.percent)}, kappa {estimate(pair.kappa)}"
    )
    if not math.isnan(pair.weighted_kappa.value):
        text_of += f", weighted kappa {estimate(pair.weighted_kappa)}"
    return f"{text_of}. In brackets: 95\u00a0% intervals."
