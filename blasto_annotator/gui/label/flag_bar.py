"""Flags of the frame on screen: those that stand, and a menu that raises one or takes it off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from blasto_annotator.domain.flags import FLAGS, LONGEST, Flag
from blasto_annotator.gui.label.grading import Grading
from blasto_annotator.gui.widgets.basics import button, clear, column
from blasto_annotator.gui.widgets.escape_field import EscapeField

FLAG = "Flag …"


class FlagBar(QWidget):
    """The menu opens by its key; digits choose in it."""

    left = Signal()
    """The words are entered: back to the frame."""

    def __init__(self, grading: Grading) -> None:
        super().__init__()
        self._grading = grading
        self._own: set[str] = set()
        self.shown: list[str] = []
        """What the chips say."""
        self.names: Sequence[str] = FLAGS
        """What the menu offers."""
        self.button = button(FLAG, self.open_menu, icon_name="flag")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolTip("Mark this frame, to find it again")
        self.field = EscapeField(placeholderText="The flag's name, then Enter")
        self.field.setAccessibleName("Flag in own words")
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(self._take_words)
        self.field.escaped.connect(self._leave)
        self.field.hide()
        self._chips = column(gap=4)
        self.setLayout(column(self.button, self.field, self._chips, gap=6))

    def show_flags(self, flags: Sequence[Flag], grader: str) -> None:
        """The flags that stand on the image on screen."""
        self._own = {flag.flag for flag in flags if flag.who == grader}
        self.shown = [flag.flag if flag.who == grader else f"{flag.flag}   {flag.who}" for flag in flags]
        clear(self._chips)
        for words in self.shown:
            chip = QLabel(words)
            chip.setProperty("role", "chip")
            self._chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)

    def open_menu(self) -> None:
        """Offers the names; a flag that stands is taken off."""
        menu = QMenu(self)
        for number, name in enumerate(self.names, 1):
            key = f"&{number}   " if number < 10 else ""
            action = menu.addAction(f"{key}{name[0].upper()}{name[1:]}", partial(self._toggle, name))
            action.setCheckable(True)
            action.setChecked(name in self._own)
        menu.addSeparator()
        last = len(self.names) + 1
        menu.addAction(f"&{last}   Own words …" if last < 10 else "Own words …", self._ask_words)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self._go_on))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def _toggle(self, name: str) -> None:
        self._grading.flag(name, raised=name not in self._own)

    def _ask_words(self) -> None:
        self.field.show()

    def _go_on(self) -> None:
        """The menu is gone: its keys go to the words that were asked for, else to the frame."""
        self.window().activateWindow()  # not every window system gives the keyboard back by itself
        if self.field.isVisible():
            self.field.setFocus()
        else:
            self.left.emit()

    def _take_words(self) -> None:
        words = " ".join(self.field.text().split()).casefold()
        self._leave()
        if words:
            self._toggle(words)

    def _leave(self) -> None:
        self.field.clear()
        self.field.hide()
        self.left.emit()
