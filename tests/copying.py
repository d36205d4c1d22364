"""A clinic like the first, not made person by person: the rows of the first again, with other ids.

Making one takes ten units of work and some fifty statements, and nearly every test wants one.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from fastapi import FastAPI
from httpx import AsyncClient
from psycopg import sql
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.models.tables import Table
from tests.people import Clinic, Person, client_for, token_for

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Rows(NamedTuple):
    """What one organization has in a table, as JSON."""

    organization_id: UUID
    table: str
    json: str


def rows_of(psql: psycopg.Connection, clinic: Clinic) -> list[Rows]:
    """Everything that belongs to the clinic's organizations, in the order in which it can be written."""
    tables = [table.name for table in Table.metadata.sorted_tables if "organization_id" in table.columns]
    found = []
    for organization_id in (clinic.organization_id, clinic.dmitri.organization_id):
        for table in tables:
            statement = sql.SQL("select jsonb_agg(t)::text from {} t where organization_id = %s")
            row = psql.execute(statement.format(sql.Identifier(table)), [organization_id]).fetchone()
            assert row is not None
            if row[0] is not None:
                found.append(Rows(organization_id, table, row[0]))
    return found


class Original(NamedTuple):
    """A clinic, and its rows in the order in which they can be written."""

    clinic: Clinic
    rows: Sequence[Rows]


@asynccontextmanager
async def copied(app: FastAPI, original: Original) -> AsyncIterator[Clinic]:
    """One more clinic. Every id in it is new; all else is as in the original."""
    old = sorted({found for each in original.rows for found in _ID.findall(each.json)})
    ids = {each: str(uuid7()) for each in old}
    for organization_id in dict.fromkeys(each.organization_id for each in original.rows):
        own = [each for each in original.rows if each.organization_id == organization_id]
        tenant = UUID(ids[str(organization_id)])
        async with unit_of_work(app.state.engine, tenant) as db, db.pipeline() as driver:
            for _, table, rows in own:
                await driver.execute(
                    f"insert into {table} select * from"  # type: ignore[arg-type]  # the name of a model
                    f" jsonb_populate_recordset(null::{table}, %s::jsonb)",
                    [_ID.sub(lambda found: ids[found[0]], rows)],
                )
    async with AsyncExitStack() as stack:
        clinic = Clinic(**{name: _anew(app, part, ids) for name, part in _parts(original.clinic)})
        for _, part in _parts(clinic):
            client = part.client if isinstance(part, Person) else part
            if isinstance(client, AsyncClient):
                await stack.enter_async_context(client)
        yield clinic


def _anew(app: FastAPI, part: Any, ids: Mapping[str, str]) -> Any:
    """A part of the original as it is in the copy."""
    match part:
        case UUID():
            return UUID(ids[str(part)])
        case AsyncClient():
            return client_for(app)
        case Person(role=role):
            known = {name: _anew(app, each, ids) for name, each in _parts(part) if isinstance(each, UUID)}
            bearer = {name: each for name, each in known.items() if name != "program_id"}
            return Person(role=role, client=client_for(app, token_for(app, role=role, **bearer)), **known)
    return part


def _parts(of: Clinic | Person) -> list[tuple[str, Any]]:
    return [(field.name, getattr(of, field.name)) for field in fields(of)]
