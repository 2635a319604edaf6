"""The database's tables. Types and queries are portable: SQLite on one seat, PostgreSQL on several."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

APPEND_ONLY = (
    *("label", "repeat_label", "adjudication", "flag"),
    *("review", "review_session", "review_item", "promotion", "audit"),
)
"""Tables whose rows triggers protect from UPDATE and DELETE."""

SortText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that every database compares byte by byte."""

_HASHED = text("sha256 IS NOT NULL")
_OPTIONAL_JSON = JSON(none_as_null=True)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that later migrations can address it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


class ProjectRecord(Base):
    """One row: what the project is."""

    __tablename__ = "project"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    scheme: Mapped[str]
    sample: Mapped[bool]
    created_utc: Mapped[datetime]
    version: Mapped[str]


class SettingRecord(Base):
    """Small settings of the project, such as the last grader."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class SourceRecord(Base):
    """A place that frames were imported from."""

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    root: Mapped[str] = mapped_column(unique=True)
    layout: Mapped[str]
    options: Mapped[dict[str, Any]]
    created_utc: Mapped[datetime]


class EmbryoRecord(Base):
    """An embryo; its counts are kept beside it, since counting millions of frames takes too long."""

    __tablename__ = "embryo"
    __table_args__ = (UniqueConstraint("source_id", "name"), Index(None, "sort_key", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    name: Mapped[str]
    couple: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SortText)
    search_key: Mapped[str]
    frames: Mapped[int]
    moments: Mapped[int]
    summary: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON)
    """What its frames span: phases with their hours, planes, remarks; see `summaries`."""


class FrameRecord(Base):
    """One imported image."""

    __tablename__ = "frame"
    __table_args__ = (
        UniqueConstraint("source_id", "path"),
        Index(None, "embryo_id", "moment"),
        # Partial: of millions of frames only those that somebody saw have a hash.
        Index(None, "sha256", sqlite_where=_HASHED, postgresql_where=_HASHED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    embryo_id: Mapped[int] = mapped_column(ForeignKey("embryo.id"))
    path: Mapped[str]
    moment: Mapped[str]
    plane: Mapped[int | None]
    time_index: Mapped[int | None]
    hpi: Mapped[float | None]
    phase: Mapped[str]
    remark: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    modified_ns: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str | None]


class LabelRecord(Base):
    """Append-only: what a grader said of an image's content."""

    __tablename__ = "label"
    __table_args__ = (
        Index(None, "grader", "sha256", "id"),
        Index(None, "grader", "id"),
        CheckConstraint("expansion BETWEEN 1 AND 6", name="expansion"),
        CheckConstraint("withdrawn OR expansion IS NOT NULL OR reason <> ''", name="says_something"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(ForeignKey("frame.id"))
    sha256: Mapped[str] = mapped_column(index=True)
    grader: Mapped[str]
    withdrawn: Mapped[bool]
    expansion: Mapped[int | None]
    icm: Mapped[str | None]
    te: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str]
    view: Mapped[dict[str, Any]]
    time_utc: Mapped[datetime]
    why: Mapped[str]


class RepeatLabelRecord(Base):
    """Append-only: a grader's second look at an image, for agreement with himself; never a label."""

    __tablename__ = "repeat_label"
    __table_args__ = (Index(None, "grader", "sha256", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(ForeignKey("frame.id"))
    first_label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    sha256: Mapped[str]
    grader: Mapped[str]
    transform: Mapped[str]
    """How it was turned or mirrored on screen."""
    expansion: Mapped[int | None]
    icm: Mapped[str | None]
    te: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str]
    view: Mapped[dict[str, Any]]
    time_utc: Mapped[datetime]


class AdjudicationRecord(Base):
    """Append-only: what was decided of an image that graders read differently."""

    __tablename__ = "adjudication"
    __table_args__ = (Index(None, "sha256", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(ForeignKey("frame.id"))
    sha256: Mapped[str]
    adjudicator: Mapped[str]
    withdrawn: Mapped[bool]
    expansion: Mapped[int | None]
    icm: Mapped[str | None]
    te: Mapped[str | None]
    reason: Mapped[str]
    note: Mapped[str]
    basis: Mapped[dict[str, Any]]
    """The labels that were weighed."""
    time_utc: Mapped[datetime]
    why: Mapped[str]


class FlagRecord(Base):
    """Append-only: a flag put on a frame, or taken off."""

    __tablename__ = "flag"
    __table_args__ = (Index(None, "frame_id", "id"), Index(None, "sha256", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(ForeignKey("frame.id"))
    sha256: Mapped[str]
    who: Mapped[str]
    flag: Mapped[str] = mapped_column(index=True)
    raised: Mapped[bool]
    note: Mapped[str]
    time_utc: Mapped[datetime]
    why: Mapped[str]


class GraderRecord(Base):
    """A person who grades in this project."""

    __tablename__ = "grader"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    pin_hash: Mapped[str]
    """Empty: no PIN."""
    may_adjudicate: Mapped[bool]
    active: Mapped[bool]
    created_utc: Mapped[datetime]


class AssignmentRecord(Base):
    """An embryo that a grader is to grade."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("grader", "embryo_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    grader: Mapped[str]
    embryo_id: Mapped[int] = mapped_column(ForeignKey("embryo.id"))
    plan: Mapped[str]
    created_utc: Mapped[datetime]


class SavedFilterRecord(Base):
    """A filter that a grader keeps under a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("grader", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    grader: Mapped[str]
    name: Mapped[str]
    query: Mapped[dict[str, Any]]
    created_utc: Mapped[datetime]


class ReviewSessionRecord(Base):
    """Append-only: a planned review."""

    __tablename__ = "review_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    reviewer: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    real_share: Mapped[float]
    created_utc: Mapped[datetime]
    mode: Mapped[str] = mapped_column(server_default="single")
    plan: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class ReviewItemRecord(Base):
    """Append-only: one image of a planned review, at its place in the order."""

    __tablename__ = "review_item"
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    sha256: Mapped[str]
    class_name: Mapped[str]
    image: Mapped[str]
    frame_id: Mapped[int | None] = mapped_column(ForeignKey("frame.id"))
    role: Mapped[str] = mapped_column(server_default="")
    """Such as `repeat`; empty for a plain item."""
    batch: Mapped[str] = mapped_column(server_default="")
    """The batch that it comes from, where a session shows several."""
    partner: Mapped[int | None]
    """Position of the item that it is compared with."""


class ReviewRecord(Base):
    """Append-only: one verdict, or the withdrawal of one."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "batch", "reviewer", "sha256", "id"), Index(None, "session_id", "position"))
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str]
    session_id: Mapped[int | None] = mapped_column(ForeignKey("review_session.id"))
    position: Mapped[int]
    reviewer: Mapped[str]
    kind: Mapped[str]
    sha256: Mapped[str]
    class_name: Mapped[str]
    image: Mapped[str]
    frame_id: Mapped[int | None] = mapped_column(ForeignKey("frame.id"))
    withdrawn: Mapped[bool]
    realism: Mapped[str | None]
    wrong_class: Mapped[bool]
    defects: Mapped[list[str]]
    looks_like: Mapped[str]
    note: Mapped[str]
    time_utc: Mapped[datetime]
    why: Mapped[str]
    role: Mapped[str | None]
    """NULL counts as a verdict; a `repeat` is kept apart."""
    answer: Mapped[str | None]
    """Forced choice: `real` or `generated`; pairs: `left` or `right`."""
    marks: Mapped[list[Any] | None] = mapped_column(_OPTIONAL_JSON)
    """Brush strokes that show where a defect is."""
    view: Mapped[dict[str, Any] | None] = mapped_column(_OPTIONAL_JSON)
    """Zoom and adjustments on screen."""
    seconds: Mapped[float | None]
    """From the image's first paint to the verdict."""


class PromotionRecord(Base):
    """Append-only: a checkpoint became the model in use."""

    __tablename__ = "promotion"
    id: Mapped[int] = mapped_column(primary_key=True)
    checkpoint: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    time_utc: Mapped[datetime]


class AuditRecord(Base):
    """Append-only and hash-chained; numbers run from 1 without a gap."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time_utc: Mapped[str]
    who: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    version: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
