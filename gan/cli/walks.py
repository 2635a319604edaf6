"""Ways through the space of latents, as intermediate latents w for each moment.

A walk passes its keys one after another; between two of them lies a leg. All tracks of a walk move together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

At = Callable[[float], torch.Tensor]
"""A moment (0 is the first key, 1 the second ...) to w of every cell [cells, num_ws, w_dim]."""
Times = npt.NDArray[np.float64]


def slerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Along the great circle between latents z [N, z_dim], `share` (0 to 1) of the way (Shoemake 1985).

    The straight line between two normal vectors passes through shorter ones than the network ever saw. Their
    lengths go over into one another evenly; latents in (nearly) the same or opposite directions take the
    straight line.
    """
    cosine = (one * other).sum(1) / (one.norm(dim=1) * other.norm(dim=1)).clamp_min(1e-12)
    angle = torch.arccos(cosine.clamp(-1, 1))[:, None]
    sine = angle.sin()
    straight = sine.abs() < 1e-4
    safe = torch.where(straight, torch.ones_like(sine), sine)
    first = torch.where(straight, torch.full_like(sine, 1 - share), ((1 - share) * angle).sin() / safe)
    second = torch.where(straight, torch.full_like(sine, share), (share * angle).sin() / safe)
    return first * one + second * other


def lerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Along the straight line, `share` (0 to 1) of the way."""
    return torch.lerp(one, other, share)


@dataclass(frozen=True)
class Walk:
    """Tracks through keys."""

    keys: torch.Tensor
    """[keys, tracks, ...]: latents z or w."""
    between: Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]
    to_w: Callable[[torch.Tensor], torch.Tensor] | None = None
    """From what lies on the way to w [tracks, num_ws, w_dim]; None: the keys are w."""
    closed: bool = False
    """Returns to the first key."""

    @property
    def legs(self) -> int:
        """Ways from a key to the next."""
        return len(self.keys) if self.closed else len(self.keys) - 1

    def at(self, moment: float) -> torch.Tensor:
        """w of each track [tracks, num_ws, w_dim]."""
        count = len(self.keys)
        leg = min(int(moment), self.legs - 1)
        one, other = self.keys[leg % count], self.keys[(leg + 1) % count]
        way = self.between(one, other, moment - leg)
        return way if self.to_w is None else self.to_w(way)

    def times(self, steps: int) -> Times:
        """`steps` even moments a leg; the last key ends an open walk, a closed one could go round again."""
        return np.arange(self.legs * steps + (not self.closed)) / steps


@dataclass(frozen=True)
class Mixing:
    """Style mixing: every row's w, with the column's in some layers (Karras et al. 2019, section 3.1)."""

    rows: torch.Tensor
    """[R, num_ws, w_dim]."""
    columns: torch.Tensor
    """[C, num_ws, w_dim]."""
    layers: tuple[int, ...]
    """Which layers the columns give."""

    def at(self, moment: float = 0.0) -> torch.Tensor:
        """w of header, then row by row its source and its mixtures: [C + R * (1 + C), num_ws, w_dim].

        As time passes each column's style moves on to the next column's, so that C legs close the circle.
        """
        walk = Walk(self.columns[:, None], lerp, closed=True)
        count = len(self.columns)
        moving = torch.cat([walk.at((column + moment) % count) for column in range(count)])
        rows = [torch.cat([row[None], self._mixed(row, moving)]) for row in self.rows]
        return torch.cat([moving, *rows])

    def _mixed(self, row: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        mixed = row.repeat(len(columns), 1, 1)
        mixed[:, list(self.layers)] = columns[:, list(self.layers)]
        return mixed
