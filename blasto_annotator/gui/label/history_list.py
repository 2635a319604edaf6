"""Earlier labels of the image on screen; those of colleagues and decisions once one's own is committed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QWidget

from blasto_annotator.domain.adjudication import Adjudication
from blasto_annotator.domain.labels import Label
from blasto_annotator.gui.widgets.basics import column, text

OWN_SHOWN = 4
OTHERS_SHOWN = 8
TOLD = ("inherited", "import", "undo", "redo")
"""Of rows that nobody typed there it is said where they came from."""


class HistoryList(QWidget):
    """Newest first; hidden where there is nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.own_title = text("Your earlier labels of this frame", "section")
        self.own = text("", "small", wrap=True)
        self.others_title = text("Colleagues", "section")
        self.others = text("", "small", wrap=True)
        self.decided_title = text("Adjudicated", "section")
        self.decided = text("", "small", wrap=True)
        mine, theirs = (self.own_title, self.own), (self.others_title, self.others)
        self.setLayout(column(*mine, *theirs, self.decided_title, self.decided, gap=6))

    def show_labels(
        self, own: Sequence[Label], others: Sequence[Label], decisions: Sequence[Adjudication] = ()
    ) -> None:
        """Rows oldest first, withdrawals included."""
        self._fill(self.own_title, self.own, [_line(label) for label in reversed(own)][:OWN_SHOWN])
        newest = {label.grader: label for label in others}
        lines = [f"{_line(label)}   {label.grader}" for label in newest.values()]
        self._fill(self.others_title, self.others, lines[:OTHERS_SHOWN])
        decided = [f"{_line(row)}   {row.adjudicator}" for row in reversed(decisions)]
        self._fill(self.decided_title, self.decided, decided[:OWN_SHOWN])
        self.setVisible(bool(own or others))

    @staticmethod
    def _fill(title: QLabel, words: QLabel, lines: list[str]) -> None:
        words.setText("\n".join(lines))
        words.setVisible(bool(lines))
        title.setVisible(bool(lines))


def _line(label: Label | Adjudication) -> str:
    here = label.time_utc.astimezone()
    when = f"{here.day} {here:%b, %H:%M}"
    if label.entry is None:
        return f"{when}   withdrawn"
    said = str(label.entry.grade) if label.entry.grade is not None else f"not gradable: {label.entry.reason}"
    more = f" ({label.why})" if label.why.startswith(TOLD) else ""
    note = f" – {label.entry.note}" if label.entry.note else ""
    return f"{when}   {said}{more}{note}"
