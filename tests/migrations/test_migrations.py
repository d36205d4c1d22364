"""A database becomes this version's, once, whoever asks and however often."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from app import migration
from tests.walls.catalogue import faults, tables

ROOT = Path(__file__).parents[2]


def database(server_url: str, name: str = "clinic") -> str:
    migration.ensure_database(server_url, name)
    return server_url.replace("/postgres?", f"/{name}?")


def assert_current(url: str) -> None:
    with psycopg.connect(url) as connection:
        versions = connection.execute("select version_num from alembic_version").fetchall()
        assert {version for (version,) in versions} == migration.heads()
        assert faults(connection) == []
    assert migration.drift(url) == []


def test_from_nothing_and_again(server_url: str) -> None:
    url = database(server_url)
    migration.upgrade(url)
    assert_current(url)
    migration.upgrade(url)
    assert_current(url)


def test_one_step_at_a_time(server_url: str) -> None:
    url = database(server_url)
    steps = [script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()]
    for revision in reversed(steps):
        migration.upgrade(url, revision)
    assert len(steps) >= 3
    assert_current(url)


def test_several_processes_at_once(server_url: str) -> None:
    """Even the first time, when neither roles nor tables are there; and roles are the whole server's."""
    one, two = database(server_url, "one"), database(server_url, "two")
    program = "import sys; from app import migration; migration.upgrade(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT, stderr=subprocess.PIPE)
        for url in (one, one, one, two)
    ]
    said = [process.communicate(timeout=90)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert_current(one)
    assert_current(two)


def test_an_owner_who_is_no_superuser(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("create role engineer login createrole createdb")
    url = database(server_url.replace("postgres@", "engineer@"))
    migration.upgrade(url)
    migration.upgrade(url)
    assert_current(url)


def test_an_owner_who_may_create_no_roles_but_was_granted_both(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("create role handrail_owner nologin")
        connection.execute("create role handrail_service nologin")
        connection.execute("create role engineer login createdb")
        connection.execute("grant handrail_owner, handrail_service to engineer")
    url = database(server_url.replace("postgres@", "engineer@"))
    migration.upgrade(url)
    assert_current(url)


def test_a_database_that_is_behind_is_noticed(server_url: str) -> None:
    url = database(server_url)
    migration.upgrade(url, "0001")
    with psycopg.connect(url) as connection:
        assert "check_in: row level security is off" in faults(connection)


@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ("alter table check_in drop column note", "note"),
        ("alter table check_in add column planted int", "planted"),
        ("alter table alert alter column occurrences type bigint", "occurrences"),
        ("alter table check_in alter column note set not null", "note"),
        ("drop index uq_alert_unresolved", "uq_alert_unresolved"),
        ("create table planted (organization_id uuid primary key)", "planted"),
    ],
)
def test_drift_is_noticed(own_database: str, planted: str, noticed: str) -> None:
    assert migration.drift(own_database) == []
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute(planted)
    assert any(noticed in difference for difference in migration.drift(own_database))


def test_a_migration_that_cannot_have_its_lock_gives_up(own_database: str) -> None:
    """A table that somebody holds must not stop the whole service behind a waiting ALTER."""
    with psycopg.connect(own_database) as holder, psycopg.connect(own_database) as migrating:
        holder.execute("lock table check_in in access share mode")
        migrating.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrating.execute("alter table check_in add column planted int")
    with psycopg.connect(own_database) as connection:
        assert "check_in" in tables(connection)
