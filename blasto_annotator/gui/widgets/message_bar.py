"""A bar that says one sentence without stopping anybody: errors and offers stay, the rest fades."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, row, text, tool

SHOWN_MS = 6000


class MessageBar(QFrame):
    """Hidden until `show_message`; kinds: info, success, warning, error."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = "info"
        self._picture = QLabel()
        self._text = text("", wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action: Callable[[], object] = self.hide
        self._button: QPushButton = button("", self._act)
        layout = row(
            self._picture, self._text, self._button, tool("close", "Close the message", self.hide), gap=12
        )
        layout.setContentsMargins(16, 6, 8, 6)
        self.setLayout(layout)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def sentence(self) -> str:
        """What the bar says."""
        return self._text.text()

    def show_message(
        self, sentence: str, kind: str = "info", action: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """Shows a sentence, with a button for the one act that helps, where there is one."""
        self.kind = kind
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._button.setVisible(action is not None)
        if action is not None:
            self._button.setText(action[0])
            self._action = action[1]
        self._dress()
        self.show()
        if kind in ("info", "success") and action is None:
            self._timer.start()
        else:
            self._timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _act(self) -> None:
        self.hide()
        self._action()

    def _dress(self) -> None:
        theme = current_theme()
        tint = {
            "info": theme.accent,
            "success": theme.success,
            "warning": theme.warning,
            "error": theme.danger,
        }
        colour = tint[self.kind]
        self._picture.setPixmap(pixmap(self.kind, 20, colour, self.devicePixelRatioF()))
        sheet = f"MessageBar {{ background: {theme.raised}; border: none; border-left: 4px solid {colour};"
        sheet += f" border-bottom: 1px solid {theme.border}; }}"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
