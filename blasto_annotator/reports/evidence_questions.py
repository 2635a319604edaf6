"""The questions: can readers tell, do they agree, what do they name, does it get better?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from blasto_annotator.domain.agreement import Agreement, agreement
from blasto_annotator.domain.detection import Answers
from blasto_annotator.domain.equivalence import difference
from blasto_annotator.domain.raters import make_ratings
from blasto_annotator.domain.readers import effective_number
from blasto_annotator.domain.reviews import ItemKind, Mode, Realism, Review, defect_title
from blasto_annotator.domain.schemes import class_named, is_grade
from blasto_annotator.domain.statistics import Estimate, wilson
from blasto_annotator.reports.evidence import (
    CRITERION,
    DPRIME,
    WILSON,
    Evidence,
    Figure,
    Grid,
    Material,
    by_class,
    dprime_words,
    embryo_words,
    gather,
    is_perfect,
    met_words,
    number_figure,
    percent,
    share_figure,
    sitting,
)
from blasto_annotator.reports.evidence_forced import choices, pairs
from blasto_annotator.reports.evidence_release import release
from blasto_annotator.reports.evidence_rounds import chosen, model_scores, published, rounds
from blasto_annotator.reports.over_readers import (
    first_less_second,
    matrix,
    reviewers,
    source,
    telling,
    widened,
)
from blasto_annotator.store import Project

_FEW = 30
_WITHOUT = "Generated images of {} are left out here: no real frame of that class was mixed in beside them."
_KAPPAS = {
    "mean_weighted_kappa": ("Quadratic weighted kappa, mean of pairs", "Cohen 1968"),
    "alpha_ordinal": ("Krippendorff’s ordinal alpha", "Krippendorff 2011"),
    "ac1": ("Gwet’s AC1", "Gwet 2008"),
}
_KAPPA_WORDS = "1 is full agreement, 0 that of chance."
ORDER = tuple(realism.value for realism in (Realism.IMPLAUSIBLE, Realism.MINOR_FLAWS, Realism.PERFECT))


def evidence(
    project: Project,
    batch: str | None = None,
    reviewer: str | None = None,
    beside_published: bool = True,
    without: Collection[str] = (),
) -> list[Evidence]:
    """Every question that the reviews of a batch and reviewer (None: all) can answer; see `gather`."""
    material = gather(project, batch, reviewer, without)
    asked = (release, controls, choices, pairs, readers, themselves, defects, wrong_classes, rounds)
    found = [chosen(project, material), *(ask(material) for ask in asked), model_scores(project, material)]
    found += [published(material)] if beside_published else []
    return [part for part in found if part is not None]


def controls(material: Material) -> Evidence | None:
    """Generated images beside the real frames that were mixed in blind."""
    real = material.rated(ItemKind.REAL)
    mixed = {sitting(review) for review in real}
    rated = [review for review in material.rated(ItemKind.GENERATED) if sitting(review) in mixed]
    classes = {review.class_name for review in real}
    generated = [review for review in rated if review.class_name in classes]
    if not generated or not real:
        return None
    flawed, alarms = (sum(not is_perfect(r) for r in some) for some in (generated, real))
    names = reviewers([*generated, *real])
    perfect = [matrix(some, names, is_perfect, material.embryos) for some in (generated, real)]
    answers = Answers(flawed, len(generated), alarms, len(real))
    dprime, criterion = telling(answers, [read.opposite for read in perfect])
    closed = difference((len(generated) - flawed, len(generated)), (len(real) - alarms, len(real)))
    gap = widened(Estimate(closed.value, closed.low, closed.high), *perfect, figure=first_less_second)
    n = f"{len(generated)} generated, {len(real)} real"
    figures = (
        share_figure(
            "False alarms", widened(wilson(alarms, len(real)), perfect[1].opposite), f"{len(real)} real",
            f"{percent(alarms / len(real))} of the verdicts on real frames were not “perfect”: the readers’ "
            "own threshold, not the generator’s.",
            source(WILSON, names, perfect[1]), told=True,
        ),
        number_figure(
            "Perfect, generated less real", gap, n, _gap_words(gap.value, gap.low, gap.high),
            source("Newcombe 1998, method 10", names, *perfect), told=True,
        ),
        number_figure(
            "d′ of “not perfect”", dprime, n, dprime_words(dprime), source(DPRIME, names, *perfect)
        ),
        number_figure(
            "Criterion c of “not perfect”", criterion, n, _strict_words(criterion),
            source(CRITERION, names, *perfect),
        ),
    )  # fmt: skip
    without = sorted({review.class_name for review in rated} - classes)
    said = [_WITHOUT.format(", ".join(without))] if without else []
    notes = (*said, *met_words(material, real), *embryo_words(material, real))
    return Evidence("Beside real frames, mixed in blind", figures, notes=notes)


def readers(material: Material) -> Evidence | None:
    """Whether the figure would hold for other readers, and whether readers agree."""
    generated = material.rated(ItemKind.GENERATED)
    names = reviewers(generated)
    if not generated:
        return None
    scores = matrix(generated, names, is_perfect)
    found = widened(wilson(sum(map(is_perfect, generated)), len(generated)), scores)
    images = len(scores.embryos)
    read = f"{len(names)} {'reader' if len(names) == 1 else 'readers'}, {images} images"
    covered = (
        "other readers and other images" if len(names) > 1 else "other images, not other readers: one read"
    )
    figures = [
        number_figure(
            "Perfect, over readers and images", found, read,
            f"The interval covers {covered}.", source(WILSON, names),
        ),
        _independent(effective_number(scores.scores), len(generated)),
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
    return share_figure(name, wilson(same, count), f"{count} repeats", reading, WILSON)


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
    return Evidence(
        "Defects by class", grids=(Grid("Verdicts on generated images that name it", head, tuple(rows)),)
    )


def wrong_classes(material: Material) -> Evidence | None:
    """What images of the wrong class looked like instead, by class or by a grade's class."""
    generated = [r for r in material.ratings if r.kind is ItemKind.GENERATED and r.verdict is not None]
    wrong = [r for r in generated if r.verdict and r.verdict.wrong_class]
    if not wrong:
        return None
    rows = []
    for name, own in by_class(generated, material.classes):
        said = [r.verdict.looks_like for r in own if r.verdict and r.verdict.wrong_class]
        classes = Counter(class_named(words, material.scheme) for words in said)
        grades = Counter(words for words in said if is_grade(words))
        each = [str(classes[other]) if other != name else "–" for other in material.classes]
        told = ", ".join(f"{grade} ×{count}" if count > 1 else grade for grade, count in grades.most_common())
        rows.append((name, f"{len(said)} of {len(own)}", *each, str(classes[""]), told or "–"))
    head = ("Made as", "Wrong class", *(f"Looks {name}" for name in material.classes), "Not said", "Grades")
    grid = Grid("Verdicts on generated images", head, tuple(rows))
    return Evidence("What do images of the wrong class look like?", grids=(grid,))


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
        "Kish 1965; Donner and Koval 1980", Estimate(value, math.nan, math.nan),
    )  # fmt: skip


def _strict_words(found: Estimate) -> str:
    if found.high < 0:
        return "Below 0: strict readers, who call images flawed more often than not."
    return "Above 0: mild readers." if found.low > 0 else "Neither strict nor mild readers shown."


def _gap_words(value: float, low: float, high: float) -> str:
    if low > 0:
        return "Generated images were rated perfect more often than real ones: look at what readers go by."
    if high < 0:
        points = f"{-100 * value:.1f} points"
        return f"Real frames were rated perfect more often, by {points}: readers see a difference."
    return "No difference shown; the interval says how large it may still be."


def _few_readers(count: int) -> tuple[str, ...]:
    if count == 1:
        return ("One reader: nothing here says how another would judge.",)
    rough = (
        f"{count} readers: an interval over so few readers is too narrow (in simulations with 2 to 4 of them "
        "an interval of 95 % held the truth in 83 to 92 % of cases)."
    )
    return () if count > 4 else (rough,)
