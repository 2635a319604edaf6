"""Which generated images pooled figures may use: else they would measure how often each class was made."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


def in_proportion(made: npt.NDArray[np.int64], real: npt.NDArray[np.int64]) -> Rows:
    """Rows of the generated images whose classes have the shares that they have among the real ones.

    As many as there can be: the class that is scarcest for its share gives all its images, the others their
    first ones. A class without a generated image has no share, and one without a real image no rows.

    Args:
        made: class indices of the generated images [M].
        real: class indices of the real images [N].

    Returns:
        Rows of `made`, rising.
    """
    length = int(max(made.max(initial=0), real.max(initial=0))) + 1
    there, wanted = (np.bincount(labels, minlength=length) for labels in (made, real))
    both = (there > 0) & (wanted > 0)
    if not both.any():
        return np.zeros(0, np.intp)
    scale = (there[both] / wanted[both]).min()
    counts = np.where(both, np.round(scale * wanted), 0).astype(int)
    return np.sort(np.concatenate([np.flatnonzero(made == k)[:count] for k, count in enumerate(counts)]))
