"""The right panel: the grade, by keys or clicks, with its group, reasons, note and earlier labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from blasto_annotator.domain.definitions import EXPANSION, ICM, TE
from blasto_annotator.domain.grades import EXPANSIONS
from blasto_annotator.domain.labels import NOT_GRADABLE_REASONS
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.gui.label.flag_bar import FLAG, FlagBar
from blasto_annotator.gui.label.grade_display import GradeDisplay
from blasto_annotator.gui.label.grading import Grading
from blasto_annotator.gui.label.hints import KeyOf, button_words
from blasto_annotator.gui.label.history_list import HistoryList
from blasto_annotator.gui.label.known import NOTHING, WhatIsKnown
from blasto_annotator.gui.typed import printed
from blasto_annotator.gui.widgets.basics import button, clear, column, row, text
from blasto_annotator.gui.widgets.escape_field import EscapeField

NOT_GRADABLE = "Not gradable …"
NOTE = "Note"
MEANINGS = "What the grades mean"


class GradePanel(QWidget):
    """Follows `Grading`; every button does what a key does."""

    note_left = Signal()
    definitions_wanted = Signal()

    def __init__(self, grading: Grading) -> None:
        super().__init__()
        self._grading = grading
        self._scheme = ""
        self._not_gradable = NOT_GRADABLE
        self.display = GradeDisplay()
        self.buttons: dict[tuple[str, int | str], QPushButton] = {}
        self._form = QWidget()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self._form.setLayout(self._grid)
        self.reasons = _Reasons(grading)
        self.not_gradable = _plain(button(NOT_GRADABLE, grading.toggle_reasons, icon_name="not-gradable"))
        self.not_gradable.setToolTip("Choose why")
        self.not_gradable.setCheckable(True)
        self.note = EscapeField(placeholderText=NOTE)
        self.note.setAccessibleName("Note")
        self.meanings = _plain(button(MEANINGS, self.definitions_wanted.emit, role="link"))
        self.hint = text("", "warning", wrap=True)
        self.hint.hide()
        self.flags = FlagBar(grading)
        self.history = HistoryList()
        self.setLayout(
            column(self.display, self.hint, self._form, self.reasons, self.not_gradable, self.note,
                   self.flags, self.meanings, self.history, gap=8)
        )  # fmt: skip
        self.reasons.hide()
        self._connect()
        self.show_known(NOTHING)

    def refresh(self) -> None:
        """Shows how the grade stands."""
        grading, scheme = self._grading, self._grading.scheme
        if scheme is None:
            return
        self._build(scheme)
        if grading.obstacle:
            self.display.show_words(grading.obstacle)
        elif grading.choosing:
            self.display.show_words(f"Why is it not gradable? Type 1 to {len(NOT_GRADABLE_REASONS)}.")
        else:
            self.display.show_grade(grading.pending, grading.entry, scheme, grading.remark)
        self._form.setVisible(not grading.choosing)
        self.reasons.setVisible(grading.choosing)
        self.meanings.setVisible(not grading.choosing)
        self.not_gradable.setText("Back to the grade" if grading.choosing else self._not_gradable)
        entry = grading.entry
        self.not_gradable.setChecked(grading.choosing or (entry is not None and not entry.gradable))
        self._check_buttons()
        if not self.note.hasFocus():
            self.note.setText(grading.note)

    def show_keys(self, key_of: KeyOf) -> None:
        """The keys that do what the buttons do, as they are called now."""
        self._not_gradable = button_words(NOT_GRADABLE, key_of("label.not_gradable"))
        self.note.setPlaceholderText(button_words(NOTE, key_of("label.note")))
        self.meanings.setText(button_words(MEANINGS, key_of("label.definitions")))
        self.flags.button.setText(button_words(FLAG, key_of("label.flag")))
        self._name_letters()
        self.refresh()

    def show_hint(self, words: str) -> None:
        """Why a key did nothing; empty takes the hint away."""
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def show_known(self, known: WhatIsKnown) -> None:
        """What the grader may see of the image on screen: own rows, colleagues' rows, decisions, flags."""
        self.history.show_labels(known.own, known.others, known.decisions)
        self.flags.show_flags(known.flags, self._grading.grader)

    def _connect(self) -> None:
        self.note.textEdited.connect(self._grading.set_note)
        self.note.returnPressed.connect(self._finish_note)
        self.note.escaped.connect(self.note_left)
        self._grading.changed.connect(self.refresh)
        self._grading.hint.connect(self.show_hint)

    def _finish_note(self) -> None:
        self.note_left.emit()
        self._grading.finish_note()

    def _build(self, scheme: Scheme) -> None:
        if scheme.name == self._scheme:
            return
        self._scheme = scheme.name
        clear(self._grid)
        self.buttons.clear()
        self._add_row(0, "Expansion", "expansion", [(n, EXPANSION[n]) for n in EXPANSIONS])
        self._add_row(1, "ICM", "icm", [(letter, ICM[letter]) for letter in scheme.letters])
        self._add_row(2, "TE", "te", [(letter, TE[letter]) for letter in scheme.letters])
        self._name_letters()

    def _add_row(self, line: int, title: str, part: str, choices: Sequence[tuple[int | str, str]]) -> None:
        buttons = [self._choice(title, part, choice, meaning) for choice, meaning in choices]
        self._grid.addWidget(text(title, "small"), line, 0)
        self._grid.addLayout(row(*buttons, gap=4), line, 1)
        self._grid.setColumnStretch(1, 1)

    def _choice(self, title: str, part: str, choice: int | str, meaning: str) -> QPushButton:
        made = _plain(button(str(choice), lambda: self._grading.click(**{part: choice}), role="grade"))
        made.setCheckable(True)
        made.setToolTip(f"{title} {choice}: {meaning}")
        made.setAccessibleName(f"{title} {choice}")
        made.setAccessibleDescription(meaning)
        self.buttons[(part, choice)] = made
        return made

    def _name_letters(self) -> None:
        """A letter whose key says another one names that, too."""
        for (_, choice), made in self.buttons.items():
            letter, key = str(choice), printed(str(choice))
            made.setText(letter if key == letter else f"{letter} ({key})")

    def _check_buttons(self) -> None:
        pending, entry = self._grading.pending, self._grading.entry
        shown = pending if pending or entry is None or entry.grade is None else entry.grade
        for (part, choice), made in self.buttons.items():
            made.setChecked(getattr(shown, part) == choice)


class _Reasons(QWidget):
    """Why a frame is not gradable, each with its digit."""

    def __init__(self, grading: Grading) -> None:
        super().__init__()
        buttons = []
        for number, reason in enumerate(NOT_GRADABLE_REASONS, 1):
            words = f"{number}   {reason[0].upper()}{reason[1:]}"
            made = _plain(button(words, partial(grading.not_gradable, reason), role="reason"))
            buttons.append(made)
        self.setLayout(column(*buttons, gap=2))


def _plain(made: QPushButton) -> QPushButton:
    """A button that takes the focus by Tab only, so that a click does not take the keys away."""
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
