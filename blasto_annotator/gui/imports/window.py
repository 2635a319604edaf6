"""The import window: choose a folder, see how its names are read, import, read what was left out and why."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from blasto_annotator.domain.frames import ImportReport
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.imports.choose import Choice, ChooseView
from blasto_annotator.gui.imports.labels import TABLE_SUFFIXES, LabelsDialog
from blasto_annotator.gui.imports.progress import ProgressView
from blasto_annotator.gui.imports.report import ReportView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import column


class ImportWindow(QDialog):
    """Non-modal: labelling goes on while frames come in."""

    def __init__(self, parent: QWidget, state: AppState, place: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import frames")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self._state = state
        self._cancel = threading.Event()
        self.choose = ChooseView(place)
        self.progress = ProgressView()
        self.report = ReportView()
        self.stack = QStackedWidget()
        for view in (self.choose, self.progress, self.report):
            self.stack.addWidget(view)
        self.setLayout(column(self.stack, margin=20))
        self.resize(880, 620)
        self.choose.wanted.connect(self.begin)
        self.choose.cancelled.connect(self.close)
        self.progress.cancelled.connect(self._cancel.set)
        self.report.again.connect(self._again)
        self.report.done.connect(self._done)
        self.report.burned_in.connect(self._burned_in)

    def begin(self, choice: Choice) -> None:
        """Imports in the background."""
        project = self._state.project
        if project is None:
            return
        self._cancel.clear()
        self.progress.start(choice.root)
        self.stack.setCurrentWidget(self.progress)
        tell = on_gui(self, self.progress.show_count)
        who = self._state.grader

        def op() -> ImportReport:
            from blasto_annotator.importers.run import import_source

            return import_source(
                project, choice.root, choice.layout, choice.options, who, tell, self._cancel.is_set
            )

        run_op(self, op, self._finished, self._failed, serial=False)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        choosing = self.stack.currentWidget() is self.choose
        if choosing and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths[0].suffix.lower() in TABLE_SUFFIXES:
            LabelsDialog(self.parentWidget(), self._state, paths[0]).show()
        else:
            self.choose.set_folder(paths[0] if len(paths) == 1 else paths[0].parent)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._cancel.set()
        super().closeEvent(event)

    def _finished(self, report: ImportReport) -> None:
        self.report.show_report(report)
        self.stack.setCurrentWidget(self.report)
        self._state.frames_changed.emit()

    def _failed(self, error: Exception) -> None:
        from blasto_annotator.domain.errors import UserError

        self.stack.setCurrentWidget(self.choose)
        if isinstance(error, UserError):
            self.choose.say(str(error), "danger")
            self._state.frames_changed.emit()
        else:
            report_error(self, error)

    def _again(self) -> None:
        self.choose.begin()
        self.stack.setCurrentWidget(self.choose)

    def _burned_in(self, source: str) -> None:
        from blasto_annotator.gui.imports.burned_in import BurnedInDialog

        BurnedInDialog(self.parentWidget(), self._state, source).show()

    def _done(self) -> None:
        self._state.page_requested.emit("label")
        self.close()
