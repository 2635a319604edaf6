"""Tensors that a start left out, in a few sentences: networks have hundreds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch

_BLOCK = re.compile(r"(.*?\bb\d+)\.")
"""A resolution's block is one group."""


def grouped(
    skipped: Sequence[str], given: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]
) -> tuple[str, ...]:
    """For example `G, G_ema: synthesis.b64 (14 tensors missing from the start)`.

    Args:
        skipped: names such as `G/mapping.embed.weight`.
        given: what the start offered.
        own: what has a place here.
    """
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for name in skipped:
        network, _, tensor = name.partition("/")
        kind = network.partition("_")[0]  # an average has the parts of what it averages
        networks = found.setdefault((kind, _part(tensor), _reason(name, given, own)), {})
        networks[network] = networks.get(network, 0) + 1
    return tuple(
        f"{', '.join(sorted(networks))}: {part} ({_count(sum(networks.values()))} {reason})"
        for (_, part, reason), networks in found.items()
    )


def _part(tensor: str) -> str:
    block = _BLOCK.match(tensor)
    return block.group(1) if block else tensor.rpartition(".")[0] or tensor


def _reason(name: str, given: Mapping[str, torch.Tensor], own: Mapping[str, torch.Tensor]) -> str:
    if name not in given:
        return "missing from the start"
    return "of another shape" if name in own else "without a place here"


def _count(number: int) -> str:
    return "1 tensor" if number == 1 else f"{number} tensors"
