"""The left panel: find, filter, and the list of embryos with the moments of the open one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from blasto_annotator.domain.frames import EmbryoRow
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.icons import draw
from blasto_annotator.gui.label.embryo_model import FILTERS, ROW, EmbryoModel, MomentRow, moment_words
from blasto_annotator.gui.label.queue_bar import QueueBar
from blasto_annotator.gui.label.search_field import SearchField
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.gui.widgets.group_badge import draw_group

ACCENT_WIDTH = 3


class EmbryoPanel(QFrame):
    """Emits what was chosen; the page goes there."""

    embryo_chosen = Signal(int)
    moment_chosen = Signal(int)
    """A place in the open embryo."""
    searched = Signal(str)
    filtered = Signal()
    entered = Signal()
    """Enter in the search field: to a frame that fits."""
    left = Signal()
    """Esc or Enter in the search field: back to the frame."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setMinimumWidth(196)
        self.model = EmbryoModel()
        self.finder = SearchField()
        self.search = self.finder.line
        self.queue = QueueBar()
        self.list = _List()
        self.list.setModel(self.model)
        self.delegate = RowDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self.count = text("", "small", wrap=True)
        self.everything = button("Show all embryos", self._show_everything, role="link")
        self.everything.hide()
        self._lay_out()
        self.finder.searched.connect(self.searched)
        self.finder.entered.connect(self.entered)
        self.finder.left.connect(self.left)
        self.list.activated.connect(self._choose)
        self.list.clicked.connect(self._choose)

    def begin(self) -> None:
        """Another project: an empty list without a filter."""
        self.finder.begin()
        self._group.buttons()[0].setChecked(True)
        self.model.set_embryos([])
        self.model.set_filter(FILTERS[0])

    def show_place(self, embryo_id: int, place: int) -> None:
        """Marks and scrolls to the moment on show."""
        index = self.model.row_of(embryo_id, place)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, QListView.ScrollHint.EnsureVisible)

    def show_count(self) -> None:
        """How many embryos the list has, and the way back where none fits."""
        shown = len(self.model.embryos)
        whole = self._group.buttons()[0].isChecked() and not self.search.text().strip()
        words = f"{shown:,} embryo{'' if shown == 1 else 's'}"
        words += " with frames that fit" if self.search.text().strip() else ""
        self.count.setText("No embryo fits." if not shown and not whole else words)
        self.everything.setVisible(not shown and not whole)

    def _lay_out(self) -> None:
        self._group = QButtonGroup(self)
        buttons = [self._filter_button(name) for name in FILTERS]
        buttons[0].setChecked(True)
        head = column(self.finder, row(*buttons, gap=0), self.queue, self.count, self.everything, gap=8)
        head.setContentsMargins(12, 12, 12, 4)
        self.setLayout(column(head, self.list, gap=4))

    def _filter_button(self, name: str) -> QPushButton:
        made = QPushButton(name)
        made.setProperty("role", "segment")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda _=False: self._set_filter(name))
        self._group.addButton(made)
        return made

    def _set_filter(self, name: str) -> None:
        self.model.set_filter(name)
        self.show_count()
        self.filtered.emit()

    def _show_everything(self) -> None:
        self._group.buttons()[0].setChecked(True)
        self._set_filter(FILTERS[0])
        self.search.clear()
        self.left.emit()

    def _choose(self, index: QModelIndex) -> None:
        chosen = index.data(ROW)
        if isinstance(chosen, EmbryoRow):
            self.embryo_chosen.emit(chosen.id)
        elif isinstance(chosen, MomentRow):
            self.moment_chosen.emit(chosen.place)


class _List(QListView):
    """Letters and digits are grades, not a search in the list: they go on to the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Embryos and moments")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().strip() and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)


class RowDelegate(QStyledItemDelegate):
    """Draws both kinds of rows."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self.scheme: Scheme | None = None
        self.open_embryo: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, option.fontMetrics.height() + 14)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setFont(option.font)
        self._background(painter, rect, state)
        chosen = index.data(ROW)
        if isinstance(chosen, EmbryoRow):
            self._embryo(painter, rect, chosen)
        elif isinstance(chosen, MomentRow):
            self._moment(painter, rect, chosen)
        painter.restore()

    def _background(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        theme = current_theme()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.accent_soft))
            painter.fillRect(QRect(rect.topLeft(), QSize(ACCENT_WIDTH, rect.height())), QColor(theme.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.hover))

    def _embryo(self, painter: QPainter, rect: QRect, embryo: EmbryoRow) -> None:
        theme = current_theme()
        done = embryo.labelled >= embryo.moments
        right = 26 if done else painter.fontMetrics().horizontalAdvance(f"{embryo.labelled}/{embryo.moments}")
        inner = rect.adjusted(14, 0, -12, 0)
        if done:
            side = 15
            mark = QRectF(inner.right() - side, rect.center().y() - side / 2 + 1, side, side)
            draw(painter, "check", mark, theme.success)
        else:
            painter.setPen(QColor(theme.muted))
            painter.drawText(inner, _RIGHT, f"{embryo.labelled}/{embryo.moments}")
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold if embryo.id == self.open_embryo else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        _elided(painter, inner.adjusted(0, 0, -right - 8, 0), embryo.name)

    def _moment(self, painter: QPainter, rect: QRect, row: MomentRow) -> None:
        theme = current_theme()
        inner = rect.adjusted(30, 0, -12, 0)
        used = self._grade(painter, inner, row) if row.entry is not None else 0
        painter.setPen(QColor(theme.text if row.entry is None else theme.muted))
        _elided(painter, inner.adjusted(0, 0, -used, 0), moment_words(row.moment, row.place))

    def _grade(self, painter: QPainter, inner: QRect, row: MomentRow) -> int:
        theme = current_theme()
        grade = row.entry.grade if row.entry is not None else None
        words = str(grade) if grade is not None else "n.g."
        painter.setPen(QColor(theme.text))
        group = self.scheme.group_of(grade) if grade is not None and self.scheme is not None else None
        painter.drawText(inner.adjusted(0, 0, -22, 0), _RIGHT, words)
        if group is not None:
            mark = QRectF(inner.right() - 14, inner.center().y() - 6, 13, 13)
            draw_group(painter, mark, group)
        return painter.fontMetrics().horizontalAdvance(words) + 30


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def _elided(painter: QPainter, rect: QRect, words: str) -> None:
    cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)
