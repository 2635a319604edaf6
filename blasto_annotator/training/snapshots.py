"""Built snapshots of a project, as training needs them."""

from __future__ import annotations

from blasto_annotator.domain.errors import UserError
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS, SnapshotInfo, read_snapshot


def find_snapshot(project: Project, text: str) -> SnapshotInfo:
    """The one snapshot whose id starts with `text`.

    Raises:
        UserError: there is none, there are several, or it is damaged.
    """
    found = sorted(path.parent for path in project.snapshots.glob("*/snapshot.json"))
    fitting = [folder for folder in found if folder.name.startswith(text)]
    if len(fitting) != 1:
        known = ", ".join(folder.name for folder in found) or "none yet"
        problem = "is not unique" if fitting else "does not exist"
        raise UserError(f"Snapshot {text} {problem} in {project.folder}; there are: {known}.")
    try:
        return read_snapshot(fitting[0])
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"Snapshot {fitting[0].name} is damaged ({error}): remove its folder, and build it again."
        ) from error


def counts_sentence(built: SnapshotInfo) -> str:
    """`Snapshot ab12: train 70 (good 20, ...), val 14 (...), test 14 (...); at 32 px.`"""
    parts = []
    for split in SPLITS:
        counts = built.counts.get(split, {})
        groups = ", ".join(f"{name} {counts.get(name, 0)}" for name in built.classes)
        parts.append(f"{split} {sum(counts.values())} ({groups})")
    return f"Snapshot {built.id}: {'; '.join(parts)}; at {built.size} px."
