"""An expert scorer as a reward: the logarithm of its calibrated probability, differentiable by the image.

log p is the natural reward of a generator. Where the adversarial loss alone draws what is generated to the
data, the loss minus W E[log p] draws it to the data's density times p^W: at W = 1, to the data given that the
expert would call it perfect and of its class (Levine 2018, "Reinforcement learning and control as
probabilistic inference", with the data as prior).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor
from torch.nn import functional as F

from gan.contract.config import RunConfig
from gan.contract.errors import UserError
from gan.contract.scorer_folder import SCORER_HALVES, ScorerInfo
from gan.scoring.calibration import Platt
from gan.scoring.halves import NAMES, Half, read_halves
from gan.scoring.network import oriented
from gan.scoring.scorer import CHANCE, find_scorer, require_use, used
from gan.scoring.table import looked_at
from gan.scoring.validation import BOTH, PERFECT, RIGHT_CLASS


@dataclass(frozen=True)
class ScorerReward:
    """Both halves of a scorer, frozen: one in the loss, one kept out of it."""

    used: Half
    kept_out: Half
    uses_perfect: bool
    uses_class: bool
    scorer: str
    """Its id."""
    weight: float

    @property
    def facts(self) -> Mapping[str, Any]:
        """For a checkpoint's description."""
        return {"scorer": self.scorer, "weight": self.weight}

    @property
    def digest(self) -> str:
        """SHA-256 of weight, calibrations and networks."""
        found = hashlib.sha256()
        found.update(repr((self.scorer, self.weight, self.uses_perfect, self.uses_class)).encode())
        for half in (self.used, self.kept_out):
            found.update(repr((half.perfect, half.right_class)).encode())
            for name, value in sorted(half.network.state_dict().items()):
                found.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
        return found.hexdigest()

    def judge(self, images: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
        """log p [N] by the half in the loss, with gradient, and p [N] by the other; see the seam."""
        seen = looked_at(images.float().clamp(-1, 1))  # what lies outside is cut off in a file too
        labels = torch.zeros(len(seen), dtype=torch.int64, device=seen.device)
        labels = labels if classes is None else classes.argmax(1)
        log_p = self._log_p(self.used, seen, labels)
        with torch.no_grad():
            return log_p, self._log_p(self.kept_out, seen, labels).exp()

    def _log_p(self, half: Half, images: Tensor, labels: Tensor) -> Tensor:
        found = oriented(half.network, images)
        log_p = torch.zeros(len(images), device=images.device)
        if self.uses_perfect:
            log_p = log_p + _calibrated(half.perfect, found[:, 0])
        if self.uses_class:
            log_p = log_p + _calibrated(half.right_class, found.gather(1, 1 + labels[:, None])[:, 0])
        return log_p


def scorer_reward(config: RunConfig, folder: Path, device: torch.device) -> ScorerReward:
    """The reward that a run's configuration asks for.

    Raises:
        UserError: there is no such scorer, or it cannot serve this run.
    """
    try:
        info = find_scorer(folder)
        require_use(info, config.classes)
        _require_fit(info, config)
        halves = info.facts["halves"]
        first, second = read_halves(folder / SCORER_HALVES, halves["sha256"], len(info.classes))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise UserError(f"The scorer {folder} cannot be read ({error}): train it again.") from error
    for half in (first, second):
        half.network.to(device).requires_grad_(False)
    return ScorerReward(first, second, *used(info), info.id, config.reward_weight)


def _require_fit(info: ScorerInfo, config: RunConfig) -> None:
    """The scorer must know pictures of this size, and each half must tell good ones from others."""
    if "halves" not in info.facts:
        raise UserError(
            f"The scorer {info.path} is of an older version and cannot reward: train it again on its table."
        )
    if config.resolution not in info.facts["sizes"]:
        known = ", ".join(f"{size}x{size}" for size in info.facts["sizes"])
        raise UserError(
            f"The scorer {info.path} knows generated images of {known}, but this run makes "
            f"{config.resolution}x{config.resolution}: train one on verdicts of that size."
        )
    question = {(True, False): PERFECT, (False, True): RIGHT_CLASS}.get(used(info), BOTH)
    for name in NAMES:
        found = info.facts["halves"][name][question]
        if found is None or not found["auc"]["low"] > CHANCE:
            raise UserError(
                f"The scorer {info.path} cannot reward: parted into two halves, chance is not excluded "
                "for one of them. More verdicts help."
            )


def _calibrated(platt: Platt, logits: Tensor) -> Tensor:
    return F.logsigmoid(platt.slope * logits + platt.offset)
