"""Is the new model better? Only what was rated in a blind mix of two models counts, by readers of both."""

from __future__ import annotations

from collections.abc import Sequence

from blasto_annotator.domain.equivalence import difference
from blasto_annotator.domain.reviews import Review
from blasto_annotator.domain.statistics import Estimate
from blasto_annotator.reports.evidence import Evidence, Figure, Material, is_perfect, number_figure
from blasto_annotator.reports.over_readers import first_less_second, matrix, reviewers, source, widened


def release(material: Material) -> Evidence | None:
    """A figure for each two batches whose models were mixed blind: the newer less the older."""
    found = (comparison(material, older, newer) for older, newer in sorted(material.contests))
    figures = tuple(figure for figure in found if figure is not None)
    return Evidence("Is the new model better?", figures) if figures else None


def comparison(material: Material, old: str, new: str) -> Figure | None:
    """The share perfect of batch `new` less that of `old`; None where nobody has rated both in a mix."""
    mixed = material.contests.get((min(old, new), max(old, new)), ())
    both = [name for name in reviewers(mixed) if {r.batch for r in mixed if r.reviewer == name} == {old, new}]
    first, second = ([r for r in mixed if r.reviewer in both and r.batch == batch] for batch in (new, old))
    if not both:
        return None
    closed = difference(_perfect(first), _perfect(second))
    gap = widened(
        Estimate(closed.value, closed.low, closed.high),
        *(matrix(some, both, is_perfect) for some in (first, second)),
        figure=first_less_second,
    )
    n = f"{len(first)} and {len(second)} verdicts of {len(both)} {'reader' if len(both) == 1 else 'readers'}"
    sources = source("Newcombe 1998, method 10", both)
    unlike = material.unlike.get((min(old, new), max(old, new)))
    reading = f"No evidence of the models: {unlike}." if unlike else _words(gap, old, new)
    return number_figure(f"Perfect, {new} less {old}", gap, n, reading, sources, told=True)


def _perfect(reviews: Sequence[Review]) -> tuple[int, int]:
    return sum(map(is_perfect, reviews)), len(reviews)


def _words(gap: Estimate, old: str, new: str) -> str:
    if gap.low > 0:
        return f"The model of {new} is rated perfect more often: its promotion has evidence."
    if gap.high < 0:
        return f"The model of {new} is rated perfect less often: keep that of {old} in use."
    return f"Not decided: the difference lies between {100 * gap.low:+.0f} and {100 * gap.high:+.0f} points."
