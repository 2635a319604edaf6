"""The processes that train together: one of them leads, and all of them add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch


class Processes(Protocol):
    """The processes of a training, seen from one of them."""

    @property
    def rank(self) -> int:
        """This one's number, from 0."""

    @property
    def count(self) -> int:
        """How many there are."""

    def add_up(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Sums over all processes, float32; every process gives tensors of the same shapes and gets the same.

        Raises:
            UserError: another process has ended.
        """

    def any(self, flag: bool) -> bool:
        """Whether any process says so.

        Raises:
            UserError: another process has ended.
        """


class Alone:
    """One process."""

    rank = 0
    count = 1

    def add_up(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The tensors."""
        return list(tensors)

    def any(self, flag: bool) -> bool:
        """What it says."""
        return flag


ALONE = Alone()
