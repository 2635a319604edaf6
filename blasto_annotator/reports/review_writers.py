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
from blasto_annotator.reports.figures import (
    COLUMNS,
    METHOD,
    RESEARCH_USE,
    cells,
    facts,
    section_title,
    tables,
)
from blasto_annotator.reports.review_table import ReviewTable, Row
from gan.contract.jsonfile import write_text
from gan.contract.resources import resource

_HEAD = ["Class", "n", *(title for _, title in COLUMNS)]


def write_report(table: ReviewTable, path: Path) -> None:
    """Writes the table in the format that the file's suffix names: .csv, .json, .md or .html.

    Raises:
        UserError: another suffix, or the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UserError(f"A report cannot be written as {path.name}: end its name in {', '.join(WRITERS)}.")
    try:
        write_text(path, writer(table))
    except OSError as error:
        raise UserError(f"The report {path} cannot be written ({error.strerror}).") from error


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
    return {"v": 1, "research_use": RESEARCH_USE, **value}


def as_markdown(table: ReviewTable) -> str:
    """A page for a repository or a notebook."""
    lines = ["# Realism review", "", RESEARCH_USE, ""]
    lines += [f"- {name}: {value}" for name, value in facts(table)] + [""]
    for section in table.sections:
        lines += [f"## {section_title(section)}", ""]
        for title, rows in tables(section):
            lines += [f"### {title}", "", *_markdown_table(rows), ""]
        lines += [f"- {defect}: {count}" for defect, count in section.defects]
    return "\n".join([*lines, "", METHOD, ""])


def as_html(table: ReviewTable) -> str:
    """One page without outside references, for screen and paper, in light and dark."""
    parts = [f"<p class='use'>{escape(RESEARCH_USE)}</p>", "<dl>"]
    parts += [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(table)]
    parts.append("</dl>")
    for section in table.sections:
        parts.append(f"<section><h2>{escape(section_title(section))}</h2>")
        parts += [_html_table(title, rows) for title, rows in tables(section)]
        parts += [_html_defects(section.defects), "</section>"]
    page = resource("reports", "review.html").read_text(encoding="utf-8")
    body = "\n".join([*parts, f"<p class='method'>{escape(METHOD)}</p>"])
    return page.replace("{{title}}", escape(f"Realism review of {table.project}")).replace("{{body}}", body)


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
    return f"<h3>Defects named in generated images</h3><ul>{items}</ul>" if items else ""


WRITERS: dict[str, Callable[[ReviewTable], str]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".md": as_markdown,
    ".html": as_html,
}
