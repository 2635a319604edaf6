"""Whether the trail holds: checked quickly on opening, whole on request, and where it breaks in words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar

from blasto_annotator.domain.audit import AuditRow, tampered_sentence, uncovered_sentence
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.icons import pixmap
from blasto_annotator.gui.theme import current_theme
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.store.audit import TAIL

if TYPE_CHECKING:
    from blasto_annotator.store import Project


class _StoppedError(Exception):
    """A person stopped the check."""


class VerdictBar(QFrame):
    """Says how the trail stands."""

    wanted = Signal(object)
    """The row that does not hold is to be shown."""
    restored = Signal()
    """A backup was restored knowingly."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._project: Project | None = None
        self._broken: AuditRow | None = None
        self._stop = threading.Event()
        self._kind = "info"
        self._mark = QLabel()
        self.words = text("", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Rows checked")
        self.verify = button("Verify everything", self.verify_whole)
        self.stop = button("Stop", self.stop_now)
        self.there = button("Show the row", lambda: self.wanted.emit(self._broken))
        self.accept = button("I restored a backup", self.restored.emit)
        told = column(self.words, self.bar, gap=4)
        layout = row(self._mark, told, self.there, self.accept, self.verify, self.stop, gap=12, margin=12)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._show("info", "")
        self._show_busy(False)

    def open_project(self, project: Project | None) -> None:
        """Another project: its newest rows are checked."""
        self._stop.set()
        self._project, self._broken = project, None
        if project is None:
            return
        self._show("info", "Checking the newest rows …")
        run_op(self, project.audit.verify_tail, lambda found: self._tail(project, found), serial=False)

    def verify_whole(self) -> None:
        """Checks every row; may be stopped."""
        project = self._project
        if project is None:
            return
        stop = self._stop = threading.Event()
        self._show_busy(True)
        tell = on_gui(self, self._progress)

        def op() -> tuple[AuditRow | None, int, list[str]]:
            total = project.audit.extent()

            def progress(done: int) -> None:
                if stop.is_set():
                    raise _StoppedError
                tell(done, total)

            found = project.audit.verify(progress)
            return found, project.audit.count(), project.audit.uncovered() if found is None else []

        run_op(self, op, lambda found: self._whole(project, *found), self._failed, serial=False)

    def stop_now(self) -> None:
        """Ends a check that is under way."""
        self._stop.set()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _tail(self, project: Project, found: AuditRow | None) -> None:
        if project is self._project and not self.bar.isVisible():
            self._say(found, f"The newest rows of the trail (up to {TAIL:,}) hold.")

    def _whole(self, project: Project, found: AuditRow | None, total: int, uncovered: Sequence[str]) -> None:
        self._show_busy(False)
        if project is self._project:
            good = f"The whole trail holds: {total:,} rows, and all that they tell of."
            self._say(found, " ".join([good, *map(uncovered_sentence, uncovered)]))

    def _failed(self, error: Exception) -> None:
        self._show_busy(False)
        if isinstance(error, _StoppedError):
            self._show("info", "The check was stopped.")
        else:
            self._show("info", "The check could not be finished.")
            report_error(self, error)

    def _say(self, found: AuditRow | None, good: str) -> None:
        self._broken = found
        self._show(
            "success" if found is None else "error", good if found is None else tampered_sentence(found)
        )
        self.there.setVisible(found is not None and found.id > 0)
        self.accept.setVisible(found is not None and found.action == "head")

    def _progress(self, done: int, total: int) -> None:
        self.bar.setMaximum(max(total, 1))
        self.bar.setValue(done)
        self._show("info", f"Checking row {done:,} of {total:,} …")

    def _show_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.stop.setVisible(busy)
        self.verify.setVisible(not busy)
        self.there.hide()
        self.accept.hide()

    def _show(self, kind: str, words: str) -> None:
        self._kind = kind
        self.words.setText(words)
        self.setAccessibleName(words)
        self._dress()

    def _dress(self) -> None:
        theme = current_theme()
        colour = {"success": theme.success, "info": theme.muted, "error": theme.danger}[self._kind]
        name = {"success": "success", "info": "clock", "error": "error"}[self._kind]
        self._mark.setPixmap(pixmap(name, 20, colour, self.devicePixelRatioF()))
