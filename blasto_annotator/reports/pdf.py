"""A review report on A4 pages. The one writer that needs Qt, and only its text layout: no display."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from blasto_annotator.domain.errors import UserError
from blasto_annotator.reports.evidence import Evidence, Grid
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
from blasto_annotator.reports.html_page import set_words
from blasto_annotator.reports.review_table import ReviewTable, Row, Section
from gan.contract.whole_file import whole_file

_MARGIN_MM = 16
_DOTS = 300
NEW_PAGE = ""
"""A block that only begins a page."""
_FOOT = 0.035
"""Height of the foot line, as a share of the page."""
_GAP = 0.012
"""Between two blocks, as a share of the page's height."""
_STYLE = """
h1 { font-size: 17pt; } h2 { font-size: 12.5pt; margin-top: 14pt; } h3 { font-size: 10.5pt; }
body, p, li { font-size: 9pt; } td, th { font-size: 8.5pt; }
th { text-align: left; color: #50565e; }
.soft { color: #50565e; } .use { color: #50565e; font-style: italic; }
"""
_TABLE = "<table width='100%' cellspacing='0' cellpadding='3' border='0'>"
_MOST_ROWS = 20
"""Of a table in one block."""
_LINE = "border-bottom: 1px solid #b9bfc6"
_LONGEST_NAME = 24
"""Characters of a word in a table that is not broken, such as a batch's or a run's name."""
_FONTS = ["Noto Sans", "DejaVu Sans", "Segoe UI", "Arial"]


def write_pdf(table: ReviewTable, path: Path) -> None:
    """Writes the report.

    Raises:
        UserError: the file cannot be written.
    """
    _application()
    try:
        with whole_file(path) as part:
            part.touch()
            _paint(_blocks(table), part, f"Realism review of {table.project}")
    except OSError as error:
        raise UserError(f"The report {path} cannot be written ({error.strerror}).") from error


def _application() -> None:
    """Fonts need an application; one without a display is made where none runs."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _application.kept = QGuiApplication(sys.argv[:1])  # type: ignore[attr-defined]


def _paint(blocks: Sequence[str], path: Path, title: str) -> None:
    """Blocks one below the other; one that does not fit begins a new page."""
    writer = _writer(path, title)
    painter = QPainter(writer)
    if not painter.isActive():
        raise OSError(errno.EIO, "it cannot be opened", str(path))
    room = writer.height() * (1 - _FOOT)
    pages: list[list[tuple[QTextDocument, float]]] = [[]]
    place = 0.0
    for block in blocks:
        document = _document(block, writer)
        height = document.size().height()
        if block == NEW_PAGE or (pages[-1] and place + height > room):
            pages.append([])
            place = 0.0
        if block != NEW_PAGE:
            pages[-1].append((document, place))
            place += height + writer.height() * _GAP
    for number, page in enumerate(pages, 1):
        if number > 1:
            writer.newPage()
        _paint_page(painter, page, writer, f"{number} of {len(pages)}")
    painter.end()


def _writer(path: Path, title: str) -> QPdfWriter:
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setResolution(_DOTS)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    page = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins)
    writer.setPageLayout(page)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    return writer


def _document(html: str, writer: QPdfWriter) -> QTextDocument:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(_font(9))
    document.setDefaultStyleSheet(_STYLE)
    document.setDocumentMargin(0)
    document.setHtml(f"<body>{html}</body>")
    document.setTextWidth(writer.width())
    return document


def _paint_page(
    painter: QPainter, page: Sequence[tuple[QTextDocument, float]], writer: QPdfWriter, number: str
) -> None:
    for document, place in page:
        painter.save()
        painter.translate(0, place)
        document.drawContents(painter)
        painter.restore()
    painter.setFont(_font(7))
    foot = QRectF(0, writer.height() * (1 - _FOOT), writer.width(), writer.height() * _FOOT)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, RESEARCH_USE)
    painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, number)


def _font(points: int) -> QFont:
    font = QFont()
    font.setFamilies(_FONTS)
    font.setPointSize(points)
    return font


def _blocks(table: ReviewTable) -> list[str]:
    """The first page is for a manager; what follows lets a reviewer check it."""
    title = f"<h1>Realism review of {escape(table.project)}</h1><p class='use'>{escape(RESEARCH_USE)}</p>"
    short = "".join(map(_told, in_short(table)))
    blocks = [title + _facts(table), f"<h2>In short</h2>{short}"]
    for number, section in enumerate(table.sections):
        blocks += _section(section)
        if number == 0:
            blocks += [NEW_PAGE, *(block for part in table.evidence for block in pdf_blocks(part))]
    if not table.sections:
        blocks += [block for part in table.evidence for block in pdf_blocks(part)]
    blocks += [block for card in table.cards for block in pdf_blocks(card)]
    return [*blocks, f"<p class='soft'>{escape(METHOD)}</p>", *_works(references(table))]


def _works(part: Evidence) -> list[str]:
    """A block a work; the first carries the title."""
    found = [
        f"<p><b>{escape(short)}.</b> {escape(full)} <span class='soft'>{escape(formula)}</span></p>"
        for grid in part.grids
        for short, full, formula in grid.rows
    ]
    return [f"<h2>{escape(part.title)}</h2>{found[0]}", *found[1:]]


def _told(told: Told) -> str:
    figure = f"<br><span class='soft'>{set_words(told.figure)}</span>" if told.figure else ""
    return f"<p><b>{escape(told.question)}</b> {set_words(told.answer)}{figure}</p>"


def _section(section: Section) -> list[str]:
    """A block a table; the first carries the section's title."""
    found = [f"<h3>{escape(title)}</h3>{_rows(rows)}" for title, rows in tables(section)]
    return [f"<h2>{escape(section_title(section))}</h2>{found[0]}", *found[1:]] if found else []


