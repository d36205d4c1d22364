"""The second wall alone: statements that ask for another organization's rows, as the service, past every
query of the application. PostgreSQL answers as if they did not exist."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from uuid_utils.compat import uuid7

from tests.walls.catalogue import SERVICE, TENANT, tenant_tables
from tests.walls.filling import fill, insert, row, unbind

RIVERSIDE, LAKESIDE = uuid7(), uuid7()


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    """Everything is there twice: a row of Riverside's and one of Lakeside's in every table."""
    with psycopg.connect(own_database, autocommit=True) as connection:
        unbind(connection)
        fill(connection, RIVERSIDE)
        fill(connection, LAKESIDE)
        yield connection


@pytest.fixture
def service(own_database: str, superuser: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A connection as the application's."""
    with psycopg.connect(own_database, options=f"-c role={SERVICE}") as connection:
        yield connection


def count(connection: psycopg.Connection, table: str, where: str = "true") -> int:
    found: int = connection.execute(f"select count(*) from {table} where {where}").fetchall()[0][0]
    return found


def become(service: psycopg.Connection, organization_id: UUID) -> None:
    service.rollback()
    service.execute(f"set local app.organization_id = '{organization_id}'")


def changed(service: psycopg.Connection, statement: str) -> int:
    """Rows changed; none where the service may not even try."""
    try:
        with service.transaction():
            return service.execute(statement).rowcount
    except InsufficientPrivilege:
        return 0


def test_lakeside_sees_its_own_row_of_every_table_and_none_of_riversides(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    become(service, LAKESIDE)
    tables = tenant_tables(superuser)
    assert len(tables) >= 20
    for table in tables:
        assert count(superuser, table, f"{TENANT} = '{RIVERSIDE}'") == 1, (
            f"{table} is empty: this proves nothing"
        )
        assert count(service, table) == 1, table
        assert count(service, table, f"{TENANT} = '{LAKESIDE}'") == 1, table
        assert count(service, table, f"{TENANT} = '{RIVERSIDE}'") == 0, table


def test_lakeside_changes_and_deletes_no_row_of_riversides(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    become(service, LAKESIDE)
    for table in tenant_tables(superuser):
        where = f"where {TENANT} = '{RIVERSIDE}'"
        assert changed(service, f"update {table} set {TENANT} = {TENANT} {where}") == 0, table
        assert changed(service, f"delete from {table} {where}") == 0, table


def test_lakeside_writes_nothing_in_riversides_name(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    for table in tenant_tables(superuser):
        become(service, LAKESIDE)
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            insert(service, table, row(superuser, table, RIVERSIDE))
        become(service, LAKESIDE)
        insert(service, table, row(superuser, table, LAKESIDE) | unique(superuser, table))


def unique(superuser: psycopg.Connection, table: str) -> dict[str, object]:
    """Another key than the row that is there, where no column of it is an id."""
    if table in {"organization", "feed_head"}:
        superuser.execute(f"delete from {table} where {TENANT} = '{LAKESIDE}'")
    return {"position": 2, "key": "y", "version": 2, "channel": "y"}


def test_lakeside_gives_no_row_of_its_own_away(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    updatable = 0
    for table in tenant_tables(superuser):
        become(service, LAKESIDE)
        try:
            service.execute(f"update {table} set {TENANT} = '{RIVERSIDE}'")
        except InsufficientPrivilege as refusal:
            updatable += "row-level security" in str(refusal)
            continue
        pytest.fail(f"{table}: a row changed hands")
    assert updatable >= 10


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_tenant_nothing_is_there(
    superuser: psycopg.Connection, service: psycopg.Connection, setting: str | None
) -> None:
    if setting is not None:
        service.execute("set app.organization_id = ''")
    for table in tenant_tables(superuser):
        assert count(service, table) == 0, table
        with pytest.raises(InsufficientPrivilege, match="row-level security"), service.transaction():
            insert(service, table, row(superuser, table, LAKESIDE))


def test_what_a_transaction_leaves_behind_means_nobody(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    become(service, LAKESIDE)
    assert count(service, "patient") == 1
    service.commit()
    left = service.execute("select current_setting('app.organization_id', true)").fetchall()[0][0]
    assert left == ""
    assert [count(service, table) for table in tenant_tables(superuser)] == [0] * len(
        tenant_tables(superuser)
    )


def test_the_owner_of_the_tables_meets_the_same_wall(
    own_database: str, superuser: psycopg.Connection
) -> None:
    with psycopg.connect(own_database, options="-c role=handrail_owner") as owner:
        assert [count(owner, table) for table in tenant_tables(superuser)] == [0] * len(
            tenant_tables(superuser)
        )


def test_with_a_policy_gone_nothing_is_seen_and_with_one_too_many_this_test_would_know(
    superuser: psycopg.Connection, service: psycopg.Connection
) -> None:
    become(service, LAKESIDE)
    superuser.execute("drop policy tenant on patient")
    assert count(service, "patient") == 0
    service.rollback()
    superuser.execute("create policy planted on patient using (true)")
    become(service, LAKESIDE)
    assert count(service, "patient", f"{TENANT} = '{RIVERSIDE}'") == 1
