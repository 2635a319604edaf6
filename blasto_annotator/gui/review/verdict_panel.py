"""The marks of the image on screen, each with its key; a click does what the key does."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from blasto_annotator.domain.reviews import Realism, defect_title
from blasto_annotator.domain.schemes import Group, Scheme
from blasto_annotator.gui.review.grade_field import GradeField
from blasto_annotator.gui.review.key_button import KeyButton
from blasto_annotator.gui.review.line_field import LineField
from blasto_annotator.gui.review.marks import (
    BRUSH_KEY,
    DEFECT_KEYS,
    GRADE_KEY,
    NOTE_KEY,
    OWN_DEFECT_KEYS,
    REALISM_HINTS,
    REALISM_KEYS,
    REALISM_TITLES,
    WRONG_CLASS_KEY,
    Marks,
    class_keys,
)
from blasto_annotator.gui.widgets.basics import button, column, row, text
from blasto_annotator.gui.widgets.group_badge import GroupBadge

WIDTH = 300
CAP = 28
"""Width of the key before a field."""


class VerdictPanel(QScrollArea):
    """Shows `Marks` and asks for changes by signals; holds none itself."""

    realism_pressed = Signal(object)
    """A `Realism`."""
    wrong_class_pressed = Signal()
    defect_pressed = Signal(str)
    brush_pressed = Signal()
    wipe_pressed = Signal()
    looks_like_pressed = Signal(str)
    note_edited = Signal(str)
    note_done = Signal()

    def __init__(
        self, scheme: Scheme, class_names: tuple[str, ...], own_defects: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self._groups = {group.name: group for group in scheme.groups}
        self._class_names = class_names
        self._badge = GroupBadge(24)
        self._class = text("", "heading")
        self.realism = self._realism_buttons()
        self.wrong_class = KeyButton(WRONG_CLASS_KEY, "Wrong class", self.wrong_class_pressed.emit)
        self.defects = self._defect_buttons(own_defects)
        self.brush = KeyButton(BRUSH_KEY, "Show where, with the brush", self.brush_pressed.emit)
        self.wipe = button("Wipe the brush's lines", self.wipe_pressed.emit, role="link")
        self.looks_like = self._class_buttons()
        self._more = self._class_list()
        self.grade = GradeField(scheme)
        self.note = self._note_field()
        self._build()

    def show_class(self, name: str) -> None:
        """The class that the image is to be judged against."""
        group = self._groups.get(name)
        self._badge.setVisible(group is not None)
        self._badge.set_group(group)
        self._class.setText(_title(group, name))

    def show_page(self, count: int) -> None:
        """Keys mean the page: what is of one image only waits until one is chosen."""
        self._badge.hide()
        self._class.setText(f"{count} images, each as it says")
        self.show_marks(Marks())
        self.set_single(on=False)

    def set_single(self, *, on: bool) -> None:
        """Whether marks of one image can be set."""
        own = (
            *self.defects.values(),
            *self.looks_like.values(),
            self.brush,
            self._more,
            self.grade,
            self.note,
        )
        for made in (self.wrong_class, *own):
            made.setEnabled(on)

    def show_marks(self, marks: Marks) -> None:
        """Checks the buttons that are marked."""
        for realism, made in self.realism.items():
            made.setChecked(marks.realism is realism)
        self.wrong_class.setChecked(marks.wrong_class)
        for code, made in self.defects.items():
            made.setChecked(code in marks.defects)
        self.wipe.setVisible(bool(marks.strokes))
        for name, made in self.looks_like.items():
            made.setChecked(marks.looks_like == name)
        self.grade.show_words(marks.looks_like)
        self._more.setCurrentIndex(max(0, self._more.findData(marks.looks_like)))
        if self.note.text() != marks.note:
            self.note.setText(marks.note)

    def _build(self) -> None:
        inner = QWidget()
        inner.setProperty("role", "plain")
        inner.setLayout(self._sections())
        inner.setMaximumWidth(WIDTH)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH + 14)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _sections(self) -> QVBoxLayout:
        classes = QGridLayout()
        classes.setSpacing(4)
        for at, made in enumerate(self.looks_like.values()):
            classes.addWidget(made, at // 2, at % 2)
        self._more.setVisible(self._more.count() > 1)
        return column(
            text("To be judged as", "section"), row(self._badge, self._class, None), 4,
            *self.realism.values(), self.wrong_class, 4,
            text("Defects", "section"), *self.defects.values(), self.brush, self.wipe, 4,
            text("Looks like", "section"), classes, self._more,
            row(_cap(GRADE_KEY), self.grade, gap=8), row(_cap(NOTE_KEY), self.note, gap=8), None,
            gap=4, margin=8,
        )  # fmt: skip

    def _realism_buttons(self) -> dict[Realism, KeyButton]:
        def made(key: str, realism: Realism) -> KeyButton:
            press = partial(self.realism_pressed.emit, realism)
            return KeyButton(key, REALISM_TITLES[realism], press, REALISM_HINTS[realism])

        return {realism: made(key, realism) for key, realism in REALISM_KEYS.items()}

    def _defect_buttons(self, own: tuple[str, ...]) -> dict[str, KeyButton]:
        keys = list(DEFECT_KEYS.items())
        keys += [(OWN_DEFECT_KEYS[at : at + 1], code) for at, code in enumerate(own)]
        return {
            code: KeyButton(key, defect_title(code), partial(self.defect_pressed.emit, code))
            for key, code in keys
        }

    def _class_buttons(self) -> dict[str, KeyButton]:
        def made(key: str, name: str) -> KeyButton:
            title = _title(self._groups.get(name), name)
            return KeyButton(key, title, partial(self.looks_like_pressed.emit, name))

        return {name: made(key, name) for key, name in class_keys(self._class_names).items()}

    def _class_list(self) -> QComboBox:
        """The classes that found no key."""
        more = QComboBox()
        more.setAccessibleName("Looks like another class")
        more.addItem("Another class…", "")
        for name in self._class_names:
            if name not in self.looks_like:
                more.addItem(_title(self._groups.get(name), name), name)
        more.activated.connect(lambda _: self.looks_like_pressed.emit(str(more.currentData())))
        return more

    def _note_field(self) -> LineField:
        field = LineField()
        field.setPlaceholderText("A note: what else you see")
        field.setAccessibleName("Note")
        field.textEdited.connect(self.note_edited.emit)
        field.done.connect(self.note_done.emit)
        return field


def _cap(key: str) -> QLabel:
    made = text(key, "keycap")
    made.setFixedWidth(CAP)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def _title(group: Group | None, name: str) -> str:
    return group.title if group is not None else name
