"""What is known of the image on screen: one's own rows and flags; colleagues' only after one's own grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from blasto_annotator.domain.acts import frames_of, stacks
from blasto_annotator.domain.adjudication import Adjudication
from blasto_annotator.domain.flags import Flag, may_be_seen
from blasto_annotator.domain.labels import Label
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.label.changes import AnyChange, change_of

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow
    from blasto_annotator.store import Project


REST_MS = 60
"""So long a page rests before its history is read."""


@dataclass(frozen=True)
class WhatIsKnown:
    """Of one image, as one grader may see it."""

    own: list[Label]
    others: list[Label]
    """Empty until the grader's own label is committed."""
    decisions: list[Adjudication]
    """What an adjudicator said of it, withdrawals included; empty until then, too."""
    flags: list[Flag]


NOTHING = WhatIsKnown([], [], [], [])


class Known(QObject):
    """Reads in the background and shows it in the side panel."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._sha256 = ""
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._read)

    def hide(self) -> None:
        """Shows nothing: the image comes back as if it were new."""
        self._sha256 = ""
        self._flow.side.grade.show_known(NOTHING)

    def read(self, sha256: str) -> None:
        """Shows what may be seen of this image, once the page rests on it."""
        self.hide()
        self._sha256 = sha256
        self._timer.start()

    def _read(self) -> None:
        project, grader, sha256 = self._flow.state.project, self._flow.state.grader, self._sha256
        if project is None or not grader or not sha256:
            return

        def show(known: WhatIsKnown) -> None:
            if self._sha256 == sha256:
                self._flow.side.grade.show_known(known)

        run_op(self, lambda: what_is_known(project, sha256, grader), show, serial=False)

    def flags_changed(self, sha256: str) -> None:
        """A flag was stored."""
        on_screen = self._flow.grading.on_screen
        if on_screen is not None and sha256 == self._sha256:
            self.read(sha256)
        self.read_names()

    def read_names(self) -> None:
        """Which flags the menu offers."""
        project, grader, bar = self._flow.state.project, self._flow.state.grader, self._flow.side.grade.flags

        def show(names: list[str]) -> None:
            bar.names = names

        if project is not None:
            run_op(self, lambda: project.flags.names(grader), show, serial=False)


def what_is_known(project: Project, sha256: str, grader: str) -> WhatIsKnown:
    """Reads what this grader may see. Own grade first: before it nothing of anybody else's."""
    graded = project.labels.current_of(sha256, grader) is not None
    rows = project.labels.history(sha256, None if graded else grader)
    flags = [flag for flag in project.flags.of_image(sha256) if may_be_seen(flag, grader, graded)]
    own = [row for row in rows if row.grader == grader]
    others = [row for row in rows if row.grader != grader]
    return WhatIsKnown(own, others, project.adjudications.history(sha256) if graded else [], flags)


def earlier_steps(project: Project, grader: str) -> tuple[list[AnyChange], list[AnyChange]]:
    """What this grader can undo and redo of earlier sessions."""
    done, undone = stacks(project.acts.recent(grader))
    frames = project.frames.many(frames_of([*done, *undone]))
    changes = [[change_of(step, frames, grader) for step in steps] for steps in (done, undone)]
    kept = [[change for change in several if change is not None] for several in changes]
    return kept[0], kept[1]
