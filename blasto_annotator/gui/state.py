"""The typed application state in which the pages meet. Pages never import one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from blasto_annotator.store import Project


@dataclass(frozen=True)
class RoundEnd:
    """How a round ended, or what an earlier window left of one."""

    number: int
    kind: str
    """`success` (its review waits), `error` or `warning` (it can be gone on with)."""
    sentence: str
    session: int | None = None
    """The review that waits for the person at this window; None: for others, or for nobody yet."""
    news: bool = True
    """Whether it happened just now, so that a person who looks away is told."""


@dataclass(frozen=True)
class RunStatus:
    """What the status bar says of a training run. `alive` is False for finished and interrupted runs."""

    folder: Path
    name: str
    alive: bool
    sentence: str
    """Such as `Training: 12.4 of 40 kimg, 3 min left`."""
    fraction: float
    """Of the goal reached, 0 to 1."""


class AppState(QObject):
    """The open project, the grader, and the signals by which pages learn of one another's doings."""

    project_changed = Signal()
    grader_changed = Signal(str)
    labels_changed = Signal(int)
    """Id of a frame whose label was committed; 0 when many changed at once."""
    scheme_changed = Signal()
    """The project uses another grading scheme: groups are derived anew."""
    frames_changed = Signal()
    """Frames were imported."""
    status = Signal(str)
    """A passing remark for the status bar."""
    saved = Signal(str)
    """Sent only after a commit: what was saved."""
    message = Signal(str, str)
    """Kind (`info`, `success`, `warning`, `error`) and sentence for the message bar."""
    run_changed = Signal()
    """`run` holds the newest status of the run that is followed, or None."""
    batch_ready = Signal(str)
    """A generated batch waits for review: its folder's name."""
    offered = Signal(str, str, object)
    """A sentence for the message bar, the words of a button in it, and what that does."""
    trouble = Signal(str, str, object)
    """What is wrong, for the message bar, with the words of a button and what that does."""
    round_ended = Signal(object)
    """A `RoundEnd`, or None when a round is on its way again."""
    session_requested = Signal(int)
    """Id of a planned review session to open on the Review page."""
    page_requested = Signal(str)
    """Key of the page to show: label, review, train, agreement, reports."""

    grader_requested = Signal(str)
    """Somebody wants to grade under this name: an account is found or made, and its PIN asked for."""

    import_requested = Signal()
    """A page asks for the import window."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._grader = ""
        self._run: RunStatus | None = None

    @property
    def project(self) -> Project | None:
        """The open project, None on the start page."""
        return self._project

    @property
    def grader(self) -> str:
        """Who grades or reviews in this session; empty until asked."""
        return self._grader

    @property
    def run(self) -> RunStatus | None:
        """The training run that is followed."""
        return self._run

    def set_project(self, project: Project | None) -> None:
        """Opens another project for every page. The one before is not closed here."""
        self._project = project
        self.set_run(None)
        self.set_grader("")
        self.project_changed.emit()

    def set_grader(self, grader: str) -> None:
        """Names the grader of this session."""
        if grader != self._grader:
            self._grader = grader
            self.grader_changed.emit(grader)

    def set_run(self, run: RunStatus | None) -> None:
        """Tells status bar and pages how the followed run stands."""
        if run != self._run:
            self._run = run
            self.run_changed.emit()
