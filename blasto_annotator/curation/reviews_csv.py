"""Reviews as a CSV table.

Columns `image,realism,wrong_class,defects,looks_like`; an export adds `batch,kind,class,sha256,reviewer,
time_utc,note`, which say the rest and make its import exact. On import, `image` is the PNG's name or path
(absolute, or below the batch folder, or `<batch>/images/00000.png`) or its sha256; `realism` may be empty
where `wrong_class` is 1; defects are divided by `;` or `|`; `looks_like` is a class or a grade. Good lines
go in, a transaction a batch; each other line is a problem with its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from blasto_annotator.curation.blinding import open_sessions
from blasto_annotator.curation.image_names import ImageNames, Named
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import parse_grade
from blasto_annotator.domain.reviews import (
    DEFECTS,
    OWN_DEFECT,
    ItemKind,
    Realism,
    Review,
    ReviewSession,
    Verdict,
)
from blasto_annotator.domain.schemes import Scheme, is_grade
from blasto_annotator.domain.tables import parse_table, parse_yes
from blasto_annotator.store import Project
from blasto_annotator.store.csv_table import write_csv

COLUMNS = ("image", "realism", "wrong_class", "defects", "looks_like")
EXTRA_COLUMNS = ("batch", "kind", "class", "sha256", "reviewer", "time_utc", "note")
SITTING_COLUMNS = ("session", "role", "answer", "beside", "seconds")
"""Of an export only: a row with a role is a repeat or the answer to a choice or a pair, no verdict on an
image. Of a pair `image` is the left one and `beside` the right one."""


@dataclass(frozen=True)
class ReviewImportReport:
    """What an import of reviews did."""

    imported: int
    skipped: int
    """Lines that say what the reviewer's current verdict says already, or say nothing."""
    problems: tuple[str, ...]
    """A sentence a line that was left out, with its number."""
    batches: tuple[str, ...]
    """Batches whose images the lines name."""


def import_reviews(
    project: Project, file: Path, reviewer: str, batch: str | None = None
) -> ReviewImportReport:
    """Records the table's verdicts as the reviewer's; `batch` says whose images bare names mean.

    Raises:
        UserError: the file cannot be read or names no images, or nobody is named as reviewer.
    """
    if not reviewer.strip():
        raise UserError(f"Nobody is named as reviewer of “{file.name}”; say whose verdicts these are.")
    table = parse_table(_bytes(file), file.name, ("image", "sha256"))
    names, scheme = ImageNames(project, batch), project.scheme
    found: dict[Named, tuple[int, Verdict]] = {}
    problems: list[str] = []
    for line, cells in table:
        try:
            verdict = _read_verdict(cells, scheme)
            if verdict is not None:
                _add(found, names.find(cells), line, verdict)
        except UserError as error:
            problems.append(f"Line {line}: {error}")
    batches = sorted({named.batch for named in found})
    imported = sum(_store(project, name, reviewer, found) for name in batches)
    return ReviewImportReport(
        imported, len(table) - len(problems) - imported, tuple(problems), tuple(batches)
    )


@dataclass(frozen=True)
class ReviewExport:
    """What an export of reviews wrote."""

    written: int
    waiting: int
    """Verdicts on images of sessions that are not finished, whoever gave them: the table says what an image
    is, so they wait."""


def export_reviews(project: Project, file: Path) -> ReviewExport:
    """Writes the verdicts that stand, whole or not at all, but those on images of unfinished sessions.

    Raises:
        UserError: the file cannot be written.
    """
    unfinished = {one.id for one in open_sessions(project)}
    sessions = {session.id: session for session in project.reviews.sessions()}
    hidden = {item.sha256 for number in unfinished for item in sessions[number].items}
    found = [*project.reviews.current(), *project.reviews.answers()]
    reviews = [review for review in found if review.sha256 not in hidden]
    reviews.sort(key=lambda r: (r.batch, r.reviewer, r.role, r.image, r.id))
    rows = [
        (*_export_row(one, one.verdict), *_sitting_cells(one, sessions.get(one.session_id or 0)))
        for one in reviews
        if one.verdict is not None
    ]
    write_csv(file, COLUMNS + EXTRA_COLUMNS + SITTING_COLUMNS, rows)
    return ReviewExport(len(reviews), len(found) - len(reviews))


