"""Tells a person who looks away that a round has ended; a bar in the window tells who comes back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.settings import NOTIFY, Settings
from blasto_annotator.gui.state import AppState, RoundEnd
from blasto_annotator.gui.widgets.message_bar import MessageBar

SHOWN_MS = 15_000


class Notices(QObject):
    """The bar always; the desktop only while the window is not in front, and unless it was turned off."""

    def __init__(self, window: QMainWindow, state: AppState, settings: Settings, bar: MessageBar) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings
        self._bar = bar
        self._tray: QSystemTrayIcon | None = None
        self._end: RoundEnd | None = None
        state.round_ended.connect(self.tell)
        state.project_changed.connect(self._forget)

    def tell(self, end: RoundEnd | None) -> None:
        """A round has ended, or an earlier window left one; None: it is on its way again."""
        if end is None:
            if self._end is not None and self._bar.sentence == self._end.sentence:
                self._bar.hide()
            self._end = None
            return
        self._end = end
        ready = end.kind == "success"
        act = ("Start review", self.go) if ready else ("Show it", self.go)
        self._bar.show_message(end.sentence, end.kind, act)
        if end.news and self._settings.flag(NOTIFY, True) and not self._window.isActiveWindow():
            self._call(end.sentence, ready)

    def go(self) -> None:
        """To the review that waits, else to the round."""
        end, self._end = self._end, None
        if end is None or self._state.project is None:
            return
        if end.kind != "success":
            self._state.page_requested.emit("train")
        elif end.session is not None:
            self._state.session_requested.emit(end.session)
        else:
            self._state.page_requested.emit("review")

    def _call(self, sentence: str, ready: bool) -> None:
        """The task bar's mark, and the desktop's own notification where it has any."""
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        kind = QSystemTrayIcon.MessageIcon.Information if ready else QSystemTrayIcon.MessageIcon.Warning
        self._icon().showMessage("Blasto Annotator", sentence, kind, SHOWN_MS)

    def _icon(self) -> QSystemTrayIcon:
        """Only a notification that is shown needs a place among the tray's icons."""
        if self._tray is None:
            made = self._window.windowIcon()
            self._tray = QSystemTrayIcon(icon("train") if made.isNull() else made, self)
            self._tray.setToolTip("Blasto Annotator")
            self._tray.messageClicked.connect(self._clicked)
            self._tray.activated.connect(lambda _: self._come_forward())
        self._tray.show()
        return self._tray

    def _clicked(self) -> None:
        self._come_forward()
        self._bar.hide()
        self.go()

    def _come_forward(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self.quiet()

    def quiet(self) -> None:
        """The person is here: the icon goes."""
        if self._tray is not None:
            self._tray.hide()

    def _forget(self) -> None:
        self._end = None
        self.quiet()
