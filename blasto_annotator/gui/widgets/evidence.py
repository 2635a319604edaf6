"""What reviews prove, on screen: a card a question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from blasto_annotator.domain.typesetting import typeset
from blasto_annotator.gui.widgets.basics import column, frame, row, text
from blasto_annotator.reports.evidence import Evidence, Figure, Grid

MANY = 5
"""A table of more columns stands closer, and its heads wrap, so that it fits beside a list."""


def evidence_card(part: Evidence) -> QFrame:
    """Figures with what they say and where the formula is from, tables, notes."""
    figures = [_figure(figure) for figure in part.figures]
    grids = [_grid(grid) for grid in part.grids]
    notes = [text(typeset(note), "muted", wrap=True) for note in part.notes]
    return frame(column(text(part.title, "heading"), *figures, *grids, *notes, gap=12, margin=20))


def _figure(figure: Figure) -> QWidget:
    """Name and value on one line, what it says below, and where the formula is from."""
    made = QWidget()
    head = row(
        text(figure.name, "section"),
        text(typeset(figure.text), "strong"),
        text(figure.n, "muted"),
        None,
        gap=12,
    )
    source = text(figure.source, "small", wrap=True)
    made.setLayout(column(head, text(typeset(figure.reading), wrap=True), source, gap=2))
    return made


def _grid(grid: Grid) -> QWidget:
    made = QWidget()
    layout = QGridLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    many = len(grid.head) > MANY
    layout.setHorizontalSpacing(14 if many else 24)
    layout.addWidget(text(grid.title, "section"), 0, 0, 1, len(grid.head))
    last = len(grid.head) - 1
    for at, line in enumerate((grid.head, *grid.rows) if any(grid.head) else grid.rows, 1):
        for column_at, words in enumerate(line):
            muted = line is grid.head or (column_at == 0 and not any(grid.head))
            wrap = column_at == last or (many and line is grid.head)
            shown = text(typeset(words), "muted" if muted else "", wrap=wrap)
            layout.addWidget(shown, at, column_at, Qt.AlignmentFlag.AlignTop)
    layout.setColumnStretch(last, 1)
    return made
