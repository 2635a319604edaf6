"""The start page: begin, open, look at the sample, or go on where one was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from blasto_annotator.gui.help import RESEARCH_USE
from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.settings import RecentProject, Settings
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import clear, column, line, row, text, tool

if TYPE_CHECKING:
    from blasto_annotator.gui.project_actions import ProjectActions

WIDTH = 920
PURPOSE = "Label, curate and generate images of human blastocysts"


class StartPage(QWidget):
    """Three ways to begin at the left, recent projects at the right."""

    def __init__(self, settings: Settings, projects: ProjectActions) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings = settings
        self._projects = projects
        self._mark = QLabel()
        self._said = text(PURPOSE, "muted")
        self._recent = column(gap=2)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        inner.setLayout(
            column(None, self._head(), 20, row(self._begin(), 28, self._list()), 24, self._foot(), None)
        )
        layout = row(None, inner, None, margin=32)
        layout.setStretchFactor(inner, 100)
        self.setLayout(layout)
        self._paint_mark()
        self.refresh()

    def refresh(self) -> None:
        """Reads the recent projects again."""
        clear(self._recent)
        for known in self._settings.recent():
            self._recent.addWidget(_RecentRow(known, self._open, self._forget))
        if not self._settings.recent():
            self._recent.addWidget(text("Projects you open are listed here.", "muted"))
        self._recent.addStretch(1)

    def show_busy(self, busy: bool) -> None:
        """While a project is opening."""
        self.setEnabled(not busy)
        self._said.setText("Opening the project …" if busy else PURPOSE)
        self.setCursor(Qt.CursorShape.BusyCursor if busy else Qt.CursorShape.ArrowCursor)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_mark()
        super().changeEvent(event)

    def _head(self) -> QWidget:
        words = column(
            text("Blasto Annotator", "title"),
            self._said,
            gap=2,
        )
        head = QWidget()
        head.setLayout(row(self._mark, words, None, gap=18))
        return head

    def _begin(self) -> QWidget:
        cards = (
            _Card("plus", "New project", "Choose a folder and import frames", self._projects.ask_new),
            _Card("folder", "Open project", "A project folder on this computer", self._projects.ask_open),
            _Card("sample", "Sample project", "Drawn embryos, no photographs", self._projects.open_sample),
        )
        holder = QWidget()
        holder.setLayout(column(text("Begin", "section"), *cards, None, gap=10))
        holder.setMinimumWidth(330)
        return holder

    def _list(self) -> QWidget:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setLayout(self._recent)
        area.setWidget(inner)
        area.setMinimumHeight(264)
        holder = QWidget()
        holder.setLayout(column(text("Recent projects", "section"), area, gap=10))
        holder.setMinimumWidth(380)
        return holder

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setLayout(column(line(), 6, text(RESEARCH_USE, "small", wrap=True)))
        return foot

    def _open(self, known: RecentProject) -> None:
        self._projects.open(Path(known.folder))

    def _forget(self, known: RecentProject) -> None:
        self._settings.forget_project(known.folder)
        self.refresh()

    def _paint_mark(self) -> None:
        self._mark.setPixmap(pixmap("embryo", 52, current_theme().accent, self.devicePixelRatioF()))


class _Clickable(QFrame):
    """A frame that works as a button, by mouse and by keyboard."""

    def __init__(self, role: str, name: str, clicked: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._clicked = clicked

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._clicked()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._clicked()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)


class _Card(_Clickable):
    def __init__(self, icon_name: str, title: str, sentence: str, clicked: Callable[[], object]) -> None:
        super().__init__("choice", f"{title}: {sentence}", clicked)
        self._icon_name = icon_name
        self._picture = QLabel()
        heading = text(title)
        heading.setProperty("role", "strong")
        layout = row(self._picture, column(heading, text(sentence, "small"), gap=2), None, gap=16)
        layout.setContentsMargins(16, 13, 16, 13)
        self.setLayout(layout)
        self._paint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._paint()
        super().changeEvent(event)

    def _paint(self) -> None:
        colour = current_theme().accent
        self._picture.setPixmap(pixmap(self._icon_name, 26, colour, self.devicePixelRatioF()))


class _RecentRow(_Clickable):
    def __init__(
        self,
        known: RecentProject,
        opened: Callable[[RecentProject], None],
        forgotten: Callable[[RecentProject], None],
    ) -> None:
        super().__init__("recent", f"Open {known.name}", lambda: opened(known))
        name = text(known.name)
        name.setProperty("role", "strong")
        drawn = "Drawn pictures · " if known.sample else ""
        place = _Elided(f"{drawn}{_short(known.folder)}")
        forget = tool("close", "Take off this list", lambda: forgotten(known))
        forget.setIconSize(QSize(14, 14))
        layout = row(column(name, place, gap=1), forget)
        layout.setStretch(0, 1)
        layout.setContentsMargins(12, 8, 6, 8)
        self.setLayout(layout)


class _Elided(QLabel):
    """One line, cut in the middle where it is too long."""

    def __init__(self, content: str) -> None:
        super().__init__(content)
        self.setProperty("role", "small")
        self._content = content
        self.setToolTip(content)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        cut = self.fontMetrics().elidedText(self._content, Qt.TextElideMode.ElideMiddle, self.width())
        self.setText(cut)


def _short(folder: str) -> str:
    home = str(Path.home())
    return "~" + folder[len(home) :] if folder.startswith(home) else folder
