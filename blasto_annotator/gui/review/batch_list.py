"""Generated batches, newest first. No picture of them: seeing one before its review would spoil it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem

from blasto_annotator.gui.review.overview import BatchRow, when
from blasto_annotator.gui.widgets.basics import column, text

WIDTH = 260


class BatchList(QFrame):
    """Lists batches; the chosen one is sent."""

    chosen = Signal(object)
    """A `BatchRow`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.list = QListWidget()
        self.list.setAccessibleName("Generated batches")
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        self.setLayout(column(text("Generated batches", "section"), self.list, margin=12))
        self.setFixedWidth(WIDTH)

    def show_batches(self, batches: list[BatchRow], wanted: str = "") -> None:
        """Fills the list and chooses `wanted`, else what was chosen, else the newest."""
        name = wanted or self._name()
        self.list.blockSignals(True)
        self.list.clear()
        for batch in batches:
            self.list.addItem(_item(batch))
        self.list.blockSignals(False)
        names = [batch.name for batch in batches]
        self.list.setCurrentRow(names.index(name) if name in names else 0)

    def rows(self) -> list[BatchRow]:
        """Every batch in the list."""
        return [self.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(self.list.count())]

    def _name(self) -> str:
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole).name) if item is not None else ""

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _item(batch: BatchRow) -> QListWidgetItem:
    item = QListWidgetItem(f"{when(batch.info.created_utc)}\n{batch.images} images, {_state(batch)}")
    item.setData(Qt.ItemDataRole.UserRole, batch)
    item.setToolTip(batch.facts)
    return item


def _state(batch: BatchRow) -> str:
    if not batch.sessions:
        return "not reviewed"
    if len(batch.sessions) == 1:
        (only,) = batch.sessions
        return "reviewed" if only.complete else f"{only.done} of {only.total} reviewed"
    complete = sum(known.complete for known in batch.sessions)
    return f"{complete} of {len(batch.sessions)} sessions done"
