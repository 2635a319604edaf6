"""One report on screen: where the figures come from, the tables, and how they were made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.typesetting import typeset
from blasto_annotator.gui.widgets.basics import column, frame, text
from blasto_annotator.gui.widgets.evidence import evidence_card
from blasto_annotator.gui.widgets.share_table import ShareTable
from blasto_annotator.reports.figures import (
    METHOD,
    RESEARCH_USE,
    Told,
    facts,
    in_short,
    references,
    section_title,
    tables,
)
from blasto_annotator.reports.review_table import ReviewTable, Section


class ReportView(QScrollArea):
    """Shows a `ReviewTable`."""

    def __init__(self, table: ReviewTable, scheme: Scheme) -> None:
        super().__init__()
        self._scheme = scheme
        inner = QWidget()
        inner.setProperty("role", "plain")
        sections = [self._section(section) for section in table.sections]
        method = text(METHOD, "small", wrap=True)
        evidence = map(evidence_card, table.evidence)
        parts = [_in_short(table), *sections[:1], *evidence, *sections[1:], _references(table)]
        inner.setLayout(column(_facts(table), *parts, method, None, gap=16, margin=16))
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def _section(self, section: Section) -> QFrame:
        layout = QVBoxLayout()
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(text(section_title(section), "heading"))
        for title, rows in tables(section):
            layout.addSpacing(4)
            layout.addWidget(text(title, "section"))
            layout.addWidget(ShareTable(self._scheme, rows))
        if section.defects:
            words = "   ·   ".join(f"{name}: {count}" for name, count in section.defects)
            layout.addSpacing(4)
            layout.addWidget(text("Defects named in verdicts on generated images", "section"))
            layout.addWidget(text(words, wrap=True))
        return frame(layout)


def _facts(table: ReviewTable) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.addWidget(text(RESEARCH_USE, "warning", wrap=True), 0, 0, 1, 2)
    for at, (name, value) in enumerate(facts(table), 1):
        grid.addWidget(text(name, "muted"), at, 0, Qt.AlignmentFlag.AlignTop)
        words = text(value, wrap=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(words, at, 1)
    grid.setColumnStretch(1, 1)
    return made


def _in_short(table: ReviewTable) -> QFrame:
    lines = [_told(told) for told in in_short(table)]
    return frame(column(text("In short", "heading"), *lines, gap=12, margin=20))


def _references(table: ReviewTable) -> QFrame:
    part = references(table)
    works = [
        column(text(f"{short}. {full}", wrap=True), text(formula, "muted", wrap=True), gap=2)
        for grid in part.grids
        for short, full, formula in grid.rows
    ]
    return frame(column(text(part.title, "heading"), *works, gap=10, margin=20))


def _told(told: Told) -> QWidget:
    made = QWidget()
    words = [text(told.question, "section"), text(typeset(told.answer), wrap=True)]
    words += [text(typeset(told.figure), "muted", wrap=True)] if told.figure else []
    made.setLayout(column(*words, gap=2))
    return made
