"""A scorer's two halves: one may teach a generator, the other, of other verdicts, tells whether it learned.

A generator that is trained against a scorer may learn that scorer's mistakes instead of what the expert meant
(Gao, Schulman and Hilton 2023, "Scaling laws for reward model overoptimization"). So the verdicts, and the
embryos of the real frames, are parted: each half trains a network of its own, calibrated on the verdicts of
the other. One goes into the loss, the other only watches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.torch import load, save
from torch import Tensor

from gan.contract.scorer_folder import SCORER_HALVES
from gan.scoring import validation
from gan.scoring.calibration import Platt, Truth, Values, fit_platt, quality
from gan.scoring.network import Logits, ScorerNetwork, ScorerTraining, logits, train_network
from gan.scoring.storing import from_tensors, to_tensors, write_whole
from gan.scoring.table import Numbers, Verdicts

NAMES = ("used", "kept_out")
Own = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Half:
    """A network with its calibration."""

    network: ScorerNetwork
    perfect: Platt
    right_class: Platt


def make_halves(table: Verdicts, folder: Path, training: ScorerTraining, repeats: int) -> dict[str, Any]:
    """Trains both halves and writes them into `folder`; returns what `scorer.json` says of them.

    That is `sha256` and, for each half, how many verdicts trained it, and the quality of its p(perfect), its
    p(right class) and their product on the verdicts of the other.

    Raises:
        OSError: they cannot be written.
    """
    sides = validation.folds_by_image(table, len(NAMES), training.seed)
    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for side, name in enumerate(NAMES):
        own = sides == side
        network = train_network(table, np.flatnonzero(own), training)
        asked = [
            _asked(task, own, logits(network, table.images, table.labels)) for task in validation.tasks(table)
        ]
        tensors |= {
            f"{name}/{key}": value
            for key, value in to_tensors(network, *(one.platt for one in asked)).items()
        }
        qualities = _qualities(table, asked[0], asked[1], (repeats, training.seed))
        facts[name] = {"verdicts": int((own & table.generated).sum()), **qualities}
    return {"sha256": write_whole(folder / SCORER_HALVES, save(tensors)), **facts}


def read_halves(path: Path, sha256: str, classes: int) -> tuple[Half, Half]:
    """The half that may be used, and the one kept out.

    Raises:
        OSError, ValueError, KeyError, RuntimeError, SafetensorError: absent, changed or damaged.
    """
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{path.name} was changed")
    tensors = load(content)
    used, kept_out = (Half(*from_tensors(_of(tensors, name), classes)) for name in NAMES)
    return used, kept_out


def _of(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    mark = f"{name}/"
    return {key.removeprefix(mark): value for key, value in tensors.items() if key.startswith(mark)}


@dataclass(frozen=True)
class _Asked:
    """A half's answers to one question, on the verdicts that it had not seen."""

    rows: Numbers
    p: Values
    truth: Truth
    platt: Platt


def _asked(task: validation.Task, own: Own, scores: Logits) -> _Asked:
    unseen = ~own[task.rows]
    rows, truth = task.rows[unseen], task.truth[unseen]
    found = scores[rows, task.column]
    platt = fit_platt(found, truth)
    return _Asked(rows, platt(found), truth, platt)


def _qualities(table: Verdicts, perfect: _Asked, right: _Asked, how: tuple[int, int]) -> dict[str, Any]:
    chosen = np.isin(right.rows, perfect.rows)
    rated, judged = (validation.ranked(table, one.rows) for one in (perfect, right))
    together = perfect.p * right.p[chosen], perfect.truth & right.truth[chosen]
    found = {
        validation.PERFECT: quality(perfect.p, perfect.truth, *how, rated),
        validation.RIGHT_CLASS: quality(right.p, right.truth, *how, judged),
        validation.BOTH: quality(*together, *how, judged[chosen]),
    }
    return {name: None if one is None else asdict(one) for name, one in found.items()}
