"""Names of the arrays that the drawing passes around."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.floating[Any]]
"""Real numbers, single precision wherever there are many."""

Frame: TypeAlias = NDArray[np.uint8]
"""Grey levels [size, size]."""
