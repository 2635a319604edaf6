"""The loop: steps, and what is due between them."""

from __future__ import annotations

import math
import time

from gan.contract.config import RunConfig
from gan.contract.events import read_events
from gan.contract.run_folder import RunState
from gan.training.device import peak_memory_gb
from gan.training.family import Step
from gan.training.memory import explained_shortage
from gan.training.parts import Parts, Reached
from gan.training.progress import Ceiling, DataWait, Due, Means, Pace
from gan.training.rewarding import Guard
from gan.training.samples import show_samples
from gan.training.saving import diverged, save
from gan.training.starting import Start
from gan.training.watch import Watch

_LEAST_SECONDS = 0.25
"""Between two progress events."""
_PULSE_SECONDS = 5.0
"""A progress event at least this often, however long a tick takes."""

_AT_CAP = (
    "The augmentation probability has come to its cap of {:g}: the discriminator still knows the training "
    "images by heart. More images help most; a larger augment_p_max helps too, but augmentations may then "
    "leak into what is generated."
)

_SHRUNK = (
    "Out of memory: from now on {1} computes {0} images at a time and adds up their gradients. What is "
    "learned stays the same; a step takes a little longer."
)


class Loop:
    """One sitting of a run."""

    def __init__(self, parts: Parts, start: Start, watch: Watch) -> None:
        self._parts = parts
        self._watch = watch
        self._start = start
        self._seen = start.seen_images
        self._iteration = start.iteration
        self._ada_p = start.ada_p
        self._ada_cap = Ceiling(ada_cap(parts.config), start.ada_p)
        self._means = Means()
        self._guard = _guard(parts, start)
        self._data_wait = DataWait(parts.stream)
        self._pace = Pace()
        self._begun = self._reported = self._saved = time.monotonic()
        self._reported_seen = start.seen_images
        self._saved_seen = start.seen_images if start.resumed else -1
        config = parts.config
        self._tick = Due(config.tick_kimg, self._seen)
        self._sample_due = Due(config.sample_kimg, self._seen)
        self._checkpoint_due = Due(config.checkpoint_kimg, self._seen)
        self._evaluation_due = Due(config.evaluate_kimg, self._seen)

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
        while not self._reached_goal() and not self._stop_asked():
            with explained_shortage(self._parts.setting):
                self._step()
            self._do_what_is_due()
        return self._end()

    def _stop_asked(self) -> bool:
        """Whether any of the processes that train together was asked to: they end after the same step."""
        return self._parts.setting.processes.any(self._parts.stop.asked())

    def _reached_goal(self) -> bool:
        return self._seen >= round(self._parts.config.goal_kimg * 1000)

    def _step(self) -> None:
        self._data_wait.begin()
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
        if parts.setting.portion.shrunk():
            message = _SHRUNK.format(parts.setting.portion.images, parts.setting.device)
            parts.reporter.emit("warning", message=message)
        self._iteration += 1
        self._seen += parts.config.batch
        self._data_wait.end()

    def _do_what_is_due(self) -> None:
        if self._reached_goal():
            return  # `_end` does all of it
        waited = time.monotonic() - self._reported
        first = self._iteration == self._start.iteration + 1
        if first or (waited >= _LEAST_SECONDS and self._tick.reached(self._seen)) or waited >= _PULSE_SECONDS:
            self._report()
        if self._sample_due.reached(self._seen):
            self._sample()
        if self._evaluation_due.reached(self._seen):
            self._evaluate()
        minutes = (time.monotonic() - self._saved) / 60
        if self._checkpoint_due.reached(self._seen) or minutes >= self._parts.config.checkpoint_minutes:
            self._save()

    def _end(self) -> RunState:
        finished = self._reached_goal()
        if self._seen > self._reported_seen:
            self._report()
        if finished and self._seen > self._start.seen_images:
            self._sample()
            self._evaluate()
        self._save()
        return RunState.FINISHED if finished else RunState.STOPPED

    def _report(self) -> None:
        self._data_wait.begin()
        losses = self._checked_means()  # waits for the device, which is part of the steps
        self._data_wait.end()
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
            data_wait=self._data_wait.share(),
            losses=losses,
            ada_p=self._ada_p,
        )
        if self._ada_cap.reached(self._ada_p):
            self._parts.reporter.emit("warning", message=_AT_CAP.format(self._ada_p))
        notice = self._guard.look(self.kimg, losses) if self._guard else ""
        if notice:
            self._parts.reporter.emit("warning", message=notice)

    def _checked_means(self) -> dict[str, float]:
        """The means of the losses, ADA's p apart; waits for the device."""
        means = self._means.values()
        wrong = [name for name, value in means.items() if not math.isfinite(value)]
        if wrong:
            raise diverged(self._parts.run, self.kimg, ", ".join(wrong))
        self._ada_p = means.pop("ada_p", self._ada_p)
        return means

    def _sample(self) -> None:
        with explained_shortage(self._parts.setting):
            show_samples(self._parts, self.kimg)

    def _evaluate(self) -> None:
        """The best so far is saved at once, so that its name has a checkpoint."""
        with explained_shortage(self._parts.setting):
            best = self._watch.look(self.kimg, self._ada_p)
        if best:
            self._save()
            self._watch.keep()

    def _save(self) -> None:
        self._saved = time.monotonic()
        if self._seen == self._saved_seen:
            return
        self._checked_means()
        seconds = self._start.seconds + self._saved - self._begun
        save(self._parts, Reached(self._seen, self._iteration, seconds, self._ada_p))
        self._saved_seen = self._seen


def _guard(parts: Parts, start: Start) -> Guard | None:
    """Only over a reward that is learned from."""
    reward = parts.setting.reward
    if reward is None or reward.weight == 0 or parts.setting.processes.rank > 0:
        return None
    return Guard(start.seen_images / 1000, read_events(parts.run.events)[0])


def ada_cap(config: RunConfig) -> float | None:
    """The most that a controller may choose; a fixed strength is nobody's surprise."""
    adaptive = config.options.get("augment", "adaptive") == "adaptive"
    cap = config.options.get("augment_p_max")
    return float(cap) if adaptive and cap else None
