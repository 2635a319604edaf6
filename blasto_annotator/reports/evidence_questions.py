"""The questions: can readers tell, do they agree, what do they name, does it get better?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from blasto_annotator.domain.agreement import Agreement, agreement
from blasto_annotator.domain.detection import Answers, bias, hype_error, sensitivity
from blasto_annotator.domain.equivalence import difference, equivalence
from blasto_annotator.domain.raters import make_ratings
from blasto_annotator.domain.readers import effective_number, readers_and_images
from blasto_annotator.domain.reviews import Answer, ItemKind, Mode, Realism, Review, defect_title
from blasto_annotator.domain.statistics import Estimate, wilson
from blasto_annotator.reports.evidence import (
    CHANCE,
    Evidence,
    Figure,
    Grid,
    Material,
    by_class,
    gather,
    is_perfect,
    number_figure,
    p_text,
    percent,
    reviewers,
    share_figure,
    share_text,
)
from blasto_annotator.reports.evidence_rounds import chosen, model_scores, published, rounds
from blasto_annotator.store import Project

_WILSON = "Wilson 1927"
_DPRIME = "Green and Swets 1966; correction Hautus 1995; variance Gourevitch and Galanter 1967"
_FEW = 30
_KAPPAS = {
    "mean_weighted_kappa": ("Quadratic weighted kappa, mean of pairs", "Cohen 1968"),
    "alpha_ordinal": ("Krippendorff’s ordinal alpha", "Krippendorff 2011"),
    "ac1": ("Gwet’s AC1", "Gwet 2008"),
}
_KAPPA_WORDS = "1 is full agreement, 0 that of chance."
ORDER = tuple(realism.value for realism in (Realism.IMPLAUSIBLE, Realism.MINOR_FLAWS, Realism.PERFECT))


def evidence(
    project: Project, batch: str | None = None, reviewer: str | None = None, beside_published: bool = True
) -> list[Evidence]:
    """Every question that the reviews of a batch and reviewer (None: all) can answer."""
    material = gather(project, batch, reviewer)
    asked = (release, controls, choices, pairs, readers, themselves, defects, rounds)
    found = [chosen(project, material), *(ask(material) for ask in asked), model_scores(project, material)]
    found += [published(material)] if beside_published else []
    return [part for part in found if part is not None]


def release(material: Material) -> Evidence | None:
    """Two models mixed blind in one session: is the second better than the first?"""
    figures = tuple(comparisons(material).values())
    return Evidence("Is the new model better?", figures) if figures else None


def comparisons(material: Material) -> dict[tuple[str, str], Figure]:
    """(First, second batch) of each rated blind mix -> the share perfect of the second less the first."""
    found = {}
    for first, second in sorted(material.contests):
        own = [[r for r in _contested(material) if r.batch == name] for name in (first, second)]
        if all(own):
            old, new = ((sum(map(is_perfect, some)), len(some)) for some in own)
            gap = difference(new, old)
            found[first, second] = number_figure(
                f"Perfect, {second} less {first}", Estimate(gap.value, gap.low, gap.high),
                f"{new[1]} and {old[1]} verdicts", _release_words(gap.low, gap.high),
                "Newcombe 1998, method 10",
            )  # fmt: skip
    return found


def controls(material: Material) -> Evidence | None:
    """Generated images beside the real frames that were mixed in blind."""
    generated, real = material.rated(ItemKind.GENERATED), material.rated(ItemKind.REAL)
    if not generated or not real:
        return None
    flawed, alarms = (sum(not is_perfect(r) for r in some) for some in (generated, real))
    answers = Answers(flawed, len(generated), alarms, len(real))
    gap = difference((len(generated) - flawed, len(generated)), (len(real) - alarms, len(real)))
    n = f"{len(generated)} generated, {len(real)} real"
    figures = (
        share_figure(
            "False alarms", wilson(alarms, len(real)), f"{len(real)} real",
            "Real frames that were not rated perfect: how strict the readers are.", _WILSON,
        ),
        number_figure(
            "Perfect, generated less real", Estimate(gap.value, gap.low, gap.high), n,
            _gap_words(gap.value, gap.low, gap.high), "Newcombe 1998, method 10",
        ),
        number_figure(
            "d′ of “not perfect”", sensitivity(answers), n, _dprime_words(sensitivity(answers)), _DPRIME
        ),
    )  # fmt: skip
    return Evidence("Beside real frames, mixed in blind", figures)


def choices(material: Material) -> Evidence | None:
    """Real or generated?"""
    said = material.with_role(Mode.CHOICE)
    if not said:
        return None
    answers = _counted(said)
    n = f"{answers.generated} generated, {answers.real} real"
    error = hype_error(answers)
    figures = [
        share_figure(
            "HYPE error", error, n, f"Images called wrongly; {CHANCE}, more fools the reader.",
            "Zhou et al. 2019; Wilson 1927",
        ),
        number_figure("d′", sensitivity(answers), n, _dprime_words(sensitivity(answers)), _DPRIME),
        number_figure(
            "Criterion c", bias(answers), n, _bias_words(bias(answers)), "Macmillan and Creelman 2005"
        ),
    ]  # fmt: skip
    figures += _over_readers(said)
    figures += [_equivalence(answers, margin, n) for margin in material.margins]
    return Evidence("Real or generated?", tuple(figures), (_choices_by_reader(said),))


def pairs(material: Material) -> Evidence | None:
    """Which of two looks more real? The answer stands at the left image."""
    said = material.with_role(Mode.PAIR)
    if not said:
        return None
    second = [review for review in said if _prefers_second(review, material)]
    share = wilson(len(second), len(said))
    p = binomtest(len(second), len(said), 0.5).pvalue
    reading = f"How often its image was preferred; {CHANCE}. Two-sided exact binomial {p_text(p)}."
    figure = share_figure("Preferred: second batch", share, f"{len(said)} pairs", reading, _WILSON)
    return Evidence("Which of two looks more real?", (figure,))


def readers(material: Material) -> Evidence | None:
    """Whether the figure would hold for other readers, and whether readers agree."""
    generated = material.rated(ItemKind.GENERATED)
    names = reviewers(generated)
    if not generated:
        return None
    scores = _scores(generated, names)
    found = readers_and_images(scores)
    images = scores.shape[1]
    covered = (
        "other readers and other images" if len(names) > 1 else "other images, not other readers: one read"
    )
    figures = [
        number_figure(
            "Perfect, over readers and images", found, f"{len(names)} readers, {images} images",
            f"The interval covers {covered}.", "Owen 2007; Gallas et al. 2009",
        ),
        _independent(effective_number(scores), len(generated)),
    ]  # fmt: skip
    if len(names) > 1:
        figures += _agreement(generated, names)
    return Evidence("Other readers", tuple(figures), notes=_few_readers(len(names)))


def themselves(material: Material) -> Evidence | None:
    """Whether a reader says the same of an image that comes again."""
    rated = _twice(material.ratings, material.with_role(Mode.RATE, repeat=True))
    answered = _twice(material.with_role(Mode.CHOICE), material.with_role(Mode.CHOICE, repeat=True))
    realism = [pair for pair in rated if all(r.verdict and r.verdict.realism for r in pair)]
    if not realism and not answered:
        return None
    figures = []
    if realism:
        same = sum(a.verdict.realism is b.verdict.realism for a, b in realism if a.verdict and b.verdict)
        figures.append(_again("Same realism again", same, len(realism), "rated alike"))
        figures += _steadiness(realism)
    if answered:
        same = sum(a.verdict.answer is b.verdict.answer for a, b in answered if a.verdict and b.verdict)
        figures.append(_again("Same answer again", same, len(answered), "answered alike"))
    count = len(realism) + len(answered)
    notes = (f"Only {count} repeats: the interval is wide.",) if count < _FEW else ()
    return Evidence("Readers with themselves", tuple(figures), notes=notes)


def _twice(first: Sequence[Review], again: Sequence[Review]) -> list[tuple[Review, Review]]:
    """A reader's two verdicts on one image."""
    known = {(r.reviewer, r.batch, r.sha256): r for r in first}
    pairs = [(known.get((r.reviewer, r.batch, r.sha256)), r) for r in again]
    return [(a, b) for a, b in pairs if a is not None]


