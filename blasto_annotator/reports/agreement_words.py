"""Agreement in plain words: what each figure is, what it says here, what is odd about a scale."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from blasto_annotator.domain.agreement import Agreement
from blasto_annotator.domain.raters import MISSING, Ratings
from blasto_annotator.domain.raters_criteria import CRITERIA
from blasto_annotator.domain.raters_drift import Drift, Within
from blasto_annotator.domain.raters_scales import ScaleFinding
from blasto_annotator.domain.statistics import Estimate
from blasto_annotator.reports.agreement import AgreementReport, CriterionReport

FIGURES = {
    "percent": ("Equal grades", "two graders of one image, averaged over images"),
    "unanimous": ("Unanimous", "images on which all their graders agree"),
    "mean_percent": ("Equal grades, mean of pairs", "averaged over pairs of graders"),
    "mean_kappa": (
        "Cohen's kappa, mean of pairs",
        "beyond what chance would give; every difference counts alike",
    ),
    "mean_weighted_kappa": (
        "Weighted kappa, mean of pairs",
        "the same, far differences count more (quadratic)",
    ),
    "fleiss_kappa": ("Fleiss' kappa", "beyond chance, all graders together"),
    "alpha_ordinal": ("Krippendorff's alpha, ordinal", "all graders together, far differences count more"),
    "alpha_nominal": ("Krippendorff's alpha, nominal", "all graders together, every difference counts alike"),
    "ac1": ("Gwet's AC1", "beyond chance, steady where one grade is very common"),
}
"""Headline figure to its title and what it is."""
METHOD = (
    "Intervals are 95 % percentile intervals of a bootstrap that draws whole embryos, since frames of one "
    "embryo are not independent. A grade is a grader's newest label of a moment, on whatever focal plane. "
    "Means of pairs hold the pairs with at least {least}. Cohen 1960 and 1968; Fleiss 1971; "
    "Krippendorff 2011; Gwet 2008; effective number of embryos after Kish 1965."
)
LETTERS = "A grader's ICM, TE and group count where the grader's own expansion is {first} or more."
_STEPS = {1: "one step", 2: "two steps"}


def method_words(least: int) -> str:
    """How intervals and means of pairs come about; pairs enter from so many shared images on."""
    return METHOD.format(least=f"{least} shared image{'' if least == 1 else 's'}")


def number(value: float) -> str:
    """`.64`, `-.73`, `1.00`; a dash where it is not defined."""
    if math.isnan(value):
        return "–"
    text = f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"
    return text.replace("-", "−")


def estimate(value: Estimate) -> str:
    """`.64 (.61 to .68)`."""
    if math.isnan(value.low):
        return number(value.value)
    return f"{number(value.value)} ({number(value.low)} to {number(value.high)})"


def basis(result: Agreement) -> str:
    """How much the figures stand on."""
    if not result.compared:
        return "No image was graded by two of these graders."
    frames = _count(result.compared, "image")
    text = f"{frames} of {_count(result.embryos, 'embryo')} graded by two or more"
    if result.effective_embryos < 0.95 * result.embryos:
        text += f", worth {result.effective_embryos:.0f} embryos with equally many images each"
    return f"{text}."


def reading(part: CriterionReport) -> str:
    """What the figures say, for somebody who never heard of kappa."""
    result, title = part.result, _title(part.criterion)
    share = result.figures["mean_percent"]
    if math.isnan(share.value):
        return f"Nothing can be said of {title} yet: no two graders have an image in common."
    text = f"Two of these graders give an image the same {title} in {_percent(share.value)} of cases"
    if not math.isnan(share.low):
        text += f" ({_percent(share.low)[:-2]} to {_percent(share.high)})"
    if result.ratings.ordered and (near := share_one_step(result.ratings)) is not None:
        text += f"; where they differ, {_percent(near)} of the differences are one step"
    return f"{text}. {_alpha_words(result)}".rstrip()


def share_one_step(ratings: Ratings) -> float | None:
    """Of all differing pairs of grades, the share that is one step apart; None where none differs."""
    apart = one = 0
    for a, b in combinations(ratings.values, 2):
        steps = np.abs(a - b)[(a != MISSING) & (b != MISSING)]
        apart, one = apart + int((steps > 0).sum()), one + int((steps == 1).sum())
    return one / apart if apart else None


def scale_sentence(finding: ScaleFinding) -> str:
    """What is odd about a grader's scale, and what to do before leaving anybody out."""
    title = _title(finding.criterion)
    whom = "the other grader" if finding.others == 1 else f"the median of the {finding.others} others"
    if finding.reversed:
        return (
            f"{finding.grader} seems to read the {title} scale the other way round: over {finding.images} "
            f"images weighted kappa with {whom} is {number(finding.weighted_kappa)}, and "
            f"{number(finding.mended_kappa)} once the scale is turned. Ask {finding.grader} before leaving "
            "these grades out."
        )
    return (
        f"{finding.grader} grades {title} {_direction(finding)} than {whom}: of {finding.images} "
        f"grades {_percent(finding.equal)} are equal, and {_percent(finding.mended_equal)} once moved back. "
        "It is an offset, not carelessness: agree on the definitions before leaving these grades out."
    )


