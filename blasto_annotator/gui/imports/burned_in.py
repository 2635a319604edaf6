"""Burned-in text and bars of a source: found, shown on its frames, confirmed or corrected by a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QProgressBar, QWidget

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame, Source
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.imports.areas_view import AreasView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, column, restyle, row, text, tool

if TYPE_CHECKING:
    from blasto_annotator.imaging.burned_in import Masks
    from blasto_annotator.imaging.decode import Grey
    from blasto_annotator.importers.burned_in import Looked

WAYS = (
    ("Fill the areas from around them", "inpaint"),
    ("Crop to the largest square without them", "crop"),
    ("Leave the pictures as they are", "leave"),
)
NOT_READ = "Times and wells in the pictures are not read: a misread digit would be a wrong time."


class BurnedInDialog(QDialog):
    """Non-modal. Nothing is stored before Confirm."""

    def __init__(self, parent: QWidget | None, state: AppState, source: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle("Burned-in text and scale bars")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._state, self._asked, self._place = state, 0, 0
        self._looked: list[Looked] = []
        self._pictures: dict[int, Grey] = {}
        self.sources, self.sizes, self.way = QComboBox(), QComboBox(), QComboBox()
        self.view = AreasView()
        self.plain = QCheckBox("As snapshots will show it")
        self.counter = text("", "small")
        self.words = text("", "muted", wrap=True)
        self.bar = QProgressBar()
        self.confirm = button("Confirm", self._confirm, role="primary")
        self._lay_out()
        self._connect()
        self.resize(900, 640)
        self._enable(False)
        self._fill(source)

    def _lay_out(self) -> None:
        for title, value in WAYS:
            self.way.addItem(title, value)
        for box, name in ((self.sources, "Source"), (self.sizes, "Size"), (self.way, "In snapshots")):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.bar.setTextVisible(False)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("Source", row(self.sources, self.sizes, None))
        form.addRow("In snapshots", row(self.way, None))
        self.before = tool("chevron-left", "Frame before", lambda: self._step(-1))
        self.after = tool("chevron-right", "Next frame", lambda: self._step(1))
        self.remove = button("Remove area", self.view.remove_chosen)
        steps = row(self.before, self.counter, self.after, 16, self.plain, None, self.remove, gap=8)
        cancel = button("Cancel", self.close)
        foot = row(self.words, self.bar, cancel, self.confirm, gap=10)
        foot.setStretch(0, 1)
        heading = text("Burned-in text and scale bars", "heading")
        layout = column(heading, form, self.view, steps, text(NOT_READ, "small"), foot, gap=12, margin=20)
        layout.setStretchFactor(self.view, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.sources.activated.connect(lambda _: self.look())
        self.sizes.activated.connect(lambda _: self._show_size())
        self.way.activated.connect(lambda _: self._show_frame())
        self.plain.toggled.connect(lambda _: self._show_frame())
        self.view.changed.connect(self._areas_changed)
        self.view.picked.connect(self.remove.setEnabled)

    def _fill(self, wanted: str) -> None:
        project = self._state.project
        if project is None:
            return

        def filled(found: list[Source]) -> None:
            for source in found:
                self.sources.addItem(source.name, source)
            self.sources.setCurrentIndex(max(0, self.sources.findText(wanted)))
            if found:
                self.look()
            else:
                self.say("This project has no frames yet; import some first.")
                self.confirm.setEnabled(False)

        run_op(self, project.frames.sources, filled, self._fail, serial=False)

    def look(self) -> None:
        """Looks through the chosen source, in the background."""
        project, source = self._state.project, self.sources.currentData()
        if project is None:
            return
        self._asked += 1
        number = self._asked
        self._enable(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self.say("Looking at frames of many embryos …")
        tell = on_gui(self, self._tell)

        def op() -> list[Looked]:
            from blasto_annotator.importers.burned_in import look

            return look(project, source, tell)

        run_op(
            self, op, lambda found: self._found(number, source, found),
            lambda error: self._fail(error, number), serial=False,
        )  # fmt: skip

    def _tell(self, done: int, total: int | None) -> None:
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)

    def _found(self, number: int, source: Source, found: list[Looked]) -> None:
        from blasto_annotator.importers.burned_in import confirmed

        if number != self._asked:
            return
        known = confirmed(source)
        if known is not None:
            self.way.setCurrentIndex(max(0, self.way.findData(known.way)))
            sizes = known.boxes
            found = [replace(each, boxes=sizes.get((each.width, each.height), each.boxes)) for each in found]
        self._looked, self._pictures, self._place = found, {}, 0
        self.sizes.clear()
        self.sizes.addItems([f"{each.width} × {each.height} px" for each in found])
        self.sizes.setVisible(len(found) > 1)
        self.bar.hide()
        self._enable(True)
        self._show_size()
        if known is not None:
            self.say("These areas were confirmed before.")

    def _show_size(self) -> None:
        looked = self._looked[self.sizes.currentIndex()]
        self._place = 0
        self.view.set_boxes(list(looked.boxes), not self.plain.isChecked())
        found = looked.sentence
        self.say(f"{found[0].upper()}{found[1:]}.", "muted")
        self._show_frame()

    def _step(self, by: int) -> None:
        frames = self._looked[self.sizes.currentIndex()].frames if self._looked else ()
        if frames:
            self._place = (self._place + by) % len(frames)
            self._show_frame()

    def _show_frame(self) -> None:
        project = self._state.project
        if project is None or not self._looked:
            return
        looked = self._looked[self.sizes.currentIndex()]
        frame = looked.frames[self._place]
        self.counter.setText(f"{self._place + 1} of {len(looked.frames)}, {frame.embryo}")
        masks = self._masks() if self.plain.isChecked() else None
        file, known = project.frames.file, self._pictures

        def op() -> tuple[Frame, Grey]:
            return frame, _picture(frame, file, known, masks)

        run_op(self, op, self._show_picture, self._fail, serial=False)

    def _show_picture(self, shown: tuple[Frame, Grey]) -> None:
        frame, grey = shown
        looked = self._looked[self.sizes.currentIndex()]
        if frame == looked.frames[self._place]:
            self.view.show_boxes = not self.plain.isChecked()
            self.view.show_image(_to_image(grey))

    def _areas_changed(self) -> None:
        place = self.sizes.currentIndex()
        self._looked[place] = replace(self._looked[place], boxes=tuple(self.view.boxes))
        areas = len(self.view.boxes)
        self.say("No area: nothing is masked." if not areas else f"{areas} marked; Confirm stores them.")

    def _masks(self) -> Masks:
        from blasto_annotator.importers.burned_in import masks_for

        return masks_for(self._looked, self.way.currentData())

    def _confirm(self) -> None:
        project, source = self._state.project, self.sources.currentData()
        if project is None or not self._looked:
            return
        masks, who = self._masks(), self._state.grader
        self._enable(False)

        def op() -> Source:
            from blasto_annotator.importers.burned_in import confirm

            return confirm(project, source, masks, who)

        run_op(self, op, self._stored, self._fail)

    def _stored(self, source: Source) -> None:
        areas = sum(len(each.boxes) for each in self._looked)
        does = {"inpaint": "fill", "crop": "crop away", "leave": "leave"}[self.way.currentData()]
        words = f"snapshots will {does} {areas} areas" if areas else "nothing is burned in"
        self._state.message.emit("success", f"“{source.name}”: {words}.")
        self.close()

    def _enable(self, ready: bool) -> None:
        for widget in (self.confirm, self.before, self.after, self.plain, self.view):
            widget.setEnabled(ready)
        self.remove.setEnabled(ready and self.view.chosen is not None)

    def say(self, words: str, role: str = "muted") -> None:
        """A sentence at the foot."""
        self.words.setText(words)
        restyle(self.words, role)

    def _fail(self, error: Exception, number: int | None = None) -> None:
        if number is not None and number != self._asked:
            return
        self.bar.hide()
        if isinstance(error, UserError):
            self.say(str(error), "danger")
        else:
            report_error(self, error)


def _picture(
    frame: Frame, file: Callable[[Frame], Path], known: dict[int, Grey], masks: Masks | None
) -> Grey:
    """The frame's pixels, read once; as snapshots will have them where masks are given."""
    from blasto_annotator.imaging.burned_in import clean
    from blasto_annotator.imaging.decode import decode_grey

    if frame.id not in known:
        known[frame.id] = decode_grey(file(frame))
    return clean(known[frame.id], masks)


def _to_image(grey: Grey) -> QImage:
    height, width = grey.shape
    whole = grey if grey.flags["C_CONTIGUOUS"] else grey.copy()
    return QImage(whole.data, width, height, whole.strides[0], QImage.Format.Format_Grayscale8).copy()
