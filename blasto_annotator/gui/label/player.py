"""Plays an embryo's moments at a chosen speed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.widgets.basics import row, tool

SPEEDS = (1, 2, 5, 10, 20, 30)
"""Moments a second."""


class Player(QObject):
    """Steps on the timer's beat; stops where `step` says that the end is reached."""

    changed = Signal()

    def __init__(self, parent: QObject, step: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._step = step
        self.speed = 5
        self.waits: Callable[[], bool] = lambda: False
        """Whether the moment before is not on screen yet: none is skipped, and none waits in line."""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Plays or pauses."""
        self.pause() if self.playing else self._timer.start(round(1000 / self.speed))
        self.changed.emit()

    def pause(self) -> None:
        """Stops where it is."""
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def set_speed(self, speed: int) -> None:
        """Moments a second."""
        self.speed = speed
        self._timer.setInterval(round(1000 / speed))
        self.changed.emit()

    def shift_speed(self, steps: int) -> None:
        """The next faster or slower speed."""
        place = SPEEDS.index(self.speed) + steps
        self.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def _beat(self) -> None:
        if not self.waits() and not self._step():
            self.pause()


class PlayerBar(QWidget):
    """Play button and speed."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self.button = tool("play", "Play or pause", player.toggle)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed = QComboBox()
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setToolTip("Speed")
        self.speed.setAccessibleName("Speed")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed} / s", speed)
        self.speed.activated.connect(lambda place: player.set_speed(SPEEDS[place]))
        self.setLayout(row(self.button, self.speed, gap=6))
        player.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.button.setIcon(icon("pause" if self._player.playing else "play"))
        self.speed.setCurrentIndex(SPEEDS.index(self._player.speed))
