"""Do augmentations leak? Orientation and light of generated images against those of real ones.

ADA's transforms must not show in what the generator makes, but do where p is too high for too long (Karras et
al. 2020, "Training generative adversarial networks with limited data", section 2.2 and appendix C). Two kinds
of figure are compared:

* the share of images that a judge of orientation finds turned, mirrored or inverted (`orientation`);
* the share of images whose light, noise, holes, place, size or colour (`appearance`) lies outside the middle
  95 % of the real ones.

What is normal comes from the real images alone: their embryos are divided in halves many times, and the same
figures compare half with half. Each figure is then in units of its own deviation between halves, and fires
above the 99 % quantile of the largest figure of a division (the step-down maximum of Westfall and Young 1993,
section 2.3, which keeps the chance of any false alarm at 1 %, however many figures there are), where the
excess is also at least 5 % of the images (15 % for appearance). The whole set against as many others varies
by the root of a half of what halves do, since variance goes with the number of embryos. What orientation
cannot tell (an embryo has no upper side unless the picture shows one) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gan.data.decode import Pixels
from gan.metrics import orientation
from gan.metrics.appearance import appearance

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DIVISIONS = 200
CONFIDENCE = 0.99
LEAST_TURNED, LEAST_OUTSIDE = 0.05, 0.15
"""Excess shares below which nothing fires: of images judged changed, and of images outside the usual range,
where a young generator is not yet at home."""
LEAST_EMBRYOS = 8
_TAIL = 0.025
_LEAST_DEVIATION = 0.005
_WHOLE_TO_HALF = 0.5**0.5
"""Deviation of the whole set against another, in deviations of half against half."""
_LEAST_CONTRAST = 0.2
"""A judge must tell changed from unchanged images by at least this difference of shares."""
_UPPER_ONLY = frozenset(("noise", "holes", "place"))
"""Augmentation only raises them; less noise than real images have is a young generator's."""
_JUDGES = {
    "turned": orientation.quarter_turns,
    "mirrored": orientation.mirrored,
    "inverted": orientation.inverted,
}


@dataclass(frozen=True)
class Sign:
    """One figure of the generated images beside the real ones."""

    name: str
    share: float
    """Of generated images that are judged changed or lie outside the usual range, 0 to 1."""
    usual: float
    """The same of real images, between halves."""
    leaked: float
    """Estimate of the share of generated images that were changed, 0 to 1; 0 where nothing is unusual."""
    strength: float
    """Excess in deviations between sets of real embryos."""
    fires: bool


@dataclass(frozen=True)
class LeakReport:
    """The figures of all generated images."""

    signs: tuple[Sign, ...]
    threshold: float
    """Of `strength`."""

    @property
    def firing(self) -> tuple[Sign, ...]:
        """The signs of a leak, the strongest first."""
        return tuple(sorted((s for s in self.signs if s.fires), key=lambda s: -s.leaked))


@dataclass(frozen=True)
class _Null:
    """How a figure differs between halves of real embryos."""

    mean: float
    deviation: float


