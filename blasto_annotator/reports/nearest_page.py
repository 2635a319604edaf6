"""Generated images beside their nearest real frames: as a part of a self-contained page, and as a table."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable, Sequence
from html import escape

import cv2

from blasto_annotator.curation.near_copies import NEIGHBOURS, Neighbour
from blasto_annotator.domain.errors import UserError
from blasto_annotator.imaging.decode import Grey
from blasto_annotator.imaging.likeness import turned_image
from blasto_annotator.reports.nearest import HOUSE, Beside

Load = Callable[[str], Grey]
"""A picture by its file's path relative to the project's folder."""
MOST = 250
"""Images of a page, so that it stays at about three megabytes."""
_SIDE = 104
_QUALITY = 78
_COLUMNS = (
    *("batch", "image", "sha256", "class", "verdicts", "distance", "threshold", "near_copy", "let_pass"),
    *(f"{name}_{at}" for at in range(1, NEIGHBOURS + 1) for name in ("embryo", "distance", "real", "turned")),
)


def nearest_html(rows: Sequence[Beside], load: Load) -> str:
    """A section of the page; nothing where no batch was searched. Pictures that are gone are left blank."""
    if not rows:
        return ""
    shown = rows[:MOST]
    words = (
        f"The {len(shown)} nearest of {len(rows)} generated images, nearest first, each beside the nearest "
    )
    words += f"frames of {NEIGHBOURS} embryos, turned as they match. The table (CSV) lists all. {HOUSE}"
    figures = "".join(_figure(row, load) for row in shown)
    return (
        f"<section class='nearest'><h2>Nearest real frames</h2><p class='note'>{escape(words)}</p>"
        f"{figures}</section>"
    )


def nearest_csv(rows: Sequence[Beside]) -> str:
    """A line an image, nearest first, with the nearest frame of each of the nearest embryos."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_line(row) for row in rows)
    return text.getvalue()


def _line(row: Beside) -> list[object]:
    found = row.found
    own = [row.batch, found.image, found.sha256, row.class_name, "; ".join(row.verdicts), found.distance]
    near = [[one.embryo, one.distance, one.real, one.view] for one in found.neighbours]
    flat = [value for four in near for value in four]
    return [*own, row.threshold, int(found.near_copy), int(row.let_pass), *flat]


def _figure(row: Beside, load: Load) -> str:
    name = row.found.image.rpartition("/")[2]
    words = [f"{name}, {row.class_name}", *row.verdicts, f"threshold {row.threshold:.3f}: {row.fate}"]
    mark = " class='marked'" if row.found.near_copy else ""
    pictures = [_picture(load, row.generated, 0, "generated", words)]
    pictures += [_real(one, load) for one in row.found.neighbours]
    return f"<div{mark}>{''.join(pictures)}</div>"


def _real(one: Neighbour, load: Load) -> str:
    return _picture(
        load, one.real, one.view, "real", [f"embryo {one.embryo}", f"distance {one.distance:.3f}"]
    )


def _picture(load: Load, path: str, view: int, what: str, words: Sequence[str]) -> str:
    caption = "<br>".join(escape(part) for part in words)
    try:
        data = base64.b64encode(_jpeg(turned_image(load(path), view))).decode("ascii")
        shown = f"<img alt='{what}' width='{_SIDE}' height='{_SIDE}' src='data:image/jpeg;base64,{data}'>"
    except UserError:  # gone or damaged since the search
        shown = f"<span class='gone'>{what}: gone</span>"
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def _jpeg(image: Grey) -> bytes:
    small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes())
