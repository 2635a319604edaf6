"""The first tables, and the triggers that keep the append-only ones append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from blasto_annotator.store.migrations.protection import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = {
    "label": ("id",),
    "review": ("id",),
    "review_session": ("id",),
    "review_item": ("session_id", "position"),
    "promotion": ("id",),
    "audit": ("id",),
}
"""Table -> its primary key."""


def upgrade() -> None:
    """Makes everything."""
    _project()
    _frames()
    _labels()
    _review_plans()
    _reviews()
    _history()
    for table, key in _APPEND_ONLY.items():
        append_only(table, key)


def downgrade() -> None:
    """Never: it would delete labels."""
    raise NotImplementedError("restore a backup copy instead")


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _integer(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _id(table: str, autoincrement: bool = True) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    column: sa.Column[int] = sa.Column("id", sa.Integer(), nullable=False, autoincrement=autoincrement)
    return column, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _project() -> None:
    op.create_table(
        "project",
        *(_text(name) for name in ("id", "name", "scheme", "version")),
        sa.Column("sample", sa.Boolean(), nullable=False),
        _time("created_utc"),
        sa.PrimaryKeyConstraint("id", name="pk_project"),
    )
    op.create_table(
        "setting", _text("key"), _text("value"), sa.PrimaryKeyConstraint("key", name="pk_setting")
    )


def _frames() -> None:
    op.create_table(
        "source",
        *_id("source"),
        *(_text(name) for name in ("name", "root", "layout")),
        sa.Column("options", sa.JSON(), nullable=False),
        _time("created_utc"),
        sa.UniqueConstraint("root", name="uq_source_root"),
    )
    op.create_table(
        "embryo",
        *_id("embryo"),
        *(_integer(name) for name in ("source_id", "frames", "moments")),
        *(_text(name) for name in ("name", "couple", "search_key")),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        _reference("embryo", "source_id", "source"),
        sa.UniqueConstraint("source_id", "name", name="uq_embryo_source_id_name"),
    )
    _index("embryo", "sort_key", "id")
    op.create_table(
        "frame",
        *_id("frame"),
        *(_integer(name) for name in ("source_id", "embryo_id", "width", "height")),
        *(_text(name) for name in ("path", "moment", "phase", "remark")),
        *(_integer(name, nullable=True) for name in ("plane", "time_index")),
        sa.Column("hpi", sa.Double(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("size", "modified_ns")),
        _text("sha256", nullable=True),
        _reference("frame", "source_id", "source"),
        _reference("frame", "embryo_id", "embryo"),
        sa.UniqueConstraint("source_id", "path", name="uq_frame_source_id_path"),
    )
    _index("frame", "embryo_id", "moment")
    hashed = sa.text("sha256 IS NOT NULL")
    op.create_index("ix_frame_sha256", "frame", ["sha256"], sqlite_where=hashed, postgresql_where=hashed)


def _labels() -> None:
    op.create_table(
        "label",
        *_id("label"),
        _integer("frame_id"),
        *(_text(name) for name in ("sha256", "grader", "reason", "note", "why")),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        _integer("expansion", nullable=True),
        *(_text(name, nullable=True) for name in ("icm", "te")),
        sa.Column("view", sa.JSON(), nullable=False),
        _time("time_utc"),
        _reference("label", "frame_id", "frame"),
        sa.CheckConstraint("expansion BETWEEN 1 AND 6", name="ck_label_expansion"),
        sa.CheckConstraint(
            "withdrawn OR expansion IS NOT NULL OR reason <> ''", name="ck_label_says_something"
        ),
    )
    _index("label", "grader", "sha256", "id")
    _index("label", "sha256")


def _review_plans() -> None:
    op.create_table(
        "review_session",
        *_id("review_session"),
        *(_text(name) for name in ("batch", "reviewer")),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("real_share", sa.Double(), nullable=False),
        _time("created_utc"),
    )
    _index("review_session", "batch")
    op.create_table(
        "review_item",
        *(_integer(name) for name in ("session_id", "position")),
        *(_text(name) for name in ("kind", "sha256", "class_name", "image")),
        _integer("frame_id", nullable=True),
        sa.PrimaryKeyConstraint("session_id", "position", name="pk_review_item"),
        _reference("review_item", "session_id", "review_session"),
        _reference("review_item", "frame_id", "frame"),
    )


def _reviews() -> None:
    op.create_table(
        "review",
        *_id("review"),
        *(_text(name) for name in ("batch", "reviewer", "kind", "sha256", "class_name", "image")),
        _integer("position"),
        *(_integer(name, nullable=True) for name in ("session_id", "frame_id")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("withdrawn", "wrong_class")),
        _text("realism", nullable=True),
        sa.Column("defects", sa.JSON(), nullable=False),
        *(_text(name) for name in ("looks_like", "note", "why")),
        _time("time_utc"),
        _reference("review", "session_id", "review_session"),
        _reference("review", "frame_id", "frame"),
    )
    _index("review", "batch", "reviewer", "sha256", "id")
    _index("review", "session_id", "position")


def _history() -> None:
    op.create_table(
        "promotion",
        *_id("promotion"),
        *(_text(name) for name in ("checkpoint", "who", "why")),
        _time("time_utc"),
    )
    texts = ("time_utc", "who", "action", "subject", "before", "after", "why", "version", "previous", "hash")
    op.create_table("audit", *_id("audit", autoincrement=False), *(_text(name) for name in texts))
