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

APPEND_ONLY = ("label", "review", "review_session", "review_item", "promotion", "audit")
"""Tables whose rows triggers protect from UPDATE and DELETE."""

SortText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that every database compares byte by byte."""

_HASHED = text("sha256 IS NOT NULL")


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


class ReviewSessionRecord(Base):
    """Append-only: a planned review."""

    __tablename__ = "review_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    reviewer: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    real_share: Mapped[float]
    created_utc: Mapped[datetime]


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
