"""The runs at the left: the next training first, then every run, newest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem

from blasto_annotator.gui.icons import icon
from blasto_annotator.gui.theme import Theme, current_theme
from blasto_annotator.gui.train import words
from blasto_annotator.gui.widgets.basics import column, text
from blasto_annotator.training.runs import RunRow
from gan.contract.run_folder import RunState

WIDTH = 252


class RunsList(QFrame):
    """Sends the folder of the run that is chosen; None is the next training."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._folders: list[Path] = []
        self._expected: Path | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Training runs")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        self.setLayout(column(text("Training", "section"), self.list, margin=12))
        self.setFixedWidth(WIDTH)
        self._rebuild([])

    @property
    def folder(self) -> Path | None:
        """The chosen run's folder; None for the next training."""
        item = self.list.currentItem()
        found: Path | None = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found

    def show_rows(self, rows: list[RunRow], starting: Callable[[Path], bool]) -> None:
        """Brings the list up to date; what was chosen stays chosen."""
        folders = [known.folder.path for known in rows]
        if folders != self._folders:
            self._rebuild(folders)
        for at, known in enumerate(rows, 1):
            _dress(self.list.item(at), known, starting=starting(known.folder.path))
        if self._expected in folders:
            expected, self._expected = self._expected, None
            self.choose(expected)

    def choose(self, folder: Path | None) -> None:
        """Chooses a run, or the next training where there is no such run."""
        self.list.setCurrentRow(self._place(folder))

    def expect(self, folder: Path) -> None:
        """Chooses a run as soon as it is listed."""
        self._expected = None if folder in self._folders else folder
        if self._expected is None:
            self.choose(folder)

    def _rebuild(self, folders: list[Path]) -> None:
        chosen = self.folder
        self._folders = folders
        with QSignalBlocker(self.list):
            self.list.clear()
            for folder in (None, *folders):
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.UserRole, folder)
                self.list.addItem(item)
            _dress_next(self.list.item(0))
            self.list.setCurrentRow(self._place(chosen))
        if self.folder != chosen:
            self.chosen.emit(self.folder)

    def _place(self, folder: Path | None) -> int:
        return self._folders.index(folder) + 1 if folder in self._folders else 0

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _dress_next(item: QListWidgetItem) -> None:
    item.setText("Next training")
    item.setIcon(icon("plus"))


def _dress(item: QListWidgetItem, known: RunRow, *, starting: bool) -> None:
    state = RunState.RUNNING if starting else known.state
    said = "Starting…" if starting and known.state is not state else words.STATE_WORDS[state]
    said += f"  ·  {known.trial}" if known.trial else ""
    figures = f"{words.kimg(known.kimg)} of {known.goal:g} kimg"
    item.setText(f"{words.STATE_SIGNS[state]}  {said}\n{words.local_time(known.started_utc)}, {figures}")
    item.setForeground(QColor(state_colour(state, current_theme())))
    item.setToolTip(f"{known.name}\npreset {known.preset}, snapshot {known.snapshot or 'of another origin'}")


def state_colour(state: RunState, theme: Theme) -> str:
    """The hue beside a state's sign and word."""
    if state is RunState.FAILED:
        return theme.danger
    if state is RunState.INTERRUPTED:
        return theme.warning
    return theme.accent if state is RunState.RUNNING else theme.text
