"""An in-domain encoder: features of a small network trained on the project's own real frames.

Every laboratory has it without the internet, and ImageNet's features may not suit embryos (the source's own
criticism of FID). Its figures compare models within one project and are named as such, never as FID.

It learns to tell images apart: two random views of one image should be nearer than views of different images
(Chen et al. 2020, "A simple framework for contrastive learning", eq. 1).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.data.decode import Pixels
from gan.metrics.extractors.base import Extracted, Identity
from gan.metrics.extractors.resizing import FILTER, resized

SIDE = 64
FEATURES = 128
_TEMPERATURE = 0.2


@dataclass(frozen=True)
class EncoderTraining:
    """How the encoder is trained; part of its identity through its weights."""

    steps: int = 400
    batch: int = 64
    """Images a step, two views each; no more than there are."""
    learning_rate: float = 1e-3
    seed: int = 0


class EncoderExtractor:
    """Features [N, 128] of a trained encoder."""

    def __init__(self, network: nn.Module, device: torch.device | str = "cpu", batch: int = 256) -> None:
        self._network = network.to(device).eval()
        self._device, self._batch = device, batch
        self.identity = Identity("in-domain encoder", _hash(network), f"{FILTER} to {SIDE}", FEATURES)

    def extract(self, images: Pixels) -> Extracted:
        """Features; see the seam."""
        parts = [self._one(images[at : at + self._batch]) for at in range(0, len(images), self._batch)]
        return Extracted(np.concatenate(parts))

    @torch.no_grad()
    def _one(self, images: Pixels) -> np.ndarray:
        features: np.ndarray = self._network(prepared(images).to(self._device)).cpu().numpy()
        return features


def prepared(images: Pixels) -> Tensor:
    """Images [N, C, H, W] (0 to 255) as grey [N, 1, 64, 64] in [-1, 1]."""
    return torch.from_numpy(resized(images, SIDE)).mean(1, keepdim=True) / 127.5 - 1


def build_encoder() -> nn.Sequential:
    """Five strided convolutions with group normalisation (no statistics that depend on the batch)."""
    widths = (1, 32, 64, 128, 128, FEATURES)
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.GroupNorm(8, outputs), nn.SiLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def train_encoder(
    images: Pixels, training: EncoderTraining, device: torch.device | str = "cpu"
) -> nn.Sequential:
    """Trains on real images [N, C, H, W]; deterministic by seed on the CPU.

    Raises:
        ValueError: fewer than eight images.
    """
    if len(images) < 8:
        raise ValueError(f"an in-domain encoder needs at least eight real images, not {len(images)}")
    rng = torch.Generator().manual_seed(training.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        network, head = build_encoder().to(device), _head().to(device)
    data = prepared(images)
    parameters = [*network.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, training.learning_rate, weight_decay=1e-4)
    for _ in range(training.steps):
        chosen = data[torch.randperm(len(data), generator=rng)[: training.batch]]
        pair = torch.cat([_view(chosen, rng), _view(chosen, rng)]).to(device)
        optimiser.zero_grad()
        _contrast(head(network(pair))).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return network


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.ReLU(), nn.Linear(FEATURES, 64))


def _contrast(projected: Tensor) -> Tensor:
    unit = F.normalize(projected, dim=1)
    similarity = unit @ unit.T / _TEMPERATURE
    similarity.fill_diagonal_(float("-inf"))
    n = len(unit) // 2
    partner = torch.arange(2 * n, device=unit.device).roll(n)
    return F.cross_entropy(similarity, partner)


def _view(images: Tensor, rng: torch.Generator) -> Tensor:
    """A random crop (64 to 100 %), flip, quarter turn, brightness and contrast of each image."""
    n = len(images)
    scale = 0.8 + 0.2 * torch.rand(n, generator=rng)
    shift = (torch.rand(n, 2, generator=rng) * 2 - 1) * (1 - scale[:, None])
    flip = torch.randint(0, 2, (n,), generator=rng) * 2.0 - 1
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = scale * flip, scale, shift
    turned = torch.rot90(images, int(torch.randint(0, 4, (1,), generator=rng)), (2, 3))
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    view = F.grid_sample(turned, grid, align_corners=False, padding_mode="reflection")
    gain = 0.8 + 0.4 * torch.rand(n, 1, 1, 1, generator=rng)
    return view * gain + (torch.rand(n, 1, 1, 1, generator=rng) - 0.5) * 0.3


def _hash(network: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
