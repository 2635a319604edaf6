"""Who may change what belongs to everybody: accounts, assignments, second looks, the grading scheme."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.graders import Grader, administrators, listed
from blasto_annotator.domain.people import Operator
from blasto_annotator.store.models import GraderRecord


def find_record(session: Session, name: str) -> GraderRecord | None:
    """Names differ by more than case: two people must not be mistaken for one another."""
    records = session.scalars(select(GraderRecord))
    return next((record for record in records if record.name.casefold() == name.casefold()), None)


def actor(session: Session, who: str) -> GraderRecord | None:
    """The account of whoever acts; None for nobody and for the command line's login name."""
    return None if isinstance(who, Operator) or not who.strip() else find_record(session, who)


def as_grader(record: GraderRecord) -> Grader:
    """An account as everybody may see it."""
    return Grader(
        record.name, bool(record.pin_hash), record.may_adjudicate, record.active, record.created_utc
    )


def check_administers(session: Session, who: str) -> None:
    """Once somebody who may adjudicate has a PIN, only such graders and the command line administer.

    Raises:
        UserError: `who` is neither; the sentence names who is, and the way in where a PIN was forgotten.
    """
    chiefs = administrators(map(as_grader, session.scalars(select(GraderRecord).order_by(GraderRecord.name))))
    account = actor(session, who)
    by_terminal = account is None and bool(who.strip())
    if not chiefs or by_terminal or (account is not None and account.name in chiefs):
        return
    raise UserError(
        f"Only graders who may adjudicate change this here: sign in as {listed(chiefs)}. A forgotten PIN is "
        f"set anew in a terminal by whoever has the project’s folder: "
        f"blasto-annotator graders pin FOLDER {_quoted(chiefs[0])}"
    )


def check_changes(session: Session, record: GraderRecord, who: str, *, own: bool) -> None:
    """Who is no grader (the command line's login name) has the folder, hence every right; nobody has none.

    `own`: the owner of the account may do this, too.

    Raises:
        UserError: `who` may not.
    """
    if not who.strip():
        raise UserError(f"Nobody is signed in: sign in as {record.name}, or as a grader who may adjudicate.")
    other = actor(session, who)
    if other is None or other.may_adjudicate or (own and other is record):
        return
    raise UserError(f"{other.name} may not change other accounts: sign in as a grader who may adjudicate.")


def check_chief_left(session: Session, record: GraderRecord) -> None:
    """Somebody must be able to adjudicate and to change accounts.

    Raises:
        UserError: nobody would.
    """
    chiefs = select(func.count()).select_from(GraderRecord)
    chiefs = chiefs.where(GraderRecord.may_adjudicate, GraderRecord.active)
    if not session.scalar(chiefs):
        raise UserError(
            f"{record.name} is the only one who may adjudicate: let somebody else adjudicate first."
        )


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
