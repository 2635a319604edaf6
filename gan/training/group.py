"""Several processes on one or more machines, joined by Lightning Fabric.

Fabric finds out how the processes were started and joins them. Networks are not wrapped: the penalties need
gradients of gradients, and gradients are added up by hand where an optimiser steps.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from gan.contract.errors import UserError
from gan.training.places import Place
from gan.training.processes import ALONE, Processes
from gan.training.shortage import is_shortage

if TYPE_CHECKING:
    from lightning_fabric import Fabric

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=1)
"""For a process that does something alone, such as an evaluation."""


class LostError(UserError):
    """Another process has ended, so this one cannot go on."""


class Group:
    """This process among others.

    Args:
        fabric: launched.
        place: of this process.
        folder: the run's, where a process that fails leaves its reason.
    """

    def __init__(self, fabric: Fabric, place: Place, folder: Path) -> None:
        self._fabric, self._place, self._folder = fabric, place, folder

    @property
    def rank(self) -> int:
        """This one's number, from 0."""
        return self._place.rank

    @property
    def count(self) -> int:
        """How many there are."""
        return self._place.count

    def add_up(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Sums over all processes; see the seam."""
        if not tensors:
            return []
        flat = torch.cat([tensor.detach().reshape(-1).float() for tensor in tensors])
        try:
            summed = cast(torch.Tensor, self._fabric.all_reduce(flat, reduce_op="sum"))
        except RuntimeError as error:
            raise self._lost(error) from error
        parts = torch.split(summed, [tensor.numel() for tensor in tensors])
        return [part.reshape(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]

    def any(self, flag: bool) -> bool:
        """Whether any process says so; asks on the CPU, so that no accelerator is waited for."""
        vote = torch.tensor([int(flag)])
        try:
            torch.distributed.all_reduce(vote, torch.distributed.ReduceOp.MAX)
        except RuntimeError as error:
            raise self._lost(error) from error
        return bool(vote.item())

    def share(self, tensors: Sequence[torch.Tensor]) -> None:
        """Gives all processes the first one's values, in place.

        Raises:
            UserError: another process has ended.
        """
        try:
            for tensor in tensors:
                torch.distributed.broadcast(tensor, 0)
        except RuntimeError as error:
            raise self._lost(error) from error

    def share_text(self, text: str) -> str:
        """The first process's text.

        Raises:
            UserError: another process has ended.
        """
        data = torch.tensor(list(text.encode()), dtype=torch.uint8)
        size = torch.tensor([len(data)])
        self.share([size])
        data = data if self._place.leads else torch.empty(int(size), dtype=torch.uint8)
        self.share([data])
        return bytes(data.tolist()).decode()

    def _lost(self, error: RuntimeError) -> Exception:
        """What a call that failed means: nearly always that another process is gone."""
        if is_shortage(error):
            return error
        log.info("no connection to the other processes any more: %s", error)
        reasons = [path.read_text("utf-8") for path in _reasons(self._folder)]
        if reasons:
            return LostError(" ".join(reasons))
        return LostError(
            f"Another of the {self._place.count} processes ended without giving a reason (killed, or its "
            "machine is out of memory): see what torchrun or SLURM say, then run the same command again."
        )


def join(place: Place, device: torch.device, folder: Path) -> Processes:
    """Joins the processes that train together; waits for all of them.

    Args:
        place: of this process.
        device: that it computes on.
        folder: the run's.

    Raises:
        UserError: the processes do not find together.
    """
    if place.count == 1:
        return ALONE
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    if place.leads:
        for path in _reasons(folder):
            path.unlink()
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    try:
        fabric = Fabric(
            accelerator=device.type,
            devices=place.local_count,
            num_nodes=place.count // place.local_count,
            strategy=DDPStrategy(process_group_backend=backend, timeout=PATIENCE),
        )
        fabric.launch()
    except (RuntimeError, ValueError) as error:
        raise UserError(f"The {place.count} processes could not join ({error}).") from error
    return Group(fabric, place, folder)


def leave() -> None:
    """Ends the connection to the others, where there is one."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def leave_reason(folder: Path, place: Place, sentence: str) -> None:
    """Notes why this process ends, for the one that leads to tell."""
    try:
        (folder / f".ended-{place.rank}").write_text(f"{place.title.capitalize()}: {sentence}", "utf-8")
    except OSError as error:
        log.warning("the reason cannot be left in %s: %s", folder, error)


def _reasons(folder: Path) -> list[Path]:
    return sorted(folder.glob(".ended-*"))
