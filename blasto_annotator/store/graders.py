"""Accounts of graders: made by typing a name, with a PIN where somebody wants one."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.graders import Grader, administrators, checked_name, checked_pin, listed
from blasto_annotator.store import pins
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import GraderRecord
from blasto_annotator.store.rights import (
    actor,
    as_grader,
    check_administers,
    check_changes,
    check_chief_left,
    find_record,
)
from blasto_annotator.store.times import now_utc

LONGEST_DELAY = 60.0


class Graders:
    """Who grades, who may adjudicate, and whose name needs a PIN. Every change is in the audit trail."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._wrong: dict[str, tuple[int, float]] = {}

    def all(self) -> list[Grader]:
        """Every account, by name."""
        with self._db.reading() as session:
            return sorted(map(as_grader, session.scalars(select(GraderRecord))), key=_order)

    def find(self, name: str) -> Grader | None:
        """The account of this name, whatever the case of its letters."""
        with self._db.reading() as session:
            record = find_record(session, checked_name(name))
            return None if record is None else as_grader(record)

    def enter(self, name: str) -> Grader:
        """The account of a person who begins to grade; a new name makes one.

        The first account of a project may adjudicate.

        Raises:
            UserError: the account was closed, this is no name, or only administrators make accounts here.
        """
        found = self.find(name) or self._enter_new(checked_name(name))
        if not found.active:
            raise UserError(
                f"The account of {found.name} is closed: open it again under Graders, or take another name."
            )
        return found

    def _enter_new(self, name: str) -> Grader:
        """Where somebody looks after the accounts, a mistyped name makes none."""
        with self._db.reading() as session:
            names = administrators(map(as_grader, session.scalars(select(GraderRecord))))
        if names:
            ask = f"ask {listed(sorted(names))} to add it"
            raise UserError(f"There is no account “{name}” here: correct the name, or {ask}.")
        return self.add(name, who=name)

    def add(self, name: str, who: str, may_adjudicate: bool | None = None, pin: str = "") -> Grader:
        """Makes an account; without saying so, only the first one may adjudicate.

        Raises:
            UserError: there is one of this name already, name or PIN do not do, or `who` may not (`rights`).
        """
        kept = checked_name(name)
        pin_hash = pins.hashed(checked_pin(pin)) if pin else ""
        with self._db.writing() as session:
            check_administers(session, who)
            if find_record(session, kept) is not None:
                raise UserError(f"There is a grader {kept} already: take another name.")
            first = session.scalar(select(func.count()).select_from(GraderRecord)) == 0
            record = GraderRecord(
                name=kept,
                pin_hash=pin_hash,
                may_adjudicate=first if may_adjudicate is None else may_adjudicate,
                active=True,
                created_utc=now_utc(),
            )
            session.add(record)
            session.flush()
            append_acts(session, [Act(who, "grader.add", f"grader:{kept}", None, _told(record))])
            return as_grader(record)

    def set_pin(self, name: str, pin: str, who: str) -> None:
        """Sets the account's PIN; an empty one takes it away.

        Raises:
            UserError: there is no such account, the PIN is too short, or `who` is neither its owner nor may
                adjudicate.
        """
        pin_hash = pins.hashed(checked_pin(pin)) if pin else ""
        self._change(name, who, "grader.pin", pin_hash=pin_hash)
        self._wrong.pop(name, None)

    def set_adjudicates(self, name: str, may: bool, who: str) -> None:
        """Says whether this grader may adjudicate.

        Raises:
            UserError: there is no such account, `who` is a grader who may not adjudicate, or nobody would be
                left who may.
        """
        self._change(name, who, "grader.adjudicates", may_adjudicate=may)

    def set_active(self, name: str, active: bool, who: str) -> None:
        """Closes an account, or opens it again. Labels stay in either case.

        Raises:
            UserError: as `set_adjudicates`.
        """
        self._change(name, who, "grader.open" if active else "grader.close", active=active)

    def asks_pin(self, name: str, who: str) -> bool:
        """Whether `who` must know the PIN of `name` to act under that name."""
        with self._db.reading() as session:
            record, other = find_record(session, checked_name(name)), actor(session, who)
            if record is None or not record.pin_hash or other is record:
                return False
            return other is None or not other.may_adjudicate

    def check_pin(self, name: str, pin: str) -> None:
        """Checks a PIN; after a wrong one the next must wait, ever longer.

        Raises:
            UserError: it is wrong, or was tried too soon.
        """
        wrong, until = self._wrong.get(name, (0, 0.0))
        left = until - time.monotonic()
        if left > 0:
            raise UserError(f"Too many wrong PINs for {name}: wait {left:.0f} seconds, then try again.")
        with self._db.reading() as session:
            record = _existing(session, name)
            stored = record.pin_hash
        if not stored or pins.fits(pin, stored):
            self._wrong.pop(name, None)
            return
        # The first two slips cost nothing.
        self._wrong[name] = (
            wrong + 1,
            time.monotonic() + min(2.0 ** (wrong - 1), LONGEST_DELAY) * (wrong > 1),
        )
        with self._db.writing() as session:
            append_acts(session, [Act(name, "grader.wrong_pin", f"grader:{name}")])
        raise UserError(f"That is not the PIN of {name}.")

    def _change(self, name: str, who: str, action: str, **values: Any) -> None:
        with self._db.writing() as session:
            record = _existing(session, name)
            check_changes(session, record, who, own=action == "grader.pin")
            before = _told(record)
            for key, value in values.items():
                setattr(record, key, value)
            session.flush()
            if before["may_adjudicate"] and before["active"]:
                check_chief_left(session, record)
            append_acts(session, [Act(who, action, f"grader:{record.name}", before, _told(record))])


def _existing(session: Session, name: str) -> GraderRecord:
    record = find_record(session, checked_name(name))
    if record is None:
        raise UserError(f"There is no grader {name}: choose one of those listed.")
    return record


def _told(record: GraderRecord) -> dict[str, Any]:
    """What the audit trail keeps: whether there is a PIN, and a mark of its salted hash; never the PIN."""
    mark = pins.mark(record.pin_hash)
    return {
        "pin": bool(record.pin_hash),
        "may_adjudicate": record.may_adjudicate,
        "active": record.active,
        **({"pin_mark": mark} if mark else {}),
    }


def _order(grader: Grader) -> tuple[str, str]:
    return grader.name.casefold(), grader.name
