"""Writing, reading and pruning checkpoints: whole or absent."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from gan.contract.checkpoint import (
    DESCRIPTION,
    KEEP,
    NETWORKS,
    TRAINING,
    describe_checkpoint,
    folder_name,
    list_checkpoints,
    named_best,
    read_best,
)
from gan.contract.jsonfile import write_json
from gan.contract.whole_file import put_in_place, whole_file

log = logging.getLogger(__name__)
NETWORK_PREFIXES = ("G/", "D/", "G_ema/")
_HEADER_KEY = "blasto:checkpoint"
_NEEDED = ("family", "options", "resolution", "channels", "classes", "kimg", "networks_sha256")
_READABLE = 0o644
"""The library makes its files for this user alone; colleagues on the same machine read checkpoints too."""
Tensors = dict[str, torch.Tensor]


def write_checkpoint(
    folder: Path, kimg: float, state: Mapping[str, torch.Tensor], description: Mapping[str, Any]
) -> Path:
    """Writes `folder/kimg-.../` with all of `state`; returns its path.

    Written under a temporary name, made durable, then renamed: a reader or a crash sees it whole or not
    at all. A checkpoint of the same kimg is replaced.

    Raises:
        OSError: it cannot be written; nothing is left behind and older checkpoints are untouched.
    """
    final = folder / folder_name(kimg)
    temporary = folder / f"part-{final.name}"
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        folder.mkdir(exist_ok=True)  # not what is above: a run that was moved away is not made anew
        temporary.mkdir()
        _write_contents(temporary, state, description)
        if final.exists():
            shutil.rmtree(final)
        put_in_place(temporary, final)
        _make_durable(folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return final


def read_networks(folder: Path) -> Tensors:
    """Tensors `G/...`, `D/...`, `G_ema/...` of a checkpoint, on the CPU.

    Raises:
        OSError: absent, or damaged: other bytes than were written.
    """
    said = describe(folder)
    if not folder.is_file():
        return _read_tensors(folder / NETWORKS, said["networks_sha256"])
    networks = _read_tensors(folder)
    if _digest(networks) != said["networks_sha256"]:
        raise OSError(f"{folder} is damaged: it holds other bytes than were written")
    return networks


def read_state(folder: Path) -> Tensors:
    """Everything that `write_checkpoint` was given, on the CPU.

    Raises:
        OSError: absent, or damaged: other bytes than were written.
    """
    training = _read_tensors(folder / TRAINING, describe(folder).get("training_sha256"))
    return {**read_networks(folder), **training}


def prune_checkpoints(folder: Path, keep: int) -> None:
    """Removes all but the `keep` newest (at least one), the best and those marked KEEP, and what a crash
    left."""
    best = read_best(folder)
    kept = best.checkpoint if best else ""
    others = [p for p in list_checkpoints(folder) if not (p / KEEP).exists() and p.name != kept]
    for old in others[: -max(keep, 1)]:
        # the description goes first: without it a half removed folder is no checkpoint
        try:
            (old / DESCRIPTION).unlink()
        except PermissionError as error:  # on Windows somebody reads it: the next pruning takes it
            log.info("%s stays: %s", old, error)
        else:
            shutil.rmtree(old, ignore_errors=True)
    for leftover in folder.glob("part-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def set_aside(checkpoint: Path) -> Path:
    """Renames a damaged checkpoint so that it no longer counts as one; returns its new path."""
    aside = checkpoint.with_name(f"damaged-{checkpoint.name}")
    shutil.rmtree(aside, ignore_errors=True)
    return checkpoint.rename(aside)


def newest_checkpoint(path: Path) -> Path | None:
    """`path` itself where it is a checkpoint (a folder, or a converted file), else the newest one of a run;
    `RUN@best` is the one that the run's evaluations found best."""
    best = named_best(path)
    if best is not None:
        return best
    if path.is_file() or (path / DESCRIPTION).exists():
        return path
    found = list_checkpoints(path / "checkpoints")
    return found[-1] if found else None


def describe(checkpoint: Path) -> dict[str, Any]:
    """What `checkpoint.json`, or a converted file's header, says.

    Raises:
        OSError: absent or damaged.
    """
    try:
        said = _header(checkpoint) if checkpoint.is_file() else describe_checkpoint(checkpoint)
    except (ValueError, SafetensorError) as error:
        raise OSError(f"what it says of itself is damaged: {error}") from error
    missing = [name for name in _NEEDED if name not in said]
    if missing:
        raise OSError(f"what it says of itself is damaged: it lacks {', '.join(missing)}")
    return said


def write_single_file(
    path: Path, networks: Mapping[str, torch.Tensor], description: Mapping[str, Any]
) -> None:
    """Writes networks and their description as one safetensors file (what `convert` makes), whole or not at
    all.

    Raises:
        OSError: it cannot be written.
    """
    said = {**description, "v": 1, "networks_sha256": _digest(networks)}
    with whole_file(path) as temporary:
        _write_tensors(temporary, networks, {_HEADER_KEY: json.dumps(said)})


def _header(path: Path) -> dict[str, Any]:
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    if _HEADER_KEY not in metadata and (path.parent / DESCRIPTION).exists():
        raise ValueError(f"it is a part of the checkpoint {path.parent}: name that folder")
    if _HEADER_KEY not in metadata:
        raise ValueError(f"{path} is no converted checkpoint: make one with `python -m gan convert`")
    value: dict[str, Any] = json.loads(metadata[_HEADER_KEY])
    return value


def _write_contents(folder: Path, state: Mapping[str, torch.Tensor], description: Mapping[str, Any]) -> None:
    networks = {name: value for name, value in state.items() if name.startswith(NETWORK_PREFIXES)}
    training = {name: value for name, value in state.items() if name not in networks}
    _write_tensors(folder / NETWORKS, networks)
    _write_tensors(folder / TRAINING, training)
    hashes = {"networks_sha256": _sha256(folder / NETWORKS), "training_sha256": _sha256(folder / TRAINING)}
    write_json(folder / DESCRIPTION, {**description, "v": 1, **hashes})
    _make_durable(folder)


def _write_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: dict[str, str] | None = None
) -> None:
    # copies, because the format refuses tensors that share memory
    ready = {name: value.detach().to("cpu", copy=True).contiguous() for name, value in tensors.items()}
    try:
        save_file(ready, path, metadata)
    except SafetensorError as error:
        raise _system_error(error, path) from error
    path.chmod(_READABLE)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _read_tensors(path: Path, sha256: str | None = None) -> Tensors:
    if sha256 is not None and _sha256(path) != sha256:
        raise OSError(f"{path} is damaged: it holds other bytes than were written")
    try:
        # copies, because the file is mapped: pruning must be able to remove it, and its alignment
        # must not reach the arithmetic
        return {name: value.clone() for name, value in load_file(path).items()}
    except (SafetensorError, ValueError) as error:
        raise OSError(f"{path} is damaged: {error}") from error


def _system_error(error: SafetensorError, path: Path) -> OSError:
    """The library hides the system's error number in its text."""
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1])), path) if number else OSError(str(error))


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names and values in the order of names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_durable(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows offers no way to flush a folder
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
