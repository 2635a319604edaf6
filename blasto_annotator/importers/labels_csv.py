"""Labels as a table: what a laboratory has in its spreadsheet, and what other programs read.

Columns `image,sha256,embryo,plane,hpi,expansion,icm,te,group,gradable,reason,grader,time_utc`. On import,
`image` or `sha256` names the frame (`frame_names`); `expansion`, `icm` and `te`, or `gradable` and `reason`,
say what was seen; the other columns are for the reader. `grade_tables` reads other columns and codes. Good
lines go in together, in one transaction; each other line is a problem with its number, and goes in on the
next import once corrected.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.frames import Frame
from blasto_annotator.domain.grades import Grade, parse_grade
from blasto_annotator.domain.labels import NOT_GRADABLE_REASONS, Label, LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.tables import parse_yes
from blasto_annotator.importers.frame_names import FrameNames
from blasto_annotator.importers.grade_tables import GradeTable, read_grade_table
from blasto_annotator.store import Project
from gan.contract.jsonfile import write_text

COLUMNS = (
    *("image", "sha256", "embryo", "plane", "hpi", "expansion", "icm", "te"),
    *("group", "gradable", "reason", "grader", "time_utc"),
)
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class LabelImportReport:
    """What an import of labels did."""

    imported: int
    skipped: int
    """Lines that say what the grader's current label says already, or say nothing."""
    problems: tuple[str, ...]
    """A sentence a line that was left out, with its number."""


@dataclass(frozen=True)
class TableOptions:
    """How a table is to be read, where it is not recognised by itself."""

    columns: Mapping[str, str] | None = None
    """Field (`image`, `expansion`, `icm`, `te`, `grade`, ...) to the title of its column."""
    coding: str | None = None
    """`gardner`, `kromp` or `numbers`."""
    worksheet: str | None = None


@dataclass(frozen=True)
class _Row:
    """A good line."""

    line: int
    frame_id: int
    sha256: str
    entry: LabelEntry


def import_labels(
    project: Project,
    file: Path,
    grader: str,
    progress: Progress | None = None,
    options: TableOptions | None = None,
) -> LabelImportReport:
    """Records the labels of a CSV file or workbook as the grader's.

    Raises:
        UserError: the file cannot be read or names no frames, or nobody is named as grader.
    """
    if not grader.strip():
        raise UserError(f"Nobody is named as grader of “{file.name}”; say whose labels these are.")
    how = options or TableOptions()
    table = read_grade_table(file, how.columns, how.coding, how.worksheet)
    names = FrameNames(project, [cells for _, cells in table.lines], progress)
    rows: dict[str, _Row] = {}
    scheme = project.scheme
    problems: list[str] = []
    for line, cells in table.lines:
        try:
            row = _read_line(line, cells, scheme, names, table)
            if row is not None:
                _add(rows, row)
        except UserError as error:
            problems.append(f"Line {line}: {error}")
    good = [(row.frame_id, row.sha256, row.entry) for row in rows.values()]
    imported = project.labels.import_many(good, grader) if good else 0
    return LabelImportReport(imported, len(table.lines) - len(problems) - imported, tuple(problems))


def export_labels(project: Project, file: Path, grader: str | None = None) -> int:
    """Writes the current labels of a grader, or of everybody, whole or not at all; returns how many.

    Raises:
        UserError: the file cannot be written.
    """
    scheme = project.scheme
    found = [(project.frames.get(label.frame_id), label) for label in project.labels.current(grader)]
    found.sort(key=lambda pair: (pair[0].source_id, pair[0].path, pair[1].grader))
    text = io.StringIO()
    rows = (_export_row(label, frame, scheme) for frame, label in found)
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    try:
        write_text(file, text.getvalue())
    except OSError as error:
        raise UserError(
            f"{file} cannot be written ({error.strerror}); choose another folder or free some space."
        ) from error
    return len(found)


def _read_line(
    line: int, raw: Mapping[str, str], scheme: Scheme, names: FrameNames, table: GradeTable
) -> _Row | None:
    """None for a line that says nothing of its frame."""
    cells = table.read(raw)
    entry = _read_entry(cells, scheme, table.letters_may_lack)
    if entry is None:
        return None
    frame_id, sha256 = names.find(cells)
    return _Row(line, frame_id, sha256, entry)


def _read_entry(cells: Mapping[str, str], scheme: Scheme, letters_may_lack: bool) -> LabelEntry | None:
    grade = _read_grade(cells, scheme, letters_may_lack)
    gradable, reason = parse_yes(cells.get("gradable", ""), "gradable"), cells.get("reason", "")
    if grade is not None and gradable is False:
        raise UserError(f"it is graded {grade} and not gradable at once; clear one of the two.")
    if grade is not None:
        return LabelEntry(grade)
    if gradable:
        raise UserError("it is gradable but has no expansion; write one, or no and a reason.")
    if reason:
        return LabelEntry(None, reason)
    if gradable is False:
        raise UserError(f"not gradable needs a reason, such as {NOT_GRADABLE_REASONS[0]}.")
    return None


def _read_grade(cells: Mapping[str, str], scheme: Scheme, letters_may_lack: bool) -> Grade | None:
    expansion = cells.get("expansion", "").removesuffix(".0")  # spreadsheets write 4 as 4.0
    text = expansion + cells.get("icm", "") + cells.get("te", "")
    if not text:
        return None
    grade = parse_grade(text)
    if grade.icm is not None or not letters_may_lack:
        scheme.check(grade)
    return grade


def _add(rows: dict[str, _Row], row: _Row) -> None:
    """One label an image: the same again is nothing new, another one is a question for a person."""
    earlier = rows.setdefault(row.sha256, row)
    if earlier.entry != row.entry:
        raise UserError(f"line {earlier.line} says otherwise of the same image; keep one of the two.")


def _export_row(label: Label, frame: Frame, scheme: Scheme) -> tuple[object, ...]:
    place = (frame.path, label.sha256, frame.embryo, frame.plane, frame.hpi)
    when = label.time_utc.astimezone(UTC).isoformat(timespec="seconds")
    entry = label.entry
    if entry is None or entry.grade is None:
        return (*place, "", "", "", "", "no", entry.reason if entry else "", label.grader, when)
    grade, group = entry.grade, scheme.group_of(entry.grade)
    letters = (grade.icm, grade.te, group.name if group else "")
    return (*place, grade.expansion, *letters, "yes", "", label.grader, when)
