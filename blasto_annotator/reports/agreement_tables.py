"""Grades outside a project: one table a grader, as laboratories and the Kromp set have them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import EXPANSIONS, LETTERS, Grade
from blasto_annotator.domain.raters_criteria import category, check_criteria
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.importers.grade_tables import GradeTable, read_grade_table
from blasto_annotator.reports.agreement import Looks

_KROMP_LETTERS = "ABC"


def looks_of_tables(
    files: Sequence[Path], scheme: Scheme, name: str, embryo: str = "", coding: str | None = None
) -> Looks:
    """What the tables say; a grader is called as his file.

    A criterion that a line leaves empty is not assessed; the others of the line count. `embryo` is a regular
    expression whose first group (or whole match) in an image's name is the embryo; without it every image is
    an embryo of its own. `coding` says what the cells mean where the tables do not.

    Raises:
        UserError: a table cannot be read, two have one name, or the expression is none or fits no image.
    """
    said: dict[str, dict[str, dict[str, str | None]]] = {criterion: {} for criterion in check_criteria(())}
    for file in files:
        if file.stem in said["expansion"]:
            raise UserError(
                f"Two tables are called {file.stem}; rename one, since graders go by their file's name."
            )
        for criterion, words in _read(file, scheme, coding).items():
            said[criterion][file.stem] = words
    images = sorted({image for words in said["expansion"].values() for image in words})
    return Looks(name, scheme, said, _embryos(images, embryo))


def _read(file: Path, scheme: Scheme, coding: str | None) -> dict[str, dict[str, str | None]]:
    table = read_grade_table(file, coding=coding)
    found: dict[str, dict[str, str | None]] = {criterion: {} for criterion in check_criteria(())}
    for number, cells in table.lines:
        image = cells.get("image") or cells.get("sha256") or ""
        if not image:
            raise UserError(f"Line {number} of “{table.name}” names no image.")
        try:
            words = _words(table, cells)
        except UserError as error:
            raise UserError(f"Line {number} of “{table.name}”: {error}") from error
        for criterion, word in _counted(words, scheme).items():
            found[criterion][image] = word
    return found


def _words(table: GradeTable, cells: Mapping[str, str]) -> dict[str, str | None]:
    """Category by criterion; each is read by itself, since graders leave single criteria out."""
    if table.coding == "kromp":
        return {name: _kromp(cells.get(name, ""), name) for name in ("expansion", "icm", "te")}
    own = table.read(cells)
    return {name: _checked(own.get(name, ""), name) for name in ("expansion", "icm", "te")}


def _kromp(text: str, name: str) -> str | None:
    """Codes of Kromp et al.: EXP 0-4 is 1-5; ICM and TE 0-2 are A-C, 3, ND and NA are no grade."""
    code = text.strip().removesuffix(".0").upper()
    if code in ("", "NA", "ND", "?") or (name != "expansion" and code == "3"):
        return None
    most = 4 if name == "expansion" else 2
    if not code.isdigit() or int(code) > most:
        raise UserError(f"“{text}” is no {name} of Kromp et al.; theirs run from 0 to {most}.")
    return str(int(code) + 1) if name == "expansion" else _KROMP_LETTERS[int(code)]


def _checked(text: str, name: str) -> str | None:
    word = text.strip().removesuffix(".0").upper()
    if word in ("", "NA", "ND", "-"):
        return None
    known = tuple(str(number) for number in EXPANSIONS) if name == "expansion" else LETTERS
    if word not in known:
        raise UserError(f"“{text}” is no {name}; use {known[0]} to {known[-1]}.")
    return word


def _counted(words: Mapping[str, str | None], scheme: Scheme) -> dict[str, str | None]:
    """The words that count by the scheme, and the group; letters without an expansion count."""
    expansion, icm, te = words["expansion"], words["icm"], words["te"]
    if expansion is not None and int(expansion) < scheme.letters_from:
        return {"expansion": expansion, "icm": None, "te": None, "group": None}
    if icm is None or te is None:
        return {**words, "group": None}
    grade = Grade(int(expansion or scheme.letters_from), icm, te)
    return {**words, "group": category("group", grade, scheme)}


def _embryos(images: Sequence[str], expression: str) -> dict[str, str]:
    if not expression:
        return {}
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise UserError(f"“{expression}” is no regular expression ({error}).") from error
    found = {image: match for image in images if (match := pattern.search(image)) is not None}
    if not found:
        raise UserError(f"“{expression}” fits no image's name, such as {images[0] if images else 'none'}.")
    return {image: match[1] if pattern.groups else match[0] for image, match in found.items()}
