"""One row of the trail in full: when, who, what, and each field before and after."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from blasto_annotator.domain.audit import AuditRow
from blasto_annotator.gui.audit.words import action_words, fields, moment_words, subject_words
from blasto_annotator.gui.widgets.basics import column, text

HEADS = ("Field", "Before", "After")


class Detail(QWidget):
    """Beside the table."""

    def __init__(self) -> None:
        super().__init__()
        self.title = text("", "heading", wrap=True)
        self.hint = text("Choose a row to see what it changed.", "muted", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.when = text("", "small", wrap=True)
        self.when.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.why = text("", "muted", wrap=True)
        self.table = QTableWidget(0, len(HEADS))
        self.table.setHorizontalHeaderLabels(HEADS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setAccessibleName("What was before and what came after")
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.hashes = text("", "small", wrap=True)
        self.hashes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setLayout(column(self.hint, self.title, self.when, self.why, self.table, self.hashes, gap=8))
        self.show_row(None)

    def show_row(self, row: AuditRow | None) -> None:
        """A row, or the hint that one is to be chosen."""
        for widget in (self.title, self.when, self.why, self.table, self.hashes):
            widget.setVisible(row is not None)
        self.hint.setVisible(row is None)
        if row is None:
            self.title.clear()
            return
        who = row.who or "The program"
        self.title.setText(f"{who} {action_words(row.action)} ({subject_words(row.subject)})")
        self.when.setText(moment_words(row))
        self.why.setText(f"Why: {row.why}")
        self.why.setVisible(bool(row.why))
        self.hashes.setText(f"Row {row.id:,}, version {row.version}, hash {row.hash[:16]}…")
        self.table.setColumnHidden(HEADS.index("Before"), not row.before)
        self._fill(row)

    def _fill(self, row: AuditRow) -> None:
        found = fields(row)
        self.table.setRowCount(len(found))
        muted = self.palette().placeholderText()
        for place, field in enumerate(found):
            for at, words in enumerate((field.title, field.before, field.after)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                if not field.changed:
                    item.setForeground(muted)
                self.table.setItem(place, at, item)
        self.table.resizeRowsToContents()
