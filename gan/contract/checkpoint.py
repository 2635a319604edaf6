"""Checkpoints on disk: `checkpoints/kimg-000012.345/` with safetensors and JSON, whole or absent.

`networks.safetensors` holds what generating needs (`G_ema/...`, `G/...`, `D/...`); `training.safetensors`
holds what an exact resume needs besides (optimizers, counters, RNG); `checkpoint.json` describes both.
The folder is written under a temporary name and renamed when complete.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gan.contract.jsonfile import read_json

NETWORKS = "networks.safetensors"
TRAINING = "training.safetensors"
KEEP = "KEEP"
"""An empty file of this name in a checkpoint's folder keeps it from being pruned: somebody relies on it."""
DESCRIPTION = "checkpoint.json"
"""JSON: v, family, options, resolution, channels, classes, kimg, iteration, ada_p, run, snapshot,
start_from, preset, app_version, created_utc, networks_sha256 (identifies the model)."""


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
