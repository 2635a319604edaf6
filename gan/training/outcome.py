"""How a sitting ends: the last event, then `result.json`."""

from __future__ import annotations

import logging

from gan.contract.checkpoint import describe_checkpoint, list_checkpoints, read_best
from gan.contract.result import RunResult, write_result
from gan.contract.run_folder import RunFolder, RunState
from gan.training.reporter import Reporter

log = logging.getLogger(__name__)


def close_run(run: RunFolder, reporter: Reporter, outcome: RunState, message: str = "") -> RunResult:
    """Says how the run ended; its figures are those of the newest checkpoint, where a resume continues.

    A result that cannot be written (a full disk) is logged: the run then counts as interrupted, which
    resumes the same way.
    """
    result = _result(run, outcome, message)
    if message:
        log.error(message)
        reporter.emit("error", message=message)
    reporter.emit("finished", outcome=result.outcome, kimg=result.kimg, seconds=result.seconds)
    try:
        write_result(run.result, result)
    except OSError as error:
        log.error("%s cannot be written: %s", run.result, error)
    return result


def _result(run: RunFolder, outcome: RunState, message: str) -> RunResult:
    for checkpoint in reversed(list_checkpoints(run.checkpoints)):
        try:
            said = describe_checkpoint(checkpoint)
            kimg, seconds = float(said["kimg"]), float(said["seconds"])
        except (OSError, ValueError, KeyError) as error:
            log.warning("%s does not count: %s", checkpoint, error)
            continue
        newest = checkpoint.relative_to(run.path).as_posix()
        return RunResult(str(outcome), kimg, newest, seconds, message, _best(run))
    return RunResult(str(outcome), 0.0, None, 0.0, message)


def _best(run: RunFolder) -> str | None:
    best = read_best(run.checkpoints)
    return (run.checkpoints / best.checkpoint).relative_to(run.path).as_posix() if best else None
