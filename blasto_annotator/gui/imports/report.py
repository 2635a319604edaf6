"""Third step of an import: what went in, what was left out and why."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from blasto_annotator.domain.frames import ImportReport
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.widgets.basics import button, column, row, text


class ReportView(QWidget):
    """Numbers first, then every file that was left out."""

    again = Signal()
    burned_in = Signal(str)
    """Look for burned-in text in this source."""
    done = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._report: ImportReport | None = None
        self.title = text("", "heading")
        self.summary = text("", "muted", wrap=True)
        self.left_out = text("", "section")
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(["File", "Why it was left out"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setWordWrap(False)  # else a path is broken at its last slash, and the name is cut off
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.save = button("Save this list …", self._save)
        again = button("Import another folder", self.again.emit)
        self.finish = button("Start labelling", self.done.emit, role="primary")
        self.text_check = button("Burned-in text …", self._look_for_text)
        self.text_check.setToolTip("Look for text and scale bars that the microscope wrote into the pictures")
        foot = row(self.save, self.text_check, None, again, self.finish, gap=10)
        layout = column(self.title, self.summary, 4, self.left_out, self.table, None, foot, gap=10)
        layout.setStretchFactor(self.table, 100)
        self.setLayout(layout)

    def show_report(self, report: ImportReport) -> None:
        """What the import did."""
        self._report = report
        self.title.setText(headline(report))
        self.summary.setText(numbers(report))
        rejected = report.rejected
        self.left_out.setText(
            f"{_count(len(rejected), 'file')} left out" if rejected else "No file was left out"
        )
        self.table.setVisible(bool(rejected))
        self.save.setVisible(bool(rejected))
        self.text_check.setVisible(report.added + report.known > 0)
        self.table.setRowCount(len(rejected))
        for line, file in enumerate(rejected):
            for place, words in enumerate((file.path, file.reason)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                self.table.setItem(line, place, item)
        self.finish.setFocus()

    def _look_for_text(self) -> None:
        if self._report is not None:
            self.burned_in.emit(self._report.source)

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the list", "left-out.csv", "CSV (*.csv)")
        report = self._report
        if chosen and report is not None:
            run_op(self, lambda: write_rejected(report, Path(chosen)), lambda _: None, serial=False)


def headline(report: ImportReport) -> str:
    """The outcome in one line."""
    if report.added == 0:
        return "Nothing new" if report.known else "No frames came in"
    return f"{_count(report.added, 'frame')} imported"


def numbers(report: ImportReport) -> str:
    """Embryos, planes, and what the project had already."""
    parts = [_count(report.embryos, "embryo")]
    if len(report.planes) > 1:
        parts.append(
            f"{len(report.planes)} focal planes ({report.planes[0]:+d} to {report.planes[-1]:+d} µm)".replace(
                "-", "−"
            )
        )
    if report.known:
        parts.append(f"{_count(report.known, 'frame')} known already")
    return f"{report.source}:  {'  ·  '.join(parts)}"


def write_rejected(report: ImportReport, file: Path) -> None:
    """The files left out, as CSV."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "reason"])
        writer.writerows((rejected.path, rejected.reason) for rejected in report.rejected)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
