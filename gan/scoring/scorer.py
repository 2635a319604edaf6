"""A trained scorer: made of verdicts where it is of use, written, read and asked."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load, save

from gan.contract.errors import UserError
from gan.contract.jsonfile import finite, write_json
from gan.contract.scorer_folder import SCORER_FILE, SCORER_NETWORK, ScorerInfo, read_scorer
from gan.data.decode import Pixels
from gan.scoring import validation
from gan.scoring.calibration import Platt, Quality, Truth, Values
from gan.scoring.halves import make_halves
from gan.scoring.network import ScorerNetwork, ScorerTraining, logits, train_network
from gan.scoring.storing import from_tensors, to_tensors, write_whole
from gan.scoring.table import Numbers, Verdicts, prepared

LEAST_VERDICTS = 60
LEAST_OF_EACH = 15
"""Verdicts of each kind: with fewer an AUC's interval says nothing."""
CHANCE = 0.5
FOLDS = 5


@dataclass(frozen=True)
class Scores:
    """Probabilities [N] that an expert would say so of an image."""

    perfect: Values
    right_class: Values
    both: Values
    """The product of those that the scorer may use; see the rule of use."""


@dataclass(frozen=True)
class Scorer:
    """A network with its calibration."""

    network: ScorerNetwork
    perfect: Platt
    right_class: Platt
    uses_perfect: bool
    uses_class: bool
    info: ScorerInfo

    def scores(self, images: Pixels, labels: Numbers) -> Scores:
        """Of images [N, C, H, W] (0 to 255) generated as these classes [N]."""
        found = logits(self.network, prepared(images), labels)
        perfect, right = self.perfect(found[:, 0]), self.right_class(found[:, 1])
        both = (perfect if self.uses_perfect else 1.0) * (right if self.uses_class else 1.0)
        return Scores(perfect, right, both * np.ones(len(labels)))


