"""Grader accounts, assignments, silent repeats, adjudication, flags, filters; review modes and marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from blasto_annotator.store.migrations.protection import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables of several graders and the columns of review modes."""
    _graders()
    _repeats()
    _adjudications()
    _flags_and_filters()
    _review_modes()
    for table in ("repeat_label", "adjudication", "flag"):
        append_only(table, ("id",))


def downgrade() -> None:
    """Never: it would delete labels."""
    raise NotImplementedError("restore a backup copy instead")


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _integer(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _true(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _id(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return _integer("id"), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _grade() -> list[sa.Column[object]]:
    grade = (_integer("expansion", nullable=True), _text("icm", nullable=True), _text("te", nullable=True))
    return [*grade, _text("reason"), _text("note")]  # type: ignore[list-item]


def _graders() -> None:
    op.create_table(
        "grader",
        *_id("grader"),
        *(_text(name) for name in ("name", "pin_hash")),
        *(_true(name) for name in ("may_adjudicate", "active")),
        _time("created_utc"),
        _unique("grader", "name"),
    )
    op.create_table(
        "assignment",
        *_id("assignment"),
        *(_text(name) for name in ("grader", "plan")),
        _integer("embryo_id"),
        _time("created_utc"),
        _reference("assignment", "embryo_id", "embryo"),
        _unique("assignment", "grader", "embryo_id"),
    )


def _repeats() -> None:
    op.create_table(
        "repeat_label",
        *_id("repeat_label"),
        *(_integer(name) for name in ("frame_id", "first_label_id")),
        *(_text(name) for name in ("sha256", "grader", "transform")),
        *_grade(),
        _json("view"),
        _time("time_utc"),
        _reference("repeat_label", "frame_id", "frame"),
        _reference("repeat_label", "first_label_id", "label"),
    )
    _index("repeat_label", "grader", "sha256", "id")


def _adjudications() -> None:
    op.create_table(
        "adjudication",
        *_id("adjudication"),
        _integer("frame_id"),
        *(_text(name) for name in ("sha256", "adjudicator", "why")),
        _true("withdrawn"),
        *_grade(),
        _json("basis"),
        _time("time_utc"),
        _reference("adjudication", "frame_id", "frame"),
    )
    _index("adjudication", "sha256", "id")


def _flags_and_filters() -> None:
    op.create_table(
        "flag",
        *_id("flag"),
        _integer("frame_id"),
        *(_text(name) for name in ("sha256", "who", "flag", "note", "why")),
        _true("raised"),
        _time("time_utc"),
        _reference("flag", "frame_id", "frame"),
    )
    _index("flag", "frame_id", "id")
    _index("flag", "flag")
    _index("flag", "sha256", "id")
    _index("label", "grader", "id")
    op.create_table(
        "saved_filter",
        *_id("saved_filter"),
        *(_text(name) for name in ("grader", "name")),
        _json("query"),
        _time("created_utc"),
        _unique("saved_filter", "grader", "name"),
    )


def _review_modes() -> None:
    op.add_column("review_session", sa.Column("mode", sa.Text(), nullable=False, server_default="single"))
    op.add_column("review_session", sa.Column("plan", sa.JSON(), nullable=False, server_default="{}"))
    for name in ("role", "batch"):
        op.add_column("review_item", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("review_item", _integer("partner", nullable=True))
    for name in ("role", "answer"):
        op.add_column("review", _text(name, nullable=True))
    for name in ("marks", "view"):
        op.add_column("review", sa.Column(name, sa.JSON(none_as_null=True), nullable=True))
    op.add_column("review", sa.Column("seconds", sa.Double(), nullable=True))
