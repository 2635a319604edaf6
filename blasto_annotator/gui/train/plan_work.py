"""Works the plan out whenever something it rests on has changed, off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject

from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import on_gui, report_error, run_op
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.train.plan_panel import PlanPanel
from blasto_annotator.gui.train.planning import Planned, Surroundings, make_plan, read_surroundings


class PlanWork(QObject):
    """Between the store and the plan's panel."""

    def __init__(self, state: AppState, panel: PlanPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._panel = panel
        self._around: Surroundings | None = None
        self._asked = 0
        """Number of the newest question: answers to older ones are dropped."""
        panel.wanted.connect(self.plan)

    def forget(self) -> None:
        """Another project: everything is asked again."""
        self._around = None
        self._asked += 1
        self._panel.reset()

    def refresh(self) -> None:
        """The page was shown: models, graders, labels and verdicts may be others."""
        project = self._state.project
        if project is None:
            return
        self._panel.show_working("Looking at labels and verdicts…")
        asked = self._next()
        run_op(
            self, lambda: read_surroundings(project), lambda around: self._know(asked, around),
            lambda error: self._fail(asked, error), serial=False,
        )  # fmt: skip

    def plan(self) -> None:
        """Works the plan out for the choices as they stand."""
        project, around = self._state.project, self._around
        if project is None or around is None:
            return
        self._panel.show_working("")
        asked, choices, who = self._next(), self._panel.choices(), self._state.grader
        progress = on_gui(self, lambda done, total: self._progress(asked, done, total))
        run_op(
            self, lambda: make_plan(project, choices, around, progress, who),
            lambda planned: self._show(asked, planned), lambda error: self._fail(asked, error), serial=False,
        )  # fmt: skip

    def _know(self, asked: int, around: Surroundings) -> None:
        project = self._state.project
        if asked != self._asked or project is None:
            return
        form, first = self._panel.form, self._around is None
        self._around = around
        if first:
            form.fill(around.presets, around.preset, project.scheme.training_expansions)
        trainer = around.trainer
        form.fill_devices(
            trainer.sentence if trainer else "none found",
            ["cpu"] if trainer and trainer.device != "cpu" else [],
        )
        form.fill_starts(around.models)
        form.fill_graders(around.graders)
        self.plan()

    def _show(self, asked: int, planned: Planned) -> None:
        if asked == self._asked:
            self._panel.show_plan(planned)

    def _progress(self, asked: int, done: int, total: int) -> None:
        if asked == self._asked and done < total:
            self._panel.show_counting(done, total)

    def _fail(self, asked: int, error: Exception) -> None:
        if not isinstance(error, UserError):
            report_error(self, error)
        elif asked == self._asked:
            self._panel.show_problem(str(error))

    def _next(self) -> int:
        self._asked += 1
        return self._asked