def make_scorer(
    table: Verdicts,
    folder: Path,
    training: ScorerTraining,
    repeats: int = 1000,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ScorerInfo:
    """Cross-validates, and where the scorer is of use trains it on all verdicts; writes both into `folder`.

    Raises:
        OSError: it cannot be written.
    """
    facts: dict[str, Any] = {"v": 1, "id": "", "classes": list(table.classes), "counts": _counts(table)}
    sizes = sorted({size for size, made in zip(table.sizes, table.generated, strict=True) if made})
    facts |= {"sizes": sizes, "verdicts_sha256": table.sha256, "training": asdict(training)}
    few = [_too_few(task.truth) for task in validation.tasks(table)]
    if all(few):
        return _write(folder, {**facts, "useful": False, "sentence": few[0]})
    by_image, by_round = _validated(table, training, progress)
    facts |= _figures(table, by_image, by_round, repeats, training.seed)
    questions = (validation.PERFECT, validation.RIGHT_CLASS)
    reasons = [one or _not_above_chance(facts, name) for one, name in zip(few, questions, strict=True)]
    if all(reasons):
        return _write(folder, {**facts, "useful": False, "sentence": reasons[0]})
    perfect, right = (validation.calibrate(by_image, task) for task in validation.tasks(table))
    facts |= {"uses_perfect": not reasons[0], "uses_class": not reasons[1]}
    network = train_network(table, np.arange(len(table)), training)
    facts["halves"] = make_halves(table, folder, training, repeats)
    facts["id"] = write_network(folder / SCORER_NETWORK, network, perfect, right)
    return _write(folder, {**facts, "useful": True, "sentence": _sentence(facts)})


def load_scorer(folder: Path, classes: tuple[str, ...]) -> Scorer:
    """A scorer for a network with these classes.

    Raises:
        UserError: there is none, it is damaged, of no use, or of other classes.
    """
    try:
        info = find_scorer(folder)
        require_use(info, classes)
        content = (folder / SCORER_NETWORK).read_bytes()
        if hashlib.sha256(content).hexdigest() != info.id:
            raise ValueError("it was changed")
        parts = from_tensors(load(content), len(info.classes))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise UserError(f"The scorer {folder} cannot be read ({error}): train it again.") from error
    return Scorer(*parts, *used(info), info)


def find_scorer(folder: Path) -> ScorerInfo:
    """What the scorer in a folder says of itself.

    Raises:
        UserError: there is none.
        OSError, ValueError, KeyError, TypeError: it is damaged.
    """
    if not (folder / SCORER_FILE).is_file():
        raise UserError(f"There is no scorer at {folder}: name a folder with {SCORER_FILE}, or train one.")
    return read_scorer(folder)


def used(info: ScorerInfo) -> tuple[bool, bool]:
    """Whether p(perfect) and p(right class) are used; older scorers were never of use without the first."""
    return bool(info.facts.get("uses_perfect", True)), bool(info.facts["uses_class"])


def require_use(info: ScorerInfo, classes: tuple[str, ...]) -> None:
    """Makes sure that a scorer may be used with a network of these classes.

    Raises:
        UserError: it is of no use, or of other classes.
    """
    if not info.useful:
        raise UserError(f"The scorer {info.path} cannot be used: {info.sentence}")
    if info.classes != (classes or ("",)):
        raise UserError(
            f"The scorer {info.path} judges {', '.join(info.classes)}, but the network makes "
            f"{', '.join(classes) or 'no classes'}: train a scorer on its verdicts."
        )


def _counts(table: Verdicts) -> dict[str, Any]:
    perfect, right = validation.tasks(table)
    generated = table.generated
    return {
        "verdicts": int(generated.sum()),
        "perfect": int(perfect.truth.sum()),
        "not_perfect": int((~perfect.truth).sum()),
        "right_class": int(right.truth.sum()),
        "wrong_class": int((~right.truth).sum()),
        "rounds": dict(sorted(Counter(batch for batch in table.batches if batch).items())),
        "real": int((~generated).sum()),
        "embryos": len({e for e, made in zip(table.embryos, generated, strict=True) if e and not made}),
    }


def _too_few(truth: Truth) -> str:
    """Why a question cannot be tested, or nothing. (Only that of perfect is ever told.)"""
    perfect, other = int(truth.sum()), int((~truth).sum())
    if len(truth) >= LEAST_VERDICTS and min(perfect, other) >= LEAST_OF_EACH:
        return ""
    return (
        f"{len(truth)} verdicts ({perfect} perfect, {other} not) are too few: a scorer needs "
        f"{LEAST_VERDICTS} with at least {LEAST_OF_EACH} of each kind, so it is not used."
    )


def _validated(
    table: Verdicts, training: ScorerTraining, progress: Callable[[int, int], None]
) -> tuple[validation.Validated, validation.Validated | None]:
    image = validation.folds_by_image(table, FOLDS, training.seed)
    rounds = len({batch for batch in table.batches if batch})
    of_round = validation.folds_by_round(table, FOLDS, training.seed) if rounds > 1 else None
    total = FOLDS + (0 if of_round is None else len(np.unique(of_round)))
    done = iter(range(1, total + 1))

    def say() -> None:
        progress(next(done), total)

    first = validation.validate(table, image, training, say)
    return first, None if of_round is None else validation.validate(table, of_round, training, say)


def _figures(
    table: Verdicts,
    by_image: validation.Validated,
    by_round: validation.Validated | None,
    repeats: int,
    seed: int,
) -> dict[str, Any]:
    found: dict[str, Any] = {"by_image": _plain(validation.qualities(table, by_image, repeats, seed))}
    notes = [
        "Figures are of generated images that the network had not seen, calibrated without them.",
        "Intervals (95 %) resample images.",
        "p of both is the product of p(perfect) and p(right class), as if they were independent.",
    ]
    if by_round is None:
        notes.append("There is one round of verdicts: how the scorer does on a new round is not known.")
    else:
        found["by_round"] = _plain(validation.qualities(table, by_round, repeats, seed))
        found["each_round"] = _plain(validation.each_round(table, by_round, repeats, seed))
        notes.append("The intervals by round hold for these rounds; few rounds say little of the next.")
    return {**found, "notes": notes}


def _plain(found: Mapping[str, Quality | None]) -> dict[str, Any]:
    return {name: None if one is None else asdict(one) for name, one in found.items()}


def _not_above_chance(facts: Mapping[str, Any], question: str) -> str:
    for name, words in (("by_image", "by image"), ("by_round", "by round")):
        if name not in facts:
            continue
        found = facts[name][question]
        low = None if found is None else found["auc"]["low"]
        if low is None or not low > CHANCE:
            said = "cannot be measured" if found is None else f"is {_auc_words(found['auc'])}"
            return f"The AUC {words} {said}, so chance is not excluded: the scorer is not used."
    return ""


def _auc_words(auc: Mapping[str, float]) -> str:
    return f"{auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f})"


def _sentence(facts: Mapping[str, Any]) -> str:
    counts, known = facts["counts"], facts["uses_perfect"]
    question, of = (validation.PERFECT, "") if known else (validation.RIGHT_CLASS, " of the right class")
    text = f"Of {counts['verdicts']} verdicts ({counts['perfect']} perfect): AUC{of} by image "
    text += _auc_words(facts["by_image"][question]["auc"])
    if "by_round" in facts:
        text += f", by round {_auc_words(facts['by_round'][question]['auc'])}"
    if not known:
        return f"{text}. Perfect could not be told from chance: p is that of the right class alone."
    alone = "" if facts["uses_class"] else " Wrong classes could not be tested: p is that of perfect alone."
    return f"{text}.{alone}"


def write_network(path: Path, network: ScorerNetwork, perfect: Platt, right: Platt) -> str:
    """Writes network and calibration as safetensors; returns the file's SHA-256, the scorer's id.

    Raises:
        OSError: it cannot be written.
    """
    return write_whole(path, save(to_tensors(network, perfect, right)))


def _write(folder: Path, facts: Mapping[str, Any]) -> ScorerInfo:
    write_json(folder / SCORER_FILE, finite(facts))
    return read_scorer(folder)
