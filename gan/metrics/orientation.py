"""Which way up is an image? A judge trained on real images, which lie the right way by definition.

Conditional logit (McFadden 1974, "Conditional logit analysis of qualitative choice behavior", eq. 12): of the
views that a transform makes of an image, the one most like the training images is chosen by the score w.x of
a small standardised picture x. One weight vector serves all views, so a judge that finds x upright finds its
quarter turn turned; and the problem is convex, so that the same images give the same judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from gan.data.decode import Pixels

Values = npt.NDArray[np.float64]
Views = Callable[[Values], Values]
"""Small pictures [N, S, S] to [K, N, S, S], the unchanged ones first."""

SIDE = 16
_RIDGE = 0.02
_FOLDS = 5
_MOST = 2000
"""Images that a judge learns from."""


def quarter_turns(small: Values) -> Values:
    """The four quarter turns."""
    return np.stack([np.rot90(small, k, axes=(1, 2)) for k in range(4)])


def mirrored(small: Values) -> Values:
    """As they are, and mirrored left to right."""
    return np.stack([small, small[:, :, ::-1]])


def inverted(small: Values) -> Values:
    """As they are, and as negatives."""
    return np.stack([small, -small])


def small_pictures(images: Pixels) -> Values:
    """Images [N, C, H, W] as grey means of blocks [N, 16, 16], each with mean 0 and deviation 1."""
    n, _, height, width = images.shape
    blocks = images.reshape(n, -1, SIDE, height // SIDE, SIDE, width // SIDE)
    small: Values = blocks.mean(axis=(1, 3, 5), dtype=np.float64)
    small -= small.mean(axis=(1, 2), keepdims=True)
    small /= np.maximum(small.std(axis=(1, 2), keepdims=True), 1e-6)
    return small


def learn(small: Values, views: Views) -> Values:
    """The weights [S * S] of a judge of these views."""
    flat = _flat(views(small[:_MOST]))

    def loss(w: Values) -> tuple[float, Values]:
        scores = flat @ w  # [K, N]
        value = float((logsumexp(scores, axis=0) - scores[0]).mean() + _RIDGE / 2 * w @ w)
        share = softmax(scores, axis=0)
        share[0] -= 1
        return value, np.einsum("kn,knf->f", share, flat) / len(share[0]) + _RIDGE * w

    found = minimize(loss, np.zeros(flat.shape[2]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Values = found.x
    return weights


def judged_changed(small: Values, views: Views, weights: Values) -> npt.NDArray[np.bool_]:
    """Whether each picture is more like the training images after a change than as it is [N]."""
    changed: npt.NDArray[np.bool_] = (_flat(views(small)) @ weights).argmax(0) != 0
    return changed


def judged_unseen(small: Values, views: Views, clusters: Sequence[str]) -> npt.NDArray[np.bool_]:
    """The verdict on each real picture of a judge that saw no picture of its cluster (embryo) [N]."""
    names, codes = np.unique(np.asarray(clusters), return_inverse=True)
    order = np.random.RandomState(0).permutation(len(names)) % min(_FOLDS, len(names))
    folds = order[codes]
    verdict = np.zeros(len(small), bool)
    for fold in np.unique(folds):
        weights = learn(small[folds != fold], views)
        verdict[folds == fold] = judged_changed(small[folds == fold], views, weights)
    return verdict


def _flat(stacked: Values) -> Values:
    return stacked.reshape(*stacked.shape[:2], -1)
