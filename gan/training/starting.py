"""Where a sitting begins: at the newest checkpoint, at another run's networks, or at nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from gan.contract.checkpoint import list_checkpoints
from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.run_folder import RunFolder
from gan.training.checkpoints import (
    describe,
    newest_checkpoint,
    read_networks,
    read_state,
    set_aside,
)
from gan.training.family import Family
from gan.training.randomness import PREFIX as RNG_PREFIX
from gan.training.randomness import Randomness
from gan.training.rewarding import Reward
from gan.training.settings import beside
from gan.training.skipping import grouped

log = logging.getLogger(__name__)

LOOP_PREFIX = "loop/"


@dataclass(frozen=True)
class Start:
    """Where a sitting begins."""

    seen_images: int = 0
    iteration: int = 0
    seconds: float = 0.0
    """Training time of the sittings before."""
    resumed: bool = False
    skipped: tuple[str, ...] = ()
    """Tensors that `start_from` could not provide or that had no place here."""
    ada_p: float | None = None
    warnings: tuple[str, ...] = ()
    """What the person should know of how it began."""
    skipped_groups: tuple[str, ...] = ()
    """What was skipped by part of the networks, in words."""
    portion: tuple[int, int] = (0, 0)
    """Images at a time as configured and as come to after shortages of memory; 0 is all."""


def begin(
    run: RunFolder,
    config: RunConfig,
    family: Family,
    randomness: Randomness,
    reward: Reward | None = None,
) -> Start:
    """Resumes the newest readable checkpoint; else copies the networks of `start_from`; else nothing.

    Raises:
        UserError: no checkpoint can be read or fits the configuration, or `start_from` is not usable.
    """
    found, warnings = list_checkpoints(run.checkpoints), []
    for checkpoint in reversed(found):
        try:
            state, said = read_state(checkpoint), describe(checkpoint)
        except OSError as error:
            warnings.append(
                f"{checkpoint} cannot be read ({error}): training continues from the one before; "
                f"the damaged one is kept as {set_aside(checkpoint).name}."
            )
            continue
        _require_same_reward(checkpoint, said, reward)
        start = _resume(checkpoint, state, said, config, family, randomness)
        return replace(start, warnings=(*warnings, *start.warnings))
    if found:
        raise UserError(f"No checkpoint in {run.checkpoints} can be read: restore one, or start a new run.")
    if config.start_from:
        return _copy_networks(beside(run.path, config.start_from), family)
    return Start()


def loop_state(
    seen_images: int, iteration: int, portion: tuple[int, int] = (0, 0)
) -> dict[str, torch.Tensor]:
    """The loop's own counters, named `loop/...`; `portion` as in `Start`."""
    return {
        "loop/portion": torch.tensor(portion, dtype=torch.int64),
        "loop/seen_images": torch.tensor(seen_images, dtype=torch.int64),
        "loop/iteration": torch.tensor(iteration, dtype=torch.int64),
    }


def load_networks(family: Family, networks: Mapping[str, torch.Tensor]) -> tuple[str, ...]:
    """Copies the tensors that have a place of the same shape; returns the names that were left out.

    Raises:
        UserError: nothing fits.
    """
    own = family.networks()
    fitting = {name: value for name, value in networks.items() if _fits(value, own.get(name))}
    if not fitting:
        raise UserError("None of its tensors fits: the networks are of another kind.")
    with torch.no_grad():
        for name, value in fitting.items():
            own[name].copy_(value)
    return tuple(sorted((set(own) | set(networks)) - set(fitting)))


def _resume(
    checkpoint: Path,
    state: Mapping[str, torch.Tensor],
    said: Mapping[str, Any],
    config: RunConfig,
    family: Family,
    randomness: Randomness,
) -> Start:
    _require_same(checkpoint, said, config)
    prefixes = (RNG_PREFIX, LOOP_PREFIX)
    try:
        family.load_state_dict({k: v for k, v in state.items() if not k.startswith(prefixes)})
    except (KeyError, ValueError) as error:
        raise UserError(f"{checkpoint} does not fit the options in config.json ({error}).") from error
    warnings = []
    if not randomness.load_state_dict({k: v for k, v in state.items() if k.startswith(RNG_PREFIX)}):
        warnings.append(
            f"{checkpoint} was saved on another kind of device: training continues, but not bit for bit."
        )
    log.info("resuming %s", checkpoint)
    return Start(
        seen_images=int(state["loop/seen_images"]),
        iteration=int(state["loop/iteration"]),
        seconds=float(said.get("seconds", 0.0)),
        resumed=True,
        ada_p=said.get("ada_p"),
        portion=_portion(state),
        warnings=tuple(warnings),
    )


def _portion(state: Mapping[str, torch.Tensor]) -> tuple[int, int]:
    configured, reached = state.get("loop/portion", (0, 0))  # older checkpoints lack it
    return int(configured), int(reached)


def _require_same(checkpoint: Path, said: Mapping[str, Any], config: RunConfig) -> None:
    for name in ("family", "resolution", "channels", "classes"):
        wanted = getattr(config, name)
        wanted = list(wanted) if isinstance(wanted, tuple) else wanted
        if said[name] != wanted:
            raise UserError(
                f"config.json says {name} {wanted!r}, but {checkpoint} was trained with {said[name]!r}: "
                "put it back, or start a new run with start_from."
            )


def _require_same_reward(checkpoint: Path, said: Mapping[str, Any], reward: Reward | None) -> None:
    """What a checkpoint says of its reward must hold for all of its run."""
    if said.get("reward") != (None if reward is None else dict(reward.facts)):
        raise UserError(
            f"{checkpoint} was trained with another reward or reward_weight than config.json says: "
            "put them back, or start a new run with start_from."
        )


def _copy_networks(path: Path, family: Family) -> Start:
    checkpoint = newest_checkpoint(path)
    if checkpoint is None:
        raise UserError(f"{path} is neither a checkpoint nor a run with one: choose another start_from.")
    try:
        networks = _with_generator(read_networks(checkpoint))
        skipped = load_networks(family, networks)
    except OSError as error:
        raise UserError(f"{checkpoint} cannot be read ({error}): choose another start_from.") from error
    except UserError as error:
        raise UserError(f"{checkpoint} cannot be started from. {error}") from error
    groups = grouped(skipped, networks, family.state_dict())
    log.info("starting from %s; left out: %s", checkpoint, "; ".join(groups) or "nothing")
    return Start(skipped=skipped, skipped_groups=groups)


def _with_generator(networks: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """A file with the averaged generator alone also starts the one that learns."""
    if any(name.startswith("G/") for name in networks):
        return networks
    averaged = {name: value for name, value in networks.items() if name.startswith("G_ema/")}
    return {**networks, **{name.replace("G_ema/", "G/", 1): value for name, value in averaged.items()}}


def _fits(value: torch.Tensor, place: torch.Tensor | None) -> bool:
    return place is not None and place.shape == value.shape