def _again(name: str, same: int, count: int, alike: str) -> Figure:
    reading = f"Images that came twice, unannounced, and were {alike}."
    return share_figure(name, wilson(same, count), f"{count} repeats", reading, _WILSON)


def _steadiness(pairs: Sequence[tuple[Review, Review]]) -> list[Figure]:
    """Quadratic weighted kappa of the first look with the second, all readers' repeats together."""
    said: dict[str, dict[str, str | None]] = {"first": {}, "again": {}}
    for pair in pairs:
        for name, review in zip(said, pair, strict=True):
            if review.verdict and review.verdict.realism:
                said[name][f"{review.reviewer}/{review.batch}/{review.sha256}"] = review.verdict.realism.value
    found = agreement(make_ratings("realism", ORDER, ordered=True, said=said))
    kappa = _kappas(found, ("mean_weighted_kappa",), f"{len(pairs)} repeats")
    return [replace(figure, name="Quadratic weighted kappa, first look with second") for figure in kappa]


def defects(material: Material) -> Evidence | None:
    """Which defects are named, by class."""
    generated = [r for r in material.ratings if r.kind is ItemKind.GENERATED and r.verdict is not None]
    codes = Counter(code for r in generated if r.verdict for code in r.verdict.defects)
    if not codes:
        return None
    classes = by_class(generated, material.classes)
    rows = []
    for code, count in codes.most_common():
        each = [sum(code in r.verdict.defects for r in own if r.verdict) for _, own in classes]
        shown = [f"{k} of {len(own)}" for k, (_, own) in zip(each, classes, strict=True)]
        rows.append((defect_title(code), *shown, f"{count} of {len(generated)}"))
    head = ("Defect", *(name for name, _ in classes), "All")
    return Evidence("Defects by class", grids=(Grid("Generated images that show it", head, tuple(rows)),))


