"""Which rows of the trail are shown: person, act, time, words."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit, QWidget

from blasto_annotator.domain.audit import AuditFilter
from blasto_annotator.gui.audit.words import action_words
from blasto_annotator.gui.widgets.basics import row, text

TYPING_MS = 250
TIMES = ("Any time", "Today", "Last 7 days", "Last 30 days", "Between …")
_DAYS = (None, 1, 7, 30)
_BETWEEN = len(TIMES) - 1


class FilterBar(QWidget):
    """Emits when the filter changed; typing is waited out."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.who, self.action, self.when = QComboBox(), QComboBox(), QComboBox()
        self.words = QLineEdit(placeholderText="Search: frame:17, 4AB, a note …")
        self.words.setClearButtonEnabled(True)
        self.since, self.until = _date("From"), _date("To, included")
        for box, name in ((self.who, "Person"), (self.action, "Act"), (self.when, "Time")):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.words.setAccessibleName("Words in the row")
        self.when.addItems(TIMES)
        self._to = text("to", "muted")
        self.setLayout(row(self.words, self.who, self.action, self.when, self.since, self._to, self.until))
        self.offer([], [])
        self._typed = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typed.timeout.connect(self.changed)
        self.words.textChanged.connect(lambda _: self._typed.start())
        for choice in (self.who, self.action, self.when):
            choice.activated.connect(lambda _: self._chosen())
        for date in (self.since, self.until):
            date.dateChanged.connect(lambda _: self._typed.start())
        self._show_dates()

    def offer(self, people: list[str], actions: list[str]) -> None:
        """Who and what the trail names; what was chosen stays chosen."""
        _fill(self.who, "Everybody", [(name, name) for name in people])
        _fill(self.action, "Every act", sorted((action_words(name), name) for name in actions))

    def wanted(self) -> AuditFilter:
        """The filter as it stands; words such as frame:17 ask for that subject."""
        since, until = self._bounds()
        words = self.words.text().strip()
        who, action = str(self.who.currentData() or ""), str(self.action.currentData() or "")
        kind, colon, number = words.partition(":")
        is_subject = bool(colon) and kind.isalpha() and bool(number) and " " not in words
        return AuditFilter(
            who, action, words if is_subject else "", "" if is_subject else words, since, until
        )

    def clear(self) -> None:
        """Everything again; says nothing."""
        self.words.clear()
        self._typed.stop()
        for box in (self.who, self.action, self.when):
            box.setCurrentIndex(0)
        self._show_dates()

    def _chosen(self) -> None:
        self._show_dates()
        self.changed.emit()

    def _show_dates(self) -> None:
        for widget in (self.since, self._to, self.until):
            widget.setVisible(self.when.currentIndex() == _BETWEEN)

    def _bounds(self) -> tuple[datetime | None, datetime | None]:
        if self.when.currentIndex() == _BETWEEN:
            return _midnight(self.since.date()), _midnight(self.until.date().addDays(1))
        days = _DAYS[self.when.currentIndex()]
        if days is None:
            return None, None
        today = datetime.combine(datetime.now().astimezone().date(), time()).astimezone()
        return today - timedelta(days=days - 1), None


def _date(name: str) -> QDateEdit:
    made = QDateEdit(QDate.currentDate())
    made.setCalendarPopup(True)
    made.setDisplayFormat("yyyy-MM-dd")
    made.setAccessibleName(name)
    made.setMinimumWidth(120)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return made


def _midnight(date: QDate) -> datetime:
    return datetime(date.year(), date.month(), date.day()).astimezone()


def _fill(box: QComboBox, everything: str, items: list[tuple[str, str]]) -> None:
    kept = box.currentData()
    box.clear()
    box.addItem(everything, "")
    for title, name in items:
        box.addItem(title, name)
    box.setCurrentIndex(max(box.findData(kept), 0))
