"""The slim rail at the left: one button a page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.pages import PAGES, PageEntry
from blasto_annotator.gui.widgets.basics import column


class Rail(QFrame):
    """Emits the name of the page that was clicked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self._group = QButtonGroup(self)
        self._buttons = {entry.name: self._button(entry) for entry in PAGES}
        layout = column(*self._buttons.values(), None, gap=2)
        layout.setContentsMargins(0, 8, 0, 8)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def show_page(self, name: str) -> None:
        """Marks the page on show."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def _button(self, entry: PageEntry) -> QToolButton:
        made = QToolButton()
        made.setProperty("role", "rail")
        made.setText(entry.title)
        made.setIcon(icon(entry.name))
        made.setIconSize(QSize(22, 22))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setToolTip(f"{entry.tip} (Ctrl+{PAGES.index(entry) + 1})")
        made.setAccessibleName(f"{entry.title}: {entry.tip}")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda _=False: self.chosen.emit(entry.name))
        self._group.addButton(made)
        return made