def _counted(said: Sequence[Review]) -> Answers:
    generated = [r for r in said if r.kind is ItemKind.GENERATED]
    real = [r for r in said if r.kind is ItemKind.REAL]
    called = [sum(_called_generated(r) for r in some) for some in (generated, real)]
    return Answers(called[0], len(generated), called[1], len(real))


def _over_readers(said: Sequence[Review]) -> list[Figure]:
    """The HYPE error with an interval that covers other readers, where several read."""
    names = reviewers(said)
    if len(names) < 2:
        return []
    wrong = _scores(said, names, lambda r: _called_generated(r) is not (r.kind is ItemKind.GENERATED))
    return [
        number_figure(
            "Called wrongly, over readers and images", readers_and_images(wrong),
            f"{len(names)} readers, {wrong.shape[1]} images",
            "A share; the interval covers other readers and other images.", "Owen 2007; Gallas et al. 2009",
        )
    ]  # fmt: skip


def _called_generated(review: Review) -> bool:
    return review.verdict is not None and review.verdict.answer is Answer.GENERATED


def _prefers_second(review: Review, material: Material) -> bool:
    """Whether the session's second batch was preferred; a review keeps the batch of its left image."""
    second = str(material.sessions[review.session_id or 0].plan["batches"][1])
    chose_left = review.verdict is not None and review.verdict.answer is Answer.LEFT
    return (review.batch == second) == chose_left


def _equivalence(answers: Answers, margin: float, n: str) -> Figure:
    found = equivalence(answers.total - answers.errors, answers.total, margin)
    reading = (
        f"Right answers lie within {percent(0.5 - margin)} to {percent(0.5 + margin)}: readers cannot tell."
        if found.shown
        else f"Not shown to lie within {percent(margin)} of chance, which is no proof that readers can tell."
    )
    return share_figure(
        f"Equivalent to chance within ±{percent(margin)}", found.share, n,
        f"{reading} {p_text(found.p)}; the interval is the 90 % one that goes with the test.",
        "Two one-sided exact tests, Schuirmann 1987",
    )  # fmt: skip


