"""The seam between the training loop and whoever rewards what a generator makes, and the guard over it.

A reward is a frozen judge in two parts of other verdicts: one goes into the generator's loss, the other only
watches. Where the first is more and more pleased and the other is not, the generator learns the judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from gan.contract.config import RunConfig
from gan.contract.events import Event

USED, KEPT_OUT = "p_reward", "p_kept_out"
"""Names of the mean probabilities among a progress event's losses."""
WINDOW_KIMG = 1.0
"""Probabilities are compared between the first and the newest stretch of so many kimg: about a thousand
images, whose mean has a standard error of about 0.01."""
LEAST_RISE = 0.05
SHARE = 0.25
"""Of the rise, at least, that the part kept out must see."""

_GAMED = (
    "The generator learns the scorer, not the expert: since the start the part of the scorer in the loss has "
    "seen the probability of perfect and right class rise by {used:.2f} (to {now:.2f}), the part kept out by "
    "{kept:+.2f}. Stop this run, and start one with a smaller reward_weight or a scorer with more verdicts."
)


class Reward(Protocol):
    """A frozen judge of generated images; it draws nothing and changes nothing."""

    @property
    def weight(self) -> float:
        """Of -log p in the generator's loss; 0 only measures."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a checkpoint tells of it: `scorer` (its id) and `weight`, which identify it, and more."""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that judges: processes that train together must have the same."""

    def judge(self, images: torch.Tensor, classes: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """How likely the expert would call images perfect and of their class.

        Args:
            images: [N, C, H, W] in about [-1, 1].
            classes: what they were made as, one-hot [N, c_dim]; None without classes.

        Returns:
            log p [N] by the part in the loss, with gradient; p [N] by the part kept out, without.
        """


RewardFor = Callable[[RunConfig, Path, torch.device], Reward]
"""Builds the reward of a configuration from the scorer's folder.

Raises:
    UserError: the scorer cannot serve this run.
"""


@dataclass(frozen=True)
class _Seen:
    """Mean probabilities over a stretch of training."""

    kimg: float
    """At its end."""
    length: float
    """Of the stretch, in kimg."""
    used: float
    kept_out: float


class Guard:
    """Compares the two parts of a reward from report to report, and speaks once.

    Args:
        kimg: where the sitting begins.
        record: the run's events so far; those after `kimg` come again and do not count.
    """

    def __init__(self, kimg: float, record: Sequence[Event]) -> None:
        self._seen: list[_Seen] = []
        self._told = any(_is_notice(event) for event in record)
        for event in record:
            if event.kind == "progress" and float(event.fields["kimg"]) <= kimg:
                self._add(float(event.fields["kimg"]), event.fields.get("losses") or {})

    def look(self, kimg: float, means: Mapping[str, float]) -> str:
        """Takes in the means since the last report; the notice, where it is time for it."""
        self._add(kimg, means)
        if self._told or not self._seen or self._seen[-1].kimg < 2 * WINDOW_KIMG:
            return ""
        last = self._seen[-1].kimg
        first = _mean([seen for seen in self._seen if seen.kimg <= WINDOW_KIMG])
        newest = _mean([seen for seen in self._seen if seen.kimg > last - WINDOW_KIMG])
        used, kept = newest[0] - first[0], newest[1] - first[1]
        self._told = used >= LEAST_RISE and kept < SHARE * used
        return _GAMED.format(used=used, kept=kept, now=newest[0]) if self._told else ""

    def _add(self, kimg: float, means: Mapping[str, float]) -> None:
        used, kept_out = means.get(USED), means.get(KEPT_OUT)
        if used is None or kept_out is None:
            return
        # a sitting that was killed, and the one after it, tell the same moments twice: the later tells
        while self._seen and self._seen[-1].kimg >= kimg:
            self._seen.pop()
        before = self._seen[-1].kimg if self._seen else 0.0
        self._seen.append(_Seen(kimg, kimg - before, used, kept_out))


def _mean(seen: Sequence[_Seen]) -> tuple[float, float]:
    """Of both, weighted by length; no number where there is none."""
    total = sum(one.length for one in seen)
    if not total:
        return math.nan, math.nan
    used = sum(one.used * one.length for one in seen) / total
    return used, sum(one.kept_out * one.length for one in seen) / total


def _is_notice(event: Event) -> bool:
    begins = _GAMED.partition(":")[0]
    return event.kind == "warning" and str(event.fields.get("message", "")).startswith(begins)
