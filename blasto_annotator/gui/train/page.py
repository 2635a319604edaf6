"""The Train page: the next training, every run, and what comes after one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.state import AppState, RunStatus
from blasto_annotator.gui.train import words
from blasto_annotator.gui.train.after_run import AfterRun
from blasto_annotator.gui.train.launcher import Launcher
from blasto_annotator.gui.train.plan_panel import PlanPanel
from blasto_annotator.gui.train.plan_work import PlanWork
from blasto_annotator.gui.train.round_desk import RoundDesk
from blasto_annotator.gui.train.round_model import RoundView
from blasto_annotator.gui.train.run_model import RunView
from blasto_annotator.gui.train.run_panel import RunPanel
from blasto_annotator.gui.train.runs_list import RunsList
from blasto_annotator.gui.train.watcher import RunWatcher
from blasto_annotator.gui.widgets.basics import column
from blasto_annotator.training.record import log_tail
from blasto_annotator.training.runs import RunRow
from gan.contract.run_folder import RunFolder, RunState

LOG_LINES = 40


class TrainPage(QWidget):
    """Left the runs; right the next training, or the run that is chosen."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._state = state
        self._views: dict[Path, RunView] = {}
        self._was_starting = False
        self._found = False
        """Whether the project's runs have been listed once."""
        self.runs = RunsList()
        self.plan = PlanPanel()
        self.run = RunPanel()
        self.watcher = RunWatcher(self)
        self.launcher = Launcher(state, self)
        self.after = AfterRun(state, self)
        self.planner = PlanWork(state, self.plan, self)
        self.rounds = RoundDesk(state, self._views, self)
        self._stack = QStackedWidget()
        self._build()
        self._connect()
        self.watcher.watch(state.project)

    @property
    def shown(self) -> RunView | None:
        """The run on show, as last read; None while the next training is."""
        folder = self.runs.folder
        return None if folder is None else self._views.get(folder)

    def activated(self) -> None:
        """The page was shown: labels, verdicts and models may be others. The keyboard chooses a run."""
        self.runs.list.setFocus()
        self.run.ready()
        self.planner.refresh()
        self.watcher.look_soon()

    def remember(self) -> None:
        """The window closes: what only this window waits for ends; trainers go on."""
        self.after.cancel()
        self.launcher.cancel()
        self.watcher.stop()

    def under_way(self) -> str:
        """What goes on without this window, for the question at closing; empty where nothing does."""
        if self.rounds.running and self.rounds.view is not None:
            return f"Round {self.rounds.view.number} is under way."
        return "A training run is alive." if self.alive_run() is not None else ""

    def alive_run(self) -> RunFolder | None:
        """A run whose trainer lives."""
        living = [view.folder for view in self._views.values() if view.alive]
        return RunFolder(living[0]) if living else None

    def stop_run(self) -> None:
        """Asks the round and every living trainer to save and end."""
        if self.rounds.running:
            self.rounds.runner.stop()
        for view in self._views.values():
            if view.alive:
                RunFolder(view.folder).request_stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._list(self.watcher.rows)
            self._show_again()

    # what is on show

    def _choose(self, folder: Path | None) -> None:
        self.watcher.show(folder)
        if folder is None:
            self._stack.setCurrentWidget(self.plan)
            return
        self.run.clear()
        self.run.after.show_ready(False)
        self._stack.setCurrentWidget(self.run)
        self.after.look(folder)
        view = self._views.get(folder)
        if view is not None:
            self._show(view)

    def _saw(self, view: RunView) -> None:
        before = self._views.get(view.folder)
        self._views[view.folder] = view
        self.launcher.take(view)
        if view.folder == self.runs.folder:
            self._show(view)
        self._tell(view, before)
        self.rounds.refresh()

    def _show(self, view: RunView) -> None:
        project = self._state.project
        if project is None:
            return
        folder = view.folder
        starting = self.launcher.starting(folder)
        self.run.show_run(view, project.scheme, starting=starting, stopping=self.launcher.stopping(folder))
        self.run.head.show_alone(view, not self._of_round(folder))
        if self._of_round(folder):
            self.run.after.hide()
        if self.run.trouble.isVisible() and not view.alive:
            self._read_log(folder)

    def _of_round(self, folder: Path) -> bool:
        """Whether the round on show speaks for this run."""
        view = self.rounds.view
        return view is not None and view.run == folder and not self.rounds.card.isHidden()

    def _looked(self) -> None:
        """A trainer that ended before it took its lock changes no file: notice it here."""
        self.rounds.looked()
        folder = self.runs.folder
        starting = folder is not None and self.launcher.starting(folder)
        if starting != self._was_starting:
            self._was_starting = starting
            self._list(self.watcher.rows)
            self._show_again()

    def _list(self, rows: list[RunRow]) -> None:
        self.runs.show_rows(rows, self.launcher.starting)
        self.plan.show_other_run(any(row.state is RunState.RUNNING for row in rows))
        if rows and not self._found:
            self._found = True
            self._find(rows)

    def _round_changed(self, view: RoundView | None) -> None:
        self.rounds.take(view)
        if self.alive_run() is None:
            self._state.set_run(self.rounds.status())
        self._show_again()

    def _retrain(self) -> None:
        """A whole round, unless only the training is wanted."""
        choices = self.plan.choices()
        if choices.train_only:
            self.launcher.retrain(choices)
        else:
            self.runs.list.setFocus()  # the button that was pressed goes grey
            self.rounds.begin(choices)

    def _find(self, rows: list[RunRow]) -> None:
        """What an earlier window left: a living run is followed, a dead one is offered."""
        living = next((row for row in rows if row.state is RunState.RUNNING), None)
        if living is not None:
            self.runs.choose(living.folder.path)
        elif self._of_round(rows[0].folder.path):
            self.runs.choose(rows[0].folder.path)
        elif rows[0].state is RunState.INTERRUPTED:
            self.runs.choose(rows[0].folder.path)
            at = words.kimg(rows[0].kimg)
            self._state.message.emit(
                "warning", f"A training was interrupted at {at} kimg: resume it on Train."
            )

    def _show_again(self) -> None:
        if self.shown is not None:
            self._show(self.shown)

    def _read_log(self, folder: Path) -> None:
        def show(tail: str) -> None:
            if folder == self.runs.folder:
                self.run.trouble.show_log(tail)

        run_op(self, lambda: log_tail(RunFolder(folder), LOG_LINES), show, serial=False)

    def _tell(self, view: RunView, before: RunView | None) -> None:
        """The status bar follows the living run; its end is said once."""
        followed = self._state.run
        if view.alive:
            self._state.set_run(_status(view))
        elif followed is not None and followed.folder == view.folder:
            self._state.set_run(self.rounds.status())
        if before is not None and before.alive and not view.alive:
            self._say_end(view)
        self.plan.show_other_run(self.alive_run() is not None)

    def _say_end(self, view: RunView) -> None:
        if self.rounds.running:
            pass  # the round goes on, or says what is wrong
        elif view.state is RunState.FINISHED:
            self._state.message.emit("success", f"Training has finished at {words.kimg(view.kimg)} kimg.")
            self.runs.choose(view.folder)
        elif view.state is RunState.FAILED:
            said = view.result.message if view.result is not None else view.error
            self._state.message.emit("error", f"Training has failed. {said}")
        self.after.look(view.folder)

    # acts

    def _launched(self, folder: Path) -> None:
        self._state.status.emit("The trainer is starting.")
        self.watcher.look_soon()
        self.runs.expect(folder)

    def _resume(self) -> None:
        if self.runs.folder is not None:
            self.launcher.resume(self.runs.folder)

    def _stop(self) -> None:
        if self.runs.folder is not None:
            self.launcher.stop(self.runs.folder)

    def _generate(self, per_class: int) -> None:
        if self.runs.folder is not None:
            self.after.generate(self.runs.folder, per_class)

    def _promote(self) -> None:
        if self.runs.folder is not None:
            self.after.promote(self.runs.folder)

    def _model_known(self, folder: Path, in_use: bool, other: str, compared: str) -> None:
        if folder == self.runs.folder:
            self.run.after.show_model(in_use=in_use, other=other, compared=compared)

    def _project_changed(self) -> None:
        self.after.cancel()
        self.launcher.cancel()
        self._views.clear()
        self.plan.show_other_run(False)
        self._found = False
        self.rounds.forget()
        self.planner.forget()
        self._list([])
        self.runs.choose(None)
        self.watcher.watch(self._state.project)
        if self.isVisible():
            self.activated()

    # building

    def _build(self) -> None:
        self._stack.addWidget(self.plan)
        self._stack.addWidget(self.run)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.runs)
        right = column(self.rounds.card, gap=0)
        right.addWidget(self._stack, 1)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        self.runs.chosen.connect(self._choose)
        self.watcher.rows_changed.connect(self._list)
        self.watcher.view_changed.connect(self._saw)
        self.watcher.looked.connect(self._looked)
        self.launcher.launched.connect(self._launched)
        self.launcher.progress.connect(self.plan.show_progress)
        self.launcher.ended.connect(lambda: self.plan.show_progress(""))
        self.launcher.changed.connect(self._show_again)
        self.watcher.round_changed.connect(self._round_changed)
        self.watcher.round_damaged.connect(lambda words: self._state.message.emit("error", words))
        self.rounds.busy_changed.connect(self.plan.show_round)
        self.rounds.card_closed.connect(self._show_again)
        self.rounds.run_begun.connect(self.runs.expect)
        self.rounds.runner.changed.connect(self.watcher.look_soon)
        self.plan.retrain_pressed.connect(self._retrain)
        self.plan.labels_wanted.connect(lambda: self._state.page_requested.emit("label"))
        self.plan.cancel_pressed.connect(self.launcher.cancel)
        self.run.head.stop_pressed.connect(self._stop)
        self.run.head.resume_pressed.connect(self._resume)
        self.run.after.generate_pressed.connect(self._generate)
        self.run.after.cancel_pressed.connect(self.after.cancel)
        self.run.after.promote_pressed.connect(self._promote)
        self.run.after.review_pressed.connect(lambda: self._state.page_requested.emit("review"))
        self.after.progress.connect(self.run.after.show_progress)
        self._state.batch_ready.connect(lambda _: self.run.after.show_ready(not self.rounds.card.isVisible()))
        self.after.model_known.connect(self._model_known)
        self._state.project_changed.connect(self._project_changed)


def _status(view: RunView) -> RunStatus:
    figures = f"{words.kimg(view.kimg)} of {view.goal_kimg:g} kimg"
    left = f", {words.duration(view.seconds_left)} left" if view.seconds_left is not None else ""
    return RunStatus(view.folder, view.name, view.alive, f"Training: {figures}{left}", view.share)
