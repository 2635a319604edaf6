"""Disputes side by side: the frame, what each grader said, without names, and the question that decides."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedLayout, QWidget

from blasto_annotator.curation.adjudicating import Dispute, decide, decide_again, take_back
from blasto_annotator.curation.aggregation import Advice
from blasto_annotator.domain.adjudication import Adjudication, outcome
from blasto_annotator.gui.agreement.adjudicate_model import (
    TITLES,
    AdjudicateModel,
    decision_text,
    dispute_line,
    frame_title,
)
from blasto_annotator.gui.agreement.decisions import Act, Decisions
from blasto_annotator.gui.agreement.planes import DisputePlanes
from blasto_annotator.gui.agreement.work import Overview
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.typed import typed_char
from blasto_annotator.gui.widgets.basics import button, clear, column, frame, row, text
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.gui.widgets.group_badge import GroupBadge
from blasto_annotator.gui.widgets.image_view import ImageView
from blasto_annotator.gui.widgets.save_notice import SaveNotice
from blasto_annotator.reports.agreement_words import number

LIST_WIDTH, SIDE_WIDTH = 270, 300
PLANE_KEYS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
LISTED = 1000
"""Worst disputes that are listed at a time."""
NOTHING = "Every image that two people graded has the same group by both."
NOT_YOURS = "Their graders disagree on {n} more images. They are shown once you have graded them yourself."
MAY_NOT = "Only an adjudicator decides. You see this image because you graded it."


class AdjudicateView(QWidget):
    """Left the disputes, worst first; in the middle the frame; right the grades and the question."""

    changed = Signal()
    """A decision was saved or undone."""
    stale = Signal()
    """What is listed does not show what was saved: it has to be read again."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._state = state
        self._may = False
        self._advice: Advice | None = None
        self._unlisted = 0
        self.decisions = Decisions(self)
        self.model = AdjudicateModel()
        self.list = QListWidget()
        self.view = ImageView()
        self.planes = DisputePlanes(state, self.view)
        self.head = text("", "section")
        self.place = text("", "strong")
        self.plane = text("", "small", wrap=True)
        self.grades = column(gap=6)
        self.question = text("", "heading", wrap=True)
        self.hint = text("", "muted", wrap=True)
        self.buttons = QHBoxLayout()
        self.advice = text("", "small", wrap=True)
        self.reveal = button("Show names (R)", self._reveal)
        self.undo_button = button("Undo", self.undo, icon_name="undo")
        self.notice = SaveNotice(elsewhere=False)
        self._empty = EmptyState("success", "Nothing to adjudicate", NOTHING)
        self._build()

    def show_disputes(self, found: Overview) -> None:
        """Another list of disputes."""
        project = self._state.project
        if project is None:
            return
        self._may, self._advice = found.may_adjudicate, found.advice
        self.model.begin(found.disputes[:LISTED], project.scheme, found.steps)
        self._unlisted = max(len(found.disputes) - LISTED, 0)
        self._empty.sentence.setText(NOT_YOURS.format(n=found.hidden) if found.hidden else NOTHING)
        self._stack.setCurrentIndex(0 if found.disputes else 1)
        self._fill_list()
        self._show_current()

    @property
    def open(self) -> int:
        """Disputes without a decision, listed or not."""
        return self.model.open + self._unlisted

    def undo(self) -> None:
        """Takes this person's newest decision back, of whatever day."""
        project, who = self._state.project, self._state.grader
        if project is None or self._busy():
            return
        if not self.model.done:
            self._state.status.emit("Nothing to undo.")
            return
        made, before = self.model.done[-1]
        self.decisions.save(
            Act(
                f"{self._name(made)} taken back",
                lambda moment: take_back(project, made, before, who, moment),
                self._undone,
            )
        )

    def redo(self) -> None:
        """Decides again what was taken back last."""
        project, who = self._state.project, self._state.grader
        if project is None or self._busy():
            return
        if not self.model.undone:
            self._state.status.emit("Nothing to redo.")
            return
        undone, _ = self.model.undone[-1]
        self.decisions.save(
            Act(
                f"{self._name(undone)} decided again",
                lambda moment: decide_again(project, undone, who, moment),
                self._redone,
            )
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answers are typed as on the Label page; R shows names, arrows go through disputes and planes."""
        key = Qt.Key(event.key())
        step, plane = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key), PLANE_KEYS.get(key)
        char = typed_char(event)
        value = self.model.key(char) if char else None
        if event.isAutoRepeat() and step is None and plane is None:
            return
        if step is not None:
            self._go(self.model.place + step)
        elif plane is not None:
            self.planes.step(plane)
        elif key == Qt.Key.Key_Backspace:
            self._take_back_answer()
        elif value is not None:
            self._answer(value)
        elif char == "R":
            self._reveal()
        else:
            super().keyPressEvent(event)

    def _answer(self, value: str) -> None:
        project, dispute = self._state.project, self.model.current
        if project is None or dispute is None or not self._may or self._busy():
            return
        if not self.model.answer(value):
            self._show_question()
            return
        answers, revealed, who = dict(self.model.answers), self.model.revealed, self._state.grader
        self.decisions.save(
            Act(
                f"{frame_title(dispute.frame)} adjudicated {self.model.outcome_text()}",
                lambda moment: decide(project, dispute, answers, who, revealed, moment),
                self._saved,
            )
        )

    def _take_back_answer(self) -> None:
        if not self._busy() and self.model.take_back():
            self._show_question()

    def _busy(self) -> bool:
        """Whether a decision is on its way: one is saved before the next is taken."""
        act = self.decisions.act
        if act is not None:
            self._state.status.emit(f"Not saved yet: {act.words}.")
        return act is not None

    def _name(self, row: Adjudication) -> str:
        """What a decision is about, where its dispute is listed."""
        named = (d for d in self.model.disputes if d.sha256 == row.sha256)
        return next((frame_title(dispute.frame) for dispute in named), "a decision")

    def _saved(self, made: Adjudication) -> None:
        self.model.keep(made)
        here = self.model.current
        if here is not None and here.sha256 == made.sha256 and not self.model.next_open():
            self.model.go_to(self.model.place)
        self._after_change()

    def _undone(self, _: Adjudication) -> None:
        listed = self.model.taken_back()
        self._after_change()
        if not listed:
            self.stale.emit()

    def _redone(self, made: Adjudication) -> None:
        self.model.decided_again(made)
        self._after_change()

    def _decisions_changed(self) -> None:
        """A decision is on its way, or no longer."""
        act = self.decisions.act
        if act is None:
            self.notice.hide()
        elif self.notice.isVisible():
            self.notice.show_trying()
        self._show_question()

    def _stuck(self, act: Act, error: Exception) -> None:
        """The answer stays on screen until it is saved or given up."""
        self.notice.show_failure(act.words, error, 1, self.decisions.next_try())
        self._show_question()

    def _given_up(self) -> None:
        self.model.go_to(self.model.place)
        self.decisions.give_up()
        self.setFocus()
        self.stale.emit()

    def _after_change(self) -> None:
        self._fill_list()
        self._show_current()
        self.changed.emit()

    def _go(self, place: int) -> None:
        self.model.go_to(place)
        self.list.setCurrentRow(self.model.place)
        self._show_current()

    def _reveal(self) -> None:
        self.model.revealed = not self.model.revealed
        self._show_grades()

    def _fill_list(self) -> None:
        scheme = self.model.scheme
        if scheme is None:
            return
        with QSignalBlocker(self.list):
            while self.list.count() > len(self.model.disputes):
                self.list.takeItem(self.list.count() - 1)
            for place, dispute in enumerate(self.model.disputes):
                line = dispute_line(dispute, scheme)
                if place == self.list.count():
                    self.list.addItem(QListWidgetItem())
                self.list.item(place).setText(f"{frame_title(dispute.frame)}\n{line}")
                self.list.item(place).setToolTip(line)
            self.list.setCurrentRow(self.model.place)
        done = len(self.model.disputes) - self.model.open
        rest = f", {self._unlisted:,} more after these" if self._unlisted else ""
        self.head.setText(f"{self.model.open:,} open, {done:,} decided; worst first{rest}")

    def _show_current(self) -> None:
        dispute, project = self.model.current, self._state.project
        self.undo_button.setEnabled(bool(self.model.done))
        if dispute is None or project is None:
            return
        self.place.setText(frame_title(dispute.frame))
        self.planes.show(dispute)
        self._show_grades()
        self._show_question()

    def _show_plane(self) -> None:
        words = self.planes.words()
        self.plane.setText(words)
        self.plane.setVisible(bool(words))

    def _show_grades(self) -> None:
        clear(self.grades)
        dispute, scheme = self.model.current, self.model.scheme
        if dispute is None or scheme is None:
            return
        ordered = sorted(dispute.votes, key=lambda vote: (str(vote.grade or "~"), vote.grader))
        for place, vote in enumerate(ordered, 1):
            name = vote.grader if self.model.revealed else f"Grader {place}"
            grade = vote.grade
            badge = GroupBadge(22)
            group = scheme.group_of(grade) if grade is not None else None
            badge.set_group(group)
            badge.setVisible(group is not None)
            said = str(grade) if grade is not None else f"not gradable: {_why(vote.label.entry)}"
            word = "" if group is not None or grade is None else outcome(grade, scheme)
            line = QWidget()
            line.setLayout(row(text(name, "muted"), None, text(word, "small"), text(said, "strong"), badge))
            self.grades.addWidget(line)
        self.reveal.setText("Hide names (R)" if self.model.revealed else "Show names (R)")
        self.advice.setText(self._advice_text(dispute) if self.model.revealed else "")

    def _advice_text(self, dispute: Dispute) -> str:
        if self._advice is None or dispute.moment not in self._advice.rows:
            return ""
        best, share = self._advice.likeliest(dispute.moment, sorted(set(dispute.outcomes)))
        words = f"{best} is likeliest, {number(share)}"
        return f"By these graders' usual errors (Dawid and Skene 1979) {words}. Advice only."

    def _show_question(self) -> None:
        clear(self.buttons)
        dispute, scheme, asked = self.model.current, self.model.scheme, self.model.asked
        if dispute is None or scheme is None:
            return
        saving = self.decisions.act is not None and asked is None and not self.decisions.failed()
        self.question.setText(TITLES.get(asked or "", "Saving …" if saving else ""))
        for choice in self.model.choices:
            made = button(choice.title, partial(self._answer, choice.value), role="grade")
            made.setToolTip(f"Key {choice.key}")
            made.setAccessibleName(f"{TITLES[asked or '']} {choice.title}")
            made.setEnabled(self._may and self.decisions.act is None)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.buttons.addWidget(made)
        self.hint.setText(self._hint(dispute))

    def _hint(self, dispute: Dispute) -> str:
        if not self._may:
            return MAY_NOT
        scheme = self.model.scheme
        if dispute.decision is not None and dispute.decision.entry is not None and scheme is not None:
            words = decision_text(dispute.decision.entry.grade, scheme)
            return f"Decided: {words}, by {dispute.decision.adjudicator}. An answer decides anew."
        if self.decisions.act is not None:
            return self.model.answered_text()
        if self.model.answers:
            return f"{self.model.answered_text()} so far; Backspace takes it back."
        return "Only what changes the group is asked. The rest stays as most graders said."

    def _build(self) -> None:
        self.list.setAccessibleName("Images whose graders disagree")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._chosen)
        self.list.setFocusProxy(self)
        left = frame(column(self.head, self.list, margin=12), "panel")
        left.setFixedWidth(LIST_WIDTH)
        side = column(
            self.place, self.plane, self.grades, row(self.reveal, None), self.advice, 6, self.question,
            self.buttons, self.hint, self.notice, None, row(self.undo_button, None), gap=10, margin=16,
        )  # fmt: skip
        right = frame(side, "panel")
        right.setFixedWidth(SIDE_WIDTH)
        whole = QWidget()
        whole.setLayout(row(left, self.view, right, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(whole)
        self._stack.addWidget(self._empty)
        for widget in (self.reveal, self.undo_button):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.planes.changed.connect(self._show_plane)
        self.decisions.changed.connect(self._decisions_changed)
        self.decisions.stuck.connect(self._stuck)
        self.decisions.saved.connect(lambda act: self._state.saved.emit(f"Saved: {act.words}"))
        self.notice.retry.connect(self.decisions.retry)
        self.notice.give_up.connect(self._given_up)

    def _chosen(self, place: int) -> None:
        if place >= 0 and place != self.model.place:
            self.model.go_to(place)
            self._show_current()


def _why(entry: object) -> str:
    return str(getattr(entry, "reason", "") or "no reason given")
