"""The seam between the training loop and a generator family.

The loop owns data, device, ticks, RNG, checkpoints, STOP and events; the family owns the mathematics.
A family is a module with a frozen `Config` and `build(config, setting) -> Family`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch

from gan.training.portions import PortionSize
from gan.training.processes import ALONE, Processes
from gan.training.rewarding import Reward


@dataclass(frozen=True)
class Setting:
    """What the loop tells a family when it is built."""

    resolution: int
    channels: int
    """1 or 3."""
    classes: int
    """Number of classes; 0 trains without classes."""
    batch: int
    """Images a step, over all processes."""
    device: torch.device
    precision: torch.dtype
    """torch.float32, or the lower precision of the highest resolutions."""
    processes: Processes = ALONE
    """Who shares the batch."""
    portion: PortionSize = field(default_factory=PortionSize)
    """How many of a process's images its device takes at once."""
    reward: Reward | None = None
    """Who else judges generated images in training."""


@dataclass(frozen=True)
class Step:
    """One step's input."""

    images: torch.Tensor
    """Real images [N, C, H, W], float32 in [-1, 1], on the device: the whole batch, in every process."""
    labels: torch.Tensor
    """Class indices [N], int64, on the device (zeros without classes)."""
    iteration: int
    """Steps done before this one."""
    seen_images: int
    """Real images shown before this step."""
    rng: torch.Generator
    """Every random draw of the step comes from here, alike in every process; its device is the family's."""
    draw_labels: Callable[[int], torch.Tensor]
    """n class indices [n] drawn from the training set's distribution with `rng`."""


class Family(Protocol):
    """A generator in training."""

    def train_step(self, step: Step) -> Mapping[str, torch.Tensor | float]:
        """Does one step; returns values worth plotting (loss and statistic names to scalars)."""

    def sample(
        self, z: torch.Tensor, labels: torch.Tensor, truncation: float = 1.0, noise: str = "const"
    ) -> torch.Tensor:
        """Images [N, C, H, W] in about [-1, 1], float32, from latents z [N, z_dim] and class indices [N].

        `noise`: `const`, `none` or `random` (drawn from torch's default generator). Uses the averaged
        weights (EMA), needs no gradient and changes nothing.
        """

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Everything an exact resume needs. Names `G/...`, `D/...`, `G_ema/...` are networks;
        `optimizer/...` and `counter/...` are training state."""

    def networks(self) -> Mapping[str, torch.Tensor]:
        """The networks of `state_dict`, no copies: what is written into these tensors is theirs."""

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Takes back what `state_dict` gave.

        Raises:
            KeyError, ValueError: a tensor is missing or has another shape.
        """

    @property
    def z_dim(self) -> int:
        """Length of the latent vector."""
