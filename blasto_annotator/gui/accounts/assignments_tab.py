"""Assignments: which graders, how large the overlap, and what everybody has to do by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from blasto_annotator.domain.assignments import AssignmentPlan, Share
from blasto_annotator.domain.graders import administrators, listed
from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import button, clear, column, line, restyle, row, text
from blasto_annotator.gui.widgets.spins import decimal_spin

if TYPE_CHECKING:
    from blasto_annotator.store import Project

_WORDS = (
    "Everybody grades the overlap, from which agreement is computed; the other embryos are dealt out evenly. "
    "The queue then brings each grader only their own embryos."
)
HEADS = ("Grader", "Embryos", "Shared", "Moments", "Labelled")


@dataclass(frozen=True)
class _Facts:
    names: list[str]
    chiefs: tuple[str, ...]
    """Who may deal out; empty for everybody."""
    plan: AssignmentPlan | None
    shares: list[Share]
    left: int
    labelled: dict[str, tuple[int, int]]
    """Grader to the moments of the own queue that are labelled, and all of them."""


class AssignmentsTab(QWidget):
    """One plan a project."""

    def __init__(self, state: AppState, project: Project) -> None:
        super().__init__()
        self._state, self._project = state, project
        self._boxes: dict[str, QCheckBox] = {}
        self._names = row(gap=16)
        self.overlap = decimal_spin("Overlap, in percent of the embryos", 0, 100)
        self.overlap.setSuffix(" %")
        self.overlap.setValue(20)
        self.deal = button("Deal out", self._deal, role="primary")
        self.deal.setEnabled(False)  # until it is known among whom
        self.extend = button("Deal out new embryos", self._extend)
        self.clear = button("Take everything back", self._clear)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self.answer = text("", "small", wrap=True)
        self.setLayout(
            column(
                text(_WORDS, "small", wrap=True), text("Who grades", "section"), self._names,
                row(text("Overlap"), self.overlap, None), row(self.deal, self.extend, self.clear, None),
                line(), self.answer, self._grid, None, gap=12, margin=16,
            )
        )  # fmt: skip
        self.reload()

    def reload(self) -> None:
        """Reads accounts and assignments."""
        project = self._project

        def op() -> _Facts:
            graders, assignments = project.graders.all(), project.assignments
            names = [grader.name for grader in graders if grader.active]
            shares, left = assignments.shares(), assignments.unassigned()
            counted = [share.grader for share in shares] or names
            labelled = {name: project.labels.progress(name) for name in counted}
            return _Facts(names, administrators(graders), assignments.plan(), shares, left, labelled)

        run_op(self, op, self._show)

    def _show(self, facts: _Facts) -> None:
        chosen = facts.plan.graders if facts.plan is not None else facts.names
        self._show_names(facts.names, chosen)
        if facts.plan is not None:
            self.overlap.setValue(100 * facts.plan.overlap)
        self.deal.setText("Deal out" if facts.plan is None else "Deal out anew")
        may = not facts.chiefs or self._state.grader in facts.chiefs
        self.deal.setEnabled(may and bool(facts.names))
        for widget in (self.extend, self.clear, self.overlap, *self._boxes.values()):
            widget.setEnabled(may)
        self.extend.setVisible(facts.plan is not None and facts.left > 0)
        self.clear.setVisible(facts.plan is not None)
        self._say_left(facts, may)
        self._show_shares(facts)

    def _show_shares(self, facts: _Facts) -> None:
        """What everybody has to do and has done; where nothing is dealt out, what everybody has done."""
        clear(self._grid)
        dealt = {share.grader: (share.embryos, share.shared, share.moments) for share in facts.shares}
        heads = HEADS if dealt else (HEADS[0], HEADS[-1])
        for at, title in enumerate(heads if facts.labelled else ()):
            side = Qt.AlignmentFlag.AlignRight if at else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(text(title, "section"), 0, at, side)
        for place, (grader, (done, among)) in enumerate(facts.labelled.items(), 1):
            figures = [f"{figure:,}" for figure in dealt.get(grader, ())]
            self._grid.addWidget(text(grader), place, 0)
            for at, figure in enumerate([*figures, _of(done, among)], 1):
                self._grid.addWidget(text(figure), place, at, Qt.AlignmentFlag.AlignRight)

    def _show_names(self, names: list[str], chosen: tuple[str, ...] | list[str]) -> None:
        clear(self._names)
        self._boxes = {}
        for name in names:
            box = QCheckBox(name)
            box.setChecked(name in chosen)
            self._boxes[name] = box
            self._names.addWidget(box)
        if not names:
            self._names.addWidget(text("Nobody has an account yet: add graders under Accounts.", "muted"))
        self._names.addStretch(1)

    def _say_left(self, facts: _Facts, may: bool) -> None:
        if facts.plan is None:
            words = "Embryos are not dealt out: every queue holds everything."
        elif facts.left:
            words = f"{facts.left:,} embryos were imported since and belong to nobody yet."
        else:
            words = "Every embryo is dealt out."
        if not may:
            words += f" To deal out, sign in as {listed(facts.chiefs)}."
        restyle(self.answer, "warning" if facts.plan is not None and facts.left else "small")
        self.answer.setText(words)

    def _deal(self) -> None:
        graders = tuple(name for name, box in self._boxes.items() if box.isChecked())
        plan = AssignmentPlan(graders, self.overlap.value() / 100)
        self._change(lambda: self._project.assignments.assign(plan, self._state.grader, fresh=True))

    def _extend(self) -> None:
        self._change(lambda: self._project.assignments.extend(self._state.grader))

    def _clear(self) -> None:
        self._change(lambda: self._project.assignments.clear(self._state.grader))

    def _change(self, op: Callable[[], object]) -> None:
        run_op(self, op, lambda _: self._changed(), self._failed)

    def _changed(self) -> None:
        self.reload()
        self._state.labels_changed.emit(0)  # queue and progress are counted anew

    def _failed(self, error: Exception) -> None:
        restyle(self.answer, "danger")
        self.answer.setText(str(error))


def _of(done: int, among: int) -> str:
    return f"{done:,} of {among:,} ({100 * done / among:.0f} %)" if among else "–"
