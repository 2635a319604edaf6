"""What a person has chosen for the next training, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from blasto_annotator.curation.options import LABELS_BY, SnapshotOptions
from blasto_annotator.rounds.record import RoundWish

AUTO_START, FROM_SCRATCH = "", "none"
"""Start from the model in use (or the newest); start from nothing. Anything else is a checkpoint's path."""
THIN_DISTANCE = 4


@dataclass(frozen=True)
class Choices:
    """The form of the next training."""

    preset: str = ""
    """Empty: the one that fits the trainer's device."""
    kimg: float | None = None
    """None: the preset's goal."""
    device: str = "auto"
    start: str = AUTO_START
    include_perfect: bool = False
    cap: float = 0.2
    """Most generated images, as a share of the training split."""
    expansions: tuple[int, ...] = (2, 3, 4)
    thin_distance: int = THIN_DISTANCE
    labels_by: str = LABELS_BY[0]
    """Whose word counts where several graded: as `snapshot --labels-by` takes it."""
    seed: int = 0
    train_only: bool = False
    """Ends with the trained generator: no evaluation, batch or review."""
    per_class: int = 50
    """Images of each class to review."""
    readers: tuple[str, ...] = ()
    """Who reviews; empty: who did before, else who asks."""
    teach: bool = False
    """Review the images whose verdicts teach the expert scorer most."""
    reward: bool = False
    """Train towards the expert scorer, beside a control."""

    def options(self, size: int) -> SnapshotOptions:
        """The snapshot's options at a size."""
        return self.wish("").options(size)

    def overrides(self) -> dict[str, Any]:
        """What the run's configuration takes besides the preset."""
        return {"device": self.device, "seed": self.seed}

    def wish(self, who: str) -> RoundWish:
        """A round with these choices."""
        return RoundWish(
            preset=self.preset,
            kimg=self.kimg,
            start=self.start,
            include_perfect=self.include_perfect,
            cap=self.cap,
            expansions=self.expansions,
            thin_distance=self.thin_distance,
            labels_by=self.labels_by,
            split_seed=self.seed,
            seed=self.seed,
            device=self.device,
            per_class=self.per_class,
            teach=self.teach,
            reward=self.reward,
            readers=self.readers,
            who=who,
        )
