"""The facts that `describe` tells, by the kind of thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gan.contract.batch_folder import read_batch
from gan.contract.checkpoint import DESCRIPTION, list_checkpoints, named_best, read_best
from gan.contract.config import read_config
from gan.contract.errors import UserError
from gan.contract.result import read_result
from gan.contract.run_folder import RunFolder
from gan.contract.snapshot_folder import read_snapshot


def facts(path: Path) -> dict[str, Any]:
    """What the thing at `path` is and holds.

    Raises:
        UserError: nothing that we know, or damaged.
    """
    path = named_best(path) or path
    if not path.exists():
        raise UserError(f"There is nothing at {path}.")
    try:
        return _reader(path)(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} cannot be read ({error}).") from error


def _reader(path: Path) -> Callable[[Path], dict[str, Any]]:
    if (path / "config.json").exists():
        return _run
    if (path / DESCRIPTION).exists() or path.suffix == ".safetensors":
        return _checkpoint
    if (path / "snapshot.json").exists():
        return _snapshot
    if (path / "batch.json").exists():
        return _batch
    return _data_set


def _run(path: Path) -> dict[str, Any]:
    run, config = RunFolder(path), read_config(path / "config.json")
    result, best = read_result(run.result), read_best(run.checkpoints)
    checkpoints = [checkpoint.name for checkpoint in list_checkpoints(run.checkpoints)]
    return {
        "kind": "run",
        "path": str(path),
        "state": str(run.state()),
        "checkpoints": checkpoints,
        "best": None if best is None else asdict(best),
        "result": None if result is None else asdict(result),
        "config": asdict(config),
    }


def _checkpoint(path: Path) -> dict[str, Any]:
    from gan.training.checkpoints import describe

    return {"kind": "checkpoint", "path": str(path), **describe(path)}


def _snapshot(path: Path) -> dict[str, Any]:
    info = read_snapshot(path)
    return {
        "kind": "snapshot",
        "path": str(path),
        "id": info.id,
        "size": info.size,
        "classes": list(info.classes),
        "counts": info.counts,
    }


def _batch(path: Path) -> dict[str, Any]:
    value = asdict(read_batch(path))
    return {"kind": "batch", "path": str(path), **value, "classes": list(value["classes"])}


def _data_set(path: Path) -> dict[str, Any]:
    from gan.data.decode import image_size
    from gan.data.listing import read_listing
    from gan.data.source import open_source, read_file

    with open_source(path) as source:
        listing = read_listing(source)
        first = listing.names[0]
        width, height, channels = image_size(read_file(source, first), str(path / first))
    names = dict(enumerate(listing.classes))
    counts = Counter(names.get(label, str(label)) for label in listing.labels or ())
    return {
        "kind": "data set",
        "path": str(path),
        "images": len(listing.names),
        "size": f"{width}x{height}",
        "channels": channels,
        "classes": dict(counts),
    }
