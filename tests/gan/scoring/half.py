"""A scorer that calls about half of a network's pictures perfect: for tests of choosing, not of learning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gan.contract.jsonfile import write_json
from gan.contract.scorer_folder import SCORER_FILE, SCORER_NETWORK
from gan.data.pictures import to_pixels
from gan.scoring.calibration import Platt
from gan.scoring.network import ScorerNetwork, logits
from gan.scoring.scorer import write_network
from gan.scoring.table import prepared
from gan.training.latents import latents
from gan.training.networks import open_network


def write_half_scorer(folder: Path, network: Path, classes: Sequence[str]) -> Path:
    """Writes the scorer of a run's or checkpoint's network into `folder`, which is there."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        judge = ScorerNetwork(len(classes)).eval()
    generator = open_network(network, "cpu")
    labels = torch.arange(60) % len(classes)
    z = latents(range(900, 960), generator.family.z_dim)
    pictures = [part.numpy() for part in generator.images(z, labels, 1.0, "const")]
    found = logits(judge, prepared(to_pixels(np.concatenate(pictures))), labels.numpy())[:, 0]
    steep = float(2 / found.std())
    perfect = Platt(steep, -steep * float(np.median(found)))
    id_ = write_network(folder / SCORER_NETWORK, judge, perfect, Platt(0.0, 9.0))
    said = {"id": id_, "classes": list(classes), "useful": True, "uses_class": False}
    write_json(folder / SCORER_FILE, {**said, "sentence": "For a test."})
    return folder
