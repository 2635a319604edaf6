"""Checkpoints on disk: `checkpoints/kimg-000012.345/` with safetensors and JSON, whole or absent.

`networks.safetensors` holds what generating needs (`G_ema/...`, `G/...`, `D/...`); `training.safetensors`
holds what an exact resume needs besides (optimizers, counters, RNG); `checkpoint.json` describes both.
The folder is written under a temporary name and renamed when complete.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gan.contract.jsonfile import read_json, write_json

NETWORKS = "networks.safetensors"
TRAINING = "training.safetensors"
KEEP = "KEEP"
"""An empty file of this name in a checkpoint's folder keeps it from being pruned: somebody relies on it."""
AT_BEST = "@best"
"""After a run's path: its best checkpoint."""
BEST = "best.json"
"""Beside the checkpoints: which of them the evaluations found best, and by what."""
DESCRIPTION = "checkpoint.json"
"""JSON: v, family, options, resolution, channels, classes, kimg, iteration, ada_p, run, snapshot,
start_from, reward (null, or scorer and weight), preset, app_version, created_utc,
networks_sha256 (identifies the model)."""


def folder_name(kimg: float) -> str:
    """`kimg-000012.345`: sorts by age."""
    return f"kimg-{kimg:010.3f}"


def list_checkpoints(folder: Path) -> list[Path]:
    """Complete checkpoints under `checkpoints/`, oldest first."""
    return sorted(path.parent for path in folder.glob(f"kimg-*/{DESCRIPTION}"))


def describe_checkpoint(folder: Path) -> dict[str, Any]:
    """The checkpoint's description.

    Raises:
        OSError, ValueError: absent, unreadable or not a checkpoint.
    """
    value = read_json(folder / DESCRIPTION)
    if not isinstance(value, dict) or "family" not in value:
        raise ValueError(f"{folder} is not a checkpoint: {DESCRIPTION} names no family")
    return value


@dataclass(frozen=True)
class Best:
    """What `best.json` says: the checkpoint with the lowest value of a figure, and what the figure is."""

    checkpoint: str
    """Its folder's name."""
    kimg: float
    metric: str
    """`kernel_distance` or `frechet_distance`."""
    value: float
    n: int
    """Generated images behind the value."""
    features: str
    """The extractor, its hash and its resize: only values with the same may be compared."""


def write_best(folder: Path, best: Best) -> None:
    """Names the best checkpoint under `checkpoints/`, atomically.

    Raises:
        OSError: it cannot be written.
    """
    write_json(folder / BEST, {"v": 1, **asdict(best)})


def read_best(folder: Path) -> Best | None:
    """The best checkpoint under `checkpoints/`, or None where none is named or it is gone."""
    try:
        value = read_json(folder / BEST)
        best = Best(**{name: value[name] for name in Best.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return best if (folder / best.checkpoint / DESCRIPTION).exists() else None


def named_best(path: Path) -> Path | None:
    """The checkpoint that `RUN@best` names; None for another kind of name, or where no best is known."""
    if not path.name.endswith(AT_BEST) or path.exists():
        return None
    checkpoints = path.with_name(path.name.removesuffix(AT_BEST)) / "checkpoints"
    best = read_best(checkpoints)
    return checkpoints / best.checkpoint if best else None
