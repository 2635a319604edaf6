"""The triggers that keep append-only tables append-only."""

from __future__ import annotations

from alembic import op


def append_only(table: str, key: tuple[str, ...]) -> None:
    """Refuses every UPDATE and DELETE of `table`, whose primary key is `key`."""
    protect = _protect_postgresql if op.get_bind().dialect.name == "postgresql" else _protect_sqlite
    protect(table, key)


def _protect_sqlite(table: str, key: tuple[str, ...]) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a row instead'); END"
    for act in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refuse}")
    # INSERT OR REPLACE deletes the old row without firing the delete trigger.
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {exists} {refuse}")


def _protect_postgresql(table: str, key: tuple[str, ...]) -> None:
    body = f"BEGIN RAISE EXCEPTION '{table} is append-only: add a row instead'; END"
    name = f"{table}_append_only"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    for act, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        trigger = f"{name}_{each.lower()}"
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"
        )
