"""Brightness, contrast, gamma, CLAHE, invert, reset: how the frame is shown. The file never changes."""

from __future__ import annotations

from dataclasses import asdict, replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSlider, QWidget

from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.imaging.adjust import Adjustments

STEP = 0.05
TICKS = 100
RANGES = {"brightness": (-0.5, 0.5), "contrast": (0.4, 3.0), "gamma": (0.4, 2.5)}
SLIDER_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class PicturePanel(QWidget):
    """Sliders and switches; `changed` carries the adjustments."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.adjustments = Adjustments()
        self.sliders = {name: _Slider(name) for name in RANGES}
        self.clahe = _switch("CLAHE", "Local contrast")
        self.invert = _switch("Invert", "Invert")
        self.reset_button = button("Reset", self.reset)
        self.reset_button.setToolTip("Reset the picture")
        self.reset_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        for name, slider in self.sliders.items():
            slider.valueChanged.connect(lambda _, n=name: self._slid(n))
        self.clahe.clicked.connect(lambda on: self.set(replace(self.adjustments, clahe=on)))
        self.invert.clicked.connect(lambda on: self.set(replace(self.adjustments, invert=on)))
        self._show()

    def set(self, adjustments: Adjustments) -> None:
        """Shows and announces adjustments."""
        if adjustments != self.adjustments:
            self.adjustments = adjustments
            self._show()
            self.changed.emit(adjustments)

    def reset(self) -> None:
        """The picture as the file has it."""
        self.set(Adjustments())

    def nudge(self, name: str, steps: int) -> None:
        """One key's step of a slider."""
        low, high = RANGES[name]
        value = min(max(getattr(self.adjustments, name) + steps * STEP, low), high)
        self._set_one(name, round(value, 3))

    def toggle(self, name: str) -> None:
        """One key's switch: clahe or invert."""
        self._set_one(name, not getattr(self.adjustments, name))

    def as_view(self) -> dict[str, float | str | bool]:
        """For the label's record of what was on screen."""
        return dict(asdict(self.adjustments))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(10)
        for line, (name, slider) in enumerate(self.sliders.items()):
            grid.addWidget(text(name.capitalize(), "small"), line, 0)
            grid.addWidget(slider, line, 1)
        switches = row(self.clahe, self.invert, self.reset_button, gap=6)
        for place in range(3):
            switches.setStretch(place, 1)
        self.setLayout(column(text("Picture", "section"), grid, switches, gap=8))

    def _set_one(self, name: str, value: float | bool) -> None:
        self.set(Adjustments(**{**asdict(self.adjustments), name: value}))

    def _slid(self, name: str) -> None:
        self._set_one(name, self.sliders[name].amount())

    def _show(self) -> None:
        for name, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.show_amount(getattr(self.adjustments, name))
            slider.blockSignals(False)
        self.clahe.setChecked(self.adjustments.clahe)
        self.invert.setChecked(self.adjustments.invert)
        self.reset_button.setEnabled(self.adjustments != Adjustments())


class _Slider(QSlider):
    """Keeps the arrow keys while it has the focus, which only Tab gives it."""

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._low, self._high = RANGES[name]
        self.setRange(0, TICKS)
        self.setPageStep(10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name.capitalize())

    def amount(self) -> float:
        return round(self._low + (self._high - self._low) * self.value() / TICKS, 3)

    def show_amount(self, amount: float) -> None:
        if abs(amount - self.amount()) > (self._high - self._low) / TICKS / 2:
            self.setValue(round((amount - self._low) / (self._high - self._low) * TICKS))
        self.setToolTip(f"{amount:g}")

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() in SLIDER_KEYS and not event.modifiers():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)


def _switch(words: str, tip: str) -> QPushButton:
    made = QPushButton(words)
    made.setCheckable(True)
    made.setToolTip(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
