"""A run folder: everything that a training run knows lies in it.

`config.json` (written first), `events.jsonl` (the record), `log.txt` (all other output), `checkpoints/`,
`samples/`, `STOP` (a request to stop), `result.json` (written last, atomically), `alive.lock` (held by a
living trainer: an operating system lock, so it vanishes with the process however that ends).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gan.contract.locking import is_locked


class RunState(StrEnum):
    """What a run folder says about its run."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    INTERRUPTED = "interrupted"  # no living trainer, no result: the same command resumes it
    STOPPED = "stopped"  # ended on request before its goal; the same command resumes it
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class RunFolder:
    """Paths inside one run folder."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def stop(self) -> Path:
        return self.path / "STOP"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def alive(self) -> Path:
        return self.path / "alive.lock"

    def state(self) -> RunState:
        """Reads the folder; a run succeeded if and only if `result.json` says so."""
        from gan.contract.result import read_result

        if is_locked(self.alive):
            return RunState.RUNNING
        result = read_result(self.result)
        if result is not None:
            return RunState(result.outcome)
        return RunState.INTERRUPTED if self.events.exists() else RunState.NOT_STARTED

    def request_stop(self) -> None:
        """Asks the trainer to save a checkpoint and end."""
        self.stop.touch()
