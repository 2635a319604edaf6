"""The inputs and the passes of a training step: what is drawn, and which loss each phase backs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from gan.families.stylegan2.discriminator import Discriminator
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.losses import (
    PathLength,
    fake_loss,
    generator_loss,
    path_length,
    r1_penalty,
    real_loss,
)
from gan.families.stylegan2.synthesis import Noise

Labels = torch.Tensor | None
"""One-hot labels [N, c_dim]; None without classes."""


@dataclass(frozen=True)
class Latents:
    """What a phase generates from."""

    z: torch.Tensor
    """[N, z_dim]."""
    c: Labels


@dataclass(frozen=True)
class StepInputs:
    """Everything that a step draws before it starts, and its real images."""

    generator: Latents
    path: Latents | None
    """None where the path-length phase is not due."""
    path_field: torch.Tensor | None
    """Normal field of the path phase's images [N, C, H, W]."""
    discriminator: Latents
    real: Latents
    """`z` holds the real images [N, C, H, W]."""
    r1: bool
    """Whether the R1 phase is due."""


@dataclass(frozen=True)
class Game:
    """The two networks and how a step plays them."""

    G: Generator
    D: Discriminator
    augment: Callable[[torch.Tensor], torch.Tensor]
    noise: Noise
    mixing_prob: float
    rng: torch.Generator


def generate(game: Game, latents: Latents) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [N, C, H, W] and their ws [N, num_ws, w_dim]; moves the average of w."""
    ws = game.G.mapping(latents.z, latents.c, update_average=True)
    if game.mixing_prob > 0:
        ws = mix_styles(game, ws, latents)
    return game.G.synthesis(ws, game.noise), ws


def mix_styles(game: Game, ws: torch.Tensor, latents: Latents) -> torch.Tensor:
    """With probability `mixing_prob`, layers from a random cut on take a second latent of the same label."""
    layers = ws.shape[1]
    other = game.G.mapping(_normal_like(latents.z, game.rng), latents.c)
    device = ws.device
    cut = torch.randint(1, layers, (1,), generator=game.rng, device=device)
    mixed = torch.rand(1, generator=game.rng, device=device) < game.mixing_prob
    kept = (torch.arange(layers, device=device) < cut) | ~mixed
    return torch.where(kept[None, :, None], ws, other)


def back_generator(game: Game, latents: Latents) -> tuple[torch.Tensor, torch.Tensor]:
    """Backs the generator's main loss; returns losses and logits [N, 1]."""
    images, _ = generate(game, latents)
    logits = game.D(game.augment(images), latents.c)
    loss = generator_loss(logits)
    torch.autograd.backward(loss.mean())
    return loss.detach(), logits.detach()


def back_path(
    game: Game, latents: Latents, field: torch.Tensor, mean: torch.Tensor, *, weight: float, decay: float
) -> PathLength:
    """Backs the path-length penalty times `weight`; returns its terms."""
    images, ws = generate(game, latents)
    terms = path_length(images, ws, field, mean, decay)
    torch.autograd.backward(terms.penalty.mean() * weight)
    return PathLength(*(term.detach() for term in terms))


def back_fake(game: Game, latents: Latents) -> tuple[torch.Tensor, torch.Tensor]:
    """Backs the discriminator's loss on generated images; returns losses and logits [N, 1]."""
    with torch.no_grad():
        images, _ = generate(game, latents)
    logits = game.D(game.augment(images), latents.c)
    loss = fake_loss(logits)
    torch.autograd.backward(loss.mean())
    return loss.detach(), logits.detach()


@dataclass(frozen=True)
class RealTerms:
    """What the discriminator did with real images."""

    logits: torch.Tensor
    """[N, 1]."""
    loss: torch.Tensor
    """[N, 1]."""
    penalty: torch.Tensor | None
    """Squared gradients [N], where R1 was asked for."""


def back_real(game: Game, real: Latents, *, main: bool, r1_weight: float) -> RealTerms:
    """Backs the loss on real images, R1 times `r1_weight` (0 leaves it out), or both at once."""
    images = real.z.detach().requires_grad_(r1_weight > 0)
    logits = game.D(game.augment(images), real.c)
    loss = real_loss(logits)
    total = loss.mean() if main else logits.sum() * 0
    penalty = None
    if r1_weight > 0:
        penalty = r1_penalty(images, logits)
        total = total + penalty.mean() * r1_weight
    torch.autograd.backward(total)
    return RealTerms(logits.detach(), loss.detach(), None if penalty is None else penalty.detach())


def _normal_like(x: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    return torch.randn(x.shape, generator=rng, device=x.device)
