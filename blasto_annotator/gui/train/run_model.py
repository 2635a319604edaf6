"""What a run folder tells, read without Qt: follows `events.jsonl` and adds it up.

A reader belongs to one thread at a time. Each `poll` hands out a frozen view that others may keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from blasto_annotator.gui.train.series import Series
from gan.contract.config import RunConfig, read_config
from gan.contract.events import Event, read_events
from gan.contract.result import RunResult, read_result
from gan.contract.run_folder import RunFolder, RunState


@dataclass(frozen=True)
class SampleGrid:
    """One grid of samples on disk."""

    kimg: float
    path: Path
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RunView:
    """A run as it stands."""

    folder: Path
    state: RunState
    config: RunConfig | None = None
    kimg: float = 0.0
    goal_kimg: float = 0.0
    seconds_left: float | None = None
    seconds_per_kimg: float | None = None
    memory_gb: float | None = None
    device: str = ""
    parameters: int = 0
    images: int = 0
    skipped: int = 0
    """Tensors that did not fit and were left out of the start."""
    losses: Mapping[str, Series] = field(default_factory=dict)
    ada_p: Series = field(default_factory=Series)
    metrics: Mapping[str, Series] = field(default_factory=dict)
    """Evaluations in the loop by name; those of one class alone are `name/class`."""
    samples: tuple[SampleGrid, ...] = ()
    checkpoints: tuple[float, ...] = ()
    """kimg of the checkpoints written."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    result: RunResult | None = None
    last_event: float = 0.0
    """Seconds since the epoch."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def share(self) -> float:
        """0 to 1 of the goal."""
        return min(1.0, self.kimg / self.goal_kimg) if self.goal_kimg > 0 else 0.0

    @property
    def alive(self) -> bool:
        return self.state is RunState.RUNNING


class RunReader:
    """Follows one run folder."""

    def __init__(self, folder: Path) -> None:
        self.run = RunFolder(folder)
        self._offset = 0
        self._losses: dict[str, Series] = {}
        self._ada_p = Series()
        self._metrics: dict[str, Series] = {}
        self._samples: list[SampleGrid] = []
        self._checkpoints: list[float] = []
        self._warnings: list[str] = []
        self._view = RunView(folder, RunState.NOT_STARTED)

    def poll(self) -> tuple[RunView, bool]:
        """The run as it stands, and whether anything changed since the last call."""
        state = self.run.state()
        events, self._offset = read_events(self.run.events, self._offset)
        result = read_result(self.run.result) if state is not RunState.RUNNING else None
        before = self._view
        self._view = replace(before, state=state, result=result, config=before.config or self._config())
        for event in events:
            self._take(event)
        changed = bool(events) or before.state is not state or before.result != result
        if changed or before.config is not self._view.config:
            self._publish()
            return self._view, True
        return self._view, False

    def _config(self) -> RunConfig | None:
        try:
            return read_config(self.run.config)
        except FileNotFoundError:
            return None

    def _publish(self) -> None:
        config = self._view.config
        self._view = replace(
            self._view,
            goal_kimg=self._view.goal_kimg or (config.goal_kimg if config else 0.0),
            losses={name: series.copy() for name, series in self._losses.items()},
            ada_p=self._ada_p.copy(),
            metrics={name: series.copy() for name, series in self._metrics.items()},
            samples=tuple(self._samples),
            checkpoints=tuple(self._checkpoints),
            warnings=tuple(self._warnings),
        )

    def _take(self, event: Event) -> None:
        takers: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "started": self._started,
            "progress": self._progress,
            "metric": self._metric,
            "sample": self._sample,
            "checkpoint": self._checkpoint,
            "warning": self._warning,
            "error": self._error,
            "finished": self._finished,
        }
        take = takers.get(event.kind)
        if take is not None:
            take(event.fields)
        self._view = replace(self._view, last_event=event.time)

    def _started(self, fields: Mapping[str, Any]) -> None:
        """A new sitting: what was written beyond its start was lost and will come again."""
        kimg = _number(fields, "kimg") or 0.0
        for series in (*self._losses.values(), *self._metrics.values(), self._ada_p):
            series.rewind(kimg)
        self._samples = [grid for grid in self._samples if grid.kimg <= kimg]
        self._checkpoints = [at for at in self._checkpoints if at <= kimg]
        self._warnings.clear()
        self._view = replace(
            self._view,
            kimg=kimg,
            goal_kimg=_number(fields, "goal_kimg") or self._view.goal_kimg,
            device=str(fields.get("device_title") or fields.get("device", "")),
            parameters=int(_number(fields, "parameters") or 0),
            images=int(_number(fields, "images") or 0),
            skipped=len(fields.get("skipped") or ()),
            seconds_left=None,
            error="",
        )

    def _progress(self, fields: Mapping[str, Any]) -> None:
        kimg = _number(fields, "kimg") or self._view.kimg
        for name, value in (fields.get("losses") or {}).items():
            if isinstance(value, int | float):
                self._losses.setdefault(name, Series()).add(kimg, float(value))
        probability = _number(fields, "ada_p")
        if probability is not None:
            self._ada_p.add(kimg, probability)
        self._view = replace(
            self._view,
            kimg=kimg,
            goal_kimg=_number(fields, "goal_kimg") or self._view.goal_kimg,
            seconds_left=_number(fields, "seconds_left"),
            seconds_per_kimg=_number(fields, "seconds_per_kimg"),
            memory_gb=_number(fields, "memory_gb"),
        )

    def _metric(self, fields: Mapping[str, Any]) -> None:
        kimg, value = _number(fields, "kimg"), _number(fields, "value")
        if kimg is not None and value is not None:
            self._metrics.setdefault(str(fields.get("name", "")), Series()).add(kimg, value)

    def _sample(self, fields: Mapping[str, Any]) -> None:
        kimg = _number(fields, "kimg") or 0.0
        columns = tuple(str(name) for name in fields.get("columns") or ())
        grid = SampleGrid(kimg, self.run.path / str(fields.get("path", "")), columns)
        self._samples = [kept for kept in self._samples if kept.kimg < kimg] + [grid]

    def _checkpoint(self, fields: Mapping[str, Any]) -> None:
        kimg = _number(fields, "kimg")
        if kimg is not None:
            self._checkpoints = [at for at in self._checkpoints if at < kimg] + [kimg]

    def _warning(self, fields: Mapping[str, Any]) -> None:
        self._warnings.append(str(fields.get("message", "")))

    def _error(self, fields: Mapping[str, Any]) -> None:
        self._view = replace(self._view, error=str(fields.get("message", "")))

    def _finished(self, fields: Mapping[str, Any]) -> None:
        kimg = _number(fields, "kimg")
        if kimg is not None:
            self._view = replace(self._view, kimg=kimg, seconds_left=None)


def _number(fields: Mapping[str, Any], key: str) -> float | None:
    value = fields.get(key)
    return float(value) if isinstance(value, int | float) else None
