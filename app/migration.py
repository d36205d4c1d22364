"""Bring a database to this version's tables: roles, Alembic, one at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.database import SERVICE_ROLE
from app.models import Table

OWNER_ROLE = "handrail_owner"
_LOCK = 4_817_211_093  # an arbitrary constant; all migrations of one database wait for each other on it
_SCRIPTS = Path(__file__).parent.parent / "migrations"


def ensure_database(server_url: str, name: str) -> None:
    """Create the database `name` on the server unless it exists. `server_url` names any other database."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def upgrade(url: str, revision: str = "head") -> None:
    """Create the roles and run every migration that the database lacks. Safe to run twice, or at once.

    `url` must log in as somebody who may create roles, or to whom both roles were granted before.
    """
    with _owner(url) as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()


def heads() -> set[str]:
    """The newest revisions among this version's migrations."""
    return set(ScriptDirectory(str(_SCRIPTS)).get_heads())


def drift(url: str) -> list[str]:
    """What the models say and the migrated database does not. Empty is well."""
    with _owner(url) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        return [repr(difference) for difference in compare_metadata(context, Table.metadata)]


def ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether Alembic is to compare this object: procrastinate's tables are its own affair."""
    return not (
        kind in {"table", "index"} and (name or "").startswith(("procrastinate_", "idx_procrastinate"))
    )


@contextlib.contextmanager
def _owner(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("set lock_timeout = '5s'"))
        connection.execute(text("set statement_timeout = '10min'"))
        connection.execute(text("set app.organization_id = ''"))
        connection.execute(text(f"select pg_advisory_lock({_LOCK})"))
        _ensure_roles(connection)
        connection.execute(text(f"set role {OWNER_ROLE}"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text(f"select pg_advisory_unlock({_LOCK})"))
            connection.commit()


def _ensure_roles(connection: Connection) -> None:
    for role in (OWNER_ROLE, SERVICE_ROLE):
        if connection.scalar(text("select 1 from pg_roles where rolname = :role"), {"role": role}) is None:
            # Roles belong to the whole server: another database's migration may have just made it.
            connection.execute(
                text(
                    f"do $$ begin create role {role} nologin; "
                    "exception when duplicate_object or unique_violation then null; end $$"
                )
            )
    # From PostgreSQL 16 on, who creates a role is its member without being allowed to become it.
    version = connection.dialect.server_version_info
    how = "set" if version is not None and version >= (16,) else "member"
    member = text(f"select pg_has_role(current_user, :role, '{how}')")
    for role in (OWNER_ROLE, SERVICE_ROLE):
        if not connection.scalar(member, {"role": role}):
            connection.execute(text(f"grant {role} to current_user"))
    if not connection.scalar(text(f"select has_schema_privilege('{OWNER_ROLE}', 'public', 'create')")):
        connection.execute(text(f"grant usage, create on schema public to {OWNER_ROLE}"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
