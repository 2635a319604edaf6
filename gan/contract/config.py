"""`config.json` of a run: what to train, on what, how long. Typed, complete and written first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from gan.contract.jsonfile import read_json, write_json


@dataclass(frozen=True)
class RunConfig:
    """One run's settings. Paths may be relative to the run folder."""

    data: str
    """A snapshot's split in the StyleGAN tools' layout: folder or zip with `dataset.json`."""
    resolution: int
    """Pixels a side; a power of two from 16."""
    classes: tuple[str, ...] = ()
    """Class names in the order of the labels; empty trains without classes."""
    channels: int = 1
    """1 grey, 3 colour."""
    family: str = "stylegan2"
    options: Mapping[str, Any] = field(default_factory=dict)
    """The family's own `Config` fields."""
    batch: int = 16
    """Images an optimiser step, over all devices."""
    micro_batch: int = 0
    """Most images that a device takes at a time, gradients being added up; 0: all that it has to."""
    goal_kimg: float = 100.0
    """Thousands of real images to show in this run (counted from `start_kimg` 0 of this run)."""
    tick_kimg: float = 0.5
    """Progress at least this often."""
    sample_kimg: float = 2.0
    checkpoint_kimg: float = 4.0
    checkpoint_minutes: float = 5.0
    """A checkpoint at least this often, whichever comes first."""
    keep_checkpoints: int = 3
    """Older ones are removed; the newest are kept."""
    mirror: bool = False
    """Also show every image mirrored."""
    weight_by: str = "frame"
    """`frame`: every image is equally likely; `embryo`: every embryo is, however many images it has."""
    evaluate_kimg: float = 0.0
    """The generator is scored at each multiple of so many kimg and at the goal; 0: never."""
    evaluate_per_class: int = 200
    """Images made of each class for an evaluation."""
    evaluate_features: str = "auto"
    """`auto` (Inception where its weights are), `inception`, `encoder`."""
    encoder_steps: int = 400
    """Training steps of the in-domain encoder: part of what it is."""
    best_by: str = "kernel_distance"
    """The figure whose lowest value names the best checkpoint: `kernel_distance` or `frechet_distance`."""
    wandb: str = ""
    """Project at Weights & Biases that the run is also logged to; empty: none."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1`, `mps`."""
    precision: str = "auto"
    """`auto`, `float32`, `bfloat16`, `float16`: of the highest resolutions, where a family can."""
    threads: int = 0
    """CPU threads; 0 leaves the library's choice."""
    seed: int = 0
    start_from: str | None = None
    """A checkpoint folder whose networks this run starts from; mismatched tensors are skipped and listed."""
    reward: str | None = None
    """The folder of an expert scorer whose probability of perfect and right class the generator also learns
    to raise; fine-tuning only, so it needs `start_from`."""
    reward_weight: float = 0.3
    """Of the reward in the generator's loss; 0 reports the scorer's probabilities and changes nothing."""
    preset: str = ""
    """The preset's name, for the record."""


def write_config(path: Path, config: RunConfig) -> None:
    """Writes the configuration atomically."""
    write_json(path, {"v": 1, **asdict(config)})


def read_config(path: Path) -> RunConfig:
    """Reads a configuration; unknown keys are ignored, absent ones take their defaults.

    Raises:
        OSError, ValueError: absent, unreadable or not a configuration.
    """
    value = read_json(path)
    if not isinstance(value, dict) or "data" not in value or "resolution" not in value:
        raise ValueError(f"{path} is not a run's configuration: it lacks data or resolution")
    known = {f.name for f in fields(RunConfig)}
    chosen = {k: v for k, v in value.items() if k in known}
    chosen["classes"] = tuple(chosen.get("classes", ()))
    return RunConfig(**chosen)
