"""Sums over embryos from which every agreement coefficient follows, and the coefficients themselves.

All figures are functions of sums over images. The sums are taken once an embryo; a bootstrap sample then is a
weighted sum over embryos, and a thousand samples are one matrix product. Arrays are (samples, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from blasto_annotator.domain.raters import MISSING, Floats, Ratings

HEADLINES = (
    *("percent", "unanimous", "mean_percent", "mean_kappa", "mean_weighted_kappa"),
    *("fleiss_kappa", "alpha_ordinal", "alpha_nominal", "ac1"),
)
"""Figures over all graders. Weighted kappa and ordinal alpha are NaN where the scale has no order."""
PAIR_FIGURES = ("percent", "kappa", "weighted_kappa")


@dataclass(frozen=True, eq=False)
class Tallies:
    """Sums by embryo."""

    categories: int
    used: int
    ordered: bool
    together: Floats
    """(embryos, features) of all graders together; see `_image_features`."""
    pairs: Floats
    """(pairs, embryos, features); see `_pair_features`."""


def tally(ratings: Ratings) -> Tallies:
    """The sums of these ratings."""
    size = (int(ratings.embryos.max()) + 1 if len(ratings.embryos) else 0, len(ratings.embryos))
    one = np.ones(len(ratings.embryos))
    by_embryo = sparse.csr_array((one, (ratings.embryos, np.arange(len(one)))), shape=size)
    pairs = [
        by_embryo @ _pair_features(ratings, a, b) for a, b in combinations(range(len(ratings.graders)), 2)
    ]
    width = 7 + 2 * len(ratings.categories)
    return Tallies(
        categories=len(ratings.categories),
        used=ratings.used,
        ordered=ratings.ordered,
        together=np.asarray(by_embryo @ _image_features(ratings)),
        pairs=np.array(pairs) if pairs else np.zeros((0, size[0], width)),
    )


def _image_features(ratings: Ratings) -> Floats:
    """(images, 5 + 2K [+ K*K]): what `headline_figures` sums, with the coincidences where there is an order.

    Agreeing share of pairs, two grades or more, unanimous, one grade or more, coincidences on the diagonal;
    shares; margins of the coincidences.
    """
    K = len(ratings.categories)
    counts = np.stack([(ratings.values == k).sum(axis=0) for k in range(K)], axis=1).astype(np.float64)
    m = counts.sum(axis=1)
    several = m >= 2
    equal = np.where(several, (counts * (counts - 1)).sum(axis=1), 0) / np.maximum(m - 1, 1)
    unanimous = several & (counts.max(axis=1, initial=0) == m)
    head = np.stack([equal / np.maximum(m, 1), several, unanimous, m >= 1, equal], axis=1)
    parts = [head, counts / np.maximum(m, 1)[:, None], counts * several[:, None]]
    if ratings.ordered:
        both = counts[:, :, None] * counts[:, None, :]
        both[:, np.arange(K), np.arange(K)] -= counts
        both *= (several / np.maximum(m - 1, 1))[:, None, None]
        parts.append(both.reshape(len(m), K * K))
    return np.concatenate(parts, axis=1)


def _pair_features(ratings: Ratings, first: int, second: int) -> Floats:
    """(images, 7 + 2K): both, equal, a, b, aa, bb, ab, then which category a and which b, of two graders."""
    a, b = ratings.values[first], ratings.values[second]
    both = (a != MISSING) & (b != MISSING)
    x, y = np.where(both, a, 0).astype(np.float64), np.where(both, b, 0).astype(np.float64)
    K = np.arange(len(ratings.categories))
    head = np.stack([both, both & (a == b), x, y, x * x, y * y, x * y], axis=1)
    return np.concatenate(
        [head, both[:, None] & (a[:, None] == K), both[:, None] & (b[:, None] == K)], axis=1
    )


def headline_figures(tallies: Tallies, weights: Floats) -> dict[str, Floats]:
    """The figures over all graders but those of the pairs, each (samples,), for weights (samples, embryos).

    With r_ik graders putting image i in category k, r_i in all, K categories used:

    - percent: pa, mean over images of sum_k r_ik (r_ik - 1) / (r_i (r_i - 1)), r_i >= 2 (Fleiss 1971, Psychol
      Bull 76:378-382, the mean of P_i).
    - unanimous: share of images with r_i >= 2 whose graders all said the same.
    - fleiss_kappa: (pa - pe) / (1 - pe) with pe = sum_k pi_k^2, pi_k the mean of r_ik / r_i (Fleiss 1971;
      with gaps as in Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed.: an image counts once).
    - ac1: the same with pe = sum_k pi_k (1 - pi_k) / (K - 1) (Gwet 2008, Br J Math Stat Psychol 61:29-48).
    - alpha: 1 - (N - 1) sum o_ck d_ck^2 / sum n_c n_k d_ck^2 over the coincidences o_ck, with margins n_c
      and sum N; d_ck^2 is 0 or 1 (nominal), or (sum_{g=c..k} n_g - (n_c + n_k) / 2)^2 (ordinal)
      (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C).
    """
    K = tallies.categories
    sums = weights @ tallies.together
    agreeing, several, unanimous, rated, equal = sums[:, :5].T
    shares, margins = _over(sums[:, 5 : 5 + K], rated[:, None]), sums[:, 5 + K : 5 + 2 * K]
    pa = _over(agreeing, several)
    chance = (shares * (1 - shares)).sum(axis=1) / max(tallies.used - 1, 1)
    ordinal = np.full(len(weights), np.nan)
    if tallies.ordered:
        ordinal = _alpha_ordinal(sums[:, 5 + 2 * K :].reshape(-1, K, K), margins)
    return {
        "percent": pa,
        "unanimous": _over(unanimous, several),
        "fleiss_kappa": _beyond(pa, (shares**2).sum(axis=1)),
        "alpha_ordinal": ordinal,
        "alpha_nominal": _alpha_nominal(equal, margins),
        "ac1": _beyond(pa, chance),
    }


def pair_figures(tallies: Tallies, weights: Floats) -> dict[str, Floats]:
    """The figures of each two graders, each (samples, pairs), and their `n`, for weights (samples, embryos).

    - percent: share of equal grades, po.
    - kappa: (po - pe) / (1 - pe), pe = sum_k p_k q_k of both graders' shares (Cohen 1960, Educ Psychol Meas
      20:37-46).
    - weighted_kappa: 1 - sum v_ij p_ij / sum v_ij p_i q_j with v_ij = (i - j)^2 (Cohen 1968, Psychol Bull
      70:213-220).
    """
    K = tallies.categories
    sums = np.stack([weights @ of_pair for of_pair in tallies.pairs], axis=1) if len(tallies.pairs) else None
    if sums is None:
        return {name: np.zeros((len(weights), 0)) for name in ("n", *PAIR_FIGURES)}
    n, equal, a, b, aa, bb, ab = np.moveaxis(sums[:, :, :7], 2, 0)
    po = _over(equal, n)
    pe = _over((sums[:, :, 7 : 7 + K] * sums[:, :, 7 + K :]).sum(axis=2), n * n)
    apart, expected = _over(aa + bb - 2 * ab, n), _over(aa + bb, n) - _over(2 * a * b, n * n)
    weighted = 1 - _over(apart, expected) if tallies.ordered else np.full(n.shape, np.nan)
    return {"n": n, "percent": po, "kappa": _beyond(po, pe), "weighted_kappa": weighted}


def _alpha_nominal(equal: Floats, margins: Floats) -> Floats:
    total = margins.sum(axis=1)
    return 1 - _over((total - 1) * (total - equal), total**2 - (margins**2).sum(axis=1))


def _alpha_ordinal(coincidences: Floats, margins: Floats) -> Floats:
    """The ordinal distance of two categories is the distance of their mid-ranks sum_{g<=c} n_g - n_c / 2."""
    total = margins.sum(axis=1)
    rank = np.cumsum(margins, axis=1) - margins / 2
    squares = (margins * rank**2).sum(axis=1)
    products = np.einsum("sc,sck,sk->s", rank, coincidences, rank)
    expected = total * squares - (margins * rank).sum(axis=1) ** 2
    return 1 - _over((total - 1) * (squares - products), expected)


def _beyond(observed: Floats, chance: Floats) -> Floats:
    """Agreement beyond chance; NaN where chance alone would give full agreement."""
    return _over(observed - chance, 1 - chance)


def _over(above: Floats, below: Floats) -> Floats:
    """The quotient, NaN where nothing is below."""
    above, below = np.broadcast_arrays(above, below)
    found = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=np.abs(below) > 1e-12)
    return found
