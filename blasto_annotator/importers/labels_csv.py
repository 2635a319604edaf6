"""Labels from a table: what a laboratory has in its spreadsheet, and what `labels_table` wrote.

`image` or `sha256` names the frame (`frame_names`); `expansion`, `icm` and `te`, or `gradable` and `reason`,
say what was seen, `note` what was remarked; the other columns are for the reader. `titles` and `grade_tables`
read other columns and codes. Good lines go in together, in one transaction; each other line is a problem with
its number, and goes in on the next import once corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from blasto_annotator.domain.adjudication import abstains
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import NOT_ASSESSED, Grade, parse_grade
from blasto_annotator.domain.labels import NOT_GRADABLE_REASONS, LabelEntry
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.domain.tables import parse_yes
from blasto_annotator.importers.frame_names import FrameNames
from blasto_annotator.importers.grade_tables import GradeTable, read_grade_table
from blasto_annotator.store import Project

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class LabelImportReport:
    """What an import of labels did."""

    imported: int
    skipped: int
    """Lines that say what the grader's current label says already."""
    problems: tuple[str, ...]
    """A sentence a line that was left out, with its number."""
    empty: int = 0
    """Lines that name no grade."""
    partial: int = 0
    """Good lines without ICM, TE or both at an expansion that shows them: not assessed, hence no group."""
    early: int = 0
    """Good lines with letters at an expansion that shows none: kept, but they count for nothing."""
    why: str = ""
    """How the table was read."""
    coding: str = ""
    header: int | None = None
    """Number of the line of titles; None where there is none."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to the title of its column."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is out of the usual in lines that were taken, a sentence each."""
        found = (
            (self.partial, "without ICM or TE: kept as not assessed (such as 4?B), which makes no group."),
            (self.early, "with letters at an expansion too early for them: kept, but not counted."),
        )
        return tuple(f"{n:,} line{'' if n == 1 else 's'} {words}" for n, words in found if n)


@dataclass(frozen=True)
class TableOptions:
    """How a table is to be read, where it is not recognised by itself."""

    columns: Mapping[str, str] | None = None
    """Field (`image`, `expansion`, `icm`, `te`, `grade`, ...) to the title of its column; empty for none.

    The others are recognised.
    """
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
    who: str = "",
) -> LabelImportReport:
    """Records the labels of a CSV file or workbook as the grader's; `who` imports them, if another person.

    Raises:
        UserError: the file cannot be read or names no frames, or nobody is named as grader.
    """
    if not grader.strip():
        raise UserError(f"Nobody is named as grader of “{file.name}”; say whose labels these are.")
    account = project.graders.find(grader)
    grader = grader if account is None else account.name
    how = options or TableOptions()
    table = read_grade_table(file, how.columns, how.coding, how.worksheet)
    names = FrameNames(project, [cells for _, cells in table.lines], progress)
    rows, empty, problems = _read_lines(table, project.scheme, names)
    good = _with_notes(project, rows, grader)
    imported = project.labels.import_many(good, grader, who=who) if good else 0
    skipped = len(table.lines) - len(problems) - empty - imported
    return LabelImportReport(
        imported,
        skipped,
        tuple(problems),
        empty,
        sum(abstains(row.entry.grade, project.scheme) for row in rows),
        sum(_is_early(row.entry.grade, project.scheme) for row in rows),
        table.why,
        table.coding,
        table.header,
        table.columns,
    )


def _read_lines(
    table: GradeTable, scheme: Scheme, names: FrameNames
) -> tuple[Sequence[_Row], int, Sequence[str]]:
    """Good lines, how many say nothing, and a sentence for each other one."""
    rows: dict[str, _Row] = {}
    empty, problems = 0, []
    for line, cells in table.lines:
        try:
            row = _read_line(line, cells, scheme, names, table)
            if row is None:
                empty += 1
            else:
                _add(rows, row)
        except UserError as error:
            problems.append(f"Line {line}: {error}")
    return list(rows.values()), empty, problems


def _with_notes(project: Project, rows: Sequence[_Row], grader: str) -> list[tuple[int, str, LabelEntry]]:
    """What is to be stored: a table without a note takes none away from a grade that stands."""
    notes = {
        label.sha256: label.entry.note
        for label in (project.labels.current(grader) if rows else ())
        if label.entry is not None
    }
    return [
        (row.frame_id, row.sha256, replace(row.entry, note=row.entry.note or notes.get(row.sha256, "")))
        for row in rows
    ]


def _read_line(
    line: int, raw: Mapping[str, str], scheme: Scheme, names: FrameNames, table: GradeTable
) -> _Row | None:
    """None for a line that says nothing of its frame."""
    cells = table.read(raw)
    entry = _read_entry(cells, scheme)
    if entry is None:
        return None
    frame_id, sha256 = names.find(cells)
    return _Row(line, frame_id, sha256, entry)


def _read_entry(cells: Mapping[str, str], scheme: Scheme) -> LabelEntry | None:
    grade, note = grade_in(cells), cells.get("note", "")
    if grade is not None:
        scheme.check_letters(grade)
    gradable, reason = parse_yes(cells.get("gradable", ""), "gradable"), cells.get("reason", "")
    if grade is not None and gradable is False:
        raise UserError(f"it is graded {grade} and not gradable at once; clear one of the two.")
    if grade is not None:
        return LabelEntry(grade, note=note)
    if gradable:
        raise UserError("it is gradable but has no expansion; write one, or no and a reason.")
    if reason:
        return LabelEntry(None, reason, note)
    if gradable is False:
        raise UserError(f"not gradable needs a reason, such as {NOT_GRADABLE_REASONS[0]}.")
    return None


def _is_early(grade: Grade | None, scheme: Scheme) -> bool:
    return grade is not None and grade.expansion < scheme.letters_from and bool(grade.icm or grade.te)


def grade_in(cells: Mapping[str, str]) -> Grade | None:
    """The grade in a line; a letter that it leaves out was not assessed. None where it names no grade.

    Raises:
        UserError: not a Gardner grade, or letters without an expansion.
    """
    expansion, icm, te = (cells.get(field, "") for field in ("expansion", "icm", "te"))
    if not (expansion or icm or te):
        return None
    letters = (icm or NOT_ASSESSED) + (te or NOT_ASSESSED) if icm or te else ""
    if not expansion:
        raise UserError(f"it has letters ({letters}) but no expansion; write one, 1 to 6.")
    return parse_grade(expansion + letters)


def _add(rows: dict[str, _Row], row: _Row) -> None:
    """One label an image: the same again is nothing new, another one is a question for a person."""
    earlier = rows.setdefault(row.sha256, row)
    if earlier.entry != row.entry:
        raise UserError(f"line {earlier.line} says otherwise of the same image; keep one of the two.")
