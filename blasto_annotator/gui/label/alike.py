"""On request a grade goes to near-identical frames: offered first, marked as inherited, undone at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame

from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.labels import LabelEntry
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.label.grading import OnScreen
from blasto_annotator.gui.label.hints import button_words
from blasto_annotator.gui.widgets.basics import button, column, row, text

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

INHERITED = "inherited from frame"
Images = list[tuple[Frame, str]]


class AlikeOffer(QFrame):
    """What was found, and whether it shall have the grade."""

    taken = Signal()
    refused = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.words = text("", wrap=True)
        self.yes = button("Give them the grade", self.taken.emit, role="primary")
        no = button("No", self.refused.emit)
        self.setLayout(column(self.words, row(self.yes, no, None, gap=6), gap=8, margin=12))
        self.hide()


class AlikeFlow(QObject):
    """The first press looks for them, the second gives them the grade."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._offer = flow.side.alike
        self._found: tuple[OnScreen, LabelEntry, Images] | None = None
        self._key = ""
        self._offer.taken.connect(self._give)
        self._offer.refused.connect(self.withdraw)

    def press(self) -> None:
        """The key."""
        if self._found is not None:
            self._give()
            return
        shown, entry = self._flow.grading.on_screen, self._flow.grading.entry
        project, grader = self._flow.state.project, self._flow.state.grader
        if shown is None or entry is None or entry.grade is None or project is None:
            self._flow.side.grade.show_hint("Grade this frame first, or go back to a frame that you graded.")
            return

        def op() -> Images:
            from blasto_annotator.curation.alike import near_identical

            return near_identical(project, shown.frame, grader)

        self._flow.side.grade.show_hint("Looking for near-identical frames …")
        run_op(self, op, lambda images: self._propose(shown, entry, images), serial=False)

    def show_key(self, key: str) -> None:
        """What its key says now; empty for none."""
        self._key = key
        if self._found is not None:
            self._name_button(self._found[1])

    def withdraw(self) -> None:
        """Nothing is given."""
        self._found = None
        self._offer.hide()

    def _propose(self, shown: OnScreen, entry: LabelEntry, images: Images) -> None:
        if self._flow.grading.on_screen is not shown:
            return
        self._flow.side.grade.show_hint("")
        if not images:
            self._flow.side.grade.show_hint("No other frame of this embryo looks the same and has no label.")
            return
        self._found = (shown, entry, images)
        count = f"{len(images)} frames look" if len(images) > 1 else "1 frame looks"
        self._offer.words.setText(
            f"{count} the same{_span(images)}. Give {entry.grade} here, too? "
            "Marked as inherited; one undo takes all of it back."
        )
        self._name_button(entry)
        self._offer.show()

    def _name_button(self, entry: LabelEntry) -> None:
        self._offer.yes.setText(button_words(f"Give {entry.grade} too", self._key))

    def _give(self) -> None:
        if self._found is None:
            return
        shown, entry, images = self._found
        self.withdraw()
        self._flow.grading.spread(images, LabelEntry(entry.grade), f"{INHERITED} {shown.frame.id}")
        self._flow.centre.view.setFocus()


def _span(images: Images) -> str:
    hours = [frame.hpi for frame, _ in images if frame.hpi is not None]
    if not hours:
        return ""
    first, last = min(hours), max(hours)
    return f" ({first:.1f} h)" if first == last else f" ({first:.1f} to {last:.1f} h)"
