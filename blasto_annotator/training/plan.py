"""What a retraining will do, said in one sentence before it starts."""

from __future__ import annotations

import csv
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Protocol

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.models import model_title, start_of, undecided_trial
from blasto_annotator.training.presets import Preset, require_start
from blasto_annotator.training.probe import TrainerInfo
from blasto_annotator.training.record import last_event
from blasto_annotator.training.runs import RunRow, list_runs
from gan.contract.families import family_entry
from gan.contract.snapshot_folder import SnapshotInfo


@dataclass(frozen=True)
class TrainingSet:
    """The training split in figures: of a preview or of a built snapshot."""

    real: Mapping[str, int]
    """Class name to real images."""
    generated: Mapping[str, int]
    """Class name to generated images that joined after review."""
    embryos: int
    """Embryos in the training split."""


_UNDECIDED = (
    "A trial of the reward is newer ({}), and nothing starts from a trial by itself: promote the one that "
    "the review prefers to start from it."
)
WARM_ITERATIONS = 32
"""Steps after which a run's pace counts: the first are slower, and rarer phases come every 16."""


class Preview(Protocol):
    """What a snapshot would hold (curation's preview fits)."""

    @property
    def groups(self) -> Mapping[str, Mapping[str, int]]:
        """Split to class to images, generated ones included."""

    @property
    def generated(self) -> Mapping[str, int]:
        """Class to generated images, all in the training split."""

    @property
    def train_embryos(self) -> int:
        """Embryos in the training split."""


@dataclass(frozen=True)
class RetrainPlan:
    """A retraining that a person may start or not."""

    preset: Preset
    kimg: float
    start_from: Path | None
    device: str
    """In words."""
    minutes: float | None
    measured: bool
    """Whether `minutes` comes from earlier runs on this machine rather than from the preset's hint."""
    sentence: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    """Those of the warnings that are not of the images: a card that is not used, a trial that waits."""


def training_set(snapshot: SnapshotInfo) -> TrainingSet:
    """The training split of a built snapshot, from its manifest."""
    with (snapshot.path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "train"]
    return TrainingSet(
        real=_count(rows, snapshot.classes, "real"),
        generated=_count(rows, snapshot.classes, "generated"),
        embryos=len({(row["source"], row["embryo"]) for row in rows if row["origin"] == "real"}),
    )


def previewed_set(preview: Preview) -> TrainingSet:
    """The training split that a snapshot would have if it were built now."""
    generated = {name: preview.generated.get(name, 0) for name in preview.groups["train"]}
    real = {name: count - generated[name] for name, count in preview.groups["train"].items()}
    return TrainingSet(real, generated, preview.train_embryos)


def plan_of_snapshot(
    project: Project,
    images: SnapshotInfo,
    preset: Preset,
    trainer: TrainerInfo,
    kimg: float | None,
    start: str,
) -> RetrainPlan:
    """What a training on a built snapshot will do, with the start model that `start` means.

    Raises:
        UserError: as `retrain_plan` and `start_of`.
    """
    runs = list_runs(project)
    checkpoint = start_of(project, start, images.classes, runs)
    return retrain_plan(project, training_set(images), preset, trainer, kimg, checkpoint, runs)


def retrain_plan(
    project: Project,
    images: TrainingSet,
    preset: Preset,
    trainer: TrainerInfo,
    kimg: float | None = None,
    start_from: Path | None = None,
    runs: Sequence[RunRow] | None = None,
) -> RetrainPlan:
    """Puts figures, start model, device and time together.

    `runs` are the project's, newest first, where the caller has listed them.

    Raises:
        UserError: there is nothing to train on, or nothing to start from where the preset needs it.
    """
    if not sum(images.real.values()):
        raise UserError(
            "There is nothing to train on: no labelled frame enters the training split. Label frames of "
            "expansion 2 to 4 with ICM and TE first."
        )
    require_start(preset, start_from)
    goal = preset.goal_kimg if kimg is None else kimg
    runs = list_runs(project) if runs is None else runs
    minutes, measured = estimate_minutes(runs, preset, goal, trainer)
    start = f"starting from {model_title(project, start_from)}" if start_from else "starting from scratch"
    sentence = (
        f"Train {_family_title(preset)} on {_images(images)} at {preset.resolution} px, {start}, "
        f"on {trainer.sentence}, {goal:g} kimg, {_duration(minutes)}."
    )
    trial = undecided_trial(project, start_from, runs)
    undecided = _UNDECIDED.format(" and ".join(trial)) if trial else ""
    remarks = tuple(filter(None, (trainer.remark, undecided)))
    warnings = (*_warnings(images), *remarks)
    return RetrainPlan(
        preset, goal, start_from, trainer.sentence, minutes, measured, sentence, warnings, remarks
    )


def estimate_minutes(
    runs: Sequence[RunRow], preset: Preset, kimg: float, trainer: TrainerInfo
) -> tuple[float | None, bool]:
    """Minutes for `kimg`, and whether they were measured by earlier runs of the preset on this machine."""
    seconds = _measured_seconds(runs, preset, trainer)
    if seconds:
        return median(seconds) * kimg / 60, True
    if preset.minutes_hint is None:
        return None, False
    return preset.minutes_hint * kimg / preset.goal_kimg, False


def _measured_seconds(runs: Sequence[RunRow], preset: Preset, trainer: TrainerInfo) -> list[float]:
    """Seconds per kimg of the newest runs with the same preset, machine and kind of device, once warm."""
    found = []
    for row in runs:
        if row.preset != preset.name or row.host != platform.node():
            continue
        progress, started = last_event(row.folder, "progress"), last_event(row.folder, "started")
        device = str(started.fields.get("device", "")) if started else trainer.device
        warm = progress is not None and (progress.fields.get("iteration") or 0) >= WARM_ITERATIONS
        value = progress.fields.get("seconds_per_kimg") if progress and warm else None
        if value and device.split(":")[0].split(" ")[0] == trainer.device.split(":")[0]:
            found.append(float(value))
    return found[:5]


def _count(rows: Sequence[Mapping[str, str]], classes: Sequence[str], origin: str) -> dict[str, int]:
    names = [row["class"] for row in rows if row["origin"] == origin]
    return {name: names.count(name) for name in classes}


def _images(images: TrainingSet) -> str:
    groups = ", ".join(f"{name} {count}" for name, count in images.real.items())
    text = f"{sum(images.real.values())} real images ({groups}) from {images.embryos} embryos"
    extra = sum(images.generated.values())
    return f"{text} and {extra} generated images that reviewers rated perfect" if extra else text


def _warnings(images: TrainingSet) -> list[str]:
    missing = [name for name, count in images.real.items() if not count]
    if not missing:
        return []
    return [f"No training image of {', '.join(missing)}: the generator cannot learn what it never saw."]


def _family_title(preset: Preset) -> str:
    return family_entry(preset.family).title.split(",")[0]


def _duration(minutes: float | None) -> str:
    if minutes is None:
        return "for a time not yet known on this machine"
    if minutes < 1:
        return "under a minute"
    if minutes < 90:
        return f"about {_plural(round(minutes), 'minute')}"
    if minutes < 48 * 60:
        return f"about {_plural(round(minutes / 60), 'hour')}"
    return f"about {_plural(round(minutes / 1440), 'day')}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
