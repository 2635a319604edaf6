"""Writes a review table as CSV, JSON, Markdown or a self-contained HTML page."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.statistics import Share
from blasto_annotator.reports.evidence import Evidence, Figure, Grid
from blasto_annotator.reports.figures import (
    COLUMNS,
    METHOD,
    RESEARCH_USE,
    Told,
    cells,
    facts,
    in_short,
    references,
    section_title,
    tables,
)
from blasto_annotator.reports.html_page import html_page, set_words
from blasto_annotator.reports.nearest_page import Load, nearest_csv, nearest_html
from blasto_annotator.reports.review_table import ReviewTable, Row
from gan.contract.jsonfile import write_text

_HEAD = ["Class", "n", *(title for _, title in COLUMNS)]


def write_report(table: ReviewTable, path: Path, load: Load | None = None) -> None:
    """Writes the table in the format that the file's suffix names: .csv, .json, .md, .html or .pdf.

    Beside `NAME.csv` the figures of the questions go to `NAME-evidence.csv`, their tables and notes to
    `NAME-tables.csv` and the nearest real frames of each generated image to `NAME-nearest.csv`. A web page
    shows those frames where `load` reads pictures.

    Raises:
        UserError: another suffix, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from blasto_annotator.reports.pdf import write_pdf  # Qt, which no other format needs

        write_pdf(table, path)
        return
    writer = WRITERS.get(suffix)
    if writer is None:
        known = ", ".join([*WRITERS, ".pdf"])
        raise UserError(f"A report cannot be written as {path.name}: end its name in {known}.")
    try:
        write_text(path, as_html(table, load) if writer is as_html else writer(table))
        if writer is as_csv:
            write_text(path.with_name(f"{path.stem}-evidence.csv"), evidence_csv(table))
            write_text(path.with_name(f"{path.stem}-tables.csv"), tables_csv(table))
            if table.nearest:
                write_text(path.with_name(f"{path.stem}-nearest.csv"), nearest_csv(table.nearest))
    except OSError as error:
        raise UserError(f"The report {path} cannot be written ({error.strerror}).") from error


def write_card(card: Evidence, path: Path) -> None:
    """Writes a model card as .md or .html.

    Raises:
        UserError: another suffix, or the file cannot be written.
    """
    words = {".md": _card_markdown, ".html": _card_html}.get(path.suffix.lower())
    if words is None:
        raise UserError(f"A model card cannot be written as {path.name}: end its name in .md or .html.")
    try:
        write_text(path, words(card))
    except OSError as error:
        raise UserError(f"The model card {path} cannot be written ({error.strerror}).") from error


def _card_markdown(card: Evidence) -> str:
    return "\n".join([f"# {card.title}", "", RESEARCH_USE, *_markdown_evidence(card), ""])


def _card_html(card: Evidence) -> str:
    notes = "".join(f"<p class='note'>{escape(note)}</p>" for note in card.notes)
    body = f"<p class='use'>{escape(RESEARCH_USE)}</p>{''.join(map(_html_grid, card.grids))}{notes}"
    return html_page("review", card.title, body)


def as_csv(table: ReviewTable) -> str:
    """One line a row of every table; shares and bounds from 0 to 1, empty where nothing was counted."""
    names = [f"{field}{part}" for field, _ in COLUMNS for part in ("", "_share", "_low", "_high", "_n")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["batch", "reviewer", "kind", "class", "n", *names])
    for section in table.sections:
        for kind, rows in (("generated", section.generated), ("real", section.real)):
            writer.writerows([section.batch, section.reviewer, kind, *_numbers(row)] for row in rows)
    return text.getvalue()


def evidence_csv(table: ReviewTable) -> str:
    """One line a figure of every question; bounds empty where they are not defined."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["question", "figure", "value", "low", "high", "n", "reading", "source"])
    for part in table.evidence:
        writer.writerows([part.title, *_figure_numbers(figure)] for figure in part.figures)
    return text.getvalue()


def as_json(table: ReviewTable) -> str:
    """Everything, for scripts."""
    return json.dumps(as_value(table), indent=1, ensure_ascii=False) + "\n"


def as_value(table: ReviewTable) -> dict[str, Any]:
    """The table as plain values; a share is count, total, share, low and high."""
    value = asdict(table)
    value["sections"] = [
        {
            "batch": section.batch,
            "reviewer": section.reviewer,
            "generated": [_row_value(row) for row in section.generated],
            "real": [_row_value(row) for row in section.real],
            "defects": dict(section.defects),
        }
        for section in table.sections
    ]
    value["evidence"] = [_plain(asdict(part)) for part in table.evidence]
    value["references"] = [asdict(grid) for grid in references(table).grids]
    return {
        "v": 1,
        "research_use": RESEARCH_USE,
        "in_short": [told.text for told in in_short(table)],
        **value,
    }


def as_markdown(table: ReviewTable) -> str:
    """A page for a repository or a notebook."""
    lines = ["# Realism review", "", RESEARCH_USE, ""]
    lines += [f"- {name}: {value}" for name, value in facts(table)] + [""]
    lines += ["## In short", "", *(f"- {told.text}" for told in in_short(table)), ""]
    for section in table.sections:
        lines += [f"## {section_title(section)}", ""]
        for title, rows in tables(section):
            lines += [f"### {title}", "", *_markdown_table(rows), ""]
        lines += [f"- {defect}: {count}" for defect, count in section.defects]
        lines += [""] if section.defects else []
    for part in (*table.evidence, *table.cards, references(table)):
        lines += ["", f"## {part.title}", "", *_markdown_evidence(part)]
    return "\n".join([*lines, "", METHOD, ""])


def as_html(table: ReviewTable, load: Load | None = None) -> str:
    """One page without outside references, for screen and paper, in light and dark.

    The first page is for a manager: what it is about, what it says in short, the pooled table. The rest is
    for a reviewer to check.
    """
    parts = [f"<p class='use'>{escape(RESEARCH_USE)}</p>", "<dl>"]
    parts += [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(table)]
    parts.append("</dl><h2>In short</h2><ul class='told'>")
    parts += [_html_told(told) for told in in_short(table)]
    parts.append("</ul>")
    for section in table.sections:
        parts.append(f"<section><h2>{escape(section_title(section))}</h2>")
        parts += [_html_table(title, rows) for title, rows in tables(section)]
        parts += [_html_defects(section.defects), "</section>"]
    parts += [_html_evidence(part) for part in (*table.evidence, *table.cards)]
    parts += [nearest_html(table.nearest, load)] if load is not None else []
    parts += [_html_evidence(references(table)), f"<p class='method'>{escape(METHOD)}</p>"]
    body = "\n".join(parts)
    return html_page("review", f"Realism review of {table.project}", body)


def _html_told(told: Told) -> str:
    figure = f"<br><span class='soft'>{set_words(told.figure)}</span>" if told.figure else ""
    return f"<li><strong>{escape(told.question)}</strong> {set_words(told.answer)}{figure}</li>"


def tables_csv(table: ReviewTable) -> str:
    """One line a cell of the tables beside the figures: defects, readers, rounds, the published review."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["question", "table", "row", "column", "value"])
    for part in (*table.evidence, *table.cards, references(table)):
        for grid in part.grids:
            for line in grid.rows:
                cells_of = zip(grid.head[1:], line[1:], strict=True)
                writer.writerows([part.title, grid.title, line[0], name, cell] for name, cell in cells_of)
        writer.writerows([part.title, "", "note", "", note] for note in part.notes)
    writer.writerow(["", "", "note", "", RESEARCH_USE])
    return text.getvalue()


