"""The Review page: choose a batch, review it blind, see what the images were."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from blasto_annotator.curation.blinding import (
    begun_look,
    keep_look,
)
from blasto_annotator.curation.near_copies import Nearest, decide
from blasto_annotator.curation.review_plan import ReviewPlan, plan_review
from blasto_annotator.curation.reviewing import export_reviews, own_defects
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.reviews import Mode, ReviewSession
from blasto_annotator.gui.background import report_error, run_op
from blasto_annotator.gui.review.answer_view import AnswerView
from blasto_annotator.gui.review.batch_list import BatchList
from blasto_annotator.gui.review.look import keep_look_of, kept_look
from blasto_annotator.gui.review.looking_out import LookingOut
from blasto_annotator.gui.review.overview import BatchRow, Overview, read_overview
from blasto_annotator.gui.review.plan_view import PlanView
from blasto_annotator.gui.review.reading import image_loader, near_loader, read_revealed
from blasto_annotator.gui.review.reveal_view import Revealed, RevealView
from blasto_annotator.gui.review.saving import Unanswered, save
from blasto_annotator.gui.review.session_model import SessionModel, Step
from blasto_annotator.gui.review.session_view import SessionView
from blasto_annotator.gui.review.triage_view import TriageView
from blasto_annotator.gui.state import AppState
from blasto_annotator.gui.widgets.basics import text
from blasto_annotator.gui.widgets.empty_state import EmptyState
from blasto_annotator.gui.widgets.nearest_view import NearestView
from blasto_annotator.imaging.decode import decode_grey
from blasto_annotator.reports.review_writers import write_report
from blasto_annotator.store import Project

log = logging.getLogger(__name__)
FORMATS = "PDF (*.pdf);;Web page (*.html);;Table (*.csv);;Markdown (*.md);;JSON (*.json)"


class ReviewPage(QWidget):
    """Three views in a stack: the plan, the session, the reveal."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._state = state
        self._wanted = ""
        self._waiting: ReviewSession | None = None
        """A session whose reader is asked for first."""
        self._unanswered = Unanswered()
        self.batches = BatchList()
        self.plan = PlanView()
        LookingOut(self.plan.form, lambda: state.project, self)
        self.session: SessionView | AnswerView | None = None
        self.reveal: RevealView | None = None
        self._stack = QStackedWidget()
        self._empty = EmptyState(
            "review", "No generated images yet",
            "A round of training ends with generated images. They wait here to be reviewed.",
            ("Go to training", lambda: state.page_requested.emit("train")),
        )  # fmt: skip
        self._loading = text("Looking for generated batches…", "muted")
        self._build()
        self._connect()

    def activated(self) -> None:
        """The page was shown: batches may have come."""
        if self._stack.currentWidget() in (self._home, self._empty, self._loading):
            self.reload()

    def undo(self) -> None:
        """Takes the last verdict of the session on screen back."""
        if self.session is not None and self.session.isVisible():
            self.session.undo()

    def redo(self) -> None:
        """Gives it again."""
        if self.session is not None and self.session.isVisible():
            self.session.redo()

    # home

    def reload(self) -> None:
        """Reads the batches again."""
        project = self._state.project
        if project is None:
            self._stack.setCurrentWidget(self._empty)
            return
        run_op(self, lambda: read_overview(project), self._show_overview, serial=False)

    def show_batch(self, name: str) -> None:
        """Remembers the batch that was just generated, to be chosen when the page shows its list."""
        self._wanted = name
        if self.isVisible():
            self.activated()

    def _show_overview(self, overview: Overview) -> None:
        for problem in overview.problems:
            self._state.message.emit("warning", problem)
        if not overview.batches:
            self._stack.setCurrentWidget(self._empty)
            return
        self.batches.show_batches(overview.batches, self._wanted)
        self._wanted = ""
        if self.session is None and self.reveal is None:  # else one was opened while the batches were read
            self._stack.setCurrentWidget(self._home)
            self.plan.take_focus()
        log.info("listed %d batches", len(overview.batches))

    def _choose(self, batch: BatchRow) -> None:
        self.plan.show_batch(batch, self.batches.rows(), self._state.grader)

    def _project_changed(self) -> None:
        self._close_views()
        self.plan.form.reset()
        self._stack.setCurrentWidget(self._loading)
        if self.isVisible():
            self.reload()

    # session

    def start(self, plan: ReviewPlan) -> None:
        """Plans a session a reader and opens the first one."""
        project = self._project()
        self.plan.set_busy(True)
        run_op(
            self,
            lambda: plan_review(project, plan),
            self._planned,
            self._plan_failed,
        )

    def open_session(self, session: ReviewSession) -> None:
        """Opens a session at its first image without a verdict, once its reader is the grader."""
        project = self._project()
        if session.reviewer != self._state.grader:
            self._waiting = session
            self._state.grader_requested.emit(session.reviewer)
            return
        self._waiting = None
        run_op(
            self,
            lambda: (
                project.reviews.of_session(session.id),
                begun_look(project, session),
                kept_look(project, session.reviewer),
            ),
            lambda found: self._open(session, *found),
        )

    def _grader_changed(self, name: str) -> None:
        if self._waiting is not None and self._waiting.reviewer == name:
            self.open_session(self._waiting)

    def open_planned(self, session_id: int) -> None:
        """Opens a session that was planned elsewhere, such as by a round."""
        project = self._project()
        run_op(self, lambda: project.reviews.session(session_id), self.open_session, serial=False)

    def _planned(self, sessions: list[ReviewSession]) -> None:
        self.plan.set_busy(False)
        own = next((s for s in sessions if s.reviewer == self._state.grader), sessions[0])
        if len(sessions) > 1:
            others = ", ".join(session.reviewer for session in sessions if session is not own)
            said = f"This is the session of {own.reviewer}. In the batch’s list: {others}."
            self._state.status.emit(said)
        self.open_session(own)

    def _plan_failed(self, error: Exception) -> None:
        self.plan.set_busy(False)
        report_error(self, error)

    def _open(
        self, session: ReviewSession, reviews: Mapping[int, object], begun: tuple[int, float] | None,
        look: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self._close_views()
        project = self._project()
        model = SessionModel(session, reviews)  # type: ignore[arg-type]
        classes = tuple(group.name for group in project.scheme.groups)
        load = image_loader(project, session)

        def keep(position: int, seconds: float) -> None:
            run_op(self, lambda: keep_look(project, session, position, seconds), lambda _: None)

        def write(step: Step) -> None:
            self._write(view, step)

        view: SessionView | AnswerView
        if session.mode.rates:
            kind = TriageView if session.mode is Mode.GRID else SessionView
            view = kind(model, project.scheme, classes, load, write, own_defects(project))
        else:
            view = AnswerView(model, project.scheme, load, write, keep, begun)
        view.paused.connect(self.go_home)
        view.finished.connect(lambda: self.show_reveal(session))
        self.session = view
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        view.look.take_up(look)
        view.setFocus()
        log.info("review session %d shows %d images", session.id, len(session.items))

    def _write(self, view: SessionView | AnswerView, step: Step) -> None:
        """One row to the disk; the page has turned by then and comes back where it fails."""
        project, session = self._project(), view.model.session
        item, seen = session.items[step.position], view.seen(step)
        moment = self._unanswered.moment(session, step)

        def failed(error: Exception) -> None:
            self._unanswered.failed(session, step, moment)
            self._not_written(view, step, error)

        run_op(
            self,
            lambda: save(project, session, item, step, seen, moment),
            lambda _: self._written(view, step),
            failed,
        )

    def _written(self, view: SessionView | AnswerView, step: Step) -> None:
        self._unanswered.saved(view.model.session, step)
        if self.session is view:
            view.saved(step)
        log.info("saved review row of image %d: %s", step.position, step.after)
        what = "taken back" if step.after is None else "saved"
        pair = view.model.session.mode is Mode.PAIR
        told = f"Answer on pair {step.position // 2 + 1}" if pair else f"Verdict on image {step.position + 1}"
        self._state.saved.emit(f"{told} {what}")

    def _not_written(self, view: SessionView | AnswerView, step: Step, error: Exception) -> None:
        shown = self.session is view
        if shown:
            view.failed(step)
        if isinstance(error, UserError):
            where = "it is still on screen" if shown else f"give it again on image {step.position + 1}"
            self._state.message.emit("error", f"A verdict was not saved; {where}. {error}")
        else:
            report_error(self, error)

    def go_home(self) -> None:
        """Back to the batches; everything is saved."""
        self._keep_look()
        self._close_views()
        self._stack.setCurrentWidget(self._loading)
        self.reload()

    # reveal

    def show_reveal(self, session: ReviewSession) -> None:
        """What the images were, with the figures."""
        self._keep_look()
        project, who = self._project(), self._state.grader
        run_op(self, lambda: read_revealed(project, session, who), self._show_revealed)

    def _show_revealed(self, revealed: Revealed) -> None:
        self._close_views()
        project = self._project()
        rows = revealed.table.nearest
        view = RevealView(
            revealed, project.scheme, image_loader(project, revealed.session), near_loader(project, revealed),
            (lambda: NearestView(rows, project)) if rows else None,
        )  # fmt: skip
        view.decided.connect(self._decide)
        view.back_pressed.connect(self.go_home)
        view.report_pressed.connect(lambda: self._save_report(revealed))
        view.verdicts_pressed.connect(self._export_verdicts)
        self.reveal = view
        self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)

    def _decide(self, image: Nearest, let_pass: bool) -> None:
        """A near copy may train, or may not after all."""
        project, who = self._project(), self._state.grader
        said = "may enter training sets" if let_pass else "stays out of training sets"
        run_op(
            self,
            lambda: decide(project, [image], let_pass, who, "decided after the review"),
            lambda _: self._state.saved.emit(f"{image.image.rpartition('/')[2]} {said}"),
        )

    def _save_report(self, revealed: Revealed) -> None:
        name = f"review-{revealed.session.batch}.pdf"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the report", name, FORMATS)
        if chosen:
            folder = self._project().folder
            self._export(
                Path(chosen),
                lambda path: write_report(revealed.table, path, lambda file: decode_grey(folder / file)),
            )

    def _export_verdicts(self) -> None:
        project = self._project()
        chosen, _ = QFileDialog.getSaveFileName(self, "Export verdicts", "verdicts.csv", "Table (*.csv)")
        if chosen:
            path = Path(chosen)
            run_op(
                self, lambda: export_reviews(project, path), lambda found: self._wrote(path, found.waiting),
                serial=False,
            )  # fmt: skip

    def _export(self, path: Path, write: Callable[[Path], object]) -> None:
        run_op(self, lambda: write(path), lambda _: self._wrote(path), serial=False)

    def _wrote(self, path: Path, waiting: int = 0) -> None:
        wait = (
            f" {waiting} verdicts on images of unfinished sessions wait until their readers are done."
            if waiting
            else ""
        )
        self._state.message.emit("success", f"Written to {path}.{wait}")

    # the frame

    def _project(self) -> Project:
        project = self._state.project
        if project is None:
            raise RuntimeError("no project is open")
        return project

    def _keep_look(self) -> None:
        """Zoom and adjustments are the same in the reader's next session."""
        if self.session is not None:
            project, reader = self._project(), self.session.model.session.reviewer
            look = self.session.look.kept()
            run_op(self, lambda: keep_look_of(project, reader, look), lambda _: None)

    def _close_views(self) -> None:
        for view in (self.session, self.reveal):
            if view is not None:
                self._stack.removeWidget(view)
                view.deleteLater()
        self.session = self.reveal = None

    def _build(self) -> None:
        self._home = QWidget()
        home = QHBoxLayout(self._home)
        home.setContentsMargins(0, 0, 0, 0)
        home.setSpacing(0)
        home.addWidget(self.batches)
        home.addWidget(self.plan, 1)
        for view in (self._loading, self._empty, self._home):
            self._stack.addWidget(view)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _connect(self) -> None:
        self.batches.chosen.connect(self._choose)
        self.plan.start_pressed.connect(self.start)
        self.plan.continue_pressed.connect(self.open_session)
        self.plan.reveal_pressed.connect(self.show_reveal)
        self._state.project_changed.connect(self._project_changed)
        self._state.grader_changed.connect(self._grader_changed)
        self._state.batch_ready.connect(self.show_batch)
