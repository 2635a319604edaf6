"""Reviewing: one image large, or nine, with the marks beside it. Keys do everything."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QWidget

from blasto_annotator.domain.reviews import Realism, Seen, Stroke
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.review import marks as m
from blasto_annotator.gui.review.clock import LookClock
from blasto_annotator.gui.review.grid_view import SIDE, TILES, GridView
from blasto_annotator.gui.review.look import Look
from blasto_annotator.gui.review.session_bar import SessionBar
from blasto_annotator.gui.review.session_keys import Act, act_of
from blasto_annotator.gui.review.session_model import CANNOT, PAGE, REST, SessionModel, Step
from blasto_annotator.gui.review.verdict_panel import VerdictPanel
from blasto_annotator.gui.theme import CANVAS
from blasto_annotator.gui.widgets.basics import button, column, frame, row, text
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.overlays import Lines
from blasto_annotator.gui.widgets.pictures import Load, Pictures

log = logging.getLogger(__name__)
HINT = "1 2 3 judge and go on   ·   W and letters mark first   ·   Enter: W alone   ·   ← → look around"
STAY_HINT = "1 2 3, W and letters in any order, then Enter saves and goes on   ·   ← → look around"
BRUSH_HINT = "Drag over what is wrong   ·   R puts the brush down   ·   1 2 3 judge and go on"
TYPING_HINT = "Enter ends the line, then 1 2 3 judge and go on"
BRUSH_WIDTH = 0.02
"""As a share of the image's side."""
NEEDED = "A verdict needs 1, 2, 3 or W."


