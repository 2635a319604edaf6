"""All processes begin as the first one does, whatever each of them would find on its disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.data.images import ImageSet
from gan.training.family import Family
from gan.training.group import Group
from gan.training.processes import Processes
from gan.training.randomness import PREFIX, Randomness
from gan.training.rewarding import Reward
from gan.training.starting import Start


def one_configuration(processes: Processes, config: RunConfig) -> RunConfig:
    """The first process's configuration: another may have read the file before it was written anew.

    Raises:
        UserError: the file changed meanwhile.
    """
    if not isinstance(processes, Group):
        return config
    own = json.dumps(asdict(config), sort_keys=True)
    if processes.any(own != processes.share_text(own)):
        raise UserError("config.json changed while the processes were starting: run the same command again.")
    return config


def in_turn(processes: Processes, load: Callable[[], ImageSet]) -> ImageSet:
    """Loads the first process's images first, so that the others find what it has decoded.

    Raises:
        UserError: a process sees other images.
    """
    if not isinstance(processes, Group):
        return load()
    if processes.rank > 0:
        processes.any(False)  # waits for the first one
    images = load()
    if processes.rank == 0:
        processes.any(False)
    own = f"{len(images)} {hashlib.sha256(images.labels.tobytes()).hexdigest()}"
    if processes.any(own != processes.share_text(own)):
        raise UserError(
            "The processes see different images: put the data set where all of them read the same."
        )
    return images


def one_reward(processes: Processes, reward: Reward | None, folder: Path) -> Reward | None:
    """The reward, which is the same one in all processes.

    Args:
        folder: of the scorer, for the sentence.

    Raises:
        UserError: another process has read another scorer, or has ended.
    """
    if reward is None or not isinstance(processes, Group):
        return reward
    own = reward.digest
    if processes.any(own != processes.share_text(own)):
        raise UserError(
            f"The processes read different scorers at {folder}: put the scorer where all of them read the "
            "same, then run the same command again."
        )
    return reward


def one_start(processes: Processes, begin: Callable[[], Start], family: Family, rng: Randomness) -> Start:
    """Begins in the first process and gives the others its counters, networks and random numbers.

    Raises:
        UserError: another process has ended.
    """
    if not isinstance(processes, Group):
        return begin()
    start = begin() if processes.rank == 0 else Start()
    shared = ("seen_images", "iteration", "resumed", "ada_p", "portion")
    told = json.loads(processes.share_text(json.dumps({name: getattr(start, name) for name in shared})))
    state = {**family.state_dict(), **rng.state_dict()}
    processes.share([state[name] for name in sorted(state)])
    if processes.rank == 0:
        return start
    family.load_state_dict({name: value for name, value in state.items() if not name.startswith(PREFIX)})
    rng.load_state_dict({name: value for name, value in state.items() if name.startswith(PREFIX)})
    return Start(**told)
