"""The grade as it stands: big characters, the derived group at once, and the reason for it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.label.entry import PendingGrade, complete, next_step
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import column, row, text
from blasto_annotator.gui.widgets.group_badge import GroupBadge


class GradeDisplay(QFrame):
    """Reads a pending grade or a label; writes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.cells = _Cells()
        self.badge = GroupBadge(30)
        self.group = text("", "strong")
        self.reason = text("", "small", wrap=True)
        self.reason.setMinimumHeight(2 * self.reason.fontMetrics().height())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = row(self.cells, None, self.group, self.badge, gap=10)
        self.setLayout(column(head, self.reason, gap=6, margin=10))

    def show_grade(
        self, pending: PendingGrade, entry: LabelEntry | None, scheme: Scheme, remark: str = ""
    ) -> None:
        """What is being typed; else what the label says; else what to type."""
        grade = complete(pending, scheme) or (entry.grade if entry is not None and not pending else None)
        self.cells.show_parts(pending if pending else _parts(entry), typing=bool(pending))
        group = scheme.group_of(grade) if grade is not None else None
        self.badge.set_group(group)
        self.badge.setVisible(group is not None)
        self.group.setText(group.title if group is not None else "")
        idle = remark and not pending and entry is None
        self.reason.setText(remark if idle else _sentence(pending, entry, grade, scheme))

    def show_words(self, words: str) -> None:
        """A sentence in place of a grade."""
        self.cells.show_parts(PendingGrade(), typing=False)
        self.badge.hide()
        self.group.clear()
        self.reason.setText(words)


class _Cells(QWidget):
    """Three cells: expansion, ICM, TE. The next to be typed is underlined."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = ("", "", "")
        self._typing = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_parts(self, pending: PendingGrade, *, typing: bool) -> None:
        self._parts = (str(pending.expansion or ""), pending.icm or "", pending.te or "")
        self._typing = typing
        self.setAccessibleName(f"Grade {''.join(self._parts) or 'empty'}{', not complete' if typing else ''}")
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * 2.2)
        return QSize(3 * side + 8, side + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        side = self.height() - 4
        empty = next((place for place, part in enumerate(self._parts) if not part), None)
        for place, part in enumerate(self._parts):
            box = QRectF(1 + place * (side + 3), 1, side, side)
            painter.setPen(QColor(theme.border))
            painter.setBrush(QColor(theme.window))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(QColor(theme.accent if self._typing else theme.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, part)
            if place == empty:
                painter.fillRect(
                    QRectF(box.left() + 8, box.bottom() - 7, box.width() - 16, 2), QColor(theme.accent)
                )
        painter.end()


def _parts(entry: LabelEntry | None) -> PendingGrade:
    grade: Grade | None = entry.grade if entry is not None else None
    return PendingGrade() if grade is None else PendingGrade(grade.expansion, grade.icm, grade.te)


def _sentence(pending: PendingGrade, entry: LabelEntry | None, grade: Grade | None, scheme: Scheme) -> str:
    if grade is not None:
        return scheme.explain(grade)
    if pending:
        return f"Next: {next_step(pending)}"
    if entry is not None:
        return f"Not gradable: {entry.reason}."
    return "Type expansion, ICM, TE: such as 4AB."
