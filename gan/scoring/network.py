"""The scorer's network and its training on verdicts and real frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.scoring.table import Numbers, Verdicts

_WIDTHS = (1, 16, 32, 48, 64)
Logits = npt.NDArray[np.float64]
"""[N, 2]: of perfect, and of the right class."""
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class ScorerTraining:
    """How it is trained; the same in cross-validation and in the end."""

    steps: int = 400
    """Of 150 verdicts on drawn embryos, 150 steps left an AUC within a class of 0.60 and 0.70 on new images
    (two generators), 400 reached 0.77 and 0.79; 0.51 and 0.64 against 0.68 and 0.78 in the next round."""
    verdicts: int = 40
    """Verdicts a step."""
    real: int = 32
    """Real frames a step."""
    learning_rate: float = 3e-3
    weight_decay: float = 2e-2
    real_weight: float = 1.0
    """Of the real frames' loss. They show what is perfect and what the classes look like, and could teach to
    tell real from generated, which is why no figure is taken from them; a quarter was worse on new images."""
    seed: int = 0


class ScorerNetwork(nn.Module):
    """Four strided convolutions with group normalisation, mean over the image, one logit for perfect and one
    a class."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(_WIDTHS):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride=2, padding=1),
                nn.GroupNorm(8, outputs),
                nn.SiLU(),
            ]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2))
        self.head = nn.Linear(_WIDTHS[-1], 1 + classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [N, 1 + classes] of images [N, 1, 64, 64] in [-1, 1]."""
        found: Tensor = self.head(self.body(images))
        return found


def train_network(table: Verdicts, rows: Rows, training: ScorerTraining) -> ScorerNetwork:
    """Trains on some rows of the table, on the CPU: the same seed and threads give the same network."""
    generated = table.generated
    judged, real = rows[generated[rows]], rows[~generated[rows]]
    random = torch.Generator().manual_seed(training.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        network = ScorerNetwork(len(table.classes)).train()
        optimiser = torch.optim.AdamW(
            network.parameters(), training.learning_rate, weight_decay=training.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, training.learning_rate, total_steps=training.steps
        )
        for _ in range(training.steps):
            optimiser.zero_grad()
            loss = _judged_loss(network, table, _draw(judged, training.verdicts, random), random)
            if len(real):
                chosen = _draw(real, training.real, random)
                loss = loss + training.real_weight * _real_loss(network, table, chosen, random)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return network.eval()


def oriented(network: ScorerNetwork, images: Tensor) -> Tensor:
    """Logits [N, 1 + classes] of images [N, 1, 64, 64]: the mean over eight orientations; differentiable."""
    views = [torch.rot90(view, turn, (2, 3)) for view in (images, images.flip(3)) for turn in range(4)]
    return torch.stack([network(view) for view in views]).mean(0)


@torch.no_grad()
def logits(network: ScorerNetwork, images: Tensor, labels: Numbers, at_once: int = 256) -> Logits:
    """Logits [N, 2] of images [N, 1, 64, 64] shown as these classes [N]: the mean over eight orientations."""
    parts = [torch.zeros(0, network.head.out_features)]
    for start in range(0, len(images), at_once):
        parts.append(oriented(network, images[start : start + at_once]))
    found = torch.cat(parts)
    of_class = found[torch.arange(len(labels)), 1 + torch.from_numpy(labels)]
    return torch.stack([found[:, 0], of_class], 1).double().numpy()


def _judged_loss(network: ScorerNetwork, table: Verdicts, rows: Rows, random: torch.Generator) -> Tensor:
    found = network(_view(table.images[torch.from_numpy(rows)], random))
    place = torch.arange(len(rows))
    right = torch.from_numpy(table.right_class[rows]).float()
    of_class = F.binary_cross_entropy_with_logits(
        found[place, 1 + torch.from_numpy(table.labels[rows])], right
    )
    said = torch.from_numpy(table.perfect[rows])
    known = said >= 0
    if not known.any():
        return of_class
    return of_class + F.binary_cross_entropy_with_logits(found[known, 0], said[known].float())


def _real_loss(network: ScorerNetwork, table: Verdicts, rows: Rows, random: torch.Generator) -> Tensor:
    """A real frame is perfect and right as its own class, and would be wrong as any other."""
    found = network(_view(table.images[torch.from_numpy(rows)], random))
    own = F.one_hot(torch.from_numpy(table.labels[rows]), len(table.classes)).float()
    perfect = F.binary_cross_entropy_with_logits(found[:, 0], torch.ones(len(rows)))
    return perfect + F.binary_cross_entropy_with_logits(found[:, 1:], own)


def _draw(rows: Rows, count: int, random: torch.Generator) -> Rows:
    chosen: Rows = rows[torch.randint(len(rows), (count,), generator=random).numpy()]
    return chosen


def _view(images: Tensor, random: torch.Generator) -> Tensor:
    """Turned, mirrored, a little brighter or darker: an expert's verdict stays the same."""
    turned = torch.rot90(images, int(torch.randint(4, (1,), generator=random)), (2, 3))
    flip = torch.rand(len(images), 1, 1, 1, generator=random) < 0.5
    view = torch.where(flip, turned.flip(3), turned)
    gain = 0.9 + 0.2 * torch.rand(len(images), 1, 1, 1, generator=random)
    return view * gain + 0.1 * (torch.rand(len(images), 1, 1, 1, generator=random) - 0.5)
