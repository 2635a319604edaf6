"""What a planned review can show, said before anyone starts."""

from __future__ import annotations

from collections.abc import Sequence

from blasto_annotator.domain.equivalence import (
    detectable_difference,
    detectable_preference,
    equivalence_power,
    smallest_margin,
)
from blasto_annotator.domain.reviews import Mode
from blasto_annotator.domain.statistics import wilson

EXPECTED = 0.35
"""Share rated perfect that the words reckon with: about the published review's."""

UNEVEN = "As many real images as generated ones show most with the same work."
"""Where a choice has far more of one kind."""
TEACHING = (
    "The images with the least certain scores come first, and others may stay out: what is counted then is "
    "not the generator’s share of anything, and every report says so."
)
"""Instead of a power, where images are chosen for what they teach the expert scorer."""


def power_words(mode: Mode, generated: Sequence[int], real: int, margin: float = 0.1) -> list[str]:
    """Sentences for a session of one reader: so many `generated` images of each model, and `real` frames.

    `margin` (0 to 0.5) is the planned one of a choice.
    """
    total = sum(generated)
    if total == 0:
        return []
    if mode is Mode.PAIR:
        return [_pairs(total // 2)]
    if mode is Mode.CHOICE:
        return _choices(total, real, margin)
    if len(generated) == 2 and min(generated) > 0:
        return [_width(total), _rise(generated[0], generated[1])]
    return [_width(total)]


def _width(generated: int) -> str:
    share = wilson(round(EXPECTED * generated), generated)
    return (
        f"With {generated} generated images a share of {100 * EXPECTED:.0f} % would be known to lie between "
        f"{100 * share.low:.0f} and {100 * share.high:.0f} % (95 % interval, Wilson 1927)."
    )


def _rise(first: int, second: int) -> str:
    found = detectable_difference(EXPECTED, (first, second))
    shown = (
        f"{first} images of each model" if first == second else f"{first} and {second} images of the models"
    )
    if found is None:
        return f"{shown} are too few to tell two models apart."
    return (
        f"{shown} find a rise from 35 to {100 * (EXPECTED + found):.0f} % with 80 % "
        "power (Fleiss, Levin and Paik 2003)."
    )


def _choices(generated: int, real: int, margin: float) -> list[str]:
    """What can be shown at best, and how often the planned margin is where the reader cannot tell at all."""
    shown = f"{generated} generated and {real} real images"
    if real == 0:
        return ["Without real images nothing can be said of whether a reader can tell them."]
    least = smallest_margin(generated, real)
    if least is None:
        return [f"{shown} are too few to show that a reader cannot tell, at any margin."]
    power = equivalence_power(generated, real, margin)
    best = f"{shown} can show that a reader is right within {100 * least:.0f} points of chance"
    return [
        f"{best}, with 80 % power (two one-sided tests, Schuirmann 1987).",
        f"The planned margin of {100 * margin:.0f} points has {100 * power:.0f} % power (exact).",
        *([UNEVEN] if not 0.5 <= real / generated <= 2 else []),
    ]


def _pairs(total: int) -> str:
    share = detectable_preference(total)
    if share is None:
        return f"{total} pairs are too few to find a preference."
    return f"{total} pairs find a preference of {100 * share:.0f} % with 80 % power (exact binomial test)."