def _facts(table: ReviewTable) -> str:
    rows = "".join(
        f"<tr><td class='soft' width='24%'>{escape(name)}</td><td>{escape(value)}</td></tr>"
        for name, value in facts(table)
    )
    return f"<table cellspacing='0' cellpadding='2' width='100%'>{rows}</table>"


def _rows(rows: tuple[Row, ...]) -> str:
    return _grid(
        Grid("", ("Class", "n", *(title for _, title in COLUMNS)), tuple(tuple(cells(r)) for r in rows))
    )


def _grid(grid: Grid) -> str:
    head = "<tr>" + "".join(f"<th style='{_LINE}'>{escape(name)}</th>" for name in grid.head) + "</tr>"
    body = "".join(
        "<tr>"
        + "".join(f"<td style='{_LINE}{_whole(cell)}'>{set_words(cell)}</td>" for cell in row)
        + "</tr>"
        for row in grid.rows
    )
    title = f"<h3>{escape(grid.title)}</h3>" if grid.title else ""
    titled = f"<thead>{head}</thead>" if any(grid.head) else ""
    return f"{title}{_TABLE}{titled}{body}</table>"


def _whole(cell: str) -> str:
    """A name of one word, such as that of a batch, is not broken."""
    return "" if " " in cell or len(cell) > _LONGEST_NAME else "; white-space: nowrap"


def _pieces(grid: Grid) -> list[Grid]:
    """A long table in pieces that each fit a page."""
    starts = range(0, max(1, len(grid.rows)), _MOST_ROWS)
    return [
        replace(grid, rows=grid.rows[at : at + _MOST_ROWS], title=grid.title if not at else "")
        for at in starts
    ]


def pdf_blocks(part: Evidence) -> list[str]:
    """A block a figure or table; the first carries the question."""
    found = [
        f"<p><b>{escape(f.name)}: {set_words(f.text)}</b> <span class='soft'>({set_words(f.n)})</span><br>"
        f"{set_words(f.reading)} <span class='soft'>{escape(f.source)}</span></p>"
        for f in part.figures
    ]
    found += [_grid(piece) for grid in part.grids for piece in _pieces(grid)]
    found += [f"<p class='soft'>{set_words(note)}</p>" for note in part.notes]
    return [f"<h2>{escape(part.title)}</h2>{found[0]}", *found[1:]]
