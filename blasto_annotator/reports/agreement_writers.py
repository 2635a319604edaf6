"""Writes an agreement report as CSV, JSON or a self-contained HTML page."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any

from blasto_annotator.domain.agreement import PairAgreement
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.raters import confusion
from blasto_annotator.domain.raters_criteria import CRITERIA
from blasto_annotator.domain.statistics import Estimate
from blasto_annotator.reports.agreement import AgreementReport, CriterionReport
from blasto_annotator.reports.agreement_advice import TITLES, ModelAdvice, advice_sentence
from blasto_annotator.reports.agreement_words import (
    FIGURES,
    basis,
    drift_sentence,
    estimate,
    facts,
    method,
    number,
    reading,
    scale_sentence,
    sentences,
    within_sentence,
)
from blasto_annotator.reports.figures import RESEARCH_USE
from blasto_annotator.reports.html_page import html_page
from gan.contract.jsonfile import write_text

_PAIR = ("percent", "kappa", "weighted_kappa")
_CSV_HEAD = ("criterion", "what", "figure", "grader", "other", "images", "value", "low", "high")


def write_agreement(report: AgreementReport, path: Path) -> None:
    """Writes the report in the format that the file's suffix names: .csv, .json or .html.

    What single images are thought to be stays out: a file may reach graders who have still to grade them.

    Raises:
        UserError: another suffix, or the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UserError(f"A report cannot be written as {path.name}: end its name in {', '.join(WRITERS)}.")
    try:
        write_text(path, writer(report))
    except OSError as error:
        raise UserError(f"The report {path} cannot be written ({error.strerror}).") from error


def as_value(report: AgreementReport, images: bool = False) -> dict[str, Any]:
    """Everything as plain values, for scripts. What is not defined is null.

    `images` adds each image's probabilities by the models of graders.
    """
    return {
        "v": 1,
        "research_use": RESEARCH_USE,
        "name": report.name,
        "scheme": report.scheme.name,
        "created_utc": report.created_utc,
        "graders": list(report.graders),
        "letters_from": report.scheme.letters_from,
        "method": method(report),
        "criteria": {part.criterion: _criterion(part, images) for part in report.criteria},
    }


def as_json(report: AgreementReport) -> str:
    """`as_value` as text."""
    return json.dumps(as_value(report), indent=1, ensure_ascii=False) + "\n"


