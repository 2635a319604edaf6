"""Reports at the edges: nothing, everything, one reader, one class, no controls, hardly a repeat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from blasto_annotator.domain.equivalence import difference
from blasto_annotator.domain.reviews import ItemKind, Mode, Realism, ReviewItem, Verdict, role_of
from blasto_annotator.domain.statistics import wilson
from blasto_annotator.reports.evidence_questions import evidence
from blasto_annotator.reports.review_table import review_table
from blasto_annotator.reports.review_writers import WRITERS
from blasto_annotator.store import Project
from tests.reports.conftest import BATCH, item, make_batch

LEVELS = (Realism.IMPLAUSIBLE, Realism.MINOR_FLAWS, Realism.PERFECT)


@pytest.mark.parametrize(("count", "total"), [(0, 1), (1, 1), (0, 24), (24, 24), (1, 300), (150, 300)])
def test_a_share_is_statsmodels_own_at_the_edges_too(count: int, total: int) -> None:
    low, high = proportion_confint(count, total, method="wilson")

    assert (wilson(count, total).low, wilson(count, total).high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("first", "second"), [((0, 10), (10, 10)), ((0, 7), (0, 9)), ((9, 9), (4, 31))])
def test_a_difference_is_statsmodels_own_at_the_edges_too(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    low, high = confint_proportions_2indep(*first, *second, method="newcomb")

    found = difference(first, second)

    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def session_of(
    project: Project, reader: str, first: list[Verdict], again: list[Verdict], class_name: str, real: int
) -> None:
    """A rating session of generated images, the last `real` of them real frames, with repeats."""
    kinds = [ItemKind.GENERATED] * (len(first) - real) + [ItemKind.REAL] * real
    items: list[ReviewItem] = [item(n, class_name, kind) for n, kind in enumerate(kinds)]
    repeats = [replace(i, role=role_of(Mode.RATE, repeat=True)) for i in items[: len(again)]]
    placed = [replace(i, position=n) for n, i in enumerate([*items, *repeats])]
    session = project.reviews.start(BATCH, reader, placed, 1, 0.0)
    for shown, said in zip(session.items, [*first, *again], strict=True):
        project.reviews.record(session.id, BATCH, shown, reader, said)


def many(realism: Realism, count: int) -> list[Verdict]:
    return [Verdict(realism)] * count


@pytest.mark.parametrize("real", [0, 6])
@pytest.mark.parametrize("again", [0, 3])
@pytest.mark.parametrize("realism", [Realism.PERFECT, Realism.IMPLAUSIBLE, None])
def test_every_format_is_written_whatever_was_said(
    project: Project, tmp_path: Path, realism: Realism | None, again: int, real: int
) -> None:
    make_batch(project, BATCH)
    said = many(realism, 12) if realism else [Verdict(None, wrong_class=True)] * 12
    session_of(project, "Ann", said, said[:again], "good", real)

    table = review_table(project)

    for suffix, write in WRITERS.items():
        assert " nan" not in write(table).lower(), suffix
    whole = table.whole.generated[-1]
    assert whole.verdicts == 12 - real
    bounds = [(f.value.low, f.value.high) for part in table.evidence for f in part.figures]
    assert all(np.isnan(low) or low <= high for low, high in bounds)


def test_two_readers_without_an_image_in_common_have_no_agreement(project: Project) -> None:
    make_batch(project, BATCH)
    project.reviews.import_many([(item(n, "good"), Verdict(Realism.PERFECT)) for n in range(5)], BATCH, "Ann")
    other = [(item(n, "good", salt="b"), Verdict(Realism.MINOR_FLAWS)) for n in range(5)]
    project.reviews.import_many(other, BATCH, "Bob")

    part = next(part for part in evidence(project) if part.title == "Other readers")

    assert not [figure for figure in part.figures if "kappa" in figure.name or "alpha" in figure.name]


def test_the_kappa_of_repeats_is_scikit_learns_own(project: Project) -> None:
    make_batch(project, BATCH)
    rng = np.random.default_rng(8)
    first = [LEVELS[k] for k in rng.integers(0, 3, 40)]
    again = [LEVELS[min(2, LEVELS.index(r) + int(rng.random() < 0.3))] for r in first]
    session_of(project, "Ann", [Verdict(r) for r in first], [Verdict(r) for r in again], "good", 0)

    part = next(part for part in evidence(project) if part.title == "Readers with themselves")

    expected = cohen_kappa_score(
        [LEVELS.index(r) for r in first],
        [LEVELS.index(r) for r in again],
        weights="quadratic",
        labels=[0, 1, 2],
    )
    kappa = next(figure for figure in part.figures if "kappa" in figure.name)
    assert kappa.value.value == pytest.approx(expected)
    assert kappa.value.low < expected < kappa.value.high
