"""Kromp et al. 2023, Scientific Data 10:271: 2,344 stills with Gardner grades by silver and gold standard.

```
Images/0175_05.png                                the number before _ is the patient: the couple
Gardner_train_silver.csv                          Image;EXP_silver;ICM_silver;TE_silver
Gardner_test_gold_onlyGardnerScores.csv           Image;EXP_gold;ICM_gold;TE_gold;
```

The set's grades become remarks of the frames; they become labels only by `labels import`, under the name
that a person gives them (such as “Kromp silver”). `Clincial_annotations.csv` [sic] holds outcomes of
treatments: it is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import ImportedFrame, RejectedFile
from blasto_annotator.importers.files import NOT_AN_IMAGE, is_image_name, readable_entries, walk
from blasto_annotator.importers.grade_tables import GradeTable, read_grade_table

_IMAGE = re.compile(r"(?P<couple>\d{3,4})_\d{2}\.png", re.IGNORECASE)
_TABLE = re.compile(r"gardner_(?:train|test)_(silver|gold)\w*\.csv", re.IGNORECASE)
_SENSITIVE = re.compile(r"cli\w*_annotations\w*\.\w+", re.IGNORECASE)
SENSITIVE = "it holds outcomes of treatments: never read"
A_TABLE = "a table of grades, kept as remarks; import it as labels to make it a grader's"

_Entries = Iterator[ImportedFrame | RejectedFile]


@dataclass(frozen=True)
class KrompImporter:
    """The set as it is published: a folder of images beside the tables of grades."""

    name: str = "kromp"
    title: str = "Kromp et al. 2023, stills with Gardner grades"

    def can_read(self, path: Path) -> str | None:
        """A table of the set, and images named as the set names them."""
        tables = _tables(path)
        names = [name for name in _image_names(path) if _IMAGE.fullmatch(name)] if tables else []
        if not names:
            return None
        few = "1 name" if len(names) == 1 else f"{len(names):,} names"
        return f"{few} like {names[0]} and {' and '.join(table.name for table in tables)}"

    def read(self, path: Path, options: Mapping[str, Any]) -> _Entries:
        """The images; the patient is the couple, the set's grade the remark."""
        remarks, problems = _remarks(path)
        yield from problems
        for entry in walk(path):
            yield entry if isinstance(entry, RejectedFile) else _entry(entry, remarks)


def _tables(root: Path) -> list[Path]:
    """The set's tables, in the folder or beside it where the folder of images was chosen."""
    for folder in (root, root.parent):
        found = [Path(entry.path) for entry in readable_entries(folder)[1] if _TABLE.fullmatch(entry.name)]
        if found or root.name.casefold() != "images":
            return found
    return []


def _image_names(root: Path) -> list[str]:
    """Of the folder Images, or of the folder itself."""
    folders, files = readable_entries(root)
    for folder in folders:
        if folder.name.casefold() == "images":
            files = readable_entries(folder.path)[1]
    return [file.name for file in files]


def _entry(path: str, remarks: Mapping[str, str]) -> ImportedFrame | RejectedFile:
    name = PurePosixPath(path).name
    if _SENSITIVE.fullmatch(name):
        return RejectedFile(path, SENSITIVE)
    if _TABLE.fullmatch(name):
        return RejectedFile(path, A_TABLE)
    if not is_image_name(name):
        return RejectedFile(path, NOT_AN_IMAGE)
    match = _IMAGE.fullmatch(name)
    if match is None:
        return RejectedFile(path, "its name is not of the form 0175_05.png")
    return ImportedFrame(path, name[:-4], match["couple"], remark=remarks.get(name.casefold(), ""))


def _remarks(root: Path) -> tuple[dict[str, str], list[RejectedFile]]:
    """Image name to the set's own grade; tables that cannot be read, with the reason."""
    remarks: dict[str, str] = {}
    problems = []
    for file in _tables(root):
        match = _TABLE.fullmatch(file.name)
        try:
            table = read_grade_table(file)
        except UserError as error:
            problems.append(RejectedFile(file.name, str(error)))
            continue
        for _, cells in table.lines:
            said = _remark(table, cells)
            if said and match:
                remarks[cells["image"].casefold()] = f"{match[1].lower()} {said}"
    return remarks, problems


def _remark(table: GradeTable, cells: Mapping[str, str]) -> str:
    """`4AB` in Gardner's terms; the reason where the line holds no whole grade."""
    try:
        read = table.read(cells)
    except UserError as error:
        return str(error).rstrip(".")
    return f"{read.get('expansion', '')}{read.get('icm', '')}{read.get('te', '')}"
