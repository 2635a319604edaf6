"""The eight ways to lay a square image: how a frame that comes back silently is turned or mirrored."""

from __future__ import annotations

ORIENTATIONS = (
    "", "rot90", "rot180", "rot270", "mirror", "mirror-rot90", "mirror-rot180", "mirror-rot270",
)  # fmt: skip
"""Names as stored with a label: mirrored left to right first, then turned clockwise; empty is as it is."""


def turn_of(name: str) -> tuple[bool, int]:
    """Whether an orientation mirrors, and the degrees by which it turns clockwise afterwards (0 to 270).

    Raises:
        ValueError: there is none of this name.
    """
    if name not in ORIENTATIONS:
        raise ValueError(f"no orientation is called {name!r}")
    degrees = name.rpartition("rot")[2] if "rot" in name else "0"
    return name.startswith("mirror"), int(degrees)
