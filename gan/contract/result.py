"""`result.json`: written last, atomically; a run succeeded if and only if it says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from gan.contract.jsonfile import read_object, write_json

OUTCOMES = ("finished", "stopped", "failed")


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    outcome: str
    """`finished`, `stopped` or `failed` (values of `RunState`)."""
    kimg: float
    """Thousands of real images shown so far."""
    checkpoint: str | None
    """The newest checkpoint, relative to the run folder."""
    seconds: float
    """Training time over all sittings."""
    message: str = ""
    """For `failed`: the sentence a person should read."""
    best: str | None = None
    """The best checkpoint by the evaluations so far, relative to the run folder; None without any."""


def write_result(path: Path, result: RunResult) -> None:
    """Writes `result` atomically."""
    write_json(path, {"v": 1, **asdict(result)})


def read_result(path: Path) -> RunResult | None:
    """The result, or None while there is none.

    One that is damaged is none either: the run then counts as interrupted, which resumes the same way.
    """
    try:
        value = read_object(path)
        if value["outcome"] not in OUTCOMES:
            return None
        return RunResult(
            outcome=str(value["outcome"]),
            kimg=float(value["kimg"]),
            checkpoint=value["checkpoint"],
            seconds=float(value["seconds"]),
            message=str(value.get("message", "")),
            best=value.get("best"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
