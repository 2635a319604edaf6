"""Building a snapshot: chosen images into an immutable folder whose name is the hash of its content."""

from __future__ import annotations

import errno
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.curation.selection import Selection, select, settle
from blasto_annotator.curation.snapshot_files import describe, write_images, write_tables
from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from gan.contract.locking import AlreadyLockedError, FileLock
from gan.contract.snapshot_folder import SnapshotInfo, read_snapshot

Progress = Callable[[int, int], None]
_PART = ".part-"


class SnapshotCancelled(UserError):  # noqa: N818 (it is an outcome, said in a sentence)
    """The person stopped the build; nothing is left of it."""


def build(
    project: Project,
    options: SnapshotOptions,
    who: str = "",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SnapshotInfo:
    """Writes the snapshot, or finds it where the same content was written before.

    Raises:
        UserError: nothing to write, no room on the disk, an image gone meanwhile, another build under way.
        SnapshotCancelled: `cancelled` said so.
    """
    watch = _watched(progress, cancelled)
    chosen = select(project, options, watch)
    if not chosen.items:
        raise UserError(_nothing(chosen))
    project.check_present()
    with _alone(project.snapshots), _part_folder(project.snapshots) as part, _sentences(project.snapshots):
        images = write_images(part, chosen.items, options.size, watch)
        description = describe(project, chosen, images, options)
        folder = project.snapshots / str(description["id"])
        known = (folder / "snapshot.json").exists()
        if not known:
            write_tables(part, description, chosen, images)
            shutil.rmtree(folder, ignore_errors=True)  # without snapshot.json it never was one
            part.rename(folder)
    settle(project, options, chosen.splits)
    info = read_snapshot(folder)
    if not known:
        after = {"counts": info.counts, "size": info.size, "classes": list(info.classes)}
        project.audit.append(who, "snapshot", f"snapshot:{info.id}", None, after)
    return info


@contextmanager
def _alone(snapshots: Path) -> Iterator[None]:
    """One build at a time, and nothing left of builds that died."""
    try:
        snapshots.mkdir(exist_ok=True)
        lock = FileLock(snapshots / ".build.lock")
    except AlreadyLockedError as error:
        raise UserError(
            "Another snapshot of this project is being built; try again when it is done."
        ) from error
    except OSError as error:
        raise _cannot_write(snapshots, error) from error
    try:
        for left in snapshots.glob(f"{_PART}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


@contextmanager
def _part_folder(snapshots: Path) -> Iterator[Path]:
    """A folder that is gone afterwards unless it was renamed."""
    part = snapshots / f"{_PART}{uuid.uuid4().hex}"
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _sentences(snapshots: Path) -> Iterator[None]:
    """What the operating system refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(snapshots, error) from error


def _cannot_write(snapshots: Path, error: OSError) -> UserError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"The disk of {snapshots} is full: no snapshot was written. Free some space and build it again."
        )
    return UserError(
        f"The snapshot cannot be written to {snapshots} ({error.strerror}); check that you may write there."
    )


def _watched(progress: Progress | None, cancelled: Callable[[], bool] | None) -> Progress:
    def watch(done: int, total: int) -> None:
        if cancelled is not None and cancelled():
            raise SnapshotCancelled("The snapshot was stopped; nothing was written.")
        if progress is not None:
            progress(done, total)

    return watch


def _nothing(chosen: Selection) -> str:
    reasons = ", ".join(f"{count} ({reason})" for reason, count in chosen.left_out.items())
    why = f" Left out: {reasons}." if reasons else ""
    return f"No labelled frame can enter a snapshot; label frames of expansion 2 to 4 first.{why}"
