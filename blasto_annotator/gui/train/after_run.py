"""After a training: generates review batches and promotes models, for the run on show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from blasto_annotator.curation.near_copies import find_near_copies
from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.reports.promotion import promote, promotion_words
from blasto_annotator.store import Project
from blasto_annotator.training.generate import generate_batch
from blasto_annotator.training.models import current_model, model_title
from blasto_annotator.training.record import newest_checkpoint
from gan.contract.run_folder import RunFolder

Report = Callable[[int, int], None]
COPIES = (
    "{} generated images are very like a training frame. They stay out of training; look at them beside the "
    "frame after the review and decide."
)


class AfterRun(QObject):
    """One batch at a time."""

    progress = Signal(object)
    """(done, total), or None when it is over."""
    model_known = Signal(object, bool, str, str)
    """Run folder, whether its newest model is in use, the title of the one in use, and how they compare."""

    def __init__(self, state: AppState, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._cancel = threading.Event()
        self._busy = False

    @property
    def busy(self) -> bool:
        """Whether a batch is being generated."""
        return self._busy

    def generate(self, folder: Path, per_class: int) -> None:
        """Generates a batch from the run's newest checkpoint."""
        project = self._state.project
        if project is None or self._busy:
            return
        self._busy = True
        self._cancel = cancel = threading.Event()
        report = on_gui(self, lambda done, total: self.progress.emit((done, total)))
        who = self._state.grader
        self.progress.emit((0, 0))
        run_op(
            self,
            lambda: _generate(project, folder, per_class, report, who, cancel.is_set),
            self._generated, self._failed, serial=False,
        )  # fmt: skip

    def cancel(self) -> None:
        """Ends the generating; nothing of the batch is kept."""
        self._cancel.set()

    def promote(self, folder: Path) -> None:
        """Puts the run's newest model into use."""
        project = self._state.project
        if project is not None:
            who = self._state.grader
            run_op(self, lambda: _promote(project, folder, who), lambda _: self.look(folder))

    def look(self, folder: Path) -> None:
        """Finds out which model is in use."""
        project = self._state.project
        if project is not None:
            run_op(
                self, lambda: _in_use(project, folder), lambda found: self.model_known.emit(folder, *found),
                serial=False,
            )  # fmt: skip

    def _generated(self, made: tuple[Path, int]) -> None:
        self._over()
        batch, copies = made
        self._state.batch_ready.emit(batch.name)
        self._state.message.emit("success", "A review batch is ready.")
        if copies:
            self._state.message.emit("warning", COPIES.format(copies))

    def _failed(self, error: Exception) -> None:
        cancelled = self._cancel.is_set()
        self._over()
        if cancelled and isinstance(error, UserError):
            self._state.status.emit(str(error))
        else:
            report_error(self, error)

    def _over(self) -> None:
        self._busy = False
        self.progress.emit(None)


def _generate(
    project: Project, folder: Path, per_class: int, report: Report, who: str, cancelled: Callable[[], bool]
) -> tuple[Path, int]:
    """The batch, and how many of its images are too like a training frame."""
    batch = generate_batch(project, folder, per_class, progress=report, who=who, cancelled=cancelled)
    found = find_near_copies(project, batch.name)
    return batch, len(found.suspicious) if found is not None else 0


def _promote(project: Project, folder: Path, who: str) -> None:
    checkpoint = newest_checkpoint(RunFolder(folder))
    if checkpoint is None:
        raise UserError(f"Run {folder.name} has no checkpoint yet, so there is no model to use.")
    promote(project, checkpoint, who, "promoted on the Train page")


def _in_use(project: Project, folder: Path) -> tuple[bool, str, str]:
    """Whether the run's newest model is in use, the title of the one that is, and how they compare."""
    current, mine = current_model(project), newest_checkpoint(RunFolder(folder))
    if current is None or mine is None:
        return False, "", ""
    if mine.resolve() == current.resolve():
        return True, "", ""
    title = model_title(project, current).removeprefix("the model in use (").removesuffix(")")
    return False, title, promotion_words(project, mine)
