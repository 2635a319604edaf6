"""After the last verdict: what the images were, and the figures per class with their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from blasto_annotator.curation.near_copies import NearCopies
from blasto_annotator.domain.reviews import (
    REPEAT,
    Answer,
    ItemKind,
    Review,
    ReviewItem,
    ReviewSession,
    defect_title,
)
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.review.gallery import Gallery, Tile
from blasto_annotator.gui.review.marks import Marks, marks_of, short_words
from blasto_annotator.gui.review.near_card import NearCard
from blasto_annotator.gui.review.overview import when
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.evidence import evidence_card
from blasto_annotator.gui.widgets.nearest_view import NearestView
from blasto_annotator.gui.widgets.pictures import Load, Pictures
from blasto_annotator.gui.widgets.share_table import ShareTable
from blasto_annotator.reports.figures import METHOD, RESEARCH_USE, tables
from blasto_annotator.reports.review_table import ReviewTable


@dataclass(frozen=True)
class Revealed:
    """All that the reveal shows."""

    session: ReviewSession
    reviews: dict[int, Review]
    table: ReviewTable
    near: NearCopies | None = None
    """The search for near copies in the session's batch."""
    allowed: frozenset[str] = frozenset()
    """SHA-256 of the near copies that a person let pass."""


_TOLD = (
    *("Beside real frames, mixed in blind", "Real or generated?"),
    *("Which of two looks more real?", "Readers with themselves"),
)


class RevealView(QWidget):
    """Shows one finished session."""

    back_pressed = Signal()
    report_pressed = Signal()
    verdicts_pressed = Signal()
    decided = Signal(object, bool)
    """A `Nearest`, and whether it may pass."""

    def __init__(
        self, revealed: Revealed, scheme: Scheme, load: Load, near_load: Callable[[int], Load] | None = None,
        nearest: Callable[[], NearestView] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._make_nearest = nearest
        """Every generated image beside its nearest real frames; None where nobody searched."""
        session = revealed.session
        self.pictures = Pictures(load, len(session.items), self, least_side=0)
        self._scroll = QScrollArea()
        self._stack = QStackedWidget()
        self.nearest: NearestView | None = None
        self._galleries: list[Gallery] = []
        self._titles = {group.name: group.title for group in scheme.groups}
        self.near = self._near_card(revealed, near_load)
        cards = [*self._tables(revealed, scheme), *([self.near] if self.near is not None else [])]
        content = column(*cards, *self._pictures(revealed), gap=16, margin=24)
        self._fill(session, content)
        self.pictures.ready.connect(lambda _: self._repaint())

    def _fill(self, session: ReviewSession, content: QVBoxLayout) -> None:
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setLayout(content)
        self._scroll.setWidget(inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        heading = column(text("What they were", "title"), text(_origin(session), "muted", wrap=True), gap=2)
        nearest = button("Nearest frames", self.show_nearest)
        nearest.setToolTip("Every generated image beside the real frames that it is most like")
        nearest.setVisible(self._make_nearest is not None)
        head = row(
            heading, 16, nearest,
            button("Export verdicts", self.verdicts_pressed.emit, icon_name="export"),
            button("Save the report", self.report_pressed.emit, role="primary"),
            button("Back to the batches", self.back_pressed.emit), margin=16,
        )  # fmt: skip
        head.setStretch(0, 1)
        self._stack.addWidget(self._scroll)
        self.setLayout(column(frame(head, "panel"), self._stack, gap=0))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        shown = self._stack.currentWidget()
        if shown is not None:
            shown.setFocus()  # Page Down turns the page at once

    def show_nearest(self) -> None:
        """Every generated image beside its nearest real frames; Esc goes back."""
        if self._make_nearest is None:
            return
        if self.nearest is None:
            self.nearest = self._make_nearest()
            self.nearest.decided.connect(self.decided)
            self.nearest.closed.connect(lambda: self._stack.setCurrentWidget(self._scroll))
            self._stack.addWidget(self.nearest)
        self._stack.setCurrentWidget(self.nearest)
        self.nearest.setFocus()

    def _tables(self, revealed: Revealed, scheme: Scheme) -> list[QWidget]:
        found: list[QWidget] = []
        rated = revealed.session.mode.rates
        for title, rows in tables(revealed.table.whole) if rated else ():
            found.append(frame(column(text(title, "heading"), ShareTable(scheme, rows), gap=12, margin=20)))
        found += [evidence_card(part) for part in revealed.table.evidence if part.title in _TOLD]
        defects = revealed.table.whole.defects
        if defects and rated:
            words = "   ·   ".join(f"{name}: {count}" for name, count in defects)
            found.append(text(f"Defects named in verdicts on generated images   ·   {words}", wrap=True))
        found.append(text(f"{METHOD} {RESEARCH_USE}", "small", wrap=True))
        return found

    def _near_card(self, revealed: Revealed, load: Callable[[int], Load] | None) -> NearCard | None:
        if revealed.near is None or load is None:
            return None
        made = NearCard(revealed.near, revealed.allowed, load)
        made.decided.connect(self.decided)
        return made

    def _pictures(self, revealed: Revealed) -> list[QWidget]:
        found: list[QWidget] = []
        for kind, title in ((ItemKind.GENERATED, "Generated images"), (ItemKind.REAL, "Real frames")):
            items = [item for item in revealed.session.items if item.kind is kind]
            if items:
                items.sort(key=lambda item: (_order(item.class_name, self._titles), item.position))
                gallery = Gallery([self._tile(item, revealed) for item in items], self.pictures.get)
                self._galleries.append(gallery)
                count = sum(REPEAT not in item.role for item in items)
                found += [text(f"{title}, {count}", "heading"), gallery]
        return found

    def _tile(self, item: ReviewItem, revealed: Revealed) -> Tile:
        review = revealed.reviews.get(item.position)
        marks = marks_of(review.verdict if review is not None else None)
        title = self._titles.get(item.class_name, item.class_name)
        said = (
            _pair_words(item, revealed)
            if item.partner is not None
            else short_words(replace(marks, defects=()))
        )
        again = "again: " if REPEAT in item.role else ""
        return Tile(item.position, title, f"{again}{said or 'no verdict'}", self._details(marks))

    def _details(self, marks: Marks) -> str:
        like = f"like {self._titles.get(marks.looks_like, marks.looks_like)}" if marks.looks_like else ""
        return "; ".join(filter(None, [like, *(map(defect_title, marks.defects)), marks.note]))

    def _repaint(self) -> None:
        for gallery in self._galleries:
            gallery.update()


def _pair_words(item: ReviewItem, revealed: Revealed) -> str:
    """Whether an image of a pair was preferred; the left one carries the answer for both."""
    left = min(item.position, item.partner or 0)
    review = revealed.reviews.get(left)
    if review is None or review.verdict is None:
        return ""
    chosen = left if review.verdict.answer is Answer.LEFT else left + 1
    batch = item.batch or revealed.session.batch
    return f"{'preferred' if item.position == chosen else 'not preferred'}, {batch}"


def _origin(session: ReviewSession) -> str:
    first = [item for item in session.items if REPEAT not in item.role]
    real = sum(1 for item in first if item.kind is ItemKind.REAL)
    again = len(session.items) - len(first)
    mixed = f"{len(first) - real} generated images" + (f" and {real} real frames" if real else "")
    mixed += f" ({again} of them came twice)" if again else ""
    return f"{mixed}, reviewed by {session.reviewer}, session of {when(session.created_utc)}"


def _order(class_name: str, titles: dict[str, str]) -> tuple[int, str]:
    names = list(titles)
    return (names.index(class_name) if class_name in names else len(names), class_name)
