"""What was done with whose data stays written."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.people import Clinic
from tests.walls.catalogue import SERVICE, faults
from tests.walls.story import check_in

HISTORY = (
    "audit_entry", "event", "check_in", "assessment", "alert_occurrence", "alert_entry", "rule_set",
    "safety_plan",
)  # fmt: skip
UNDOING = (
    "delete from {}",
    "truncate {}",
    "alter table {} disable row level security",
    "alter table {} add column planted int",
    "drop policy tenant on {}",
    "drop table {}",
    "create trigger planted before insert on {} execute function planted()",
    "lock table {} in access exclusive mode",
)


@pytest.fixture
async def service(clinic: Clinic, database_url: str) -> AsyncIterator[psycopg.Connection]:
    """The application's own connection, in ana's organization, after her craving of nine opened an alert."""
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(craving=9))
    assert reply.status_code == 201
    with psycopg.connect(database_url, options=f"-c role={SERVICE}") as connection:
        connection.execute(f"set local app.organization_id = '{clinic.organization_id}'")
        yield connection
        connection.rollback()


async def test_the_service_reads_its_trail(service: psycopg.Connection) -> None:
    rows = service.execute("select action, outcome from audit_entry").fetchall()
    assert ("check_in:submit", "done") in rows


async def test_the_service_cannot_undo_history(service: psycopg.Connection) -> None:
    for table in HISTORY:
        for statement in UNDOING:
            with pytest.raises(InsufficientPrivilege), service.transaction():
                service.execute(statement.format(table))


async def test_the_service_changes_no_column_of_history(service: psycopg.Connection) -> None:
    columns = service.execute(
        "select attrelid::regclass::text, attname from pg_attribute"
        " where attrelid = any(%s::regclass[]) and attnum > 0",
        [list(HISTORY)],
    ).fetchall()
    assert len(columns) >= 50
    for table, column in columns:
        with pytest.raises(InsufficientPrivilege), service.transaction():
            service.execute(f"update {table} set {column} = {column}")


async def test_the_service_opens_history_to_nobody(
    service: psycopg.Connection, psql: psycopg.Connection
) -> None:
    service.execute("grant update, delete on audit_entry to public, handrail_service")
    service.commit()
    assert not [fault for fault in faults(psql) if "audit_entry" in fault]


def test_no_trigger_or_rule_rewrites_history(psql: psycopg.Connection) -> None:
    found = psql.execute(
        "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal"
        " and tgrelid::regclass::text !~ '^procrastinate'"
        " union all select ev_class::regclass::text, rulename from pg_rewrite"
        " where ev_class::regclass::text = any(%s)",
        [list(HISTORY)],
    ).fetchall()
    assert found == []
