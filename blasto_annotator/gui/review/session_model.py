"""A review session without Qt: where the reviewer is, what is marked, what is saved, undo and redo.

A commit is optimistic: the page turns at once and the verdict counts as saved only when `saved` is called.
`failed` brings the image back with its marks, so that nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from blasto_annotator.domain.reviews import Mode, Realism, Review, ReviewItem, ReviewSession, Verdict
from blasto_annotator.gui.review.marks import Marks, marks_of

PAGE = 9
"""Images on a page of the grid."""
CANNOT = "This image cannot be shown; skip it with the right arrow key. The log says why."
"""Neither a path nor a name: they would tell real from generated."""
REST = "rest"
"""In what is kept of a look (`Seen.view`): the verdict was one key's for the rest of a page."""


@dataclass(frozen=True)
class Step:
    """One row to write: what the verdict of an image was and what it becomes (None withdraws it)."""

    position: int
    before: Verdict | None
    after: Verdict | None
    why: str = ""
    rest: bool = False
    """One of those that a single key gave to the rest of a page."""


class SessionModel:
    """One reviewer at one session."""

    def __init__(self, session: ReviewSession, reviews: Mapping[int, Review]) -> None:
        self.session = session
        self.step = 2 if session.mode is Mode.PAIR else 1
        """Items that one verdict is about: of a pair the left one carries it."""
        rows = sorted((r for r in reviews.items() if r[1].verdict is not None), key=lambda row: row[1].id)
        self._verdicts = {position: review.verdict for position, review in rows if review.verdict}
        self._marks: dict[int, Marks] = {}
        self._undo = [
            Step(position, None, review.verdict, rest=bool(review.seen.view.get(REST)))
            for position, review in rows
        ]
        self._redo: list[Step] = []
        self._unsaved: list[Step] = []
        self.position = self.next_open(-1) or 0

    # where

    @property
    def total(self) -> int:
        """Verdicts that the session asks for."""
        return len(self.session.items) // self.step

    @property
    def number(self) -> int:
        """Of the image or pair on screen, from 1."""
        return self.position // self.step + 1

    @property
    def done(self) -> int:
        """Images with a verdict, saved or on its way."""
        return len(self._verdicts)

    @property
    def busy(self) -> bool:
        """Whether rows are on their way to the disk."""
        return bool(self._unsaved)

    @property
    def complete(self) -> bool:
        """Whether every image has a saved verdict."""
        return self.done == self.total and not self._unsaved

    @property
    def item(self) -> ReviewItem:
        return self.session.items[self.position]

    def go(self, position: int) -> None:
        """Moves to an image; outside the session is the nearest end."""
        last = (self.total - 1) * self.step
        self.position = max(0, min(last, position - position % self.step))

    def next_open(self, after: int) -> int | None:
        """The next image without a verdict, round the end; None where all have one."""
        places = range(0, len(self.session.items), self.step)
        order = [
            *(place for place in places if place > after),
            *(place for place in places if place <= after),
        ]
        return next((position for position in order if position not in self._verdicts), None)

    # marks

    @property
    def marks(self) -> Marks:
        return self.marks_at(self.position)

    def marks_at(self, position: int) -> Marks:
        """What is marked on an image: what was set since, else its verdict."""
        return self._marks.get(position) or marks_of(self._verdicts.get(position))

    def verdict_at(self, position: int) -> Verdict | None:
        """The verdict, saved or on its way."""
        return self._verdicts.get(position)

    def saving(self, position: int) -> bool:
        """Whether a row of this image is on its way to the disk."""
        return any(step.position == position for step in self._unsaved)

    def changed(self, position: int) -> bool:
        """Whether the marks differ from the verdict, so that a commit would write."""
        return self.marks_at(position) != marks_of(self._verdicts.get(position))

    def change(self, change: Callable[[Marks], Marks]) -> None:
        """Changes the marks of the image on screen; writes nothing."""
        self._marks[self.position] = change(self.marks)

    # verdicts

    def commit(self) -> Step | None:
        """Makes the marks the verdict; None where they are no verdict or the verdict already."""
        marks = self.marks
        if not marks.complete or not self.changed(self.position):
            return None
        before = self._verdicts.get(self.position)
        step = Step(self.position, before, marks.verdict(), "correction" if before else "")
        self._undo.append(step)
        self._redo.clear()
        return self._start(step)

    def commit_realism(self, realism: Realism) -> Step | None:
        """Sets the realism and commits."""
        self.change(lambda marks: replace(marks, realism=realism))
        return self.commit()

    def commit_rest(self, realism: Realism) -> list[Step]:
        """Gives every image of the page without a verdict this realism, beside what is marked on it."""
        steps = []
        for position in self.page:
            if position not in self._verdicts:
                marks = self.marks_at(position)
                said = replace(marks, realism=marks.realism or realism).verdict()
                step = Step(position, None, said, rest=True)
                self._undo.append(step)
                steps.append(self._start(step))
        if steps:
            self._redo.clear()
        return steps

    @property
    def page(self) -> range:
        """Positions on the page of the present one."""
        first = self.position - self.position % PAGE
        return range(first, min(first + PAGE, self.total))

    def advance(self) -> None:
        """To the next image without a verdict; stays where all have one."""
        position = self.next_open(self.position)
        if position is not None:
            self.position = position

    def undo(self) -> Step | None:
        """Takes the last verdict back and returns to its image, its marks still set."""
        if not self._undo:
            return None
        step = self._undo.pop()
        self._redo.append(step)
        self.position = step.position
        return self._start(Step(step.position, step.after, step.before, "undo", step.rest))

    def redo(self) -> Step | None:
        """Gives the verdict that was taken back again."""
        if not self._redo:
            return None
        step = self._redo.pop()
        self._undo.append(step)
        self.position = step.position
        return self._start(Step(step.position, step.before, step.after, "redo", step.rest))

    def undo_turn(self) -> list[Step]:
        """Takes back what the last key gave: one verdict, or all of the rest of a page."""
        return self._turn(self._undo, self.undo)

    def redo_turn(self) -> list[Step]:
        """Gives it again."""
        return self._turn(self._redo, self.redo)

    def _turn(self, history: list[Step], act: Callable[[], Step | None]) -> list[Step]:
        if not history:
            return []
        last = history[-1]
        steps: list[Step] = []
        while history and (not steps or _together(last, history[-1])):
            step = act()
            if step is not None:
                steps.append(step)
        return steps

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def saved(self, step: Step) -> None:
        """The row is on the disk."""
        self._unsaved.remove(step)

    def failed(self, step: Step) -> None:
        """The row is not on the disk: its image comes back as it was, with what was typed."""
        self._unsaved.remove(step)
        self._put(step.position, step.before)
        if step.after is not None:
            self._marks[step.position] = marks_of(step.after)
        self._forget(step)
        self.position = step.position

    def _forget(self, step: Step) -> None:
        """Takes a failed row out of the history, as if its key had not been pressed."""
        made = replace(step, before=step.after, after=step.before) if step.why == "undo" else step
        same = [kept for kept in self._undo if (kept.position, kept.after) == (made.position, made.after)]
        if step.why == "undo" and not same:
            self._undo.append(made)
        elif step.why != "undo" and same:
            self._undo.remove(same[-1])
        self._redo.clear()

    def _start(self, step: Step) -> Step:
        self._put(step.position, step.after)
        self._marks.pop(step.position, None)
        if step.after is None and step.before is not None and step.why == "undo":
            self._marks[step.position] = replace(marks_of(step.before), realism=None, answer=None)
        self._unsaved.append(step)
        return step

    def _put(self, position: int, verdict: Verdict | None) -> None:
        if verdict is None:
            self._verdicts.pop(position, None)
        else:
            self._verdicts[position] = verdict


def _together(one: Step, other: Step) -> bool:
    """Whether one key gave both."""
    return one.rest and other.rest and one.position // PAGE == other.position // PAGE
