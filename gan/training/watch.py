"""Evaluation in the loop: figures to the record, the best checkpoint's name, leaks and plateaus told once.

What was found before is read from the record, so that a resumed run goes on where it was; figures from after
the checkpoint that it resumes do not count, for they come again.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gan.contract.checkpoint import Best, folder_name, read_best, write_best
from gan.contract.errors import UserError
from gan.contract.events import read_events
from gan.training.evaluating import Evaluator, Figure, Verdict, make_images
from gan.training.parts import Parts
from gan.training.plateau import PATIENCE, newly_stalled

log = logging.getLogger(__name__)

LEAKS = "leaks"
"""The figure that counts signs of leaking augmentations."""
PRECISION = "precision"
"""The figure that tells how many generated images lie among the real ones."""
GROWN = 0.7
"""Precision at which a generator has grown up; what a younger one does wrong is no leak. (In a run without a
leak the signs of one had gone at a precision of 0.8.)"""
_TITLES = {"kernel_distance": "kernel distance", "frechet_distance": "Fréchet distance"}
_STALLED = (
    "The {title} has not fallen since kimg {since:g} ({best:.4g} there; median of the last {count} "
    "evaluations {recent:.4g}): more training of this kind brings little. The best checkpoint is kept "
    "(--network RUN@best). What may help: more or more varied images; a larger r1_gamma; "
    "half the learning_rate; a lower augment_p_max where ada_p is high."
)
History = dict[str, list[tuple[float, float]]]
"""Name to kimg and value, in time."""


class Watch:
    """Evaluates when the loop asks for it."""

    def __init__(self, parts: Parts, evaluator: Evaluator | None, kimg: float) -> None:
        self._parts = parts
        self._evaluator = evaluator
        self._by = parts.config.best_by
        self._history = _recorded(parts, kimg, (self._by, LEAKS, PRECISION)) if evaluator else {}
        self._pending: Best | None = None

    def look(self, kimg: float, ada_p: float | None) -> bool:
        """Scores what the generator makes now and tells of it; whether this is the best so far.

        Nothing of the training changes: its random numbers are put back.
        """
        verdict = self._verdict(ada_p)
        if verdict is None:
            return False
        for figure in verdict.figures:
            self._emit(kimg, figure)
        figures = {figure.name: figure for figure in verdict.figures}
        self._note(kimg, figures)
        self._warn(verdict)
        return self._is_best(kimg, figures[self._by])

    def keep(self) -> None:
        """Names the checkpoint that was just saved as the best."""
        if self._pending is None:
            return
        try:
            write_best(self._parts.run.checkpoints, self._pending)
        except OSError as error:
            self._say(f"The best checkpoint cannot be named: {error.strerror}.")
        self._pending = None

    def _verdict(self, ada_p: float | None) -> Verdict | None:
        if self._evaluator is None:
            return None
        parts = self._parts
        before = parts.randomness.state_dict()
        try:
            return self._evaluator.evaluate(
                make_images(parts.family, parts.config, parts.machine.device, ada_p)
            )
        except UserError as error:
            self._evaluator = None
            self._say(f"This run is not evaluated: {error}")
            return None
        finally:
            parts.randomness.load_state_dict(before)

    def _emit(self, kimg: float, figure: Figure) -> None:
        facts = {"kimg": kimg, "name": figure.name, "value": figure.value, "n": figure.n}
        self._parts.reporter.emit("metric", **facts, **figure.facts)

    def _note(self, kimg: float, figures: Mapping[str, Figure]) -> None:
        for name in (self._by, LEAKS, PRECISION):
            if name in figures:
                self._history.setdefault(name, []).append((kimg, figures[name].value))

    def _warn(self, verdict: Verdict) -> None:
        if leak_is_news(self._values(LEAKS), self._values(PRECISION)):
            self._say(verdict.leak)
        if newly_stalled(self._values(self._by)):
            self._say(self._stall_sentence(self._history[self._by]))

    def _values(self, name: str) -> list[float]:
        return [value for _, value in self._history.get(name, ())]

    def _stall_sentence(self, scores: list[tuple[float, float]]) -> str:
        since, best = min(scores, key=lambda score: score[1])
        recent = sorted(value for _, value in scores[-PATIENCE:])
        middle = (recent[(PATIENCE - 1) // 2] + recent[PATIENCE // 2]) / 2
        return _STALLED.format(title=_TITLES[self._by], since=since, best=best, count=PATIENCE, recent=middle)

    def _is_best(self, kimg: float, figure: Figure) -> bool:
        features = str(figure.facts.get("features", ""))
        best = read_best(self._parts.run.checkpoints)
        comparable = best is not None and (best.metric, best.features, best.n) == (
            figure.name,
            features,
            figure.n,
        )
        if not math.isfinite(figure.value) or (best and comparable and best.value <= figure.value):
            return False
        self._pending = Best(folder_name(kimg), kimg, figure.name, figure.value, figure.n, features)
        return True

    def _say(self, sentence: str) -> None:
        log.warning(sentence)
        self._parts.reporter.emit("warning", message=sentence)


def leak_is_news(counts: Sequence[float], precisions: Sequence[float]) -> bool:
    """Whether signs of a leak show for the second time in a row, and not longer: one alone may be chance.

    Nothing counts before the generator has once been good; a leak may make it worse again.
    """
    grown = np.maximum.accumulate(np.array(precisions)) >= GROWN if precisions else ()
    shows = [count > 0 and bool(old) for count, old in zip(counts, grown, strict=False)]
    return shows[-2:] == [True, True] and shows[-3:-2] != [True]


def _recorded(parts: Parts, kimg: float, names: tuple[str, ...]) -> History:
    """Figures of the record up to the checkpoint that is resumed."""
    found: History = {}
    try:
        events, _ = read_events(parts.run.events)
    except OSError as error:
        log.warning("the record cannot be read: %s", error)
        return found
    for event in events:
        if event.kind == "metric" and event.fields.get("name") in names:
            _take(found, event.fields, kimg)
    return found


def _take(found: History, fields: Mapping[str, Any], kimg: float) -> None:
    at, value = fields.get("kimg"), fields.get("value")
    if not isinstance(at, (int, float)) or not isinstance(value, (int, float)) or at > kimg:
        return
    scores = found.setdefault(str(fields["name"]), [])
    # a sitting that was killed, and the one after it, tell the same moments twice: the later tells
    scores[:] = [score for score in scores if score[0] < at]
    scores.append((float(at), float(value)))
