"""The loop: steps, and what is due between them."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from gan.contract.checkpoint import list_checkpoints
from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder, RunState
from gan.contract.version import app_version
from gan.data.stream import BatchStream
from gan.training.checkpoints import prune_checkpoints, write_checkpoint
from gan.training.device import Machine, peak_memory_gb, synchronise
from gan.training.family import Family, Setting, Step
from gan.training.memory import explained_shortage
from gan.training.progress import Ceiling, Due, Means, Pace
from gan.training.randomness import Randomness
from gan.training.reporter import Reporter
from gan.training.samples import draw_grid, grid_layout, write_grid
from gan.training.starting import Start, loop_state
from gan.training.stopping import StopRequest

log = logging.getLogger(__name__)

_LEAST_SECONDS = 0.25
"""Between two progress events."""
_PULSE_SECONDS = 5.0
"""A progress event at least this often, however long a tick takes."""

_AT_CAP = (
    "The augmentation probability has come to its cap of {:g}: the discriminator still knows the training "
    "images by heart. More images help most; a larger augment_p_max helps too, but augmentations may then "
    "leak into what is generated."
)


@dataclass(frozen=True)
class Parts:
    """Everything that a loop turns."""

    run: RunFolder
    config: RunConfig
    machine: Machine
    setting: Setting
    family: Family
    stream: BatchStream
    randomness: Randomness
    reporter: Reporter
    stop: StopRequest
    snapshot: str
    """Id of the snapshot behind the data, or empty."""


class Loop:
    """One sitting of a run."""

    def __init__(self, parts: Parts, start: Start) -> None:
        self._parts = parts
        self._start = start
        self._seen = start.seen_images
        self._iteration = start.iteration
        self._ada_p = start.ada_p
        self._ada_cap = Ceiling(_ada_cap(parts.config), start.ada_p)
        self._means = Means()
        self._pace = Pace()
        self._begun = self._reported = self._saved = time.monotonic()
        self._reported_seen = start.seen_images
        self._saved_seen = start.seen_images if start.resumed else -1
        config = parts.config
        self._tick = Due(config.tick_kimg, self._seen)
        self._sample_due = Due(config.sample_kimg, self._seen)
        self._checkpoint_due = Due(config.checkpoint_kimg, self._seen)

    @property
    def kimg(self) -> float:
        """Thousands of real images shown in this run."""
        return self._seen / 1000

    def train(self) -> RunState:
        """Trains until the goal or a request to stop; ends with a checkpoint.

        Raises:
            UserError: diverged, out of memory, or a checkpoint cannot be written.
        """
        if not self._start.resumed:
            self._sample()
        self._pace.mark(time.monotonic(), self._seen)
        while not self._reached_goal() and not self._parts.stop.asked():
            with explained_shortage(self._parts.setting):
                self._step()
            self._do_what_is_due()
        return self._end()

    def _reached_goal(self) -> bool:
        return self._seen >= round(self._parts.config.goal_kimg * 1000)

    def _step(self) -> None:
        parts, rng = self._parts, self._parts.randomness.step
        batch = parts.stream.at(self._seen, parts.config.batch)
        step = Step(
            images=batch.images,
            labels=batch.labels,
            iteration=self._iteration,
            seen_images=self._seen,
            rng=rng,
            draw_labels=lambda count: parts.stream.draw_labels(count, rng),
        )
        self._means.add(parts.family.train_step(step))
        self._iteration += 1
        self._seen += parts.config.batch

    def _do_what_is_due(self) -> None:
        if self._reached_goal():
            return  # `_end` does all of it
        waited = time.monotonic() - self._reported
        first = self._iteration == self._start.iteration + 1
        if first or (waited >= _LEAST_SECONDS and self._tick.reached(self._seen)) or waited >= _PULSE_SECONDS:
            self._report()
        if self._sample_due.reached(self._seen):
            self._sample()
        minutes = (time.monotonic() - self._saved) / 60
        if self._checkpoint_due.reached(self._seen) or minutes >= self._parts.config.checkpoint_minutes:
            self._save()

    def _end(self) -> RunState:
        finished = self._reached_goal()
        if self._seen > self._reported_seen:
            self._report()
        if finished and self._seen > self._start.seen_images:
            self._sample()
        self._save()
        return RunState.FINISHED if finished else RunState.STOPPED

    def _report(self) -> None:
        losses = self._checked_means()
        self._means.clear()
        now = self._reported = time.monotonic()
        self._reported_seen = self._seen
        self._pace.mark(now, self._seen)
        pace = self._pace.seconds_per_kimg()
        left = max(self._parts.config.goal_kimg - self.kimg, 0.0)
        self._parts.reporter.emit(
            "progress",
            kimg=self.kimg,
            goal_kimg=self._parts.config.goal_kimg,
            iteration=self._iteration,
            seconds=round(now - self._begun, 3),
            seconds_per_kimg=pace,
            seconds_left=None if pace is None else round(pace * left, 1),
            memory_gb=round(peak_memory_gb(self._parts.machine.device), 3),
            losses=losses,
            ada_p=self._ada_p,
        )
        if self._ada_cap.reached(self._ada_p):
            self._parts.reporter.emit("warning", message=_AT_CAP.format(self._ada_p))

    def _checked_means(self) -> dict[str, float]:
        """The means of the losses, ADA's p apart; waits for the device."""
        means = self._means.values()
        wrong = [name for name, value in means.items() if not math.isfinite(value)]
        if wrong:
            raise self._diverged(", ".join(wrong))
        self._ada_p = means.pop("ada_p", self._ada_p)
        return means

    def _diverged(self, what: str) -> UserError:
        saved = bool(list_checkpoints(self._parts.run.checkpoints))
        kept = "The last good checkpoint is kept: start a new run from it" if saved else "Start a new run"
        return UserError(
            f"Training diverged before kimg {self.kimg:.3f}: no finite number in {what}. "
            f"{kept} with a larger r1_gamma, a lower learning_rate or the precision float32."
        )

    def _sample(self) -> None:
        parts, layout = self._parts, grid_layout(self._parts.config.resolution, self._parts.config.classes)
        with explained_shortage(parts.setting):
            grid = draw_grid(parts.family, layout, parts.machine.device)
        try:
            path = write_grid(
                parts.run.samples, self.kimg, grid, parts.config.family, parts.run.path.name, layout
            )
        except OSError as error:  # a picture missed is no reason to lose what was learned
            parts.reporter.emit("warning", message=f"A sample picture cannot be written: {error.strerror}.")
            return
        parts.reporter.emit(
            "sample",
            kimg=self.kimg,
            path=path.relative_to(parts.run.path).as_posix(),
            columns=list(layout.classes),
            rows=layout.rows,
            columns_count=layout.columns,
        )

    def _save(self) -> None:
        self._saved = time.monotonic()
        if self._seen == self._saved_seen:
            return
        self._checked_means()
        path = self._write_checkpoint()
        self._saved_seen = self._seen
        relative = path.relative_to(self._parts.run.path).as_posix()
        self._parts.reporter.emit("checkpoint", kimg=self.kimg, path=relative)
        self._prune()

    def _prune(self) -> None:
        parts = self._parts
        try:
            prune_checkpoints(parts.run.checkpoints, parts.config.keep_checkpoints)
        except OSError as error:  # one too many does no harm
            parts.reporter.emit("warning", message=f"An old checkpoint cannot be removed: {error.strerror}.")

    def _write_checkpoint(self) -> Path:
        synchronise(self._parts.machine.device)
        state = {
            **self._parts.family.state_dict(),
            **self._parts.randomness.state_dict(),
            **loop_state(self._seen, self._iteration),
        }
        for name, value in state.items():
            if value.is_floating_point() and not bool(torch.isfinite(value).all()):
                raise self._diverged(name)
        folder = self._parts.run.checkpoints
        try:
            return write_checkpoint(folder, self.kimg, state, self._description())
        except OSError as error:
            raise UserError(
                f"The checkpoint of kimg {self.kimg:.3f} cannot be written to {folder} "
                f"({error.strerror or error}). Earlier checkpoints are intact: free some space on that disk "
                "and run the same command again."
            ) from error

    def _description(self) -> dict[str, Any]:
        config = self._parts.config
        return {
            "family": config.family,
            "options": dict(config.options),
            "resolution": config.resolution,
            "channels": config.channels,
            "classes": list(config.classes),
            "kimg": self.kimg,
            "iteration": self._iteration,
            "ada_p": self._ada_p,
            "run": self._parts.run.path.name,
            "snapshot": self._parts.snapshot,
            "start_from": config.start_from,
            "preset": config.preset,
            "app_version": app_version(),
            "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(self._start.seconds + time.monotonic() - self._begun, 3),
        }


def _ada_cap(config: RunConfig) -> float | None:
    """The most that a controller may choose; a fixed strength is nobody's surprise."""
    adaptive = config.options.get("augment", "adaptive") == "adaptive"
    cap = config.options.get("augment_p_max")
    return float(cap) if adaptive and cap else None
