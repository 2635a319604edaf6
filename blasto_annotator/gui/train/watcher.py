"""Follows a project's runs off the GUI thread: the one on show and every living one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.train.round_model import RoundView, read_round_view
from blasto_annotator.gui.train.run_model import RunReader, RunView
from blasto_annotator.store import Project
from blasto_annotator.training.runs import RunRow, list_runs
from gan.contract.run_folder import RunState

TICK_MS = 500
LIST_EVERY = 4
"""Ticks between two looks at the list of runs."""


@dataclass(frozen=True)
class Look:
    """What one look found."""

    rows: list[RunRow] | None
    """None: the list was not read this time."""
    views: dict[Path, tuple[RunView, bool]]
    """Run folder to its view, and whether it changed."""
    round: RoundView | None
    """The newest round."""
    trouble: str = ""
    """Why the newest round cannot be read."""


class RunWatcher(QObject):
    """Looks twice a second; one look at a time, so that each reader stays with one thread."""

    rows_changed = Signal(object)
    """list[RunRow], newest first."""
    view_changed = Signal(object)
    """`RunView` of a run on show or alive."""

    round_changed = Signal(object)
    """The newest `RoundView`, or None."""
    round_damaged = Signal(str)
    """Why the newest round cannot be read; said once."""

    looked = Signal()
    """A look is over, whatever it found."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._readers: dict[Path, RunReader] = {}
        self._rows: list[RunRow] = []
        self._round: RoundView | None = None
        self._trouble = ""
        self._shown: Path | None = None
        self._looking = False
        self._ticks = 0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def rows(self) -> list[RunRow]:
        """The runs as last seen."""
        return self._rows

    def watch(self, project: Project | None) -> None:
        """Begins with another project, or with none."""
        self._project = project
        self._readers.clear()
        self._rows = []
        self._round = None
        self._trouble = ""
        self._shown = None
        self._ticks = 0
        if project is None:
            self._timer.stop()
        else:
            self._timer.start()
            self._tick()

    def show(self, folder: Path | None) -> None:
        """Also follows this run, alive or not; its view is sent even where nothing changed."""
        self._shown = folder
        if folder is not None:
            self._readers.pop(folder, None)
        self.look_soon()

    def look_soon(self) -> None:
        """Reads the list again at the next tick, which comes at once."""
        self._ticks = 0
        if self._project is not None:
            self._timer.start()
        QTimer.singleShot(0, self, self._tick)

    def stop(self) -> None:
        """No more looks."""
        self._timer.stop()

    def _tick(self) -> None:
        project = self._project
        if project is None or self._looking:
            return
        self._looking = True
        listing = self._ticks % LIST_EVERY == 0
        self._ticks += 1
        readers = self._wanted()
        run_op(
            self, lambda: _look(project, readers, listing), lambda look: self._saw(project, look),
            self._failed, serial=False,
        )  # fmt: skip

    def _wanted(self) -> list[RunReader]:
        alive = [row.folder.path for row in self._rows if row.state is RunState.RUNNING]
        shown = [self._shown] if self._shown is not None else []
        return [self._readers.setdefault(path, RunReader(path)) for path in dict.fromkeys((*shown, *alive))]

    def _saw(self, project: Project, look: Look) -> None:
        self._looking = False
        if project is not self._project:
            return
        if look.rows is not None and look.rows != self._rows:
            self._rows = look.rows
            self.rows_changed.emit(look.rows)
        for view, changed in look.views.values():
            if changed:
                self.view_changed.emit(view)
        self._saw_round(look)
        if any(self._went(view) for view, _ in look.views.values()):
            self._ticks = 0
        self.looked.emit()

    def _saw_round(self, look: Look) -> None:
        if look.trouble and look.trouble != self._trouble:
            self.round_damaged.emit(look.trouble)
        self._trouble = look.trouble
        if look.round != self._round:
            self._round = look.round
            self.round_changed.emit(look.round)

    def _went(self, view: RunView) -> bool:
        """Whether a run's state is another than in the list."""
        known = next((row for row in self._rows if row.folder.path == view.folder), None)
        return known is not None and known.state is not view.state

    def _failed(self, error: Exception) -> None:
        self._looking = False
        self._timer.stop()
        report_error(self, error)


def _look(project: Project, readers: Iterable[RunReader], listing: bool) -> Look:
    rows = list_runs(project) if listing else None
    views = {reader.run.path: reader.poll() for reader in readers}
    try:
        return Look(rows, views, read_round_view(project))
    except UserError as error:
        return Look(rows, views, None, str(error))
