"""Starts, stops and resumes runs, and knows which are on their way up or down."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.choices import Choices
from blasto_annotator.gui.train.planning import launch
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.training.process import start, stop
from gan.contract.run_folder import RunFolder

Child = subprocess.Popen[bytes]


class Launcher(QObject):
    """Trainers outlive the window: their handles are kept only to notice a start that fails."""

    launched = Signal(object)
    """Folder of a run whose trainer was started."""
    ended = Signal()
    """Nothing is under way any more: launched, failed or cancelled."""
    progress = Signal(str, int, int)
    """What is being done, done and total."""
    changed = Signal()
    """Something is starting or stopping."""

    def __init__(self, state: AppState, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._children: dict[Path, Child] = {}
        """Trainers that have not been seen alive yet."""
        self._stopping: set[Path] = set()
        self._cancel = threading.Event()

    def retrain(self, choices: Choices) -> None:
        """Builds the snapshot, makes the run and starts its trainer."""
        project = self._state.project
        if project is None:
            return
        self._cancel = cancel = threading.Event()
        report: Callable[[str, int, int], None] = on_gui(self, self.progress.emit)
        who = self._state.grader
        report("Writing the snapshot…", 0, 0)
        run_op(
            self, lambda: launch(project, choices, who, report, cancel.is_set), self._launched, self._failed,
            serial=False,
        )  # fmt: skip

    def cancel(self) -> None:
        """Ends the writing of a snapshot; nothing half is left."""
        self._cancel.set()

    def resume(self, folder: Path) -> None:
        """Goes on from the newest checkpoint."""
        run = RunFolder(folder)
        run_op(self, lambda: (run, start(run)), self._launched, self._failed, serial=False)

    def stop(self, folder: Path) -> None:
        """Asks the trainer to save and end."""
        self._stopping.add(folder)
        self.changed.emit()
        run_op(self, lambda: stop(RunFolder(folder)), lambda _: None, lambda e: self._not_stopped(folder, e),
               serial=False)  # fmt: skip

    def starting(self, folder: Path) -> bool:
        """Whether its trainer was started and has not taken its lock yet."""
        child = self._children.get(folder)
        return child is not None and child.poll() is None

    def stopping(self, folder: Path) -> bool:
        """Whether it was asked to stop and has not ended yet."""
        return folder in self._stopping

    def take(self, view: RunView) -> None:
        """Learns from a run as it stands what is under way no more."""
        if view.alive:
            self._children.pop(view.folder, None)
        else:
            self._stopping.discard(view.folder)

    def _launched(self, made: tuple[RunFolder, Child]) -> None:
        run, child = made
        self._children[run.path] = child
        threading.Thread(target=child.wait, name="reaper", daemon=True).start()
        self.ended.emit()
        self.launched.emit(run.path)

    def _failed(self, error: Exception) -> None:
        self.ended.emit()
        if not self._cancel.is_set():
            report_error(self, error)

    def _not_stopped(self, folder: Path, error: Exception) -> None:
        self._stopping.discard(folder)
        self.changed.emit()
        report_error(self, error)
