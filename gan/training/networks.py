"""A trained network taken up for use: from a run, a checkpoint or a converted file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from gan.contract.errors import UserError
from gan.training.building import build_family
from gan.training.checkpoints import describe, newest_checkpoint, read_networks
from gan.training.device import choose_machine
from gan.training.family import Family, Setting
from gan.training.starting import load_networks


@dataclass(frozen=True)
class Network:
    """A generator and what its checkpoint says of it."""

    path: Path
    family: Family
    description: dict[str, Any]
    device: torch.device

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.description["classes"])

    def images(
        self, z: torch.Tensor, labels: torch.Tensor, truncation: float, noise: str, at_once: int = 16
    ) -> Iterator[torch.Tensor]:
        """Images [n, C, H, W] in about [-1, 1], float32, on the CPU, a few at a time, in order."""
        for start in range(0, len(z), at_once):
            part = slice(start, start + at_once)
            made = self.family.sample(
                z[part].to(self.device), labels[part].to(self.device), truncation, noise
            )
            yield made.float().cpu()


def open_network(path: Path, device: str = "auto") -> Network:
    """The network at `path`: a checkpoint, a run (its newest checkpoint) or a converted safetensors file.

    Raises:
        UserError: there is none, or it cannot be read or built.
    """
    checkpoint = newest_checkpoint(path)
    if checkpoint is None:
        raise UserError(f"{path} is neither a checkpoint nor a run with one: name one of them.")
    machine = choose_machine(device, "float32", 0)
    try:
        said = describe(checkpoint)
        setting = Setting(
            int(said["resolution"]),
            int(said["channels"]),
            len(said["classes"]),
            1,
            machine.device,
            machine.precision,
        )
        family = build_family(str(said["family"]), dict(said["options"]), setting)
        skipped = load_networks(family, read_networks(checkpoint))
    except (OSError, KeyError) as error:
        raise UserError(f"{checkpoint} cannot be read ({error}): choose another checkpoint.") from error
    missing = [name for name in skipped if name.startswith("G_ema/")]
    if missing:  # half a generator would make misleading pictures
        raise UserError(f"{checkpoint} lacks {missing[0]} of its generator: choose another checkpoint.")
    return Network(checkpoint, family, said, machine.device)
