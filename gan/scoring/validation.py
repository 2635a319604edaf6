"""Cross-validation by image and by round: scores of images that the scorer had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan.scoring.calibration import Platt, Quality, Truth, Values, fit_platt, quality
from gan.scoring.network import Logits, ScorerTraining, logits, train_network
from gan.scoring.table import UNKNOWN, Numbers, Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable

PERFECT, RIGHT_CLASS, BOTH = "perfect", "right_class", "both"


@dataclass(frozen=True)
class Validated:
    """Logits of every row, each by a network that had not seen it."""

    folds: Numbers
    """[N]."""
    scores: Logits
    """[N, 2]."""


@dataclass(frozen=True)
class Task:
    """One of the two questions: the rows that answer it, and the answers."""

    column: int
    rows: Numbers
    truth: Truth
    """Of these rows."""


def tasks(table: Verdicts) -> tuple[Task, Task]:
    """Perfect and right class, on generated images only: real frames would flatter the figures."""
    generated = table.generated
    rated = np.flatnonzero(generated & (table.perfect != UNKNOWN))
    judged = np.flatnonzero(generated)
    return (
        Task(0, rated, table.perfect[rated] == 1),
        Task(1, judged, table.right_class[judged] == 1),
    )


def folds_by_image(table: Verdicts, count: int, seed: int) -> Numbers:
    """A fold for each row: kinds of verdict spread evenly, all frames of an embryo together."""
    random = np.random.RandomState(seed % 2**32)
    kinds = [
        table.batches[row] and (int(table.perfect[row]), int(table.right_class[row]))
        for row in range(len(table))
    ]
    folds = np.zeros(len(table), np.int64)
    dealt = 0
    for kind in sorted({kind for kind in kinds if kind}):
        rows = np.array([row for row, own in enumerate(kinds) if own == kind])
        folds[random.permutation(rows)] = (dealt + np.arange(len(rows))) % count
        dealt += len(rows)
    return _with_embryos(table, folds, count, random)


def folds_by_round(table: Verdicts, most: int, seed: int) -> Numbers:
    """A fold for each round (batch); with more than `most` rounds, some share one."""
    rounds = sorted({batch for batch in table.batches if batch})
    count = min(most, len(rounds))
    place = {batch: number % count for number, batch in enumerate(rounds)}
    folds = np.array([place.get(batch, 0) for batch in table.batches], np.int64)
    return _with_embryos(table, folds, count, np.random.RandomState(seed % 2**32))


def validate(table: Verdicts, folds: Numbers, training: ScorerTraining, say: Callable[[], None]) -> Validated:
    """Trains once for each fold without it, and scores it."""
    scores = np.zeros((len(table), 2))
    for fold in np.unique(folds):
        out = np.flatnonzero(folds == fold)
        network = train_network(table, np.flatnonzero(folds != fold), training)
        scores[out] = logits(network, table.images[out], table.labels[out])
        say()
    return Validated(folds, scores)


def calibrate(found: Validated, task: Task) -> Platt:
    """On all out-of-fold scores."""
    return fit_platt(found.scores[task.rows, task.column], task.truth)


def probabilities(found: Validated, task: Task) -> Values:
    """Of the task's rows, each calibrated on the other folds: no image tells its own probability."""
    scores, folds = found.scores[task.rows, task.column], found.folds[task.rows]
    p = np.zeros(len(scores))
    for fold in np.unique(folds):
        out = folds == fold
        p[out] = fit_platt(scores[~out], task.truth[~out])(scores[out])
    return p


def qualities(table: Verdicts, found: Validated, repeats: int, seed: int) -> dict[str, Quality | None]:
    """Of both questions, and of both together as the product of the probabilities.

    Ranking is judged within a round and a class, as a scorer is used: where the share of perfect images moves
    from round to round, or one class fails more often, telling those apart is not telling images apart.
    """
    perfect, right = tasks(table)
    p_perfect, p_right = probabilities(found, perfect), probabilities(found, right)
    chosen = np.isin(right.rows, perfect.rows)
    together = p_perfect * p_right[chosen], perfect.truth & right.truth[chosen]
    rated, judged = (ranked(table, task.rows) for task in (perfect, right))
    return {
        PERFECT: quality(p_perfect, perfect.truth, repeats, seed, rated),
        RIGHT_CLASS: quality(p_right, right.truth, repeats, seed, judged),
        BOTH: quality(*together, repeats, seed, judged[chosen]),
    }


def ranked(table: Verdicts, rows: Numbers) -> Numbers:
    """Round and class of each row as one number: only images of one are ranked against one another."""
    pairs = [f"{table.labels[row]} {table.batches[row]}" for row in rows]
    return np.unique(pairs, return_inverse=True)[1].astype(np.int64)


def each_round(table: Verdicts, found: Validated, repeats: int, seed: int) -> dict[str, Quality | None]:
    """Quality of p(perfect) within each round, by networks and a calibration that had not seen the round."""
    task = tasks(table)[0]
    p = probabilities(found, task)
    own = np.array([table.batches[row] for row in task.rows])
    return {
        str(name): quality(
            p[own == name], task.truth[own == name], repeats, seed, table.labels[task.rows[own == name]]
        )
        for name in np.unique(own)
    }


def _with_embryos(table: Verdicts, folds: Numbers, count: int, random: np.random.RandomState) -> Numbers:
    """Real frames: every embryo in one fold; a frame of no known embryo is its own."""
    real = np.flatnonzero(~table.generated)
    names = [table.embryos[row] or f"row {row}" for row in real]
    known = sorted(set(names))
    place = dict(zip(known, random.permutation(len(known)) % count, strict=True))
    for row, name in zip(real, names, strict=True):
        folds[row] = place[name]
    return folds
