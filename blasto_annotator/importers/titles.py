"""A table's columns: in which line their titles stand, and which of them means what.

Laboratories write the sheet's name, a date or an empty line above the titles, so the first lines are looked
through for one that names images and grades.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from blasto_annotator.domain.errors import UserError
from blasto_annotator.importers.files import is_image_name
from blasto_annotator.importers.sheets import Line, Sheet

GRADES = ("expansion", "grade", "gradable", "reason")
"""Of these a table needs one."""
LOOKED_AT = 20
"""Lines among which the titles are looked for."""
_HEADLESS = ("image", "expansion", "icm", "te")
_IMAGES = (
    *("image", "filename", "file name", "image name", "image file", "picture name", "frame name"),
    *("path", "file path", "image path", "file", "picture", "frame", "bild", "bildname", "dateiname"),
    *("name", "embryo", "embryo id", "image id", "id"),
)
_NAMES: Mapping[str, Sequence[str]] = {
    "image": _IMAGES,
    "sha256": ("sha256",),
    "source": ("source",),
    "expansion": (
        *("expansion", "exp", "be", "blastocyst expansion", "expansion grade", "exp silver", "exp gold"),
    ),
    "icm": ("icm", "inner cell mass", "icm grade", "icm silver", "icm gold"),
    "te": ("te", "trophectoderm", "te grade", "te silver", "te gold"),
    "grade": ("grade", "gardner", "gardner grade", "score"),
    "gradable": ("gradable",),
    "reason": ("reason",),
    "note": ("note", "notes", "comment", "comments", "remark", "remarks"),
}
"""Names of columns by their meaning, the likeliest first."""
FIELDS = tuple(_NAMES)
"""What a column can mean."""


class UnclearTableError(UserError):
    """A table that can be read once a person has said something about it."""

    def __init__(self, sentence: str, lacks: str, columns: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.lacks = lacks
        """What has to be said: `columns` or `coding`."""
        self.columns = dict(columns or {})
        """Field to title, as far as it is clear."""


@dataclass(frozen=True)
class Header:
    """Titles and what stands below them."""

    name: str
    """Of the table."""
    line: int | None
    """Number of the line of titles; None where the table has none."""
    written: Sequence[str]
    """Titles as they are written."""
    rows: Sequence[Line]
    titles: Sequence[str] = field(init=False)
    """Titles that tell the columns apart: where two are written alike, their places stand behind."""

    def __post_init__(self) -> None:
        counts = Counter(_key(title) for title in self.written)
        titles = [
            f"{title} (col. {place})" if title and counts[_key(title)] > 1 else title
            for place, title in enumerate(self.written, 1)
        ]
        object.__setattr__(self, "titles", tuple(titles))


def find_header(sheet: Sheet, columns: Mapping[str, str] | None = None) -> Header:
    """The line of titles: the first with the named columns or with usual ones, else the likeliest.

    Raises:
        UserError: the table is empty.
    """
    if not sheet.lines:
        raise UserError(f"“{sheet.name}” is empty; its first line must name the columns.")
    first = sheet.lines[0][1]
    if len(first) >= len(_HEADLESS) and is_image_name(first[0]):
        return Header(sheet.name, None, _HEADLESS, sheet.lines)
    place = _place([cells for _, cells in sheet.lines[:LOOKED_AT]], columns or {})
    number, cells = sheet.lines[place]
    return Header(sheet.name, number, cells, sheet.lines[place + 1 :])


def find_columns(header: Header, columns: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field to place of its column: as named, else recognised. A field named as nothing has no column.

    Raises:
        UserError: a field or a title that does not exist.
        UnclearTableError: no column for images or grades, or one title stands over two columns.
    """
    named = {name: _place_of(header, name, title) for name, title in (columns or {}).items()}
    found = {name: place for name, place in named.items() if place is not None}
    taken = set(found.values())
    keys = ["" if place in taken else _key(title) for place, title in enumerate(header.written)]
    twice = []
    for name, names in _NAMES.items():
        title = next((each for each in names if each in keys), None)
        if name in named or title is None:
            continue
        if keys.count(title) > 1:
            twice.append(title)
        else:
            found[name] = keys.index(title)
    if twice:
        raise _twice(header, twice[0], found)
    _check(header, found)
    return found


def _place(lines: Sequence[Sequence[str]], columns: Mapping[str, str]) -> int:
    wanted = {_key(title) for title in columns.values() if title}
    keys = [{_key(cell) for cell in cells} for cells in lines]
    known = [{name for name, names in _NAMES.items() if each.intersection(names)} for each in keys]
    for place, each in enumerate(keys):
        if wanted and wanted <= each:
            return place
    for place, names in enumerate(known):
        if names & {"image", "sha256"} and names.intersection(GRADES):
            return place
    return max(range(len(lines)), key=lambda place: (len(known[place]), sum(map(bool, lines[place]))))


def _place_of(header: Header, name: str, title: str) -> int | None:
    if name not in FIELDS:
        raise UserError(f"No column can mean “{name}”; use {', '.join(FIELDS)}.")
    if not title:
        return None
    for titles in (header.titles, header.written):
        keys = [_key(each) for each in titles]
        if keys.count(_key(title)) == 1:
            return keys.index(_key(title))
    if _key(title) in keys:
        raise _twice(header, _key(title), {})
    raise UserError(
        f"“{header.name}” has no column “{title}”; it has {', '.join(filter(None, header.titles))}."
    )


def _check(header: Header, found: Mapping[str, int]) -> None:
    clear = {name: header.titles[place] for name, place in found.items()}
    if not {"image", "sha256"} & found.keys():
        raise UnclearTableError(
            f"“{header.name}” has no column “image” or “sha256” nor one such as Filename in its first lines; "
            "say which column names the image.",
            "columns",
            clear,
        )
    if not found.keys() & set(GRADES):
        raise UnclearTableError(
            f"“{header.name}” has no column of grades, such as expansion, icm and te; say which they are.",
            "columns",
            clear,
        )


def _twice(header: Header, key: str, found: Mapping[str, int]) -> UnclearTableError:
    places = [place for place, title in enumerate(header.written) if _key(title) == key]
    titles = " or ".join(f"“{header.titles[place]}”" for place in places)
    clear = {name: header.titles[place] for name, place in found.items()}
    written = header.written[places[0]]
    return UnclearTableError(
        f"“{header.name}” has {len(places)} columns “{written}”; say which of them counts: {titles}.",
        "columns",
        clear,
    )


def _key(title: str) -> str:
    """A title as it is compared: in one case, its spaces single, no underscores, no colon."""
    return " ".join(title.casefold().replace("_", " ").rstrip(":").split())
