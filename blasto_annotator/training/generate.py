"""Generates a batch of images in a child process."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from blasto_annotator.training.command import NO_WINDOW, child_environment, gan_command
from blasto_annotator.training.disk import require_space
from blasto_annotator.training.models import find_checkpoint, read_checkpoint
from blasto_annotator.training.process import POLL_SECONDS
from gan.contract.batch_folder import BatchInfo, read_batch
from gan.contract.scorer_folder import ScorerInfo

BYTES_PER_PIXEL = 1.2
"""A grey PNG of noisy texture, from above."""


@dataclass(frozen=True)
class Bar:
    """What a generated image must reach to enter a batch."""

    scorer: ScorerInfo
    accept: float = 0.5
    """Least probability of perfect and right; 0 lets all in, scored."""


@dataclass(frozen=True)
class _Watch:
    """What the caller wants to hear and may say while images are generated."""

    total: int
    progress: Callable[[int, int], None] | None
    cancelled: Callable[[], bool] | None

    def look(self, folder: Path) -> None:
        if self.cancelled is not None and self.cancelled():
            raise UserError("Generating was cancelled; nothing of the batch was kept.")
        if self.progress is not None:
            self.progress(sum(1 for _ in folder.glob("images/*.png")), self.total)


def generate_batch(
    project: Project,
    run_or_checkpoint: Path,
    per_class: int,
    seed: int | None = None,
    truncation: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
    who: str = "",
    cancelled: Callable[[], bool] | None = None,
    bar: Bar | None = None,
    name: str = "",
) -> Path:
    """Generates `per_class` images of each class into a new folder under `batches/`; returns the folder.

    `name` is the folder's, one that sorts by time where not given. With a bar, images are made until the
    scorer has accepted so many of each class, or the tries end. `seed` is the first image's; drawn where not
    given, far from the first seeds, whose images everybody saw who watched the training.
    `progress` is told images done and images in all. Nothing is left of a batch that failed.

    Raises:
        UserError: no such checkpoint, no room, cancelled, or the generator ended with a sentence.
    """
    if per_class < 1:
        raise UserError(f"A batch needs at least one image a class, not {per_class}.")
    checkpoint = find_checkpoint(project, str(run_or_checkpoint))
    description = read_checkpoint(checkpoint)
    total = per_class * max(1, len(description.get("classes", ())))
    pixels = int(description.get("resolution", 256)) ** 2
    require_space(project.batches, total * pixels * BYTES_PER_PIXEL / 1e6 + 20, "The batch")
    folder = project.batches / (name or new_batch(project))
    first = _unseen_seed() if seed is None else seed
    command = [*_command(checkpoint, folder, per_class, first, truncation), *_of_scorer(bar)]
    _run(command, folder, _Watch(total, progress, cancelled))
    if progress is not None:
        progress(total, total)
    facts: dict[str, object] = {
        "checkpoint": checkpoint.name,
        "run": _run_name(checkpoint),
        "per_class": per_class,
        "seed": first,
    }
    if bar is not None:
        facts |= {"scorer": bar.scorer.id, "accept": bar.accept}
    project.audit.append(who, "generate", f"batch:{folder.name}", None, {**facts, "truncation": truncation})
    return folder


def _unseen_seed() -> int:
    """A round number that no round, no sample of a training and hardly another batch has."""
    return (1_000 + secrets.randbelow(1_000)) * 1_000_000


def _of_scorer(bar: Bar | None) -> Sequence[str]:
    return () if bar is None else ("--scorer", str(bar.scorer.path), "--accept", str(bar.accept))


def list_batches(project: Project) -> list[Path]:
    """Folders of complete batches, newest first."""
    return sorted((path.parent for path in project.batches.glob("*/batch.json")), reverse=True)


def new_batch(project: Project) -> str:
    """A batch's name that is free and sorts by time."""
    stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not (project.batches / name).exists())


def accepted_sentences(info: BatchInfo) -> list[str]:
    """For each class, how many images the scorer accepted of how many; nothing where it chose none."""
    if not by_scorer(info.scorer):
        return []
    found = (info.scorer or {}).get("classes", {})
    return [
        f"{name or 'Images'}: {said['accepted']} accepted of {said['tries']} ({said['rate']:.1%})."
        for name, said in found.items()
    ]


def by_scorer(said: Mapping[str, Any] | None) -> bool:
    """Whether the scorer chose a batch's images, by what the batch says of it; asking 0 it only notes."""
    return bool(said) and float((said or {}).get("accept", 0.0)) > 0


def _command(checkpoint: Path, folder: Path, per_class: int, seed: int, truncation: float) -> Sequence[str]:
    options = {
        "--network": checkpoint,
        "--batch-dir": folder,
        "--per-class": per_class,
        "--seed": seed,
        "--truncation": truncation,
        "--run": _run_name(checkpoint),
    }
    return gan_command(["generate", *(str(part) for pair in options.items() for part in pair)])


def _run(command: Sequence[str], folder: Path, watch: _Watch) -> None:
    """Runs the generator to its end; clears up and raises where it fails."""
    try:
        with tempfile.TemporaryFile() as errors:
            code = _wait(command, errors, folder, watch)
            errors.seek(0)
            said = errors.read().decode("utf-8", errors="replace")
        if code != 0:
            raise UserError(_complaint(said))
        read_batch(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _wait(command: Sequence[str], errors: IO[bytes], folder: Path, watch: _Watch) -> int:
    child = subprocess.Popen(
        command,
        env=child_environment(leashed=True),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        creationflags=NO_WINDOW,
    )
    try:
        while True:
            try:
                return child.wait(timeout=POLL_SECONDS)
            except subprocess.TimeoutExpired:
                watch.look(folder)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _complaint(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "The generator ended without a message; try again or choose another run."


def _run_name(checkpoint: Path) -> str:
    """The run's name; empty for a checkpoint that stands alone."""
    return checkpoint.parent.parent.name if checkpoint.parent.name == "checkpoints" else ""