def as_csv(report: AgreementReport) -> str:
    """One line a figure: of all graders together, of each two, and of each with himself."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEAD)
    for part in report.criteria:
        result = part.result
        for name, value in result.figures.items():
            writer.writerow([part.criterion, "all", name, "", "", result.compared, *_numbers(value)])
        for pair in result.pairs:
            writer.writerows(_pair_lines(part.criterion, "pair", pair))
        for found in part.within:
            own = PairAgreement(**{**vars(found.figures), "first": found.grader, "second": found.grader})
            writer.writerows(_pair_lines(part.criterion, "within", own))
    return text.getvalue()


def as_html(report: AgreementReport) -> str:
    """One page without outside references, for screen and paper, in light and dark."""
    parts = [f"<p class='use'>{escape(RESEARCH_USE)}</p>", "<dl>"]
    parts += [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(report)]
    parts.append("</dl>")
    for part in report.criteria:
        parts += _section(part)
    body = "\n".join([*parts, f"<p class='method'>{escape(method(report))}</p>"])
    return html_page("agreement", f"Agreement of graders: {report.name}", body)


def _criterion(part: CriterionReport, images: bool) -> dict[str, Any]:
    result = part.result
    names = list(result.ratings.graders)
    return {
        "title": CRITERIA[part.criterion],
        "categories": list(result.ratings.categories),
        "ordered": result.ratings.ordered,
        "images": len(result.ratings.images),
        "compared": result.compared,
        "embryos": result.embryos,
        "effective_embryos": result.effective_embryos,
        "resamples": result.resamples,
        "seed": result.seed,
        "min_shared": result.min_shared,
        "reading": reading(part),
        "figures": {name: _value(value) for name, value in result.figures.items()},
        "graders": names,
        "pairs": [_pair_value(pair) for pair in result.pairs],
        "matrices": {name: _matrix(part, name) for name in (*_PAIR, "shared")},
        "confusion": [
            {"rows": a, "columns": b, "counts": confusion(result.ratings, a, b).tolist()}
            for a, b in combinations(names, 2)
        ],
        "advice": [_advice(model, images) for model in part.advice],
        "scales": [{**vars(f), "reversed": f.reversed, "sentence": scale_sentence(f)} for f in part.scales],
        "drifts": [
            {
                "grader": drift.grader,
                "images": drift.images,
                "drifts": drift.drifts,
                "steps_per_100": _value(drift.per_100),
                "windows": [{k: _plain(v) for k, v in vars(window).items()} for window in drift.windows],
                "sentence": drift_sentence(drift),
            }
            for drift in part.drifts
        ],
        "within": [
            {
                "grader": found.grader,
                "images": found.images,
                "shift": _plain(found.shift),
                **{name: _value(getattr(found.figures, name)) for name in _PAIR},
                "confusion": confusion(found.ratings, "first", "second").tolist(),
                "sentence": within_sentence(found),
            }
            for found in part.within
        ],
    }


def _advice(model: ModelAdvice, images: bool) -> dict[str, Any]:
    value: dict[str, Any] = {
        "method": model.method,
        "shares": model.shares,
        "reliability": model.reliability,
        "errors": {
            name: errors.round(4).tolist()
            for name, errors in zip(model.ratings.graders, model.opinion.errors, strict=True)
        },
    }
    return {**value, "images": model.images()} if images else value


def _matrix(part: CriterionReport, name: str) -> list[list[float | None]]:
    """Graders by graders; the diagonal is null."""
    names = part.result.ratings.graders

    def cell(a: str, b: str) -> float | None:
        pair = part.result.pair(a, b) if a != b else None
        if pair is None:
            return None
        return float(pair.shared) if name == "shared" else _plain(getattr(pair, name).value)

    return [[cell(a, b) for b in names] for a in names]


def _pair_value(pair: PairAgreement) -> dict[str, Any]:
    head = {"first": pair.first, "second": pair.second, "shared": pair.shared, "in_mean": pair.in_mean}
    return {**head, **{name: _value(getattr(pair, name)) for name in _PAIR}}


def _value(value: Estimate) -> dict[str, float | None]:
    return {name: _plain(part) for name, part in vars(value).items()}


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def _numbers(value: Estimate) -> list[str]:
    return ["" if math.isnan(part) else f"{part:.4f}" for part in (value.value, value.low, value.high)]


def _pair_lines(criterion: str, what: str, pair: PairAgreement) -> Iterable[list[Any]]:
    for name in _PAIR:
        numbers = _numbers(getattr(pair, name))
        yield [criterion, what, name, pair.first, pair.second, pair.shared, *numbers]


def _section(part: CriterionReport) -> list[str]:
    result = part.result
    lines = [f"<section><h2>{escape(CRITERIA[part.criterion])}</h2>"]
    lines += [f"<p>{escape(basis(result))} {escape(reading(part))}</p>"]
    if odd := sentences(part):
        lines.append("<ul class='odd'>" + "".join(f"<li>{escape(words)}</li>" for words in odd) + "</ul>")
    lines.append(_headline_table(part))
    names = result.ratings.graders
    for name, title in (
        ("percent", "Equal grades"),
        ("kappa", "Cohen's kappa"),
        ("weighted_kappa", "Weighted kappa"),
    ):
        if len(names) > 1 and (name != "weighted_kappa" or result.ratings.ordered):
            lines.append(_matrix_table(part, name, title))
    if part.advice:
        lines.append(_advice_table(part.advice))
    if part.within:
        own = "".join(f"<li>{escape(within_sentence(found))}</li>" for found in part.within)
        lines.append(f"<h3>Second looks</h3><ul>{own}</ul>")
    if part.drifts:
        moved = "".join(f"<li>{escape(drift_sentence(drift))}</li>" for drift in part.drifts)
        lines.append(f"<h3>Over time</h3><ul>{moved}</ul>")
    return [*lines, "</section>"]


def _headline_table(part: CriterionReport) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(FIGURES[name][0])}</th><td>{escape(estimate(value))}</td>"
        f"<td class='what'>{escape(FIGURES[name][1])}</td></tr>"
        for name, value in part.result.figures.items()
        if not math.isnan(value.value)
    )
    head = (
        "<tr><th scope='col'>Figure</th><th scope='col'>Value (95 %)</th><th scope='col'>What it is</th></tr>"
    )
    return f"<table class='figures'><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _advice_table(advice: tuple[ModelAdvice, ...]) -> str:
    head = "".join(f"<th scope='col'>{escape(TITLES[model.method])}</th>" for model in advice)
    rows = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td>{number(model.reliability[name])}</td>" for model in advice)
        + "</tr>"
        for name in advice[0].ratings.graders
    )
    words = f"<h3>Reliability by models of errors</h3><p>{escape(advice_sentence(advice))}</p>"
    return f"{words}<table><thead><tr><th>Grader</th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _matrix_table(part: CriterionReport, name: str, title: str) -> str:
    names = part.result.ratings.graders
    head = "".join(f"<th scope='col'>{escape(grader)}</th>" for grader in names)
    rows = []
    for first, line in zip(names, _matrix(part, name), strict=True):
        cells = "".join(f"<td>{number(math.nan if value is None else value)}</td>" for value in line)
        rows.append(f"<tr><th scope='row'>{escape(first)}</th>{cells}</tr>")
    caption = f"<caption>{escape(title)} of each two graders</caption>"
    body = f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f"<table class='matrix'>{caption}{body}</table>"


WRITERS: dict[str, Callable[[AgreementReport], str]] = {".html": as_html, ".csv": as_csv, ".json": as_json}