class LeakCheck:
    """Knows the real images; compares generated ones with them."""

    def __init__(self, real: Pixels, embryos: Sequence[str], mirror: bool = False, seed: int = 0) -> None:
        """Learns what is normal from real images [N, C, H, W] (0 to 255) and the embryo that each shows.

        `mirror`: mirrored images are shown on purpose, so they are no leak.

        Raises:
            ValueError: fewer than eight embryos.
        """
        if len(set(embryos)) < LEAST_EMBRYOS:
            raise ValueError(f"a leak check needs real images of at least {LEAST_EMBRYOS} embryos")
        small = orientation.small_pictures(real)
        self._real = appearance(real)
        self._unseen = {
            name: orientation.judged_unseen(small, views, embryos)
            for name, views in _JUDGES.items()
            if not (mirror and name == "mirrored")
        }
        self._unseen = {name: flags for name, flags in self._unseen.items() if _decidable(name, flags)}
        self._weights = {name: orientation.learn(small, _JUDGES[name]) for name in self._unseen}
        self._calibrate(_halves(embryos, seed))

    def check(self, generated: Pixels) -> LeakReport:
        """Figures of generated images [M, C, H, W], 0 to 255, whose classes have their shares of the real
        ones."""
        shares = self._shares(generated)
        return LeakReport(tuple(self._sign(name, share) for name, share in shares.items()), self._threshold)

    def _shares(self, generated: Pixels) -> dict[str, float]:
        small, figures = orientation.small_pictures(generated), appearance(generated)
        shares = {}
        for name, judge in self._weights.items():
            shares[name] = float(orientation.judged_changed(small, _JUDGES[name], judge).mean())
        for name, values in figures.items():
            shares[name] = float(_outside(name, values, self._real[name]).mean())
        return shares

    def _sign(self, name: str, share: float) -> Sign:
        usual, deviation = self._usual(name), self._null[name].deviation
        strength = (share - usual) / (deviation * _WHOLE_TO_HALF)
        room = _contrast(name, usual) if name in self._unseen else 1 - usual
        least = LEAST_TURNED if name in self._unseen else LEAST_OUTSIDE
        fires = strength > self._threshold and share - usual >= least
        leaked = float(np.clip((share - usual) / room, 0, 1))
        return Sign(name, share, usual, leaked, strength, fires)

    def _usual(self, name: str) -> float:
        unseen = self._unseen.get(name)
        return self._null[name].mean if unseen is None else float(unseen.mean())

    def _calibrate(self, halves: Sequence[tuple[Flags, Flags]]) -> None:
        drawn = [self._between(one, other) for one, other in halves]
        self._null = {}
        for name in drawn[0]:
            values = np.array([shares[name] for shares in drawn])
            self._null[name] = _Null(float(values.mean()), max(float(values.std()), _LEAST_DEVIATION))
        largest = [
            max(
                (share - self._null[name].mean) / self._null[name].deviation for name, share in shares.items()
            )
            for shares in drawn
        ]
        self._threshold = float(np.quantile(largest, CONFIDENCE))

    def _between(self, one: Flags, other: Flags) -> dict[str, float]:
        """The figures of one half against the other; a judge's is the difference of its shares."""
        found = {name: float(flags[one].mean() - flags[other].mean()) for name, flags in self._unseen.items()}
        for name, values in self._real.items():
            found[name] = float(_outside(name, values[one], values[other]).mean())
        return found


def _halves(embryos: Sequence[str], seed: int) -> list[tuple[Flags, Flags]]:
    """Divisions of the embryos in two, each both ways round."""
    names, codes = np.unique(np.asarray(embryos), return_inverse=True)
    random = np.random.RandomState(seed)
    found = []
    for _ in range(DIVISIONS):
        chosen = np.isin(codes, random.permutation(len(names))[: len(names) // 2])
        found += [(chosen, ~chosen), (~chosen, chosen)]
    return found


def _outside(name: str, values: Values, reference: Values) -> Flags:
    """Whether each value lies outside the usual range of the reference."""
    low, high = np.quantile(reference, [_TAIL, 1 - _TAIL])
    if name in _UPPER_ONLY:
        low, high = -np.inf, np.quantile(reference, 1 - 2 * _TAIL)
    outside: Flags = (values < low) | (values > high)
    return outside


def _decidable(name: str, unseen: Flags) -> bool:
    return _contrast(name, float(unseen.mean())) >= _LEAST_CONTRAST


def _contrast(name: str, wrong: float) -> float:
    """How much more often changed images are judged changed than unchanged ones (Forman 2008, section 3.2).

    The judge treats all views alike: of `wrong` unchanged images, a third look like each other quarter turn.
    """
    return 1 - wrong * (4 / 3 if name == "turned" else 2)