def drift_sentence(drift: Drift) -> str:
    """How a grader's reading moved, in one sentence."""
    first, last = drift.windows[0], drift.windows[-1]
    title, change = _title(drift.criterion), drift.per_100
    equal = f"equal to the median of the others in {_percent(first.equal)} of the first quarter and "
    equal += f"{_percent(last.equal)} of the last"
    if math.isnan(change.value):
        return f"{drift.grader}, {title}: {equal}."
    if not drift.drifts:
        return f"{drift.grader}, {title}: no drift to be seen over {drift.images} images ({equal})."
    side = _side(drift.criterion, change.value)
    return (
        f"{drift.grader} drifts on {title}: {abs(change.value):.2f} steps {side} per 100 images "
        f"(99 % interval {_signed(change.low)} to {_signed(change.high)}); {equal}."
    )


def within_sentence(found: Within) -> str:
    """How well a grader agrees with himself."""
    figures, title = found.figures, _title(found.criterion)
    text = (
        f"{found.grader} gave {_count(found.images, 'image')} a second look: the same {title} in "
        f"{_percent(figures.percent.value)}, kappa {estimate(figures.kappa)}"
    )
    if not math.isnan(figures.weighted_kappa.value):
        text += f", weighted {estimate(figures.weighted_kappa)}"
    return f"{text}."


def sentences(part: CriterionReport) -> list[str]:
    """What is odd, first the scales, then drifts."""
    odd = [scale_sentence(finding) for finding in part.scales]
    return odd + [drift_sentence(drift) for drift in part.drifts if drift.drifts]


def facts(report: AgreementReport) -> list[tuple[str, str]]:
    """Where the figures come from."""
    result = report.criteria[0].result
    return [
        ("Project", report.name),
        ("Scheme", report.scheme.title),
        ("Graders", ", ".join(report.graders)),
        ("Bootstrap", f"{result.resamples:,} samples of embryos, seed {result.seed}"),
        ("Written", f"{report.created_utc[:16].replace('T', ' ')} UTC"),
    ]


def method(report: AgreementReport) -> str:
    """How the figures were made."""
    words = method_words(max(part.result.min_shared for part in report.criteria))
    return f"{words} {LETTERS.format(first=report.scheme.letters_from)}"


def _alpha_words(result: Agreement) -> str:
    """Krippendorff's own reading of his alpha, with its source."""
    name = "alpha_ordinal" if result.ratings.ordered else "alpha_nominal"
    value = result.figures[name].value
    if math.isnan(value):
        return ""
    if value >= 0.8:
        verdict = "firm conclusions may rest on the grades of one of them"
    elif value >= 0.667:
        verdict = "only tentative conclusions may rest on the grades of one of them"
    else:
        verdict = "no conclusion should rest on the grades of one of them alone"
    return f"Alpha is {number(value)}: by Krippendorff's (2004) rule {verdict}."


def _direction(finding: ScaleFinding) -> str:
    far = _STEPS.get(abs(finding.step), f"{abs(finding.step)} steps")
    return f"{far} {_side(finding.criterion, finding.step)}"


def _side(criterion: str, step: float) -> str:
    """Expansion rises with its number; letters and groups fall in quality along their scale."""
    if criterion == "expansion":
        return "higher" if step > 0 else "lower"
    return "worse" if step > 0 else "better"


def _title(criterion: str) -> str:
    title = CRITERIA[criterion]
    return title if title.isupper() else title.lower()


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
