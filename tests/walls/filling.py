"""One made-up row of an organization in every tenant table, whatever its columns: a table that somebody adds
is filled without being told of. Values are of the right type and mean nothing."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from tests.walls.catalogue import TENANT, tenant_tables

_VALUES: dict[str, Any] = {
    "text": "x", "int2": 1, "int4": 1, "int8": 1, "numeric": 1, "float8": 1.0, "bool": True, "bytea": "\\x00",
    "jsonb": {}, "json": {}, "date": date(2026, 1, 5), "timestamptz": datetime(2026, 1, 5, tzinfo=UTC),
    "timestamp": "2026-01-05T18:00",
    "varchar": "x", "interval": "1 day", "time": "08:00", "inet": "192.0.2.1",
}  # fmt: skip


def unbind(connection: psycopg.Connection) -> None:
    """Take away what would refuse meaningless rows: checks and references. The walls stay."""
    constraints = connection.execute(
        "select conrelid::regclass::text, conname from pg_constraint where contype in ('c', 'f')"
        " and connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'procrastinate%'"
    ).fetchall()
    for table, name in constraints:
        connection.execute(f"alter table {table} drop constraint {name}")


def fill(connection: psycopg.Connection, organization_id: UUID) -> None:
    """A row in every tenant table. Only for a database of its own, unbound."""
    for table in tenant_tables(connection):
        insert(connection, table, row(connection, table, organization_id))


def row(connection: psycopg.Connection, table: str, organization_id: UUID) -> dict[str, Any]:
    """A row of this table that nobody has yet, as JSON."""
    columns = connection.execute(
        "select column_name, udt_name from information_schema.columns where table_schema = 'public'"
        " and table_name = %s and is_generated = 'NEVER'",
        [table],
    ).fetchall()
    return {
        name: str(organization_id) if name == TENANT else _value(kind) for name, kind in columns
    }  # fmt: skip


def insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    connection.execute(
        f"insert into {table} select * from jsonb_populate_record(null::{table}, %s)",
        [json.dumps(row, default=str)],
    )


def _value(kind: str) -> Any:
    if kind == "uuid":
        return str(uuid7())
    return [] if kind.startswith("_") else _VALUES[kind]
