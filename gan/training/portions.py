"""A batch divided between processes, and a process's share into portions that fit its device.

Whatever the division, a step computes the same sums, but for the order of their terms: randomness is drawn
for the whole batch, every loss is a share of the whole batch's mean, and images whose statistics are taken
together (minibatch deviation) stay together.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch

from gan.training.processes import Processes
from gan.training.shortage import is_shortage

log = logging.getLogger(__name__)

Sums = dict[str, torch.Tensor]
"""Named sums over images."""


class Portion(NamedTuple):
    """Images that the device takes at once."""

    rows: torch.Tensor
    """Their numbers in the whole batch [n], on the device."""
    whole: bool
    """Whether this is all of the process's share."""


class PortionSize:
    """How many images the device takes at once; smaller after its memory has run out.

    Args:
        images: None takes a process's whole share at once.
    """

    def __init__(self, images: int | None = None) -> None:
        self.images = images
        self._shrunk = False

    def shrink(self, taken: int, least: int) -> bool:
        """Halves what was too much; False where it already was the least possible."""
        if taken <= least:
            return False
        self.images = max(taken // 2, least)
        self._shrunk = True
        log.warning("out of memory with %d images at a time; going on with %d", taken, self.images)
        return True

    def shrunk(self) -> bool:
        """Whether it became smaller since this was last asked."""
        shrunk, self._shrunk = self._shrunk, False
        return shrunk


class Divider:
    """Does a batch's work in portions and adds up what they give.

    Args:
        processes: who shares the batch.
        size: how many images at once; it shrinks when the device runs out of memory.
        device: where the rows are wanted.
    """

    def __init__(self, processes: Processes, size: PortionSize, device: torch.device) -> None:
        self._processes, self._size, self._device = processes, size, device
        self._known: dict[tuple[int, int, int | None], list[Portion]] = {}

    def add_up(
        self,
        total: int,
        work: Callable[[Portion], Mapping[str, torch.Tensor]],
        learners: Sequence[torch.nn.Parameter] = (),
        group: int = 1,
    ) -> Sums:
        """Sums of what `work` gives for each portion, over all portions of all processes.

        Gradients gather in the learners, of this process's share alone. Where the device runs out of memory,
        the share is begun again with half as many images at once; so work may change nothing but gradients.

        Args:
            total: images of the whole batch.
            group: images that belong together; image n belongs to group n modulo total / group.

        Raises:
            RuntimeError: too little memory for a single group.
        """
        sums = self._share(total, work, learners, group)
        return dict(zip(sums, self._processes.add_up(list(sums.values())), strict=True))

    def _share(
        self,
        total: int,
        work: Callable[[Portion], Mapping[str, torch.Tensor]],
        learners: Sequence[torch.nn.Parameter],
        group: int,
    ) -> Sums:
        before = [learner.grad for learner in learners]
        while True:
            _forget_gradients(learners)
            portions = self._portions(total, group)
            try:
                sums = _summed(work, portions)
            except (RuntimeError, MemoryError) as error:
                if not is_shortage(error) or not self._size.shrink(len(portions[0].rows), group):
                    raise
            else:
                _add_gradients(learners, before)
                return sums
            # only here, behind the clause, is the error gone and with it the frames that hold tensors
            _forget_gradients(learners)
            _free(self._device)

    def _portions(self, total: int, group: int) -> list[Portion]:
        key = (total, group, self._size.images)
        if key not in self._known:
            found = divided(total, group, self._processes.rank, self._processes.count, self._size.images)
            self._known[key] = [Portion(rows.to(self._device), len(found) == 1) for rows in found]
        return self._known[key]


def divided(total: int, group: int, rank: int, count: int, at_once: int | None) -> list[torch.Tensor]:
    """Numbers [n] of the images that a process takes of a batch, a tensor for each portion.

    Args:
        total: images of the batch, a multiple of `group`.
        group: images that belong together; image n belongs to group n modulo total / group.
        rank, count: of this process and of all.
        at_once: the most images a portion, but never less than a group; None sets no bound.
    """
    groups = total // group
    first, last = groups * rank // count, groups * (rank + 1) // count
    most = last - first if at_once is None else max(at_once // group, 1)
    members = torch.arange(group)[:, None] * groups
    return [
        (members + torch.arange(start, min(start + most, last))).flatten()
        for start in range(first, last, max(most, 1))
    ]


def _summed(work: Callable[[Portion], Mapping[str, torch.Tensor]], portions: Sequence[Portion]) -> Sums:
    sums: Sums = {}
    for portion in portions:
        for name, value in work(portion).items():
            sums[name] = sums[name] + value if name in sums else value
    return sums


def _forget_gradients(learners: Sequence[torch.nn.Parameter]) -> None:
    for learner in learners:
        learner.grad = None


def _add_gradients(learners: Sequence[torch.nn.Parameter], before: Sequence[torch.Tensor | None]) -> None:
    for learner, gradient in zip(learners, before, strict=True):
        if gradient is not None:
            learner.grad = gradient if learner.grad is None else gradient.add_(learner.grad)


def _free(device: torch.device) -> None:
    """Gives the device back what nobody holds any more."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
