"""The filter that is typed: completed word by word, kept under names, with the usual terms in a menu."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QMenu, QWidget

from blasto_annotator.domain.search import FIELDS, complete
from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.widgets.basics import column, restyle, row, text, tool
from blasto_annotator.gui.widgets.escape_field import EscapeField

SEARCH_MS = 80
TROUBLE_MS = 900
"""Half a word is no mistake: what cannot be read is said when no more is typed."""
LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
OFFERED = 20
NARROWEST, AROUND, PADDING = 320, 30, 12
"""Of the list that is offered."""
USUAL = (
    ("Not labelled yet", "is:unlabelled"),
    ("Not gradable", "is:not-gradable"),
    ("With a flag", "is:flagged"),
    ("With a note", "is:noted"),
    ("Inherited from another frame", "is:inherited"),
    ("Day 5 (114 to 118 h)", "hpi:114..118"),
)
_WHOLE = int(Qt.ItemDataRole.UserRole)


class SearchField(QWidget):
    """Emits what is typed, a moment after the last key."""

    searched = Signal(str)
    entered = Signal()
    """Enter: what is typed was told before."""
    left = Signal()
    saved = Signal(str, str)
    """A name and the filter to keep under it."""
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.values: Mapping[str, Sequence[str]] = {}
        """What completion offers after a field."""
        self.kept: Mapping[str, str] = {}
        """Saved filters: name to text."""
        self.line = _Line(placeholderText="Find or filter")
        self.line.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Find an embryo or filter")
        self.line.setToolTip("Part of a name, or terms such as hpi>110 group:good -flag:ask")
        self.menu_button = tool("more", "Filters", self.open_menu)
        self.name = EscapeField(placeholderText="Name of the filter, then Enter")
        self.name.setAccessibleName("Name of the filter")
        self.name.hide()
        self.trouble = text("", "danger", wrap=True)
        self.trouble.hide()
        self.setLayout(column(row(self.line, self.menu_button, gap=2), self.name, self.trouble, gap=4))
        self._completion = _Completion(self.line)
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._timer.timeout.connect(lambda: self.searched.emit(self.line.text().strip()))
        self._words = ""
        self._patience = QTimer(self, singleShot=True, interval=TROUBLE_MS)
        self._patience.timeout.connect(self._tell_trouble)
        self._connect()

    def begin(self) -> None:
        """Nothing typed, nothing known of the project yet."""
        self.values, self.kept = {}, {}
        self.line.clear()
        self._timer.stop()
        self.name.hide()
        self.show_trouble("")

    def show_trouble(self, words: str) -> None:
        """Why the filter cannot be read; empty where it can."""
        self._words = words
        if words and self.trouble.isHidden() and self.line.hasFocus():
            self._patience.start()
        else:
            self._tell_trouble()

    def _tell_trouble(self) -> None:
        self._patience.stop()
        self.trouble.setText(self._words)
        self.trouble.setVisible(bool(self._words))
        restyle(self.trouble, "danger")

    def add_term(self, term: str) -> None:
        """Puts a term beside what is typed."""
        self.line.setText(" ".join(filter(None, [self.line.text().strip(), term])))

    def open_menu(self) -> None:
        """Usual terms, fields and saved filters."""
        menu = QMenu(self)
        for title, term in USUAL:
            menu.addAction(title, partial(self.add_term, term))
        for field in ("group", "phase", "flag", "plane", "source"):
            self._add_values(menu, field)
        menu.addSeparator()
        for name, words in self.kept.items():
            menu.addAction(icon("search"), name, partial(self.line.setText, words))
        if self.line.text().strip():
            menu.addAction("Save this filter …", self._ask_name)
        if self.kept:
            forget = menu.addMenu("Forget")
            for name in self.kept:
                forget.addAction(name, partial(self.removed.emit, name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height())))

    def _add_values(self, menu: QMenu, field: str) -> None:
        values = self.values.get(field, ())
        if values:
            inner = menu.addMenu(field.capitalize())
            for value in values:
                words = f'{field}:"{value}"' if " " in value else f"{field}:{value}"
                inner.addAction(value, partial(self.add_term, words))

    def _connect(self) -> None:
        self.line.textChanged.connect(lambda _: self._timer.start())
        self.line.textChanged.connect(lambda _: self._patience.stop())
        self.line.textEdited.connect(self._offer)
        self.line.returnPressed.connect(self._enter)
        self.line.escaped.connect(self.left)
        self.name.returnPressed.connect(self._keep)
        self.name.escaped.connect(self._leave_name)

    def _offer(self, words: str) -> None:
        self._completion.offer(complete(words, self.values)[:OFFERED] if words.strip() else [])

    def _enter(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self.searched.emit(self.line.text().strip())
        self.left.emit()
        self.entered.emit()

    def _ask_name(self) -> None:
        self.name.show()
        QTimer.singleShot(0, self.name.setFocus)

    def _keep(self) -> None:
        name = self.name.text().strip()
        if name:
            self.saved.emit(name, self.line.text().strip())
        self._leave_name()

    def _leave_name(self) -> None:
        self.name.clear()
        self.name.hide()
        self.left.emit()


class _Line(EscapeField):
    """Esc empties it, too. Up and Down choose among what is offered; they turn no page behind it."""

    def __init__(self, placeholderText: str) -> None:
        super().__init__(placeholderText=placeholderText)
        self.escaped.connect(self.clear)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in LIST_KEYS:
            event.accept()
            return True
        return super().event(event)


class _Completion(QCompleter):
    """Shows the last word with its meaning; takes the whole text."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._words = QStandardItemModel(self)
        self.setModel(self._words)
        self.setMaxVisibleItems(OFFERED)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        line.setCompleter(self)
        self._list = QListView()
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setProperty("role", "completion")
        self.setPopup(self._list)

    def offer(self, texts: Sequence[str]) -> None:
        """What may follow."""
        self._words.clear()
        for whole in texts:
            last = whole.rsplit(" ", 1)[-1] if '"' not in whole else whole[whole.rfind(":") + 1 :].strip('"')
            meaning = FIELDS.get(last.rstrip(":>").lstrip("-"), "")
            item = QStandardItem(f"{last}   {meaning}" if meaning else last)
            item.setData(whole, _WHOLE)
            self._words.appendRow(item)
        if texts:
            self._make_room(len(texts))
            self.complete()
        else:
            self._list.hide()

    def _make_room(self, count: int) -> None:
        """Qt leaves no room for the list's padding: the last line would have to be scrolled to."""
        self._list.setMinimumWidth(max(NARROWEST, self._list.sizeHintForColumn(0) + AROUND))
        self._list.setMinimumHeight(count * self._list.sizeHintForRow(0) + PADDING)

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802  Qt's name
        """The whole text that the choice stands for."""
        return str(index.data(_WHOLE))