class SessionView(QWidget):
    """Shows a `SessionModel`; hands every row to write to `write`."""

    paused = Signal()
    finished = Signal()

    def __init__(
        self, model: SessionModel, scheme: Scheme, classes: tuple[str, ...], load: Load,
        write: Callable[[Step], None], own_defects: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self.model = model
        self._write = write
        self._class_keys = m.class_keys(classes)
        self._own_keys = dict(zip(m.OWN_DEFECT_KEYS, own_defects, strict=False))
        self.clock = LookClock()
        self._titles = {group.name: group.title for group in scheme.groups}
        self.pictures = Pictures(load, model.total, self)
        self.bar = SessionBar()
        self.image = ImageView()
        self.grid = GridView(
            self.pictures.get, self._caption, self._class_title, model.total, self.pictures.pending
        )
        self.look = Look(self.image, self.pictures, self._show_picture)
        self._look_card = self.look.framed()
        self._shown: int | None = None
        """Position of the picture on screen."""
        self._marked = 0
        """Position whose marks the panel shows."""
        self.panel = VerdictPanel(scheme, classes, own_defects)
        self.hint = text(HINT, "muted")
        self._failure = text("", "danger", wrap=True)
        self._end = self._end_card()
        self._blank = QFrame()
        self._blank.setStyleSheet(f"background: {CANVAS}")
        self._stack = QStackedLayout()
        self._build()
        self._connect()
        self.refresh()

    @property
    def staying(self) -> bool:
        """Whether 1, 2, 3 only mark and Enter saves."""
        return self.bar.stay.isChecked()

    @property
    def nine(self) -> bool:
        """Whether nine images are shown."""
        return self.bar.nine.isChecked()

    @property
    def showing(self) -> bool:
        """Whether the image of the present position is on screen, alone."""
        return self._stack.currentWidget() is self.image

    def refresh(self) -> None:
        """Shows the model as it stands."""
        model = self.model
        self.bar.show_session(model, saving=model.busy)
        self._show_panel()
        self._end.setVisible(model.complete)
        self._show_hint()
        self._show_picture()

    def hint_words(self) -> str:
        """What the keys do now."""
        if self.panel.grade.hasFocus() or self.panel.note.hasFocus():
            return TYPING_HINT
        if self.image.brush and not self.nine:
            return BRUSH_HINT
        return STAY_HINT if self.staying else HINT

    def _show_hint(self) -> None:
        self.hint.setText(self.hint_words())

    def _show_panel(self) -> None:
        if self._marked != self.model.position:
            self._marked = self.model.position
            self.panel.grade.reset()
        self.panel.show_class(self.model.item.class_name)
        self.panel.show_marks(self.model.marks)

    def saved(self, step: Step) -> None:
        """The row is on the disk."""
        self.model.saved(step)
        self.refresh()

    def failed(self, step: Step) -> None:
        """The row is not on the disk: back to its image."""
        self.model.failed(step)
        self.refresh()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        found = act_of(event, self._class_keys, self._own_keys)
        if found is None:
            super().keyPressEvent(event)
            return
        self._acts()[found.act](found.value)

    def _acts(self) -> dict[Act, Callable[[Any], None]]:
        bar = self.bar
        return {
            Act.REALISM: self.give,
            Act.WRONG_CLASS: lambda _: self._mark(m.toggle_wrong_class),
            Act.DEFECT: lambda code: self._mark(lambda marks: m.toggle_defect(marks, code)),
            Act.LOOKS_LIKE: self._look_like,
            Act.NOTE: lambda _: self._type_note(),
            Act.GRADE: lambda _: self._type_grade(),
            Act.COMMIT: lambda _: self.commit(),
            Act.MOVE: self._move,
            Act.PAGE: self._turn_page,
            Act.UNDO: lambda _: self.undo(),
            Act.REDO: lambda _: self.redo(),
            Act.NINE: lambda _: bar.nine.toggle(),
            Act.STAY: lambda _: bar.stay.toggle(),
            Act.PIXELS: lambda _: bar.pixels.toggle(),
            Act.PICTURE: lambda _: bar.picture.toggle(),
            Act.ZOOM: self._zoom,
            Act.PAUSE: lambda _: self._pause(),
            Act.BRUSH: lambda _: self._brush(),
        }

    def seen(self, step: Step) -> Seen:
        """How long and how large an image was looked at."""
        view: dict[str, float | str | bool] = {"nine": self.nine, "pixels": not self.pictures.smooth}
        if not self.nine:
            view |= self.look.seen()
        if step.rest:
            view[REST] = True
        return Seen(self.clock.seconds(self._clocked(step.position)), view)

    def _clocked(self, position: int) -> int:
        """What the clock runs for while an image is on screen."""
        return position

    def give(self, realism: Realism) -> None:
        """1, 2 or 3: the verdict and the next image; while staying, a mark only."""
        if self.staying:
            self._mark(lambda marks: m.mark_realism(marks, realism))
            return
        self._put(self.model.commit_realism(realism))

    def commit(self) -> None:
        """Enter: saves the marks and goes on; at the end, the reveal."""
        if self.model.complete and not self.model.changed(self.model.position):
            self.finished.emit()
        elif not self.model.marks.complete:
            self.hint.setText(NEEDED)
        else:
            self._put(self.model.commit())

    def undo(self) -> None:
        """Takes the last verdict back and shows its image."""
        step = self.model.undo()
        if step is not None:
            self._write(step)
        self.refresh()

    def redo(self) -> None:
        """Gives the verdict that was taken back again."""
        step = self.model.redo()
        if step is not None:
            self._write(step)
        self.refresh()

    def _put(self, step: Step | None) -> None:
        if step is not None:
            self._write(step)
        self.model.advance()
        self.refresh()

    def _mark(self, change: Callable[[m.Marks], m.Marks]) -> None:
        self.model.change(change)
        self.refresh()

    def _brush(self) -> None:
        """Dragging draws where a defect is, or moves the image again."""
        if self.nine:
            self._open_alone(self.model.position)
        self.image.brush = not self.image.brush
        self.panel.brush.setChecked(self.image.brush)
        self.image.setCursor(Qt.CursorShape.CrossCursor if self.image.brush else Qt.CursorShape.ArrowCursor)
        self._show_hint()

    def _stroke(self, points: tuple[tuple[float, float], ...]) -> None:
        """A line belongs to the defect that was marked last."""
        marked = self.model.marks.defects
        stroke = Stroke(marked[-1] if marked else "", BRUSH_WIDTH, points)
        self._mark(lambda marks: m.add_stroke(marks, stroke))

    def _show_strokes(self) -> None:
        picture, strokes = self.image.image, self.model.marks.strokes
        size = (picture.width(), picture.height()) if picture is not None else (1, 1)
        shown = Lines([stroke.points for stroke in strokes], size, BRUSH_WIDTH) if strokes else None
        self.image.set_overlay("brush", shown)

    def _look_like(self, name: str) -> None:
        own = self.model.item.class_name
        self._mark(lambda marks: m.mark_looks_like(marks, name, own))

    def _type_grade(self) -> None:
        self.panel.ensureWidgetVisible(self.panel.grade)
        self.panel.grade.setFocus()
        self.panel.grade.selectAll()
        self._show_hint()

    def _type_note(self) -> None:
        self.panel.note.setFocus()
        self._show_hint()

    def _end_line(self) -> None:
        """The keys are the session's again."""
        self.setFocus()
        self._show_hint()

    def _look_like_grade(self, grade: str, group: str) -> None:
        own = self.model.item.class_name
        self._mark(lambda marks: m.mark_grade(marks, grade, group, own))

    def _note(self, words: str) -> None:
        self._mark(lambda marks: m.write_note(marks, words))

    def _move(self, where: tuple[int, int]) -> None:
        across, down = where
        if not self.nine and down:
            return
        self._go(self.model.position + across + SIDE * down)

    def _turn_page(self, way: int) -> None:
        if self.nine:
            self._go(self.model.position + way * PAGE)

    def _pause(self) -> None:
        self.paused.emit()

    def _go(self, position: int) -> None:
        self.model.go(position)
        self.refresh()

    def _choose(self, position: int) -> None:
        self._go(position)

    def _zoom(self, factor: float) -> None:
        if factor:
            self.image.zoom_by(factor)
        else:
            self.image.fit()

    # pictures

    def _show_picture(self) -> None:
        self._failure.hide()
        position = self.model.position
        if self.nine:
            self._stack.setCurrentWidget(self.grid)
            self.grid.show_position(position)
            self.clock.start(self._clocked(position))
            self.pictures.expect(range(self.grid.first, self.grid.first + 2 * TILES))
        else:
            self._show_alone(self.pictures.get(position))
            self.pictures.expect(range(position - 1, position + 4))

    def _show_alone(self, picture: QImage | None) -> None:
        """A blank area until the image is there: never the one before, and zoom and place stay."""
        if picture is None and self._shown == self.model.position:
            return  # the same image, about to be shown otherwise
        self._shown = None if picture is None else self.model.position
        if picture is not None:
            self.image.set_image(picture)
            self.clock.start(self._clocked(self.model.position))
            self._show_strokes()
        self._stack.setCurrentWidget(self._blank if picture is None else self.image)

    def _picture_ready(self, position: int) -> None:
        if self.nine:
            self.grid.update()
        elif position == self.model.position:
            self._show_alone(self.pictures.get(position))

    def _picture_failed(self, position: int, sentence: str) -> None:
        if self.nine:
            self.grid.update()
        if position == self.model.position:
            log.warning("image %d cannot be shown: %s", position, sentence)
            self._failure.setText(CANNOT)
            self._failure.show()

    def _set_pixels(self, pixels: bool) -> None:
        self.pictures.smooth = not pixels
        self._show_picture()

    def _open_alone(self, position: int) -> None:
        self.model.go(position)
        self.bar.nine.setChecked(False)
        self.refresh()

    def _caption(self, position: int) -> str:
        return m.short_words(self.model.marks_at(position))

    def _class_title(self, position: int) -> str:
        name = self.model.session.items[position].class_name
        return self._titles.get(name, name)

    # building

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Review")
        for view in (self.image, self.grid, self._blank):
            self._stack.addWidget(view)
        self._failure.hide()
        foot = frame(row(self.hint, None, margin=8), "panel")
        left = column(self._end, self._failure, gap=0)
        left.addLayout(self._stack, 1)
        left.addWidget(foot)
        body = row(gap=0)
        body.addLayout(left, 1)
        body.addWidget(self._look_card)
        body.addWidget(self.panel)
        self.setLayout(column(self.bar, body, gap=0))

    def _end_card(self) -> QWidget:
        words = text("Every image has a verdict.", "heading")
        return frame(
            row(words, None, button("Show what they were", self.finished.emit, role="primary"), margin=12),
            "panel",
        )

    def _connect(self) -> None:
        bar, panel = self.bar, self.panel
        bar.pause_pressed.connect(self.paused)
        bar.undo_pressed.connect(self.undo)
        bar.redo_pressed.connect(self.redo)
        bar.nine_toggled.connect(lambda _: self.refresh())
        bar.stay_toggled.connect(lambda _: self.refresh())
        bar.pixels_toggled.connect(self._set_pixels)
        bar.picture_toggled.connect(self._look_card.setVisible)
        bar.fit_pressed.connect(self.image.fit)
        panel.realism_pressed.connect(self.give)
        panel.wrong_class_pressed.connect(lambda: self._mark(m.toggle_wrong_class))
        panel.defect_pressed.connect(lambda code: self._mark(lambda marks: m.toggle_defect(marks, code)))
        panel.brush_pressed.connect(self._brush)
        panel.wipe_pressed.connect(lambda: self._mark(m.wipe_strokes))
        self.image.stroke_drawn.connect(self._stroke)
        panel.looks_like_pressed.connect(self._look_like)
        panel.grade.graded.connect(self._look_like_grade)
        panel.grade.done.connect(self._end_line)
        panel.grade.refused.connect(self.hint.setText)
        panel.note_edited.connect(self._note)
        panel.note_done.connect(self._end_line)
        self.grid.chosen.connect(self._choose)
        self.grid.opened.connect(self._open_alone)
        self.pictures.ready.connect(self._picture_ready)
        self.pictures.failed.connect(self._picture_failed)
