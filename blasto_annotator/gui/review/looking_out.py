"""What a plan can show, counted off the GUI thread from the images that it would really show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from blasto_annotator.curation.controls import Met
from blasto_annotator.curation.review_outlook import Outlook, outlook
from blasto_annotator.curation.review_plan import ReviewPlan, choose_images
from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.review.plan_form import PlanForm
from blasto_annotator.store import Project


class LookingOut(QObject):
    """Answers a form's question; of plans that come while one is counted, only the last is counted, too."""

    def __init__(self, form: PlanForm, project: Callable[[], Project | None], parent: QObject) -> None:
        super().__init__(parent)
        self._form = form
        self._project = project
        self._busy = False
        self._next: ReviewPlan | None = None
        form.outlook_wanted.connect(self._ask)

    def _ask(self, plan: ReviewPlan) -> None:
        project = self._project()
        if project is None or self._busy:
            self._next = plan if project is not None else None
            return
        self._busy = True
        run_op(
            self, lambda: _found(project, plan), lambda found: self._answer(plan, found),
            lambda error: self._failed(project, error), serial=False,
        )  # fmt: skip

    def _answer(self, plan: ReviewPlan, found: Outlook | str) -> None:
        self._busy = False
        self._form.show_outlook(plan, found)
        waiting, self._next = self._next, None
        if waiting is not None:
            self._ask(waiting)

    def _failed(self, project: Project, error: Exception) -> None:
        self._busy, self._next = False, None
        if self._project() is project:  # else it was closed while it was read
            report_error(self, error)


def _found(project: Project, plan: ReviewPlan) -> Outlook | str:
    """What it can show, or why it cannot be planned."""
    try:
        met = Met(project, plan.readers)
        return outlook(project, plan, choose_images(project, plan, 0, met), met)
    except UserError as error:
        return str(error)
