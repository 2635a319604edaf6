"""The Agreement page: who has graded what so far, and what comparing them will need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QStackedLayout, QWidget

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import clear, column, frame, row, text
from blasto_annotator.gui.widgets.empty_state import EmptyState

NONE_YET = "Grade frames on the Label page. Everybody who grades is listed here with the number of labels."
WIDTH = 720


@dataclass(frozen=True)
class Tally:
    """Current labels by grader, and frames that two or more have graded."""

    counts: tuple[tuple[str, int, int], ...]
    """Name, grades, not gradable."""
    shared: int


class AgreementPage(QWidget):
    """Counts only: no grade of anybody is shown, so that later grades stay independent."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self._state = state
        self.rows = QGridLayout()
        self.rows.setHorizontalSpacing(32)
        self.rows.setVerticalSpacing(10)
        self.rows.setColumnStretch(0, 1)
        self.shared = text("", "muted", wrap=True)
        empty = EmptyState(
            "agreement", "No labels yet", NONE_YET,
            ("Start labelling", lambda: state.page_requested.emit("label")),
        )  # fmt: skip
        self.stack = QStackedLayout(self)
        self.stack.addWidget(empty)
        self.stack.addWidget(self._listing())

    def activated(self) -> None:
        """Counts again."""
        project = self._state.project
        if project is None:
            return

        def op() -> Tally:
            from blasto_annotator.domain.labels import Label

            labels: list[Label] = project.labels.current()
            return tally([(label.grader, label.sha256, label.entry is not None and label.entry.gradable)
                          for label in labels])  # fmt: skip

        run_op(self, op, self.show_tally, serial=False)

    def show_tally(self, counted: Tally) -> None:
        """Who has graded how much."""
        self.stack.setCurrentIndex(1 if counted.counts else 0)
        clear(self.rows)
        for place, title in enumerate(("Grader", "Graded", "Not gradable")):
            self._put(0, place, title, "section")
        for line, (name, graded, not_gradable) in enumerate(counted.counts, 1):
            self._put(line, 0, name, "strong")
            self._put(line, 1, f"{graded:,}", "")
            self._put(line, 2, f"{not_gradable:,}", "")
        self.shared.setText(what_is_missing(counted))

    def _put(self, line: int, place: int, words: str, role: str) -> None:
        label = text(words, role)
        side = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
        self.rows.addWidget(label, line, place, side | Qt.AlignmentFlag.AlignVCenter)

    def _listing(self) -> QWidget:
        card = frame(self.rows)
        self.rows.setContentsMargins(20, 16, 20, 16)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        inner.setLayout(column(text("Agreement", "title"), self.shared, 8, card, None, gap=10))
        layout = row(None, inner, None, margin=32)
        layout.setStretchFactor(inner, 100)
        page = QWidget()
        page.setLayout(layout)
        return page


def tally(labels: list[tuple[str, str, bool]]) -> Tally:
    """Counts (grader, image, gradable) rows."""
    graded = Counter(grader for grader, _, gradable in labels if gradable)
    refused = Counter(grader for grader, _, gradable in labels if not gradable)
    images = Counter(image for _, image, _ in labels)
    names = sorted(graded.keys() | refused.keys())
    counts = tuple((name, graded[name], refused[name]) for name in names)
    return Tally(counts, sum(number > 1 for number in images.values()))


def what_is_missing(counted: Tally) -> str:
    """What comparing graders needs, in one sentence."""
    if len(counted.counts) < 2:
        return "One grader so far. Agreement needs a second grader on the same frames."
    if counted.shared == 0:
        return "These graders have no frame in common yet. Agreement needs frames that both have graded."
    what = "frame was" if counted.shared == 1 else "frames were"
    return f"{counted.shared:,} {what} graded by two or more people and can be compared."