def _store(project: Project, batch: str, reviewer: str, found: Mapping[Named, tuple[int, Verdict]]) -> int:
    rows = [(named.item, verdict) for named, (_, verdict) in found.items() if named.batch == batch]
    return project.reviews.import_many(rows, batch, reviewer)


def _add(found: dict[Named, tuple[int, Verdict]], named: Named, line: int, verdict: Verdict) -> None:
    """One verdict an image: the same again is nothing new, another one is a question for a person."""
    earlier, said = found.setdefault(named, (line, verdict))
    if said != verdict:
        raise UserError(f"line {earlier} says otherwise of the same image; keep one of the two.")


def _read_verdict(cells: Mapping[str, str], scheme: Scheme) -> Verdict | None:
    """None for a line that says nothing, or that an export wrote of a repeat, a choice or a pair."""
    if cells.get("role", "").strip():
        return None
    realism = _realism(cells.get("realism", ""))
    wrong = bool(parse_yes(cells.get("wrong_class", ""), "wrong_class"))
    defects = tuple(_defect(part) for part in re.split(r"[;|]", cells.get("defects", "")) if part.strip())
    looks_like = _class(cells.get("looks_like", ""), scheme)
    if realism is None and not wrong:
        if defects or looks_like:
            raise UserError("it has neither a realism nor a wrong class; give one of them.")
        return None
    return Verdict(realism, wrong, defects, looks_like, cells.get("note", ""))


def _realism(text: str) -> Realism | None:
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    if not word:
        return None
    if word not in set(Realism):
        raise UserError(f"“{text}” is no realism; write {', '.join(Realism)}.")
    return Realism(word)


def _defect(text: str) -> str:
    """A defect's code, from its code or its title; a laboratory's own as an export writes it, `own:…`."""
    word = text.strip().lower()
    for code, title in DEFECTS.items():
        if word in (code, title.lower()):
            return code
    if word.startswith(OWN_DEFECT) and word != OWN_DEFECT:
        return OWN_DEFECT + text.strip()[len(OWN_DEFECT) :].strip()
    raise UserError(f"“{text.strip()}” is no defect; write {', '.join(DEFECTS)}.")


def _class(text: str, scheme: Scheme) -> str:
    """A class by its name or title, or a grade of the scheme."""
    word = text.strip().lower()
    if not word:
        return ""
    for group in scheme.groups:
        if word in (group.name.lower(), group.title.lower()):
            return group.name
    if is_grade(text):
        grade = parse_grade(text)
        scheme.check(grade, letters_may_lack=True)
        return str(grade)
    names = ", ".join(group.name for group in scheme.groups)
    raise UserError(f"“{text}” is no class and no grade; write {names}, or a grade such as 4AB.")


def _export_row(review: Review, verdict: Verdict) -> tuple[object, ...]:
    generated = review.kind is ItemKind.GENERATED
    image = f"{review.batch}/{review.image}" if generated else review.image
    said = (
        verdict.realism or "", int(verdict.wrong_class), ";".join(verdict.defects), verdict.looks_like,
    )  # fmt: skip
    when = review.time_utc.astimezone(UTC).isoformat(timespec="seconds")
    origin = (review.batch, review.kind, review.class_name, review.sha256)
    return (image, *said, *origin, review.reviewer, when, verdict.note)


def _sitting_cells(review: Review, session: ReviewSession | None) -> tuple[object, ...]:
    """How it was asked; empty of an imported verdict."""
    beside = "" if session is None else _beside(review, session)
    seconds = "" if review.seen.seconds is None else f"{review.seen.seconds:.1f}"
    answer = review.verdict.answer if review.verdict is not None else None
    return (review.session_id or "", review.role, answer or "", beside, seconds)


def _beside(review: Review, session: ReviewSession) -> str:
    """The right image of a pair."""
    partners = (item.partner for item in session.items if item.sha256 == review.sha256)
    partner = next((place for place in partners if place is not None), None)
    if partner is None:
        return ""
    right = session.items[partner]
    return f"{right.batch or session.batch}/{right.image}"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"“{path}” cannot be read ({error.strerror}); check the name and the permission."
        ) from error
