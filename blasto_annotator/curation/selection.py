"""Which images make the next snapshot, in which split, and why the others do not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from blasto_annotator.curation.candidates import find_candidates
from blasto_annotator.curation.items import GENERATED, REAL, Item
from blasto_annotator.curation.options import SnapshotOptions, plural
from blasto_annotator.curation.splits import split_kin
from blasto_annotator.curation.thinning import hash_items, thin
from blasto_annotator.curation.verdicts import choose_generated, explain, read_reviews
from blasto_annotator.store import Project
from gan.contract.snapshot_folder import SPLITS

__all__ = ["Selection", "SnapshotOptions", "SnapshotPreview", "preview", "select", "settle"]

Progress = Callable[[int, int], None]
_TRAIN = SPLITS[0]
_WAYS = {
    "adjudicated": "adjudicated",
    "majority": "by majority",
    "one-coin": "by the one-coin model",
    "dawid-skene": "by Dawid and Skene's model",
}


@dataclass(frozen=True)
class Selection:
    """Everything that a snapshot takes from the project."""

    items: tuple[tuple[Item, str], ...]
    """Image and split, in the order of writing."""
    classes: tuple[str, ...]
    left_out: Mapping[str, int]
    """Reason to images."""
    thinned: int
    """Near-identical frames left out."""
    verdicts: Mapping[str, str]
    """Verdict to a sentence that says what it does."""
    splits: Mapping[str, str]
    """Kin to split."""

    def counts(self, origin: str | None = None) -> dict[str, dict[str, int]]:
        """split -> class -> images."""
        found = Counter(
            (split, item.class_name) for item, split in self.items if origin in (None, item.origin)
        )
        return {split: {name: found[split, name] for name in self.classes} for split in SPLITS}


@dataclass(frozen=True)
class SnapshotPreview:
    """What a snapshot would hold."""

    groups: Mapping[str, Mapping[str, int]]
    """split -> class -> images."""
    generated: Mapping[str, int]
    """Class -> generated images in the training split (counted in `groups` too)."""
    left_out: Mapping[str, int]
    """Reason -> images."""
    thinned: int
    verdicts: Mapping[str, str]
    """Verdict -> what it does, with its count."""
    threshold: int
    """Perceptual hash distance, of 64 bits, up to which frames of an embryo count as near-identical."""
    embryos: int
    train_embryos: int
    images: int
    sentence: str
    warnings: tuple[str, ...]
    """What a person should know before training on it."""
    items: tuple[tuple[Item, str], ...] = ()
    """Every image with its split: the manifest before it is written."""


def preview(project: Project, options: SnapshotOptions, progress: Progress | None = None) -> SnapshotPreview:
    """What `build` would write now; writes nothing but a cache."""
    chosen = select(project, options, progress)
    groups, generated = chosen.counts(), chosen.counts(GENERATED)[_TRAIN]
    train = {item.embryo for item, split in chosen.items if split == _TRAIN and item.origin == REAL}
    return SnapshotPreview(
        groups=groups,
        generated=generated,
        left_out=chosen.left_out,
        thinned=chosen.thinned,
        verdicts=chosen.verdicts,
        threshold=options.thin_distance,
        embryos=_embryos(chosen),
        train_embryos=len(train),
        images=len(chosen.items),
        sentence=_sentence(chosen, options),
        warnings=tuple(_warnings(chosen)),
        items=chosen.items,
    )


def select(project: Project, options: SnapshotOptions, progress: Progress | None = None) -> Selection:
    """Labelled frames, thinned and split by embryo, and the generated images that reviews allow."""
    classes = tuple(group.name for group in project.scheme.groups)
    candidates = find_candidates(project, options, progress)
    left_out = Counter(candidates.left_out)
    hashes, damaged = hash_items(project.cache, candidates.items, progress)
    left_out.update(damaged[item.sha256] for item in candidates.items if item.sha256 in damaged)
    whole = [item for item in candidates.items if item.sha256 not in damaged]
    real = thin(whole, hashes, options.thin_distance)
    splits = split_kin(real, classes, options.splits, options.seed, _settled(project, options))
    placed = [(item, splits[item.kin]) for item in real]
    reviewed = read_reviews(project)
    training = Counter(item.class_name for item, split in placed if split == _TRAIN)
    wanted = {name: training[name] for name in classes}
    generated, refused = choose_generated(project, reviewed, options, wanted)
    left_out.update(refused)
    placed += [(item, _TRAIN) for item in sorted(generated, key=lambda item: item.order)]
    verdicts = explain(reviewed, options, len(generated))
    return Selection(
        tuple(placed), classes, dict(left_out.most_common()), len(whole) - len(real), verdicts, splits
    )


def settle(project: Project, options: SnapshotOptions, splits: Mapping[str, str]) -> None:
    """Remembers where embryos were placed, so that no later round tests on what this one trains on."""
    known = _settled(project, options)
    merged = {**splits, **known}
    if merged != known:
        project.set_setting(_key(options), json.dumps(merged, sort_keys=True, ensure_ascii=False))


def _settled(project: Project, options: SnapshotOptions) -> dict[str, str]:
    value = json.loads(project.setting(_key(options)) or "{}")
    return {str(kin): str(split) for kin, split in value.items()}


def _key(options: SnapshotOptions) -> str:
    """Another seed or other shares are another division of the same embryos."""
    return f"splits/{options.seed}/{'/'.join(f'{share:g}' for share in options.splits)}"


def _embryos(chosen: Selection) -> int:
    return len({item.embryo for item, _ in chosen.items if item.origin == REAL})


def _sentence(chosen: Selection, options: SnapshotOptions) -> str:
    if not chosen.items:
        return f"No image can enter a snapshot yet{_reasons(chosen.left_out)}."
    counts = chosen.counts()
    totals = {name: sum(counts[split][name] for split in SPLITS) for name in chosen.classes}
    groups = ", ".join(f"{total} {name}" for name, total in totals.items() if total)
    splits = ", ".join(f"{split} {sum(counts[split].values())}" for split in SPLITS)
    images, embryos = plural(len(chosen.items), "image"), plural(_embryos(chosen), "embryo")
    text = f"{images} of {embryos} at {options.size} px: {groups} ({splits}){_settled_by(chosen)}"
    if options.thin_distance:
        near = f"{plural(chosen.thinned, 'near-identical frame')} thinned"
        text += f"; {near} (perceptual hashes within {options.thin_distance} of 64 bits, same embryo)"
    return f"{text}{_reasons(chosen.left_out)}."


def _settled_by(chosen: Selection) -> str:
    """How labels were settled where several people graded."""
    ways = Counter(item.reason.split(" ")[0] for item, _ in chosen.items if item.origin == REAL)
    told = ", ".join(f"{ways[way]} {words}" for way, words in _WAYS.items() if ways[way])
    return f"; of several graders' labels {told}" if told else ""


def _reasons(left_out: Mapping[str, int]) -> str:
    if not left_out:
        return ""
    return "; left out: " + ", ".join(f"{count} ({reason})" for reason, count in left_out.items())


def _warnings(chosen: Selection) -> list[str]:
    counts = chosen.counts()
    if not chosen.items:
        return []
    missing = [name for name in chosen.classes if not counts[_TRAIN][name]]
    found = [f"Train has no image of {', '.join(missing)}."] if missing else []
    empty = [split for split in SPLITS[1:] if not sum(counts[split].values())]
    if empty:
        found.append(f"Too few embryos for a split of their own: {' and '.join(empty)} empty.")
    return found