def _choices_by_reader(said: Sequence[Review]) -> Grid:
    rows = []
    for name in reviewers(said):
        own = [review for review in said if review.reviewer == name]
        answers = _counted(own)
        seconds = [r.seen.seconds for r in own if r.seen.seconds is not None]
        time = f"{np.median(seconds):.1f} s" if seconds else "–"
        dprime = sensitivity(answers)
        rows.append((name, str(answers.total), share_text(hype_error(answers)), f"{dprime.value:.2f}", time))
    return Grid("By reader", ("Reader", "n", "Called wrongly", "d′", "Median time"), tuple(rows))


def _scores(
    reviews: Sequence[Review], names: Sequence[str], holds: Callable[[Review], bool] = is_perfect
) -> NDArray[np.float64]:
    """[readers, images]: 1 where it holds of a review, 0 where not, NaN where the reader has not read."""
    images = {key: place for place, key in enumerate(sorted({(r.batch, r.sha256) for r in reviews}))}
    scores = np.full((len(names), len(images)), np.nan)
    for review in reviews:
        scores[names.index(review.reviewer), images[review.batch, review.sha256]] = holds(review)
    return scores


def _agreement(generated: Sequence[Review], names: Sequence[str]) -> list[Figure]:
    said: dict[str, dict[str, str | None]] = {name: {} for name in names}
    for review in generated:
        if review.verdict and review.verdict.realism:
            said[review.reviewer][f"{review.batch}/{review.sha256}"] = review.verdict.realism.value
    found = agreement(make_ratings("realism", ORDER, ordered=True, said=said))
    return _kappas(found, tuple(_KAPPAS), f"{found.compared} images read by several")


def _kappas(found: Agreement, names: Sequence[str], n: str) -> list[Figure]:
    return [
        number_figure(_KAPPAS[name][0], found.figures[name], n, _KAPPA_WORDS, _KAPPAS[name][1])
        for name in names
        if name in found.figures and not math.isnan(found.figures[name].value)
    ]


def _independent(value: float, verdicts: int) -> Figure:
    return Figure(
        "Independent verdicts", f"{value:.0f}", f"{verdicts} verdicts",
        "Verdicts on one image are not independent: so many independent ones carry as much.",
        "Kish 1965; Donner and Koval 1980", Estimate(value, value, value),
    )  # fmt: skip


def _contested(material: Material) -> list[Review]:
    generated = (review for review in material.contested if review.kind is ItemKind.GENERATED)
    return [review for review in generated if review.verdict and review.verdict.realism is not None]


def _release_words(low: float, high: float) -> str:
    if low > 0:
        return "The second batch’s model is rated perfect more often: its promotion has evidence."
    if high < 0:
        return "The second batch’s model is rated perfect less often: keep the first in use."
    return f"Not decided: the difference lies between {100 * low:+.0f} and {100 * high:+.0f} points."


def _gap_words(value: float, low: float, high: float) -> str:
    if low > 0:
        return "Generated images were rated perfect more often than real ones: look at what readers go by."
    if high < 0:
        return f"Real frames were rated perfect more often, by {percent(-value)}: readers see a difference."
    return "No difference shown; the interval says how large it may still be."


def _dprime_words(found: Estimate) -> str:
    if found.low > 0:
        return "Above 0: generated images are told from real ones better than by chance."
    if found.high < 0:
        return "Below 0: real frames look less real to the readers than generated ones."
    return "0 lies in the interval: not shown that readers can tell; see how wide it is."


def _bias_words(found: Estimate) -> str:
    if found.high < 0:
        return "Readers prefer to answer “generated”."
    return "Readers prefer to answer “real”." if found.low > 0 else "No preference for either answer shown."


def _few_readers(count: int) -> tuple[str, ...]:
    if count == 1:
        return ("One reader: nothing here says how another would judge.",)
    return () if count > 4 else (f"{count} readers: an interval over so few readers is rough.",)
