"""From several graders' words to one class an image: majority, and two models of how graders err."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from blasto_annotator.domain.raters import MISSING, Floats, Ratings

_ROUNDS = 200
_STILL = 1e-4
_LEAST = 1e-12
"""Keeps the logarithm of an impossible answer finite."""
PRIOR = 1.0
"""One imagined right and one imagined wrong answer a grader (one-coin), so that of two graders who always
differ neither becomes perfect."""


@dataclass(frozen=True, eq=False)
class Opinion:
    """What a model makes of all grades. It is advice: a model knows the graders, not the embryo."""

    posterior: Floats
    """(images, categories), each row sums to 1; rows without a grade hold the shares of the classes."""
    shares: Floats
    """(categories,) estimated share of each class."""
    errors: Floats
    """(graders, true category, said category): how each grader answers; rows sum to 1."""
    rounds: int
    """Of the EM algorithm, until nothing moved."""

    @property
    def reliability(self) -> Floats:
        """(graders,) probability that a grader names the true class, over the classes' shares."""
        right: Floats = np.einsum("k,gkk->g", self.shares, self.errors)
        return right


def majority(words: Sequence[str]) -> str | None:
    """What most said; None where nobody did or two words are equally common."""
    ranked = Counter(words).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def counts_of(ratings: Ratings) -> Floats:
    """(graders, images, categories): 1 where a grader said so."""
    said = ratings.values[:, :, None] == np.arange(len(ratings.categories))
    counts: Floats = (said & (ratings.values != MISSING)[:, :, None]).astype(np.float64)
    return counts


def dawid_skene(counts: Floats) -> Opinion:
    """Each grader has a matrix of errors (Dawid and Skene 1979, Appl Stat 28:20-28).

    With n_il^k answers l of grader k for image i and T_ij the probability that i is of class j:
    pi_jl^k = sum_i T_ij n_il^k / sum_l sum_i T_ij n_il^k (2.3), p_j = sum_i T_ij / I (2.4),
    T_ij proportional to p_j prod_k prod_l (pi_jl^k)^n_il^k (2.5); begun with the shares of the answers.

    Args:
        counts: (graders, images, categories) how often a grader gave each answer.

    Raises:
        ValueError: nobody answered anything.
    """
    return _expectation_maximisation(counts, _error_matrices)


def one_coin(counts: Floats) -> Opinion:
    """Each grader has one probability of being right, and errs towards every other class alike.

    The one-parameter case of Dawid and Skene's model, with one imagined right and one imagined wrong answer a
    grader.

    Args:
        counts: (graders, images, categories) how often a grader gave each answer.

    Raises:
        ValueError: nobody answered anything.
    """
    return _expectation_maximisation(counts, _coins)


@dataclass(frozen=True, eq=False)
class _Answers:
    """The answers as one sparse table: a grader gives one of many possible ones."""

    table: sparse.csr_array
    """(images, graders * categories)."""
    graders: int
    categories: int

    def told(self, truth: Floats) -> Floats:
        """(graders, true, said): answers by the truth as it is thought to be."""
        sums = np.asarray(self.table.T @ truth).reshape(self.graders, self.categories, self.categories)
        return sums.transpose(0, 2, 1)

    def support(self, errors: Floats) -> Floats:
        """(images, true): logarithm of how likely each truth makes the answers."""
        log = np.log(np.maximum(errors, _LEAST)).transpose(0, 2, 1)
        return np.asarray(self.table @ log.reshape(-1, self.categories))


def _error_matrices(told: Floats) -> Floats:
    total = told.sum(axis=2, keepdims=True)
    even: Floats = np.full(told.shape, 1 / told.shape[2])
    np.divide(told, total, out=even, where=total > _LEAST)
    return even


def _coins(told: Floats) -> Floats:
    K = told.shape[2]
    right = PRIOR + np.trace(told, axis1=1, axis2=2)
    share = right / (2 * PRIOR + told.sum(axis=(1, 2)))
    wrong = (1 - share) / max(K - 1, 1)
    errors: Floats = wrong[:, None, None] + (share - wrong)[:, None, None] * np.eye(K)
    return errors


def _expectation_maximisation(counts: Floats, errors_of: Callable[[Floats], Floats]) -> Opinion:
    said = counts.sum(axis=0)
    rated = said.sum(axis=1) > 0
    if not rated.any():
        raise ValueError("nobody answered anything")
    truth = said[rated] / said[rated].sum(axis=1, keepdims=True)
    graders, _, K = counts.shape
    table = sparse.csr_array(counts[:, rated].transpose(1, 0, 2).reshape(len(truth), graders * K))
    answers = _Answers(table, graders, K)
    rounds = 0
    for rounds in range(1, _ROUNDS + 1):  # noqa: B007  its last value is told
        shares, errors = truth.mean(axis=0), errors_of(answers.told(truth))
        before, truth = truth, _posterior(shares, answers.support(errors))
        if np.abs(truth - before).max() < _STILL:
            break
    posterior = np.tile(shares, (counts.shape[1], 1))
    posterior[rated] = truth
    return Opinion(posterior, shares, errors, rounds)


def _posterior(shares: Floats, support: Floats) -> Floats:
    log = np.log(np.maximum(shares, _LEAST)) + support
    odds = np.exp(log - log.max(axis=1, keepdims=True))
    shown: Floats = odds / odds.sum(axis=1, keepdims=True)
    return shown
