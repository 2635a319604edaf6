"""Accounts: who grades here, who may adjudicate, whose name needs a PIN, and how many images come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QScrollArea, QWidget

from blasto_annotator.domain.graders import Grader, administrators, listed, unguarded
from blasto_annotator.domain.repeats import LARGEST_SHARE
from blasto_annotator.gui.accounts.pin_dialog import NewPinDialog, PinDialog
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, clear, column, line, restyle, row, text
from blasto_annotator.gui.widgets.spins import decimal_spin

if TYPE_CHECKING:
    from blasto_annotator.store import Project

HEADS = ("Name", "May adjudicate", "PIN", "Account")
ONLY_CHIEFS = "Only graders who may adjudicate can change this; sign in as one of them."
ONLY_OWNERS = "A PIN is set by its owner or by a grader who may adjudicate; sign in as one of them."
_WORDS = "Typing a new name on the Label page makes an account, too. Labels stay when one is closed."
_REPEATS = (
    "of images come back later, turned or mirrored and unannounced, to see how graders agree with themselves."
)


class AccountsTab(QWidget):
    """A line a grader."""

    changed = Signal()

    def __init__(self, state: AppState, project: Project) -> None:
        super().__init__()
        self._state, self._project = state, project
        self._chief = False
        """Whether the grader of this session may adjudicate, hence change other accounts."""
        self.name = QLineEdit(placeholderText="Name of another grader")
        self.name.setAccessibleName("Name of another grader")
        self.add = button("Add", self._add)
        self.name.returnPressed.connect(self._add)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        inside = QWidget()
        inside.setLayout(column(self._grid, None))
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.share = decimal_spin("Share of images that come back, in percent", 0, 100 * LARGEST_SHARE)
        self.share.setSuffix(" %")
        self.share.editingFinished.connect(self._save_share)
        self.words = text(_WORDS, "small", wrap=True)
        repeats = row(self.share, text(_REPEATS, "small", wrap=True), gap=12)
        repeats.setStretch(1, 1)
        self.setLayout(
            column(
                self.words, scroll, row(self.name, self.add), line(), text("Second looks", "section"),
                repeats, gap=12, margin=16,
            )
        )  # fmt: skip
        run_op(self, project.repeats.share, lambda share: self.share.setValue(100 * share), serial=False)
        self.reload()

    def reload(self) -> None:
        """Reads the accounts."""
        run_op(self, self._project.graders.all, self._show)

    def _show(self, graders: list[Grader]) -> None:
        clear(self._grid)
        own = next((grader for grader in graders if grader.name == self._who()), None)
        self._chief = own is not None and own.may_adjudicate
        self._show_rights(graders)
        for at, title in enumerate(HEADS):
            self._grid.addWidget(text(title, "section"), 0, at)
        for place, grader in enumerate(graders, 1):
            self._line(place, grader)
        self.changed.emit()

    def _show_rights(self, graders: list[Grader]) -> None:
        """Once somebody who may adjudicate has a PIN, the others only look."""
        chiefs, open_to_all = administrators(graders), unguarded(graders)
        administers = not chiefs or self._chief
        for widget in (self.name, self.add, self.share):
            widget.setEnabled(administers)
            widget.setToolTip("" if administers else ONLY_CHIEFS)
        words = (
            _WORDS if not chiefs else f"{listed(chiefs)} adds accounts here. Labels stay when one is closed."
        )
        if administers and open_to_all:
            words += f" {listed(open_to_all)} may change everything here and has no PIN: set one."
        self.words.setText(words)
        restyle(self.words, "warning" if administers and open_to_all else "small")

    def _line(self, place: int, grader: Grader) -> None:
        name, project = grader.name, self._project
        may = QCheckBox()
        may.setChecked(grader.may_adjudicate)
        may.setAccessibleName(f"{name} may adjudicate")
        may.toggled.connect(
            lambda on: self._change(lambda: project.graders.set_adjudicates(name, on, self._who()))
        )
        pin = button("Change …" if grader.has_pin else "Set …", partial(self._ask_pin, grader))
        pin.setAccessibleName(f"PIN of {name}")
        words = "Close" if grader.active else "Open again"
        active = button(
            words,
            lambda: self._change(lambda: project.graders.set_active(name, not grader.active, self._who())),
        )
        for widget in (may, active):
            widget.setEnabled(self._chief)
            widget.setToolTip("" if self._chief else ONLY_CHIEFS)
        pin.setEnabled(self._chief or name == self._who())
        pin.setToolTip("" if pin.isEnabled() else ONLY_OWNERS)
        active.setAccessibleName(f"{words} the account of {name}")
        shown = name if grader.active else f"{name}  (closed)"
        self._grid.addWidget(text(shown, "" if grader.active else "muted"), place, 0)
        self._grid.addWidget(may, place, 1, Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(pin, place, 2)
        self._grid.addWidget(active, place, 3)

    def _add(self) -> None:
        name = self.name.text().strip()
        if name:
            self.name.clear()
            self._change(lambda: self._project.graders.add(name, self._who()))

    def _ask_pin(self, grader: Grader) -> None:
        """Its owner types the old PIN first; who adjudicates sets a new one, where it was forgotten."""
        if not grader.has_pin or (self._chief and grader.name != self._who()):
            self._new_pin(grader)
            return
        dialog, graders = PinDialog(self, grader.name), self._project.graders

        def right(_: None) -> None:
            dialog.close()
            self._new_pin(grader)

        dialog.typed.connect(
            lambda pin: run_op(dialog, lambda: graders.check_pin(grader.name, pin), right, dialog.refuse)
        )
        dialog.show()

    def _new_pin(self, grader: Grader) -> None:
        dialog = NewPinDialog(self, grader.name, grader.has_pin)
        dialog.chosen.connect(
            lambda pin: self._change(lambda: self._project.graders.set_pin(grader.name, pin, self._who()))
        )
        dialog.show()

    def _save_share(self) -> None:
        share, project, who = self.share.value() / 100, self._project, self._who()

        def save() -> None:
            if abs(project.repeats.share() - share) > 1e-9:
                project.repeats.set_share(share, who)

        run_op(self, save, lambda _: None)

    def _change(self, op: Callable[[], object]) -> None:
        run_op(self, op, lambda _: self.reload(), self._failed)

    def _failed(self, error: Exception) -> None:
        self.reload()
        self._state.message.emit("error", str(error))

    def _who(self) -> str:
        return self._state.grader
