"""Above the frame: what it is, and the view's buttons. Never the file's name: it may tell a grade."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QToolButton

from blasto_annotator.gui.label.moments import Moment
from blasto_annotator.gui.widgets.basics import row, text, tool


class FrameHeader(QFrame):
    """Embryo, hours, phase, plane and place at the left; zoom at the right."""

    def __init__(self, fit: Callable[[], object], actual: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.embryo = text("", "strong")
        self.when = text("", "muted")
        self.zoom = text("", "muted")
        self.zoom.setToolTip("Screen pixels per image pixel")
        self.fit = _quiet(tool("fit", "Fit the frame to the view", fit))
        self.actual = _quiet(tool("actual-size", "One image pixel to one screen pixel", actual))
        self.all_planes = _quiet(tool("grid", "All planes side by side", checkable=True))
        self.fused = _quiet(tool("planes", "Extended focus: all planes in one picture", checkable=True))
        left = (self.embryo, self.when, None)
        layout = row(*left, self.all_planes, self.fused, self.zoom, self.fit, self.actual, gap=12)
        layout.setContentsMargins(16, 4, 10, 4)
        self.setLayout(layout)

    def show_frame(self, embryo: str, moment: Moment | None, place: int, count: int) -> None:
        """Names the moment on show."""
        self.embryo.setText(embryo)
        several = moment is not None and len(moment.frames) > 1
        self.all_planes.setVisible(several)
        self.fused.setVisible(several)
        parts = []
        if moment is not None and moment.hpi is not None:
            parts.append(f"{moment.hpi:.1f} hpi")
        if moment is not None and moment.phase:
            parts.append(moment.phase)
        if count > 1:
            parts.append(f"{place + 1} of {count}")
        self.when.setText("   ·   ".join(parts))
        number = moment.frames[0].index if moment is not None else None
        self.when.setToolTip("" if number is None else f"Number {number} in its source (frame:{number})")

    def show_looking(self, grid: bool, fused: bool) -> None:
        """Which of the two is on."""
        self.all_planes.setChecked(grid)
        self.fused.setChecked(fused)

    def show_zoom(self, zoom: float) -> None:
        """The zoom in percent."""
        self.zoom.setText(f"{zoom * 100:.0f} %")


def _quiet(button: QToolButton) -> QToolButton:
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
