"""What could not be saved, why, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from blasto_annotator.gui.widgets.basics import button, column, row, text


class SaveNotice(QFrame):
    """Hidden unless saving failed. The entry stays until it is saved or given up."""

    retry = Signal()
    show_frame = Signal()
    give_up = Signal()

    def __init__(self, elsewhere: bool = True) -> None:
        """`elsewhere`: the frame may not be the one on screen, so a button goes there."""
        super().__init__()
        self.setProperty("role", "failure")
        self.title = text("", "danger", wrap=True)
        self.sentence = text("", wrap=True)
        self.again = button("Try again", self.retry.emit, role="primary")
        there = button("Show frame", self.show_frame.emit)
        if not elsewhere:
            there.hide()
        drop = button("Give up", self.give_up.emit)
        drop.setToolTip("Forget this entry")
        for made in (self.again, there, drop):
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setLayout(
            column(self.title, self.sentence, self.again, row(there, drop, gap=6), gap=8, margin=12)
        )
        self.hide()

    def show_failure(self, what: str, error: Exception, waiting: int, next_try: float = 0.0) -> None:
        """An entry that is not saved, and in how many seconds it is tried again (0: not by itself)."""
        more = "" if waiting < 2 else f" {waiting - 1} more wait{'s' if waiting == 2 else ''} behind it."
        self.title.setText(f"Not saved: {what}")
        kept = f" Your entry is kept and tried again in {next_try:.0f} s." if next_try else ""
        self.sentence.setText(f"{error}{kept}{more}")
        self.again.setText("Try now" if next_try else "Try again")
        self.setAccessibleName(f"{self.title.text()}. {error}")
        self.show()

    def show_trying(self) -> None:
        """The entry is on its way once more; the notice stays until it is saved."""
        self.again.setText("Trying …")
