"""The generator: mapping and synthesis."""

from __future__ import annotations

import torch
from torch import nn

from gan.families.stylegan2.mapping import Mapping
from gan.families.stylegan2.synthesis import Noise, Synthesis, SynthesisShape


class Generator(nn.Module):
    """z [N, z_dim] and one-hot labels [N, c_dim] to images."""

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        shape: SynthesisShape,
        *,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.01,
        w_avg_beta: float = 0.995,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim = z_dim, c_dim
        self.synthesis = Synthesis(shape)
        self.mapping = Mapping(
            z_dim, c_dim, shape.w_dim, self.num_ws, mapping_layers, mapping_lr_multiplier, w_avg_beta
        )

    @property
    def num_ws(self) -> int:
        """Layers that take a w."""
        return self.synthesis.num_ws

    def forward(
        self,
        z: torch.Tensor,
        c: torch.Tensor | None,
        *,
        truncation_psi: float = 1.0,
        truncation_cutoff: int | None = None,
        noise: Noise | None = None,
    ) -> torch.Tensor:
        """Images [N, C, R, R] in about [-1, 1], float32."""
        ws = self.mapping(z, c, truncation_psi=truncation_psi, truncation_cutoff=truncation_cutoff)
        images: torch.Tensor = self.synthesis(ws, noise)
        return images
