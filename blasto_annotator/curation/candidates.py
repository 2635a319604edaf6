"""From the current labels to the frames that may enter a snapshot, with the reason for each that may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from blasto_annotator.curation.aggregation import Chosen, choose_labels
from blasto_annotator.curation.items import REAL, Item
from blasto_annotator.curation.options import SnapshotOptions
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import EmbryoRow, Frame
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.labels import Label
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.imaging.burned_in import masks_of
from blasto_annotator.store import Project

Progress = Callable[[int, int], None]
_TELL_EVERY = 100
CHANGED = "the file is gone or has changed since it was graded"


@dataclass(frozen=True)
class Candidates:
    """Frames that may enter, and how many may not for which reason."""

    items: tuple[Item, ...]
    left_out: Counter[str]


def find_candidates(
    project: Project, options: SnapshotOptions, progress: Progress | None = None
) -> Candidates:
    """Labelled, gradable, of a chosen expansion and plane, with a group, and still there."""
    frames, scheme = _Frames(project), project.scheme
    items: list[Item] = []
    labels, left_out = choose_labels(project, options)
    for done, chosen in enumerate(labels, start=1):
        found = _item(chosen, frames, scheme, options)
        if isinstance(found, Item):
            items.append(found)
        else:
            left_out[found] += 1
        if progress is not None and (done % _TELL_EVERY == 0 or done == len(labels)):
            progress(done, len(labels))
    return Candidates(tuple(sorted(items, key=lambda item: item.order)), left_out)


class _Frames:
    """The frames that labels are about."""

    def __init__(self, project: Project) -> None:
        self.project = project
        sources = project.frames.sources()
        self.sources = {source.id: source.name for source in sources}
        self.masks = {source.id: masks_of(source.options) for source in sources}
        self._kin = _kin(project.frames.embryos())

    def of(self, label: Label) -> Frame | None:
        """The frame whose file still has the content that was graded; the graded one before its copies."""
        same = self.project.frames.by_sha256(label.sha256)
        for frame in sorted(same, key=lambda frame: (frame.id != label.frame_id, frame.id)):
            if self._unchanged(frame, label.sha256):
                return frame
        return None

    def kin(self, frame: Frame) -> str:
        return self._kin.get(frame.embryo, frame.embryo)

    def _unchanged(self, frame: Frame, sha256: str) -> bool:
        try:
            return self.project.frames.ensure_hash(frame.id) == sha256
        except UserError:  # counted by the caller with its reason
            return False


def _kin(rows: Iterable[EmbryoRow]) -> Mapping[str, str]:
    """Embryo name to couple. An embryo that has a couple in one source has it in every source."""
    return {row.name: row.couple for row in sorted(rows, key=lambda row: row.id, reverse=True) if row.couple}


def _item(chosen: Chosen, frames: _Frames, scheme: Scheme, options: SnapshotOptions) -> Item | str:
    """The item, or why there is none."""
    label, entry = chosen.label, chosen.label.entry
    if entry is None or entry.grade is None:
        return f"not gradable: {entry.reason if entry else 'withdrawn'}"
    grade, group = entry.grade, scheme.group_of(entry.grade)
    if grade.expansion not in options.expansions:
        return f"expansion {grade.expansion}"
    if group is None:
        return "ICM and TE not graded"
    frame = frames.of(label)
    if frame is None:
        return CHANGED
    if options.planes is not None and frame.plane not in options.planes:
        return "another focal plane"
    return _filled(chosen, grade, frame, group.name, frames)


def _filled(chosen: Chosen, grade: Grade, frame: Frame, class_name: str, frames: _Frames) -> Item:
    label = chosen.label
    return Item(
        path=frames.project.frames.file(frame),
        sha256=label.sha256,
        origin=REAL,
        source=frames.sources[frame.source_id],
        source_file=frame.path,
        class_name=class_name,
        reason=chosen.reason,
        embryo=frame.embryo,
        kin=frames.kin(frame),
        frame_id=frame.id,
        plane=frame.plane,
        index=frame.index,
        hpi=frame.hpi,
        grade=grade,
        masks=frames.masks[frame.source_id],
        grader=label.grader,
    )