def _numbers(row: Row) -> list[Any]:
    shares = [getattr(row, field) for field, _ in COLUMNS]
    return [row.class_name, row.verdicts, *(value for share in shares for value in _share_numbers(share))]


def _share_numbers(share: Share) -> Iterable[Any]:
    if math.isnan(share.value):
        return (0, "", "", "", 0)
    return (share.count, *(f"{value:.4f}" for value in (share.value, share.low, share.high)), share.total)


def _row_value(row: Row) -> dict[str, Any]:
    value: dict[str, Any] = {"class": row.class_name, "n": row.verdicts}
    for field, _ in COLUMNS:
        share: Share = getattr(row, field)
        fraction = None if math.isnan(share.value) else share.value
        value[field] = {**asdict(share), "share": fraction}
    return value


def _markdown_table(rows: Iterable[Row]) -> list[str]:
    lines = [_HEAD, ["---", *["---:"] * (len(_HEAD) - 1)], *(cells(row) for row in rows)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _html_table(title: str, rows: Iterable[Row]) -> str:
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in _HEAD)
    body = "".join(f"<tr>{_html_cells(row)}</tr>" for row in rows)
    caption = f"<caption>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cells(row: Row) -> str:
    name, *figures = cells(row)
    return f"<th scope='row'>{escape(name)}</th>" + "".join(f"<td>{escape(text)}</td>" for text in figures)


def _html_defects(defects: Iterable[tuple[str, int]]) -> str:
    items = "".join(f"<li>{escape(defect)}: {count}</li>" for defect, count in defects)
    return f"<h3>Defects named in verdicts on generated images</h3><ul>{items}</ul>" if items else ""


def _figure_numbers(figure: Figure) -> list[Any]:
    value = figure.value
    numbers = ["" if math.isnan(v) else f"{v:.4f}" for v in (value.value, value.low, value.high)]
    return [figure.name, *numbers, figure.n, figure.reading, figure.source]


def _plain(value: Any) -> Any:
    """NaN becomes None: JSON has none."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _markdown_evidence(part: Evidence) -> list[str]:
    lines = [f"- {f.name}: **{f.text}** ({f.n}). {f.reading} *{f.source}*" for f in part.figures]
    for grid in part.grids:
        rows = [grid.head, ["---"] * len(grid.head), *grid.rows]
        lines += ["", f"### {grid.title}", "", *("| " + " | ".join(row) + " |" for row in rows)]
    return [*lines, *(f"\n{note}" for note in part.notes)]


def _html_evidence(part: Evidence) -> str:
    figures = "".join(_html_figure(figure) for figure in part.figures)
    list_of = f"<dl class='figures'>{figures}</dl>" if figures else ""
    notes = "".join(f"<p class='note'>{set_words(note)}</p>" for note in part.notes)
    grids = "".join(_html_grid(grid) for grid in part.grids)
    return f"<section><h2>{escape(part.title)}</h2>{list_of}{grids}{notes}</section>"


def _html_figure(figure: Figure) -> str:
    words = f"{set_words(figure.reading)} <cite>{escape(figure.source)}</cite>"
    value = f"<strong>{set_words(figure.text)}</strong> <span class='n'>{set_words(figure.n)}</span>"
    return f"<dt>{escape(figure.name)}</dt><dd>{value}<br>{words}</dd>"


def _html_grid(grid: Grid) -> str:
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in grid.head)
    rows = "".join("<tr>" + "".join(f"<td>{set_words(c)}</td>" for c in row) + "</tr>" for row in grid.rows)
    caption = f"<caption>{escape(grid.title)}</caption>"
    titled = f"<thead><tr>{head}</tr></thead>" if any(grid.head) else ""
    return f"<table class='words'>{caption}{titled}<tbody>{rows}</tbody></table>"


WRITERS: dict[str, Callable[[ReviewTable], str]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".md": as_markdown,
    ".html": as_html,
}
