"""Non-saturating losses (Goodfellow 2014), R1 (Mescheder et al. 2018), path length (Karras et al. 2020)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch.nn import functional as F


class PathLength(NamedTuple):
    """Terms of the path-length penalty."""

    penalty: torch.Tensor
    """[N] squared distance of each length from the running mean."""
    mean: torch.Tensor
    """The running mean after this batch; the penalty's gradient flows through it too."""
    lengths: torch.Tensor
    """[N]."""


def generator_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """-log D(G(z)) for each image: softplus of the negative logits [N, 1]."""
    return F.softplus(-fake_logits)


def fake_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """-log(1 - D(G(z))) for each image [N, 1]."""
    return F.softplus(fake_logits)


def real_loss(real_logits: torch.Tensor) -> torch.Tensor:
    """-log D(x) for each image [N, 1]."""
    return F.softplus(-real_logits)


def r1_penalty(images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """Squared gradient of the logits by the images, summed over pixels [N] (Mescheder et al. 2018, R1).

    Args:
        images: real images before augmentation, with gradient [N, C, H, W].
        logits: the discriminator's answer [N, 1].
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3))


def path_length(
    images: torch.Tensor, ws: torch.Tensor, noise: torch.Tensor, mean: torch.Tensor, decay: float = 0.01
) -> PathLength:
    """Penalty on how unevenly steps of w change the image (Karras et al. 2020, eq. 4).

    Args:
        images: [N, C, H, W], made from ws.
        ws: [N, num_ws, w_dim] with gradient.
        noise: a normal field of the images' shape.
        mean: the running mean of the lengths.
        decay: how far it moves towards this batch's mean.
    """
    height, width = images.shape[2:]
    (jacobian,) = torch.autograd.grad(
        (images * noise).sum() / math.sqrt(height * width), ws, create_graph=True
    )
    lengths = jacobian.square().sum(dim=2).mean(dim=1).sqrt()
    mean = mean.lerp(lengths.mean(), decay)
    return PathLength((lengths - mean).square(), mean, lengths)
