"""What a sitting is made of, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

from gan.contract.config import RunConfig
from gan.contract.run_folder import RunFolder
from gan.data.stream import BatchStream
from gan.training.device import Machine
from gan.training.family import Family, Setting
from gan.training.randomness import Randomness
from gan.training.reporter import Reporter
from gan.training.stopping import StopRequest


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


@dataclass(frozen=True)
class Reached:
    """How far a run has come."""

    seen_images: int
    """Real images shown."""
    iteration: int
    """Steps done."""
    seconds: float
    """Training time over all sittings."""
    ada_p: float | None

    @property
    def kimg(self) -> float:
        """Thousands of real images shown."""
        return self.seen_images / 1000
