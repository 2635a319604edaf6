"""In which order frames come to be graded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from blasto_annotator.domain.errors import UserError


@dataclass(frozen=True)
class QueueKind:
    """A way to choose what comes next."""

    name: str
    title: str
    brief: str
    """What it goes by, in a few words."""
    sentence: str
    """What it does and what it goes by."""


KINDS = (
    QueueKind("time", "In time order", "Moment after moment.", "Moment after moment, embryo after embryo."),
    QueueKind(
        "one",
        "One frame per embryo",
        "Nearest the middle of the window.",
        "Of each embryo the frame nearest the middle of the window of hours, until it has your label there.",
    ),
    QueueKind(
        "balance",
        "Rarest group first",
        "By your labels; else by the ranking.",
        "Goes by your labels so far. What a frame may be is guessed from your own label of the embryo, else "
        "from the ranking, else from the source's remark; where nothing is known it comes last.",
    ),
    QueueKind(
        "disagreement",
        "Disagreement first",
        "What others dispute; it stays hidden.",
        "Images whose committed labels by others fall into different groups and that you have not graded. "
        "What they said stays hidden.",
    ),
    QueueKind(
        "uncertain",
        "Uncertain first",
        "By a small model, on request.",
        "By a small model that is trained on the labels so far when you ask for the ranking.",
    ),
)
NAMES = tuple(kind.name for kind in KINDS)
WINDOW = (114.0, 118.0)
"""Day 5: 116 hours post insemination, give or take 2 (Istanbul consensus)."""


@dataclass(frozen=True)
class QueueChoice:
    """A kind of queue, with its window of hours where it has one."""

    name: str = "time"
    low: float = WINDOW[0]
    high: float = WINDOW[1]

    @property
    def kind(self) -> QueueKind:
        """Its title and sentence."""
        return next(kind for kind in KINDS if kind.name == self.name)

    def within(self, low: float, high: float) -> QueueChoice:
        """The same with another window."""
        return replace(self, low=low, high=high)


def queue_choice(name: str, low: float = WINDOW[0], high: float = WINDOW[1]) -> QueueChoice:
    """The queue called `name`.

    Raises:
        UserError: there is none, or the window is empty.
    """
    if name not in NAMES:
        raise UserError(f"There is no queue “{name}”; choose one of {', '.join(NAMES)}.")
    if low > high:
        raise UserError(f"The window from {low:g} to {high:g} h is empty: give the earlier hour first.")
    return QueueChoice(name, low, high)
