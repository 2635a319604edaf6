"""The mapping network: latent and label to intermediate latents (Karras et al. 2019, 2020b)."""

from __future__ import annotations

import torch
from torch import nn

from gan.nn.dense import Dense, normalize_2nd_moment


class Mapping(nn.Module):
    """z [N, z_dim] and one-hot labels c [N, c_dim] -> w.

    Args:
        z_dim: 0 takes labels only.
        c_dim: 0 takes latents only.
        w_dim: length of w and of every layer.
        num_ws: copies of w, one for each layer of the synthesis network; None gives one w without that axis.
        num_layers: `fc0` to `fcN`; 0 gives the normalised input.
        lr_multiplier: of the layers (the label's embedding learns at the full rate).
        w_avg_beta: of the running mean of w that truncation uses; None keeps no mean.
    """

    w_avg: torch.Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_ws: int | None,
        num_layers: int = 8,
        lr_multiplier: float = 0.01,
        w_avg_beta: float | None = 0.995,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.num_ws = z_dim, c_dim, num_ws
        self.num_layers, self.w_avg_beta = num_layers, w_avg_beta
        if c_dim > 0:
            self.embed = Dense(c_dim, w_dim)
        width = z_dim + (w_dim if c_dim > 0 else 0)
        for i in range(num_layers):
            layer = Dense(width if i == 0 else w_dim, w_dim, act="lrelu", lr_multiplier=lr_multiplier)
            self.add_module(f"fc{i}", layer)
        if num_ws is not None and w_avg_beta is not None:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(
        self,
        z: torch.Tensor | None,
        c: torch.Tensor | None,
        *,
        truncation_psi: float = 1.0,
        truncation_cutoff: int | None = None,
        update_average: bool = False,
    ) -> torch.Tensor:
        """Intermediate latents [N, num_ws, w_dim], or [N, w_dim] where `num_ws` is None.

        Args:
            truncation_psi: 1 leaves w as it is, 0 gives the mean.
            truncation_cutoff: truncates the first so many layers only; None truncates all.
            update_average: moves the running mean towards this batch's mean.
        """
        w = self._layers(self._joined(z, c))
        if update_average:
            self.move_average(w.detach().mean(dim=0))
        if self.num_ws is None:
            return w
        ws = w.unsqueeze(1).repeat(1, self.num_ws, 1)
        return ws if truncation_psi == 1 else self._truncated(ws, truncation_psi, truncation_cutoff)

    def move_average(self, mean: torch.Tensor) -> None:
        """Moves the running mean towards a batch's mean w [w_dim]."""
        self.w_avg.copy_(mean.lerp(self.w_avg, self.w_avg_beta or 0.0))

    def _joined(self, z: torch.Tensor | None, c: torch.Tensor | None) -> torch.Tensor:
        parts = []
        if self.z_dim > 0:
            if z is None:
                raise ValueError("this mapping network needs a latent")
            parts.append(normalize_2nd_moment(z.float()))
        if self.c_dim > 0:
            if c is None:
                raise ValueError("this mapping network needs a label")
            parts.append(normalize_2nd_moment(self.embed(c.float())))
        return torch.cat(parts, dim=1)

    def _layers(self, x: torch.Tensor) -> torch.Tensor:
        for i in range(self.num_layers):
            x = self.get_submodule(f"fc{i}")(x)
        return x

    def _truncated(self, ws: torch.Tensor, psi: float, cutoff: int | None) -> torch.Tensor:
        last = ws.shape[1] if cutoff is None else cutoff
        head = self.w_avg.lerp(ws[:, :last], psi)
        return torch.cat([head, ws[:, last:]], dim=1)
