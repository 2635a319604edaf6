"""Dividing embryos into train, val and test: kin together, classes spread, the same every time.

Embryos that an earlier snapshot put into a split stay there: a model that trained on an embryo must not be
tested on it in a later round. New ones go, one after the other, where embryos of their class and embryos
in general are missing most. A class without training embryos goes to train first.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from blasto_annotator.curation.items import Item
from gan.contract.snapshot_folder import SPLITS

_TRAIN = SPLITS[0]


def split_kin(
    items: Sequence[Item],
    classes: Sequence[str],
    shares: Sequence[float],
    seed: int,
    settled: Mapping[str, str],
) -> dict[str, str]:
    """Kin to split. `settled` holds the kin that earlier snapshots placed; their places are kept."""
    main_class = _main_classes(items, classes)
    placed = {kin: settled[kin] for kin in main_class if kin in settled}
    counts = Counter((main_class[kin], split) for kin, split in placed.items())
    new = sorted(main_class.keys() - placed.keys(), key=lambda kin: (main_class[kin], _shuffled(kin, seed)))
    for kin in new:
        split = _neediest(main_class[kin], counts, shares)
        placed[kin] = split
        counts[main_class[kin], split] += 1
    return placed


def _main_classes(items: Sequence[Item], classes: Sequence[str]) -> dict[str, int]:
    """Kin to the index of the class that most of its images have; the rarer class where two have as many."""
    of_kin: dict[str, Counter[str]] = {}
    for item in items:
        of_kin.setdefault(item.kin, Counter())[item.class_name] += 1
    total = Counter(item.class_name for item in items)
    return {
        kin: classes.index(max(counts, key=lambda name: (counts[name], -total[name], name)))
        for kin, counts in of_kin.items()
    }


def _neediest(own: int, counts: Counter[tuple[int, str]], shares: Sequence[float]) -> str:
    """The split that lacks most, counting embryos of the class and embryos of any class."""
    if not counts[own, _TRAIN]:
        return _TRAIN
    of_class = sum(count for (index, _), count in counts.items() if index == own)
    of_all = sum(counts.values())

    def lack(position: int) -> tuple[float, int]:
        split, share = SPLITS[position], shares[position]
        there = sum(count for (_, place), count in counts.items() if place == split)
        missing = share * (of_class + 1) - counts[own, split] + share * (of_all + 1) - there
        return (missing, -position) if share else (float("-inf"), -position)

    return SPLITS[max(range(len(SPLITS)), key=lack)]


def _shuffled(kin: str, seed: int) -> str:
    """An order that depends on the seed and on nothing else."""
    return hashlib.sha256(f"{seed}:{kin}".encode()).hexdigest()
