"""The strip above the image: where one is, what is saved, and how the image is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QAbstractButton, QFrame, QProgressBar, QPushButton

from blasto_annotator.gui.review.session_model import SessionModel
from blasto_annotator.gui.widgets.basics import button, row, text, tool


class SessionBar(QFrame):
    """Buttons for what the keys also do."""

    pause_pressed = Signal()
    undo_pressed = Signal()
    redo_pressed = Signal()
    nine_toggled = Signal(bool)
    stay_toggled = Signal(bool)
    pixels_toggled = Signal(bool)
    picture_toggled = Signal(bool)
    fit_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._count = text("")
        self._saved = text("", "muted")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setMinimumWidth(120)
        self._progress.setMaximumWidth(260)
        self._progress.setAccessibleName("Images with a verdict")
        self.undo = tool("undo", "Take the last verdict back (Ctrl+Z or Backspace)", self.undo_pressed.emit)
        self.redo = tool("redo", "Give it again (Ctrl+Y)", self.redo_pressed.emit)
        self.stay = self._toggle(
            "Wait for Enter", "Stay on the image after 1, 2, 3 until Enter (E)", self.stay_toggled
        )
        self.nine = self._toggle("Nine", "Nine images at a time (9)", self.nine_toggled)
        self.pixels = self._toggle("Pixels", "Single pixels, not smoothed (I)", self.pixels_toggled)
        self.picture = self._toggle("Picture", "Brightness, contrast, gamma (8)", self.picture_toggled)
        self.fit = tool("fit", "Fit the whole image (0)", self.fit_pressed.emit)
        self._build()

    def show_session(self, model: SessionModel, saving: bool, whole: bool = False) -> None:
        """Brings the figures up to date; `whole` says that a page is meant, not an image of it."""
        noun = "Pair" if model.step == 2 else "Image"
        place = (
            f"{noun} {model.number}" if not whole else f"Images {model.page[0] + 1} to {model.page[-1] + 1}"
        )
        self._count.setText(f"{place} of {model.total}")
        self._progress.setMaximum(model.total)
        self._progress.setValue(model.done)
        self._progress.setToolTip(f"{model.done} of {model.total} have a verdict")
        self._saved.setText("Saving…" if saving else f"{model.done} saved")
        self.undo.setEnabled(model.can_undo)
        self.redo.setEnabled(model.can_redo)

    def ask_only(self) -> None:
        """Without what belongs to rating alone."""
        for made in (self.stay, self.nine):
            made.hide()

    def _build(self) -> None:
        pause = button("Pause", self.pause_pressed.emit, icon_name="pause")
        pause.setToolTip("Everything is saved; continue any day (Esc)")
        self.setLayout(
            row(pause, 8, self._count, self._progress, self._saved, None, self.undo, self.redo, 16,
                self.stay, self.nine, self.picture, self.pixels, self.fit, gap=8, margin=8)
        )  # fmt: skip
        for made in self.findChildren(QAbstractButton):
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the image

    def _toggle(self, words: str, tip: str, toggled: SignalInstance) -> QPushButton:
        made = QPushButton(words)
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setCheckable(True)
        made.toggled.connect(toggled)
        return made
