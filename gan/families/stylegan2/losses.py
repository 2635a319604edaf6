"""Non-saturating losses (Goodfellow 2014), R1 (Mescheder et al. 2018), path length (Karras et al. 2020)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch.nn import functional as F


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


def path_lengths(
    images: torch.Tensor, ws: torch.Tensor, noise: torch.Tensor, *, create_graph: bool = True
) -> torch.Tensor:
    """How far a step of w changes each image [N] (Karras et al. 2020, eq. 4).

    Args:
        images: [N, C, H, W], made from ws.
        ws: [N, num_ws, w_dim] with gradient.
        noise: a normal field of the images' shape.
        create_graph: whether gradients of the lengths will be asked for.
    """
    height, width = images.shape[2:]
    (jacobian,) = torch.autograd.grad(
        (images * noise).sum() / math.sqrt(height * width), ws, create_graph=create_graph
    )
    return jacobian.square().sum(dim=2).mean(dim=1).sqrt()


class PathPenalty(NamedTuple):
    """The penalty on lengths l of a batch with mean L: the sum of (l - m)^2, where m is the running mean.

    m has moved from its old value towards L by the share `decay`, and the gradient flows through it too.
    Written out, it needs nothing of the other images but L, so that a batch may be taken in portions.
    """

    batch_mean: torch.Tensor
    """L, over the whole batch."""
    mean: torch.Tensor
    """m, after this batch."""
    decay: float

    @classmethod
    def after(cls, batch_mean: torch.Tensor, mean_before: torch.Tensor, decay: float) -> PathPenalty:
        """With the running mean moved towards this batch's."""
        return cls(batch_mean, mean_before.lerp(batch_mean, decay), decay)

    def of(self, lengths: torch.Tensor) -> torch.Tensor:
        """Penalties [N]."""
        return (lengths - self.mean).square()

    def slopes(self, lengths: torch.Tensor) -> torch.Tensor:
        """Derivative of the batch's summed penalty by each length [N]."""
        return 2 * (lengths - self.mean - self.decay * (self.batch_mean - self.mean))
