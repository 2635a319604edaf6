"""`audit …`: reading the trail, and checking the trail and what was exported from it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from blasto_annotator.cli.arguments import AsJson, ProjectFolder, epilog, look_at, operator
from blasto_annotator.cli.console import out, out_json, progress_bar
from blasto_annotator.domain.audit import AuditFilter, tampered_sentence, uncovered_sentence
from blasto_annotator.domain.errors import UserError

_HEX = frozenset("0123456789abcdef")
_HASH_DIGITS = 12
_LIST = "Dates are ISO 8601, such as 2026-05-01 or 2026-05-01T14:30+02:00; without a zone they are local."


def group() -> typer.Typer:
    """The commands as a group."""
    app = typer.Typer(name="audit", help="The audit trail.", no_args_is_help=True)
    app.command("verify", epilog=epilog("blasto-annotator audit verify study"))(verify)
    examples = ("blasto-annotator audit list study --who Ana --since 2026-05-01",)
    app.command("list", epilog=epilog(*examples, text=_LIST))(list_rows)
    examples = ("blasto-annotator audit verify-export for-partners",)
    app.command("verify-export", epilog=epilog(*examples))(verify_export)
    return app


def verify(
    project: ProjectFolder,
    tail: Annotated[
        int | None, typer.Option(metavar="N", help="Only the newest N rows; everything by default.")
    ] = None,
    head: Annotated[
        str, typer.Option(metavar="ROW:HASH", help="A head that was written down: that row must be there.")
    ] = "",
    restored: Annotated[
        bool, typer.Option("--restored", help="A backup was restored knowingly; this is kept in the trail.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the audit trail and what it tells of: an edit behind the application's back shows here."""
    number, row_hash = _head(head)
    with look_at(project) as opened:
        if restored:
            opened.audit.accept_restored(operator())
        rows, extent = opened.audit.count(), opened.audit.extent()
        with progress_bar("Rows") as progress:
            if tail is None:
                broken = opened.audit.verify(lambda done: progress(done, extent))
            else:
                broken = opened.audit.verify_tail(tail)
        newest = opened.audit.head()
        kept = not head or opened.audit.holds(number, row_hash)
        uncovered = opened.audit.uncovered() if broken is None else []
    if as_json:
        found = None if broken is None else broken.id
        told = None if newest is None else f"{newest.id}:{newest.hash}"
        whole = broken is None and kept
        out_json(
            {"whole": whole, "rows": rows, "first_broken": found, "head": told, "not_covered": uncovered}
        )
    if broken is not None:
        raise UserError(tampered_sentence(broken))
    if not kept:
        raise UserError(
            f"The audit trail does not hold row {number:,} as it was written down: rows were cut off its end "
            "or replaced, or an older copy of the project was put in its place. Restore the newest backup."
        )
    if not as_json:
        checked = "" if tail is None else f", of which the newest {min(tail, rows)} were checked"
        out(f"The audit trail is whole: {rows} rows{checked}.")
        if newest is not None:
            out(f"Its head, to be kept elsewhere: {newest.id}:{newest.hash}")
        for name in uncovered if tail is None else ():
            out(uncovered_sentence(name))


def list_rows(
    project: ProjectFolder,
    who: Annotated[str, typer.Option(metavar="NAME", help="Only what this person did.")] = "",
    action: Annotated[str, typer.Option(metavar="NAME", help="Only this, such as label or import.")] = "",
    subject: Annotated[str, typer.Option(metavar="KIND:ID", help="Only about this, such as frame:17.")] = "",
    text: Annotated[str, typer.Option(metavar="WORDS", help="Only rows that hold these words.")] = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="Not before.")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="Before.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", help="At most so many, newest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show who did what, when, what was before and what came after."""
    from blasto_annotator.curation.blinding import found_rows

    wanted = AuditFilter(who, action, subject, text, _moment(since), _moment(until))
    with look_at(project) as opened:
        rows = found_rows(opened, opened.audit.page(wanted, limit=limit), bool(text or subject))
    if as_json:
        out_json([asdict(row) for row in rows])
        return
    for row in rows:
        parts = (str(row.id), row.time_utc, row.who or "–", row.action, row.subject, row.why)
        out("  ".join(part for part in parts if part))


def verify_export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A signed export.", show_default=False)],
    key: Annotated[
        str, typer.Option(metavar="FINGERPRINT", help="The sender's key, told by another way.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check that a signed export is as it was written."""
    from blasto_annotator.curation.signing import verify as verify_folder

    signed = verify_folder(folder.expanduser(), key)
    if as_json:
        out_json({"whole": True, "fingerprint": signed.fingerprint, "files": signed.files})
        return
    out(f"{signed.files} files are as they were signed with the key {signed.fingerprint}.")
    if not key:
        out("Compare the key with what the sender told you, or give it as --key.")


def _head(text: str) -> tuple[int, str]:
    number, _, row_hash = text.strip().partition(":")
    if text and not (number.isdecimal() and len(row_hash) >= _HASH_DIGITS and set(row_hash) <= _HEX):
        raise UserError(f"“{text}” is no head: give the one that audit verify printed, as ROW:HASH.")
    return int(number or 0), row_hash


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise UserError(f"“{text}” is no date: write it as 2026-05-01 or 2026-05-01T14:30.") from error
