"""The centre column: header, frame with its planes, time line."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from blasto_annotator.gui.label.frame_view import FrameView
from blasto_annotator.gui.label.go_to import GoTo
from blasto_annotator.gui.label.header import FrameHeader
from blasto_annotator.gui.label.navigator import Navigator
from blasto_annotator.gui.label.player import Player, PlayerBar
from blasto_annotator.gui.label.timeline import Timeline
from blasto_annotator.gui.widgets.basics import frame, row


class Centre(QFrame):
    """Lays the parts out; the flow feeds them."""

    def __init__(self, navigator: Navigator) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._navigator = navigator
        self.view = FrameView()
        self.header = FrameHeader(self.view.fit, self.view.actual_size)
        self.timeline = Timeline()
        self.player = Player(self, self._play_on)
        self.bar = PlayerBar(self.player)
        self.go_to = GoTo(navigator.go_to_hours)
        below = row(self.bar, self.go_to, self.timeline, gap=10)
        below.setContentsMargins(12, 6, 14, 6)
        below.setStretch(2, 1)
        self.foot: QWidget = frame(below, "panel")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.header, self.view, self.foot):
            layout.addWidget(part)
        layout.setStretch(1, 1)
        self.view.zoom_changed.connect(self.header.show_zoom)
        self.view.stepped.connect(navigator.step_plane)
        self.view.planes.chosen.connect(navigator.set_plane)
        self.timeline.jumped.connect(navigator.go_to_place)
        self.go_to.left.connect(self.view.setFocus)

    def show_place(self) -> None:
        """Follows the navigator."""
        navigator = self._navigator
        moment, shown = navigator.moment, navigator.frame
        count = len(navigator.moments)
        self.header.show_frame(shown.embryo if shown is not None else "", moment, navigator.place, count)
        planes = moment.planes if moment is not None else ()
        self.view.planes.show_planes(planes, shown.plane if shown is not None else None)
        self.timeline.show_place(navigator.place)
        self.foot.setVisible(count > 1)

    def show_embryo(self) -> None:
        """The navigator opened another embryo."""
        self.player.pause()
        self.show_labels()

    def show_labels(self) -> None:
        """Labels of the embryo on show changed."""
        current = self._navigator.current
        sequence = current.sequence if current is not None else None
        self.timeline.show_sequence(sequence, self._navigator.entries())

    def open_go_to(self) -> None:
        """Asks for the hour to go to."""
        if self.foot.isVisible():
            self.go_to.open_field()
        else:
            self._navigator.ended.emit("This embryo has one moment.")

    def _play_on(self) -> bool:
        navigator = self._navigator
        if navigator.place + 1 >= len(navigator.moments):
            return False
        navigator.go_to_place(navigator.place + 1)
        return True
