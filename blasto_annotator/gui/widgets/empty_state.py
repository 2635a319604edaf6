"""What a page shows while there is nothing to show: why, and the one act that changes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget

from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, column, row, text


class EmptyState(QWidget):
    """A quiet picture, a heading, a sentence, and a button where there is something to do."""

    def __init__(
        self,
        icon_name: str,
        heading: str,
        sentence: str,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._picture = QLabel()
        self.heading = text(heading, "heading")
        self.sentence = text(sentence, "muted", wrap=True)
        self.sentence.setFixedWidth(440)
        for label in (self._picture, self.heading, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = column(self._picture, 4, self.heading, row(None, self.sentence, None))
        if action is not None:
            inner.addSpacing(8)
            inner.addLayout(row(None, button(*action, role="primary"), None))
        self.setLayout(column(None, inner, None, margin=24))
        self._paint_picture()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_picture()
        super().changeEvent(event)

    def _paint_picture(self) -> None:
        self._picture.setPixmap(pixmap(self._icon_name, 56, current_theme().muted, self.devicePixelRatioF()))
