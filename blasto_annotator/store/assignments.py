"""Assignments: which embryos each grader's queue holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.assignments import Assignable, AssignmentPlan, Share, checked_plan, deal
from blasto_annotator.domain.audit import canonical
from blasto_annotator.domain.errors import UserError
from blasto_annotator.store.audit import Act, append_acts
from blasto_annotator.store.database import Database
from blasto_annotator.store.models import AssignmentRecord, EmbryoRecord, GraderRecord, SettingRecord
from blasto_annotator.store.rights import check_administers
from blasto_annotator.store.standing import pairs_digest
from blasto_annotator.store.times import now_utc

SETTING = "assignments.plan"


class Assignments:
    """Who is to grade what. Where there are none, everybody's queue holds everything."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def plan(self) -> AssignmentPlan | None:
        """The plan that holds; None where embryos are not dealt out."""
        with self._db.reading() as session:
            return _plan(session)

    def assign(self, plan: AssignmentPlan, who: str, fresh: bool = False) -> int:
        """Deals out the embryos that nobody has yet and keeps the plan; returns how many pairs are new.

        `fresh` takes everything back first. Labels stay as they are in either case.

        Raises:
            UserError: the plan makes no sense, names somebody without an open account, or there are no
                embryos, or `who` may not (`rights`).
        """
        checked_plan(plan)
        with self._db.writing() as session:
            check_administers(session, who)
            _check_accounts(session, plan.graders)
            before = _plan(session)
            if fresh:
                session.execute(delete(AssignmentRecord))
            new = _deal(session, plan)
            session.merge(SettingRecord(key=SETTING, value=canonical(asdict(plan))))
            old = None if before is None else asdict(before)
            after = {**asdict(plan), "new": new, "fresh": fresh, "pairs": pairs_digest(session)}
            append_acts(session, [Act(who, "assign", "assignments", old, after)])
            return new

    def extend(self, who: str) -> int:
        """Deals out embryos that were imported since, by the plan that holds; returns how many pairs are new.

        Raises:
            UserError: there is no plan.
        """
        plan = self.plan()
        if plan is None:
            raise UserError("Embryos are not dealt out yet: say first who is to grade.")
        return self.assign(plan, who)

    def clear(self, who: str) -> None:
        """Takes everything back: every queue holds everything again.

        Raises:
            UserError: `who` may not (`rights`).
        """
        with self._db.writing() as session:
            check_administers(session, who)
            before = _plan(session)
            session.execute(delete(AssignmentRecord))
            session.execute(delete(SettingRecord).where(SettingRecord.key == SETTING))
            old = None if before is None else asdict(before)
            append_acts(session, [Act(who, "assign.clear", "assignments", old, None)])

    def embryos(self, grader: str) -> list[int] | None:
        """Numbers of the embryos in this grader's queue; None: everything."""
        with self._db.reading() as session:
            found = list(session.scalars(assigned(grader).order_by(AssignmentRecord.embryo_id)))
            return found or None

    def shares(self) -> list[Share]:
        """What each grader has to do, by name."""
        shared = select(AssignmentRecord.embryo_id).group_by(AssignmentRecord.embryo_id)
        shared = shared.having(func.count() > 1)
        among = func.count().filter(AssignmentRecord.embryo_id.in_(shared))
        query = select(AssignmentRecord.grader, func.count(), among, func.sum(EmbryoRecord.moments))
        query = query.join(EmbryoRecord, EmbryoRecord.id == AssignmentRecord.embryo_id)
        with self._db.reading() as session:
            rows = session.execute(query.group_by(AssignmentRecord.grader))
            return sorted((Share(r[0], r[1], r[2], int(r[3])) for r in rows), key=lambda share: share.grader)

    def unassigned(self) -> int:
        """Embryos with frames that nobody has."""
        anybody = select(AssignmentRecord.embryo_id)
        query = select(func.count()).select_from(EmbryoRecord).where(EmbryoRecord.frames > 0)
        with self._db.reading() as session:
            return session.scalar(query.where(EmbryoRecord.id.not_in(anybody))) or 0


def assigned(grader: str) -> Select[int]:
    """Numbers of the embryos that were dealt to this grader; none where the queue holds everything."""
    return select(AssignmentRecord.embryo_id).where(AssignmentRecord.grader == grader)


def _plan(session: Session) -> AssignmentPlan | None:
    record = session.get(SettingRecord, SETTING)
    if record is None:
        return None
    values = json.loads(record.value)
    return AssignmentPlan(tuple(values["graders"]), values["overlap"], values["seed"])


def _check_accounts(session: Session, names: Sequence[str]) -> None:
    """Embryos of somebody who does not grade here would stay ungraded."""
    accounts = session.execute(select(GraderRecord.name, GraderRecord.active))
    active = {row.name: row.active for row in accounts}
    for name in names:
        if name not in active:
            listed = ", ".join(sorted(known for known, is_open in active.items() if is_open)) or "nobody yet"
            raise UserError(
                f"There is no grader {name} (accounts: {listed}): correct the name, or add the account first."
            )
        if not active[name]:
            raise UserError(f"The account of {name} is closed: open it again, or deal out without {name}.")


def _deal(session: Session, plan: AssignmentPlan) -> int:
    query = select(EmbryoRecord.id, EmbryoRecord.couple, EmbryoRecord.moments).where(EmbryoRecord.frames > 0)
    embryos = [Assignable(*row) for row in session.execute(query)]
    if not embryos:
        raise UserError("There are no embryos to deal out yet: import frames first.")
    given: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(select(AssignmentRecord.embryo_id, AssignmentRecord.grader)):
        given[row.embryo_id].append(row.grader)
    pairs = deal(embryos, plan, given)
    _store(session, pairs, plan)
    return len(pairs)


def _store(session: Session, pairs: Sequence[tuple[str, int]], plan: AssignmentPlan) -> None:
    if not pairs:
        return
    said, moment = canonical(asdict(plan)), now_utc()
    values = [{"grader": g, "embryo_id": e, "plan": said, "created_utc": moment} for g, e in pairs]
    session.execute(insert(AssignmentRecord), values)
