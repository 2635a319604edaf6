"""Where this process stands among those that train together, as torchrun or SLURM's srun started them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One of the processes of a training."""

    rank: int = 0
    """Number of the process; the first one leads."""
    count: int = 1
    """How many there are."""
    local: int = 0
    """Number on its machine: which GPU it takes."""
    local_count: int = 1
    """How many there are on its machine."""

    @property
    def leads(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.rank == 0

    @property
    def title(self) -> str:
        """For people: `process 2 of 4`."""
        return f"process {self.rank + 1} of {self.count}"


ALONE = Place()


def own_place(environment: Mapping[str, str] = os.environ) -> Place:
    """The place that the starter's environment variables tell; alone without any.

    srun counts where it started several tasks: Python called by the job's script itself is alone.
    """
    if "TORCHELASTIC_RUN_ID" in environment:
        return _place(environment, "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    if int(environment.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        return _place(environment, "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE")
    return ALONE


def _place(environment: Mapping[str, str], *names: str) -> Place:
    rank, count, local, local_count = (int(environment.get(name, "0")) for name in names)
    return Place(rank, count, local, local_count or count)
