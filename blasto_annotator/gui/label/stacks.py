"""What the focal planes of one moment tell together: which is sharpest, and one picture of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame

if TYPE_CHECKING:
    from blasto_annotator.imaging.decode import Grey


@dataclass(frozen=True)
class StackWish:
    """The planes of one moment, by rising height; and whether they are wanted as one picture, too."""

    frames: tuple[Frame, ...]
    composite: bool = False

    @property
    def key(self) -> tuple[int, ...]:
        """Tells one moment from another."""
        return tuple(frame.id for frame in self.frames)


@dataclass(frozen=True)
class Stack:
    """What was found; planes that cannot be read, or are of another size than most, do not take part."""

    used: tuple[Frame, ...]
    sharpest: Frame | None
    """None where no plane can be read."""
    composite: Grey | None = None


def analyse(wish: StackWish, decoded: Callable[[Frame], Grey]) -> Stack:
    """Compares the planes, and fuses two or more of them where that is wanted."""
    from blasto_annotator.imaging.composite import extended_focus
    from blasto_annotator.imaging.focus import sharpest

    readable = _of_one_size(_readable(wish, decoded))
    used, planes = tuple(frame for frame, _ in readable), [grey for _, grey in readable]
    if not planes:
        return Stack((), None)
    best = sharpest(planes)
    fused = extended_focus(planes, best) if wish.composite and len(planes) > 1 else None
    return Stack(used, used[best], fused)


def _readable(wish: StackWish, decoded: Callable[[Frame], Grey]) -> list[tuple[Frame, Grey]]:
    found = []
    for frame in wish.frames:
        try:
            found.append((frame, decoded(frame)))
        except UserError:
            continue  # said in the frame's place when it is shown
    return found


def _of_one_size(planes: list[tuple[Frame, Grey]]) -> list[tuple[Frame, Grey]]:
    sizes = Counter(grey.shape for _, grey in planes).most_common(1)
    return [(frame, grey) for frame, grey in planes if grey.shape == sizes[0][0]]
