"""What the processes do that do not lead: compute, and nothing else. One process writes the run's folder."""

from __future__ import annotations

from typing import Any

from gan.contract.run_folder import RunState
from gan.training.loop import Loop
from gan.training.reporter import Reporter


class Silence(Reporter):
    """A reporter without record or listener."""

    def __init__(self) -> None:
        """Opens nothing."""

    def emit(self, kind: str, **fields: Any) -> None:
        """Says nothing; the process that leads says the same."""


class FollowingLoop(Loop):
    """A loop that takes its part in every step and leaves the rest to the process that leads."""

    def _do_what_is_due(self) -> None:
        self._means.clear()

    def _sample(self) -> None:
        return

    def _end(self) -> RunState:
        return RunState.FINISHED if self._reached_goal() else RunState.STOPPED
