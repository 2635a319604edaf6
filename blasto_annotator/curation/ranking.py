"""A small model that says of which frames it is least sure, so that a grader may see those first.

Histograms of oriented gradients (Dalal and Triggs 2005) of small thumbnails, then logistic regression over
the quality groups of the labels so far; uncertainty is the entropy of its answer. It runs in a process of its
own: nothing of it is ever shown beside a frame, and no label comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.imaging.decode import Grey
from blasto_annotator.imaging.errors import ImageError
from blasto_annotator.imaging.thumbs import thumbnail
from blasto_annotator.store import Project
from blasto_annotator.store.strategies import RANKING
from gan.contract.jsonfile import write_json

SIDE = 64
LEAST_EACH = 3
"""Labels of a group, below which the group is left out."""
_MODEL_SEED = 0


@dataclass(frozen=True)
class Ranked:
    """What a ranking did."""

    trained_on: int
    groups: tuple[str, ...]
    ranked: int
    unreadable: int
    file: Path


def rank_frames(
    project: Project, grader: str | None = None, limit: int = 2000,
    progress: Callable[[int, int], None] | None = None,
) -> Ranked:  # fmt: skip
    """Trains on the labels that stand (of one grader, or of all) and ranks frames without a label.

    At most `limit` frames are ranked: of each embryo those that spread evenly over its time.

    Raises:
        UserError: too few labels to tell groups apart.
    """
    images, groups, labelled = _material(project, grader)
    kept = [name for name in sorted(set(groups)) if groups.count(name) >= LEAST_EACH]
    if len(kept) < 2:
        raise UserError(
            f"Too few labels to rank frames: grade at least {LEAST_EACH} frames of each of two groups first."
        )
    candidates = _candidates(project, labelled, limit)
    total = len(images) + len(candidates)
    step: Callable[[int], None] = lambda done: progress(done, total) if progress is not None else None  # noqa: E731
    known = [(_features(project, frame), group) for frame, group in zip(images, groups, strict=True)]
    usable = [(seen, group) for seen, group in known if seen is not None and group in kept]
    step(len(images))
    model = _fitted([seen for seen, _ in usable], [group for _, group in usable])
    said: dict[str, tuple[float, str]] = {}
    for number, frame in enumerate(candidates, 1):
        seen = _features(project, frame)
        if seen is not None:
            said[str(frame.id)] = _judged(model, seen)
        step(len(images) + number)
    return _store(project, said, len(usable), tuple(kept), len(candidates) - len(said))


def _material(project: Project, grader: str | None) -> tuple[list[Frame], list[str], set[int]]:
    """Labelled frames, their groups, and which frames carry a label."""
    scheme = project.scheme
    labels = [label for label in project.labels.current(grader) if label.entry is not None]
    frames = project.frames.many(label.frame_id for label in labels)
    images: list[Frame] = []
    groups: list[str] = []
    done: set[int] = set()
    for label in labels:
        frame = frames.get(label.frame_id)
        if frame is None or label.entry is None:
            continue
        done.add(frame.id)
        group = scheme.group_of(label.entry.grade) if label.entry.grade is not None else None
        if group is not None:
            images.append(frame)
            groups.append(group.name)
    return images, groups, done


def _candidates(project: Project, labelled: set[int], limit: int) -> list[Frame]:
    """Middle-plane frames without a label, spread over embryos and over each embryo's time."""
    embryos = project.frames.embryos()
    order = np.random.default_rng(_MODEL_SEED).permutation(len(embryos))
    each = max(limit // max(len(embryos), 1), 1)
    found: list[Frame] = []
    for row in (embryos[int(place)] for place in order[:limit]):
        frames = [f for f in project.frames.of_embryo(row.id) if f.id not in labelled]
        nearest = min((abs(f.plane or 0) for f in frames), default=0)
        middle = [frame for frame in frames if abs(frame.plane or 0) == nearest]
        count = min(each, len(middle))
        found += [middle[round(place)] for place in np.linspace(0, len(middle) - 1, count).tolist()]
    return found[:limit]


def _features(project: Project, frame: Frame) -> NDArray[np.float32] | None:
    """HOG of the thumbnail, [1764]; None where the image cannot be read."""
    try:
        pixels = thumbnail(project.cache, project.frames.file(frame))
    except ImageError:
        return None
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return _hog(np.asarray(small, np.uint8))


def _hog(small: Grey, cell: int = 8, bins: int = 9) -> NDArray[np.float32]:
    """Histograms of unsigned gradients in cells of 8 pixels, blocks of 2 by 2 cells scaled to unit length."""
    grey = small.astype(np.float32)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1)
    size, angle = np.hypot(across, down), np.arctan2(down, across) % np.pi
    bin_of = np.minimum((angle / np.pi * bins).astype(int), bins - 1)
    cells = SIDE // cell
    where = (np.arange(SIDE) // cell)[:, None] * cells + (np.arange(SIDE) // cell)[None, :]
    flat = np.bincount((where * bins + bin_of).ravel(), size.ravel(), cells * cells * bins)
    grid = flat.reshape(cells, cells, bins)
    blocks = np.concatenate([grid[:-1, :-1], grid[1:, :-1], grid[:-1, 1:], grid[1:, 1:]], axis=2)
    norm = np.linalg.norm(blocks, axis=2, keepdims=True) + 1e-3
    seen: NDArray[np.float32] = (blocks / norm).astype(np.float32).ravel()
    return seen


def _fitted(seen: Sequence[NDArray[np.float32]], groups: Sequence[str]) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=500))
    return model.fit(np.stack(seen), list(groups))


def _judged(model: Any, seen: NDArray[np.float32]) -> tuple[float, str]:
    """(entropy of the answer as a share of the largest, likeliest group)."""
    share = model.predict_proba(seen[None])[0]
    entropy = float(-(share * np.log(np.maximum(share, 1e-12))).sum() / np.log(len(share)))
    return round(entropy, 4), str(model.classes_[int(share.argmax())])


def _store(
    project: Project, said: dict[str, tuple[float, str]], trained_on: int, groups: tuple[str, ...], lost: int
) -> Ranked:
    file = project.folder / RANKING
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, {"scheme": project.scheme.name, "frames": said})
    return Ranked(trained_on, groups, len(said), lost, file)
