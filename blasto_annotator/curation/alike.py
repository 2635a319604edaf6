"""Frames of one embryo that look the same as one frame: its other planes, and moments around it."""

from __future__ import annotations

from itertools import groupby

from blasto_annotator.domain.frames import Frame
from blasto_annotator.imaging.errors import ImageError
from blasto_annotator.imaging.phash import distance, perceptual_hash
from blasto_annotator.imaging.thumbs import thumbnail
from blasto_annotator.store import Project

NEAR = 4
"""Bits of the perceptual hash that may differ; the same as where snapshots thin."""
MOST = 60
"""No more frames are given."""


def near_identical(project: Project, frame: Frame, grader: str, most: int = MOST) -> list[tuple[Frame, str]]:
    """(frame, content hash) of near-identical frames without a label of the grader, in time order.

    Goes from the frame backwards and forwards through time and ends, either way, at the first moment of which
    no plane looks the same.

    Raises:
        UserError: the frame itself cannot be read.
    """
    wanted = perceptual_hash(thumbnail(project.cache, project.frames.file(frame)))
    moments = [list(group) for _, group in groupby(project.frames.of_embryo(frame.embryo_id), key=_moment)]
    here = next(place for place, moment in enumerate(moments) if any(f.id == frame.id for f in moment))
    labelled = set(project.labels.of_embryo(frame.embryo_id, grader))
    found: list[Frame] = _alike(project, moments[here], wanted)
    for way in (moments[here + 1 :], moments[:here][::-1]):
        for moment in way:
            alike = _alike(project, moment, wanted)
            if not alike or len(found) >= most:
                break
            found += alike
    order = {f.id: place for place, f in enumerate(f for moment in moments for f in moment)}
    free = [f for f in found if f.id != frame.id and f.id not in labelled][:most]
    return [(f, project.frames.ensure_hash(f.id)) for f in sorted(free, key=lambda f: order[f.id])]


def _moment(frame: Frame) -> tuple[int | None, float | None]:
    return frame.index, frame.hpi if frame.index is None else None


def _alike(project: Project, frames: list[Frame], wanted: int) -> list[Frame]:
    return [frame for frame in frames if _looks_like(project, frame, wanted)]


def _looks_like(project: Project, frame: Frame, wanted: int) -> bool:
    """A frame that cannot be read looks like none."""
    try:
        pixels = thumbnail(project.cache, project.frames.file(frame))
    except ImageError:
        return False
    return distance(perceptual_hash(pixels), wanted) <= NEAR
