"""Works the next training out: what goes in, what stays out, and the sentence. Not for the GUI thread."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blasto_annotator.curation.selection import SnapshotPreview, preview
from blasto_annotator.curation.snapshot import build
from blasto_annotator.domain.errors import UserError
from blasto_annotator.gui.train.choices import AUTO_START, FROM_SCRATCH, Choices
from blasto_annotator.gui.train.round_ahead import NOBODY, ahead_steps, round_words
from blasto_annotator.gui.train.round_model import StepView
from blasto_annotator.gui.train.split_bars import GroupCounts
from blasto_annotator.rounds.arms import NOTHING_TO_TUNE
from blasto_annotator.rounds.record import newest_round
from blasto_annotator.rounds.steps import readers_of
from blasto_annotator.store import Project
from blasto_annotator.training.models import choose_start, model_title
from blasto_annotator.training.plan import RetrainPlan, previewed_set, retrain_plan
from blasto_annotator.training.presets import (
    DEFAULT_GPU_PRESET,
    DEFAULT_PRESET,
    Preset,
    load_preset,
    preset_names,
)
from blasto_annotator.training.probe import TrainerInfo, describe_trainer
from blasto_annotator.training.process import start
from blasto_annotator.training.record import newest_checkpoint
from blasto_annotator.training.runs import RunRow, create_run, list_runs
from gan.contract.run_folder import RunFolder
from gan.contract.snapshot_folder import SPLITS

Report = Callable[[str, int, int], None]
"""Told what is being done, done and total."""


@dataclass(frozen=True)
class Surroundings:
    """What there is to choose from."""

    trainer: TrainerInfo | None
    problem: str
    """Why there is no trainer."""
    presets: list[Preset]
    preset: str
    """The one that fits the trainer's device."""
    models: list[tuple[str, str]]
    """Title and path of checkpoints to start from."""
    graders: list[str]
    number: int
    """Of the round that would be begun."""
    verdicts: int
    """Verdicts that the expert scorer would learn from."""


@dataclass(frozen=True)
class Planned:
    """The next training as it would be."""

    groups: tuple[GroupCounts, ...]
    preview: SnapshotPreview
    plan: RetrainPlan | None
    problem: str
    """Why it cannot be started, where it cannot."""
    steps: tuple[StepView, ...] = ()
    """The round, step by step; none for a training alone."""
    readers: tuple[str, ...] = ()
    """Who reviews."""
    after: str = ""
    """What follows the training, in a sentence."""

    @property
    def summary(self) -> str:
        """The snapshot in one line."""
        seen = self.preview
        if not seen.images:
            return "No labelled frame can be trained on yet."
        joined = sum(seen.generated.values())
        extra = f", {joined} of them generated" if joined else ""
        return f"{seen.images:,} images{extra}, {seen.embryos} embryos; no embryo is in two splits."

    @property
    def left_out(self) -> Mapping[str, int]:
        """Reason to images, near-identical ones first."""
        seen = self.preview
        near = f"Near-identical in the same embryo (hashes within {seen.threshold} of 64 bits)"
        reasons = {reason[:1].upper() + reason[1:]: count for reason, count in seen.left_out.items()}
        return {near: seen.thinned, **reasons} if seen.thinned else reasons

    @property
    def warnings(self) -> str:
        """What a person should know before training."""
        remarks = self.plan.remarks if self.plan is not None else ()
        return " ".join((*self.preview.warnings, *remarks))


def read_surroundings(project: Project) -> Surroundings:
    """Asks the trainer's Python and reads runs and graders."""
    trainer, problem = _ask_trainer()
    on_gpu = trainer is not None and trainer.device.startswith("cuda")
    fitting = DEFAULT_GPU_PRESET if on_gpu else DEFAULT_PRESET
    return Surroundings(
        trainer=trainer,
        problem=problem,
        presets=[load_preset(name) for name in preset_names()],
        preset=fitting,
        models=_models(project),
        graders=project.labels.graders(),
        number=_next_number(project),
        verdicts=sum(review.verdict is not None for review in project.reviews.current()),
    )


def make_plan(
    project: Project,
    choices: Choices,
    around: Surroundings,
    progress: Callable[[int, int], None] | None = None,
    who: str = "",
) -> Planned:
    """The snapshot's preview, the sentence, and what comes after the training."""
    preset = load_preset(choices.preset)
    seen = preview(project, choices.options(preset.resolution), progress)
    groups = _groups(project, seen)
    if around.trainer is None:
        return Planned(groups, seen, None, around.problem)
    try:
        runs = list_runs(project)
        origin, trainer = start_of(project, choices, runs), around.trainer
        plan = retrain_plan(project, previewed_set(seen), preset, trainer, choices.kimg, origin, runs)
    except UserError as error:
        return Planned(groups, seen, None, str(error))
    return _with_round(project, choices, around, Planned(groups, seen, plan, ""), who)


def start_of(project: Project, choices: Choices, runs: Sequence[RunRow] | None = None) -> Path | None:
    """The checkpoint that the form's start means; `runs` where they are listed already."""
    if choices.start == AUTO_START:
        return choose_start(project, runs=runs)
    return None if choices.start == FROM_SCRATCH else Path(choices.start)


def _with_round(
    project: Project, choices: Choices, around: Surroundings, planned: Planned, who: str
) -> Planned:
    """The plan with the round that the training begins; as it is for a training alone."""
    wish = choices.wish(who)
    readers = readers_of(project, wish)
    if choices.train_only:
        return replace(planned, readers=readers)
    steps = ahead_steps(project, wish, readers, planned.plan, around.verdicts)
    problem = "" if readers else NOBODY
    if choices.reward and planned.plan is not None and planned.plan.start_from is None:
        problem = NOTHING_TO_TUNE
    after = round_words(around.number, wish, readers, planned.plan, steps)
    return replace(planned, steps=steps, readers=readers, after=after, problem=problem)


def _next_number(project: Project) -> int:
    newest = newest_round(project)
    return 1 if newest is None else newest.number + 1


def _groups(project: Project, seen: SnapshotPreview) -> tuple[GroupCounts, ...]:
    return tuple(
        GroupCounts(group, {split: seen.groups[split][group.name] for split in SPLITS})
        for group in project.scheme.groups
    )


def _ask_trainer() -> tuple[TrainerInfo | None, str]:
    try:
        return describe_trainer(), ""
    except UserError as error:
        return None, str(error)


def _models(project: Project) -> list[tuple[str, str]]:
    found = [(row.trial, newest_checkpoint(row.folder)) for row in list_runs(project)]
    return [
        (model_title(project, path) + (f", {trial} in a trial" if trial else ""), str(path))
        for trial, path in found
        if path is not None
    ]


def launch(
    project: Project, choices: Choices, who: str, report: Report, cancelled: Callable[[], bool]
) -> tuple[RunFolder, subprocess.Popen[bytes]]:
    """Builds the snapshot, makes the run and starts its trainer.

    Raises:
        UserError: cancelled, or whatever stands in the way.
    """
    preset = load_preset(choices.preset)
    snapshot = build(
        project, choices.options(preset.resolution), who=who,
        progress=lambda done, total: report("Writing the snapshot…", done, total or 0), cancelled=cancelled,
    )  # fmt: skip
    report("Starting the trainer…", 0, 0)
    origin = start_of(project, choices)
    run = create_run(project, snapshot, preset, choices.kimg, origin, who, choices.overrides())
    return run, start(run)
