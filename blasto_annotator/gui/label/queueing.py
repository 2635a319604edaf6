"""Follows the queue that the grader chose: what comes after a grade, planned a few frames ahead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.queues import NAMES, QueueChoice
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.training.command import NO_WINDOW, child_environment

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

LEFT = 6
"""So few planned frames are left when more are planned."""


class QueueFlow(QObject):
    """In time order the navigator moves on; every other queue names its frames."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._planned: list[Frame] = []
        self._visited: set[int] = set()
        self._number = 0
        self._planning = False
        self._going = False
        self.choice = QueueChoice()
        self._bar = flow.embryos.queue
        self._bar.chosen.connect(self.choose)
        self._bar.rank_wanted.connect(self.rank)

    def begin(self) -> None:
        """Another project or grader: the queue that was chosen there."""
        self._forget()
        settings, project = self._flow.settings, self._flow.state.project
        if settings is not None and project is not None:
            self.choice = _choice(settings.text(f"label/queue/{project.id}"))
            self._bar.show_choice(self.choice)
        if self.choice.name != "time":
            self._plan()

    def choose(self, choice: QueueChoice) -> None:
        """Another queue: goes to its first frame."""
        self.choice = choice
        self._forget()
        settings, project = self._flow.settings, self._flow.state.project
        if settings is not None and project is not None:
            settings.set_text(f"label/queue/{project.id}", json.dumps(asdict(choice)))
        if choice.name != "time":
            self._going = True
            self._plan()
        self._flow.centre.view.setFocus()

    def refilter(self) -> None:
        """Another filter: what was planned may not fit it."""
        if self.choice.name != "time":
            going = self._going
            self._forget()
            self._going = going
            self._plan()

    def advance(self) -> bool:
        """Goes to the next frame of the queue; False where the queue is in time order."""
        if self.choice.name == "time" or not self._flow.state.grader:
            return False
        if self._planned:
            self._go(self._planned.pop(0))
        else:
            self._going = True
            self._flow.navigator.turning.emit()  # what is typed meanwhile belongs to the frame that comes
        if len(self._planned) < LEFT:
            self._plan()
        return True

    def ahead(self) -> list[Frame]:
        """What will be shown next."""
        return self._planned[:3]

    def rank(self) -> None:
        """Ranks the frames in a process of its own."""
        project, grader = self._flow.state.project, self._flow.state.grader
        if project is None:
            return
        self._bar.say("Ranking the frames. You can go on grading.")
        self._bar.rank.setEnabled(False)
        folder = str(project.folder)

        def done(sentence: str) -> None:
            self._bar.rank.setEnabled(True)
            self.choose(self.choice)
            self._bar.say(sentence)

        def failed(error: Exception) -> None:
            self._bar.rank.setEnabled(True)
            self._bar.say(str(error))
            if not isinstance(error, UserError):
                report_error(self, error)

        run_op(self, lambda: rank_apart(folder, grader), done, failed, serial=False)

    def _forget(self) -> None:
        self._number += 1
        self._planned, self._planning, self._going = [], False, False
        self._visited.clear()

    def _plan(self) -> None:
        project, grader, here = self._flow.state.project, self._flow.state.grader, self._flow.navigator.frame
        if project is None or not grader or self._planning:
            return
        self._planning = True
        number, choice, after = self._number, self.choice, here.id if here is not None else None
        search = self._flow.list.search

        def op() -> list[Frame]:
            found = project.queues.upcoming(choice, grader, project.scheme, after, search=search)
            frames = project.frames.many(found)
            return [frames[frame_id] for frame_id in found if frame_id in frames]

        run_op(self, op, self._current(number, self._take), self._current(number, self._fail), serial=False)

    def _current(self, number: int, slot: Callable[..., None]) -> Callable[..., None]:
        """The slot, unless another queue was chosen meanwhile."""
        return lambda result: slot(result) if number == self._number else None

    def _take(self, frames: list[Frame]) -> None:
        self._planning = False
        known = {frame.id for frame in self._planned} | self._visited
        self._planned += [frame for frame in frames if frame.id not in known]
        self._flow.read_ahead()
        if not self._going:
            return
        self._going = False
        if self._planned:
            self._go(self._planned.pop(0))
        else:
            self._flow.stay()
            fits = " that fits the filter" if self._flow.list.search else ""
            self._bar.say(f"This queue brings nothing more{fits}: choose another, or give more labels first.")
            self._flow.state.status.emit("The queue is at its end.")

    def _fail(self, error: Exception) -> None:
        if self._going:
            self._flow.stay()
        self._planning = self._going = False
        if isinstance(error, UserError):
            self._bar.say(str(error))
        else:
            report_error(self, error)

    def _go(self, frame: Frame) -> None:
        self._visited.add(frame.id)
        self._flow.navigator.go_to(frame)


def rank_apart(folder: str, grader: str) -> str:
    """Runs `queue rank` and returns its sentence.

    Raises:
        UserError: it could not be done; the sentence says why.
    """
    command = [sys.executable, "-m", "blasto_annotator", "queue", "rank", folder]
    if grader:
        command += ["--grader", grader]
    done = subprocess.run(
        command,
        env=child_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        creationflags=NO_WINDOW,
    )
    if done.returncode != 0:
        raise UserError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "The ranking failed."
        )
    return done.stdout.strip()


def _choice(stored: str) -> QueueChoice:
    try:
        choice = QueueChoice(**json.loads(stored or "{}"))
    except (ValueError, TypeError):
        return QueueChoice()
    return choice if choice.name in NAMES else QueueChoice()
