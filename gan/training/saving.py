"""A run's checkpoint: the state gathered, checked, written and told; old ones removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from gan.contract.checkpoint import list_checkpoints
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder
from gan.contract.version import app_version
from gan.training.checkpoints import prune_checkpoints, write_checkpoint
from gan.training.device import synchronise
from gan.training.parts import Parts, Reached
from gan.training.starting import loop_state

_AWAY = (
    "The run's folder {} is not there any more: it was moved or removed while the training ran. What was "
    "saved before is in it: go on from there, at its new place."
)


def save(parts: Parts, reached: Reached) -> None:
    """Writes a checkpoint, tells of it and removes the oldest.

    Raises:
        UserError: a tensor is not finite, or the disk refuses it; earlier checkpoints are intact.
    """
    state = _state(parts, reached)
    for name, value in state.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise diverged(parts.run, reached.kimg, name)
    path = _written(parts, reached, state)
    parts.reporter.emit("checkpoint", kimg=reached.kimg, path=path.relative_to(parts.run.path).as_posix())
    try:
        prune_checkpoints(parts.run.checkpoints, parts.config.keep_checkpoints)
    except OSError as error:  # one too many does no harm
        parts.reporter.emit("warning", message=f"An old checkpoint cannot be removed: {error.strerror}.")


def diverged(run: RunFolder, kimg: float, what: str) -> UserError:
    """Training came to a value that is no number."""
    saved = bool(list_checkpoints(run.checkpoints))
    kept = "The last good checkpoint is kept: start a new run from it" if saved else "Start a new run"
    return UserError(
        f"Training diverged before kimg {kimg:.3f}: no finite number in {what}. "
        f"{kept} with a larger r1_gamma, a lower learning_rate or the precision float32."
    )


def _state(parts: Parts, reached: Reached) -> dict[str, torch.Tensor]:
    synchronise(parts.machine.device)
    return {
        **parts.family.state_dict(),
        **parts.randomness.state_dict(),
        **loop_state(reached.seen_images, reached.iteration, _portion(parts)),
    }


def _portion(parts: Parts) -> tuple[int, int]:
    return parts.config.micro_batch, parts.setting.portion.images or 0


def _written(parts: Parts, reached: Reached, state: Mapping[str, torch.Tensor]) -> Path:
    folder = parts.run.checkpoints
    try:
        return write_checkpoint(folder, reached.kimg, state, _description(parts, reached))
    except OSError as error:
        if not parts.run.path.is_dir():
            raise UserError(_AWAY.format(parts.run.path)) from error
        raise UserError(
            f"The checkpoint of kimg {reached.kimg:.3f} cannot be written to {folder} "
            f"({error.strerror or error}). Earlier checkpoints are intact: free some space on that disk "
            "and run the same command again."
        ) from error


def _description(parts: Parts, reached: Reached) -> dict[str, Any]:
    config = parts.config
    return {
        "family": config.family,
        "options": dict(config.options),
        "resolution": config.resolution,
        "channels": config.channels,
        "classes": list(config.classes),
        "kimg": reached.kimg,
        "iteration": reached.iteration,
        "ada_p": reached.ada_p,
        "run": parts.run.path.name,
        "snapshot": parts.snapshot,
        "start_from": config.start_from,
        "reward": None if parts.setting.reward is None else dict(parts.setting.reward.facts),
        "preset": config.preset,
        "app_version": app_version(),
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(reached.seconds, 3),
    }
