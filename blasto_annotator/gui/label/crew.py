"""Threads that do what is wanted now: a new round drops what the one before had not begun."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, PriorityQueue
from typing import Generic, TypeVar

T = TypeVar("T")
STOP_SECONDS = 5.0


class Crew(Generic[T]):
    """Does the jobs of the newest round in their order. `do` must not raise."""

    def __init__(self, name: str, threads: int, do: Callable[[T], None]) -> None:
        self._name, self._count, self._do = name, threads, do
        self._jobs: PriorityQueue[tuple[int, int, int, T | None]] = PriorityQueue()
        self._number = itertools.count()
        self._round = 0
        self._threads: list[threading.Thread] = []

    def want(self, jobs: Sequence[T]) -> None:
        """A new round, the first job first."""
        self._round += 1
        if not self._threads and jobs:
            self._begin()
        for place, job in enumerate(jobs):
            self._jobs.put((place, next(self._number), self._round, job))

    def stop(self) -> None:
        """Ends the threads and waits for them."""
        self.dismiss()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._threads = []

    def dismiss(self) -> None:
        """Tells the threads to end, without waiting."""
        with suppress(Empty):
            while True:
                self._jobs.get_nowait()
        for number in range(self._count):
            self._jobs.put((-1, -1 - number, -1, None))

    def _begin(self) -> None:
        self._threads = [
            threading.Thread(target=self._work, name=f"{self._name}-{n}", daemon=True)
            for n in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while True:
            _, _, number, job = self._jobs.get()
            if job is None:
                return
            if number == self._round:
                self._do(job)
