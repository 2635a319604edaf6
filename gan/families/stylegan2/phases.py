"""The passes of a training step: which loss each phase backs, for a whole batch or a portion of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gan.families.stylegan2.chance import Generated, Labels, Real
from gan.families.stylegan2.discriminator import Discriminator
from gan.families.stylegan2.generator import Generator
from gan.families.stylegan2.losses import (
    PathPenalty,
    fake_loss,
    generator_loss,
    path_lengths,
    r1_penalty,
    real_loss,
)
from gan.training.portions import Portion, Sums
from gan.training.rewarding import Reward


@dataclass(frozen=True)
class Game:
    """The two networks that play."""

    G: Generator
    D: Discriminator
    reward: Reward | None = None
    """Who else judges what the generator makes."""


@dataclass(frozen=True)
class FakeTerms:
    """What came of generated images."""

    loss: torch.Tensor
    """[N, 1]."""
    logits: torch.Tensor
    """[N, 1]."""
    w: torch.Tensor
    """[N, w_dim], before styles were mixed."""
    rewards: Rewards | None = None


@dataclass(frozen=True)
class Rewards:
    """What the reward's judge says of generated images: probabilities [N]."""

    used: torch.Tensor
    kept_out: torch.Tensor


@dataclass(frozen=True)
class RealTerms:
    """What the discriminator did with real images."""

    logits: torch.Tensor
    """[N, 1]."""
    loss: torch.Tensor
    """[N, 1]."""
    penalty: torch.Tensor | None
    """Squared gradients [N], where R1 was asked for."""


def generate(game: Game, made: Generated) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images [N, C, H, W], their ws [N, num_ws, w_dim], and w [N, w_dim] before styles were mixed."""
    ws = game.G.mapping(made.latents.z, made.latents.c)
    w = ws[:, 0].detach()
    if made.mixing is not None:
        other = game.G.mapping(made.mixing.z, made.latents.c)
        ws = torch.where(made.mixing.kept[None, :, None], ws, other)
    return game.G.synthesis(ws, made.noise), ws, w


def back_generator(game: Game, made: Generated, total: int) -> FakeTerms:
    """Backs the generator's main loss and its reward, as a share of a batch of `total` images."""
    images, _, w = generate(game, made)
    logits = game.D(made.augment(images), made.latents.c)
    loss = generator_loss(logits)
    sums, rewards = loss.sum(), None
    if game.reward is not None:
        sums, rewards = _rewarded(sums, game.reward, images, made.latents.c)
    torch.autograd.backward(sums / total)
    return FakeTerms(loss.detach(), logits.detach(), w, rewards)


def _rewarded(
    loss: torch.Tensor, reward: Reward, images: torch.Tensor, classes: Labels
) -> tuple[torch.Tensor, Rewards]:
    """The summed loss minus the weighted reward; with weight 0 the same numbers as without."""
    learned = reward.weight > 0
    log_p, kept_out = reward.judge(images if learned else images.detach(), classes)
    if learned:
        loss = loss - reward.weight * log_p.sum()
    return loss, Rewards(log_p.detach().exp(), kept_out)


def back_fake(game: Game, made: Generated, total: int) -> FakeTerms:
    """Backs the discriminator's loss on generated images, as a share of a batch of `total` images."""
    with torch.no_grad():
        images, _, w = generate(game, made)
    logits = game.D(made.augment(images), made.latents.c)
    loss = fake_loss(logits)
    torch.autograd.backward(loss.sum() / total)
    return FakeTerms(loss.detach(), logits.detach(), w)


class PathPass:
    """The path-length phase: all lengths first, for the penalty needs their mean; then its gradients.

    A share that is taken at once is measured once; portions are measured again, when their turn has come.
    """

    def __init__(self, game: Game, made: Generated, field: torch.Tensor) -> None:
        self._game, self._made, self._field = game, made, field
        self._kept: torch.Tensor | None = None

    def measure(self, portion: Portion) -> Sums:
        """Summed `length` and `w` [w_dim]."""
        lengths, w = self._lengths(portion.rows, create_graph=portion.whole)
        self._kept = lengths if portion.whole else None
        return {"length": lengths.detach().sum(), "w": w.sum(0)}

    def back(self, portion: Portion, penalty: PathPenalty, weight: float) -> Sums:
        """Backs the penalty times `weight`, as a share of the whole batch's mean."""
        lengths, self._kept = self._kept, None
        if lengths is None:
            lengths, _ = self._lengths(portion.rows, create_graph=True)
        slopes = penalty.slopes(lengths.detach()) * (weight / len(self._made.latents.z))
        torch.autograd.backward(lengths, slopes)
        return {}

    def _lengths(self, rows: torch.Tensor, *, create_graph: bool) -> tuple[torch.Tensor, torch.Tensor]:
        images, ws, w = generate(self._game, self._made.rows(rows))
        return path_lengths(images, ws, self._field[rows], create_graph=create_graph), w


def back_real(game: Game, real: Real, total: int, *, main: bool, r1_weight: float) -> RealTerms:
    """Backs the loss on real images, R1 times `r1_weight` (0 leaves it out), or both at once.

    Each is a share of a batch of `total` images.
    """
    images = real.images.detach().requires_grad_(r1_weight > 0)
    logits = game.D(real.augment(images), real.c)
    loss = real_loss(logits)
    sums = loss.sum() if main else logits.sum() * 0
    penalty = None
    if r1_weight > 0:
        penalty = r1_penalty(images, logits)
        sums = sums + penalty.sum() * r1_weight
    torch.autograd.backward(sums / total)
    return RealTerms(logits.detach(), loss.detach(), None if penalty is None else penalty.detach())
