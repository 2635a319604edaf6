"""A scorer's network and calibration as tensors, and their file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from gan.contract.whole_file import whole_file
from gan.scoring.calibration import Platt
from gan.scoring.network import ScorerNetwork

_MARK = "calibration/"


def to_tensors(network: ScorerNetwork, perfect: Platt, right: Platt) -> dict[str, Tensor]:
    """Weights by name, and `calibration/perfect` and `calibration/right_class` [2]: slope and offset."""
    tensors = {name: value.detach().contiguous() for name, value in network.state_dict().items()}
    for name, platt in (("perfect", perfect), ("right_class", right)):
        tensors[_MARK + name] = torch.tensor([platt.slope, platt.offset], dtype=torch.float64)
    return tensors


def from_tensors(tensors: Mapping[str, Tensor], classes: int) -> tuple[ScorerNetwork, Platt, Platt]:
    """What `to_tensors` was given, ready to be asked. No number is drawn from torch's default generator.

    Raises:
        KeyError, TypeError, RuntimeError: a tensor is missing or has another shape.
    """
    rest = dict(tensors)
    perfect, right = (rest.pop(_MARK + name).tolist() for name in ("perfect", "right_class"))
    with torch.random.fork_rng(devices=[]):  # a training run's chance must not depend on its scorer
        network = ScorerNetwork(classes)
    network.load_state_dict(rest)
    return network.eval(), Platt(*perfect), Platt(*right)


def write_whole(path: Path, content: bytes) -> str:
    """Writes a file whole or not at all; returns its SHA-256.

    Raises:
        OSError: it cannot be written.
    """
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
    return hashlib.sha256(content).hexdigest()
