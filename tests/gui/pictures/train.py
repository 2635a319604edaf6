"""States of the Train page."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtWidgets import QPushButton

from blasto_annotator.gui.train.manifest_dialog import ManifestDialog
from blasto_annotator.rounds.record import FOLDER, LOCK, RoundState, newest_round
from blasto_annotator.rounds.steps import TRAININGS
from gan.contract.locking import FileLock
from gan.contract.run_folder import RunFolder
from tests.gui.loop_walk import Walk, on_screen
from tests.gui.pictures.loop_material import LAST_KIMG, LIVING, RUNS, TOLD
from tests.gui.pictures.stage import Stage, State


def page_of(stage: Stage) -> Any:
    """The Train page."""
    return stage.window.page("train")


def begin_anew(page: Any) -> None:
    """Without what an earlier state chose."""
    form = page.plan.form
    form.round.reward.setChecked(False)
    if form.more.isChecked():
        form.more.click()
    page.plan.verticalScrollBar().setValue(0)


def planned(stage: Stage) -> Walk:
    """The next training, worked out."""
    stage.press("ctrl+3")
    page = page_of(stage)
    yield page.isVisible
    page.runs.choose(None)
    begin_anew(page)
    yield page.plan.retrain.isEnabled


def nothing(stage: Stage) -> Walk:
    """No label yet."""
    stage.press("ctrl+3")
    yield page_of(stage).plan.label_first.isVisible


def scrolled(stage: Stage) -> Walk:
    """The steps of the round, below the plan."""
    yield from planned(stage)
    bar = page_of(stage).plan.verticalScrollBar()
    bar.setValue(bar.maximum())


def manifest(stage: Stage) -> Walk:
    """Every image of the training set that is planned."""
    yield from planned(stage)
    page_of(stage).plan.manifest.click()
    yield lambda: on_screen(ManifestDialog)


def more(reward: bool) -> Any:
    """The drawer; the reward chosen where a model is there to start from."""

    def steps(stage: Stage) -> Walk:
        yield from planned(stage)
        plan = page_of(stage).plan
        plan.form.more.click()
        yield plan.form.round.isVisible
        if reward:
            plan.form.round.reward.click()
            yield lambda: "control without the reward" in plan.after.text()
        else:
            plan.verticalScrollBar().setValue(300)
        yield from stage.rest()

    return steps


def no_model(stage: Stage) -> Walk:
    """The reward is wished for, but there is no model."""
    stage.press("ctrl+3")
    plan = page_of(stage).plan
    begin_anew(page_of(stage))
    yield plan.retrain.isEnabled
    plan.form.more.click()
    plan.form.round.reward.click()
    yield lambda: "no trained model" in plan.remark.text()


def experiments(stage: Stage) -> Walk:
    """The presets, open: those of the published experiments below."""
    yield from planned(stage)
    preset = page_of(stage).plan.form.preset
    preset.showPopup()
    preset.view().scrollToBottom()


def of_round(state: RoundState) -> Any:
    """The card of the newest round."""

    def steps(stage: Stage) -> Walk:
        stage.press("ctrl+3")
        page = page_of(stage)
        yield lambda: page.rounds.view is not None and page.rounds.view.state is state
        begin_anew(page)
        yield page.rounds.card.isVisible

    return steps


def under_way(step: str, words: str, done: int = 0, total: int = 0) -> Any:
    """A round at a step; its lock, and that of its training, are held while the picture is taken."""

    def steps(stage: Stage) -> Walk:
        hold(stage, {"step": step, "words": words, "done": done, "total": total})
        yield from of_round(RoundState.RUNNING)(stage)
        page = page_of(stage)
        if step in TRAININGS:
            yield lambda: page.run.samples.image.image is not None
            yield lambda: page.rounds.card.figures.text()

    return steps


def hold(stage: Stage, told: dict[str, object]) -> None:
    """As a round looks while somebody walks it."""
    project = stage.window.state.project
    assert project is not None
    current = newest_round(project)
    assert current is not None
    current.progress.write_text(json.dumps(told), encoding="utf-8")
    stage.held.append(FileLock(project.folder / FOLDER / LOCK))
    if told["step"] in TRAININGS:
        stage.held.append(FileLock(RunFolder(project.runs / LIVING).alive))


def ready(stage: Stage) -> Walk:
    """The bar offers the review that the round prepared."""
    yield from of_round(RoundState.READY)(stage)
    bar = stage.window.messages
    yield lambda: any(made.text() == "Start review" for made in bar.findChildren(QPushButton))


def run(stage: Stage) -> Walk:
    """A finished run: its samples and curves."""
    stage.press("ctrl+3")
    page = page_of(stage)
    yield lambda: page.watcher.rows
    page.runs.choose(stage.window.state.project.runs / RUNS[1])  # type: ignore[union-attr]
    yield lambda: page.shown is not None and page.shown.kimg == LAST_KIMG
    yield lambda: page.run.samples.image.image is not None
    yield lambda: page.run._curves is not None and page.run._curves.isVisible()


STATES = (
    State("train-nothing", nothing, "empty"),
    State("train-plan", planned, "generated"),
    State("train-plan-steps", scrolled, "generated"),
    State("train-manifest", manifest, "generated"),
    State("train-more", more(False), "generated"),
    State("train-reward", more(True), "generated"),
    State("train-reward-no-model", no_model, "panel"),
    State("train-experiments", experiments, "generated"),
    *(
        State(f"train-round-{step}", under_way(step, *told), f"round at {step}")
        for step, told in TOLD.items()
    ),
    State("train-round-stopped", of_round(RoundState.STOPPED), "round stopped"),
    State("train-round-failed", of_round(RoundState.FAILED), "round failed"),
    State("train-round-failed-late", of_round(RoundState.FAILED), "round failed late"),
    State("train-round-cut-short", of_round(RoundState.INTERRUPTED), "round at batch"),
    State("train-round-ready", ready, "round ready"),
    State("train-run", run, "generated"),
)
