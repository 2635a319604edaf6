"""How fast grading goes, said quietly; and a word when it has gone on for long."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from blasto_annotator.gui.background import run_op
from blasto_annotator.gui.label.changes import AnyChange, Change, FlagChange, RepeatChange

if TYPE_CHECKING:
    from blasto_annotator.gui.label.flow import LabelFlow

BREAK_MINUTES = 50
BREAK_SETTING = "label/break_minutes"
"""Minutes after which a break is proposed; 0 turns it off."""
PAUSE_SECONDS = 300.0
"""Who types nothing for so long had a break."""
IDLE_SECONDS = 60.0
"""Longer between two grades is no grading time."""
WEIGHED = 20
"""Seconds per grade are the median of so many."""


class Pace:
    """Counts and times grades by when they were typed, whenever they were saved. No Qt."""

    def __init__(self) -> None:
        self._steps: deque[float] = deque(maxlen=WEIGHED)
        self._last: float | None = None
        self._began: float | None = None
        self.today = 0

    def graded(self, now: float) -> None:
        """One more, typed at `now` (seconds)."""
        if self._last is not None and 0 <= now - self._last <= IDLE_SECONDS:
            self._steps.append(now - self._last)
        if self._began is None or self._last is None or now - self._last > PAUSE_SECONDS:
            self._began = now
        self._last = now
        self.today += 1

    def at_it_minutes(self) -> float:
        """Since when grading goes on without a pause."""
        return 0.0 if self._began is None or self._last is None else (self._last - self._began) / 60

    def words(self) -> str:
        """Such as `12 today · 3.4 s a grade`."""
        if not self.today:
            return ""
        speed = f" · {median(self._steps):.1f} s a grade" if len(self._steps) > 1 else ""
        return f"{self.today:,} today{speed}"


class PaceFlow(QObject):
    """Shows the pace in the side panel; never stops anybody and never speaks into a half typed grade."""

    def __init__(self, flow: LabelFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        self._pace = Pace()
        self._proposed = 0
        flow.saving.counted.connect(self._count)

    def begin(self) -> None:
        """Another grader: counts from what was graded today."""
        self._pace, self._proposed = Pace(), 0
        self._show()
        self._recount()

    def _recount(self) -> None:
        """Reads today's count, in line with the saves: what was taken back no longer counts."""
        project, grader, pace = self._flow.state.project, self._flow.state.grader, self._pace
        if project is None or not grader:
            return
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)

        def take(count: int) -> None:
            pace.today = count
            self._show()

        run_op(self, lambda: project.acts.given_since(grader, midnight.astimezone(UTC)), take)

    def _count(self, change: AnyChange) -> None:
        new = isinstance(change, Change) and change.why == "" and change.after is not None
        if isinstance(change, Change | RepeatChange) and (new or _answered(change)):
            self._pace.graded(change.entered.timestamp())
            self._show()
            self._propose()
        if not new and not isinstance(change, FlagChange):
            self._recount()

    def _show(self) -> None:
        self._flow.side.pace.setText(self._pace.words())

    def _propose(self) -> None:
        """Says so once for every such stretch, while nothing is half typed."""
        settings = self._flow.settings
        minutes = BREAK_MINUTES if settings is None else int(settings.number(BREAK_SETTING, BREAK_MINUTES))
        at_it = self._pace.at_it_minutes()
        if at_it == 0:
            self._proposed = 0
        if minutes <= 0 or self._flow.grading.pending or at_it < minutes * (self._proposed + 1):
            return
        self._proposed = int(at_it // minutes)
        words = f"{round(at_it)} minutes without a pause: time to look away for a moment?"
        self._flow.side.pace.setText(f"{self._pace.words()}\n{words}")
        self._flow.state.status.emit(words)


def _answered(change: Change | RepeatChange) -> bool:
    """Whether a second look was given."""
    return isinstance(change, RepeatChange) and change.entry is not None
