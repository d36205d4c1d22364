"""The whole schema obeys section 3 of the design, and the check that says so finds every kind of break."""

import random
import secrets

import psycopg
import pytest

from tests.conftest import new_database
from tests.walls.catalogue import GLOBAL, POLICY, faults, tables, tenant_tables

PLANTED = {
    "a new table without anything": ("create table planted (id int)", "planted: row level security is off"),
    "security switched off": (
        "alter table check_in disable row level security",
        "check_in: row level security is off",
    ),
    "not forced on the owner": (
        "alter table check_in no force row level security",
        "check_in: row level security is not forced on the owner",
    ),
    "no policy": ("drop policy tenant on assessment", "assessment: no policy"),
    "a policy that lets everything through": (
        "drop policy tenant on check_in; create policy tenant on check_in using (true)",
        "check_in: policy tenant is not the tenant's",
    ),
    "a second policy that lets everything through": (
        "create policy also on check_in for select using (true)",
        "check_in: policy also is not the tenant's",
    ),
    "a policy that checks nothing on the way in": (
        f"drop policy tenant on check_in; create policy tenant on check_in using {POLICY} with check (true)",
        "check_in: policy tenant is not the tenant's",
    ),
    "a policy for some only": (
        f"drop policy tenant on check_in; create policy tenant on check_in to handrail_owner using {POLICY}",
        "check_in: policy tenant is not the tenant's",
    ),
    "a policy that an empty setting breaks": (
        (
            "drop policy tenant on check_in; create policy tenant on check_in"
            " using (organization_id = current_setting('app.organization_id', true)::uuid)"
        ),
        "check_in: policy tenant is not the tenant's",
    ),
    "a primary key of another beginning": (
        (
            "alter table idempotency_key drop constraint pk_idempotency_key;"
            "alter table idempotency_key add primary key (key, organization_id, caller_id)"
        ),
        "idempotency_key: primary key idempotency_key_pkey begins with key",
    ),
    "no primary key": (
        "alter table idempotency_key drop constraint pk_idempotency_key",
        "idempotency_key: no primary key",
    ),
    "a unique index across tenants": (
        "create unique index planted on credential (username)",
        "credential: unique index planted begins with username",
    ),
    "a unique index on an expression": (
        "create unique index planted on credential (lower(username), organization_id)",
        "credential: unique index planted begins with None",
    ),
    "a reference across tenants": (
        (
            "create unique index planted on patient (id);"
            "alter table check_in add constraint planted foreign key (patient_id) references patient (id)"
        ),
        "check_in: foreign key planted to patient begins with patient_id = id",
    ),
    "the audit trail open to changes": (
        "grant update on audit_entry to handrail_service",
        "audit_entry: handrail_service may UPDATE",
    ),
    "one column of it": (
        "grant update (outcome) on audit_entry to handrail_service",
        "audit_entry: handrail_service may UPDATE",
    ),
    "the audit trail open to deletion": (
        "grant delete on audit_entry to handrail_service",
        "audit_entry: handrail_service may DELETE",
    ),
    "emptied at once": (
        "grant truncate on alert to handrail_service",
        "alert: handrail_service may TRUNCATE",
    ),
    "readable by everybody": ("grant select on patient to public", "patient: everybody may SELECT"),
    "passed on": (
        "grant select on patient to handrail_service with grant option",
        "patient: handrail_service may SELECT and grant it",
    ),
    "opened in advance": (
        "alter default privileges in schema public grant select on tables to public",
        "default privileges on r would open tables that nobody looked at",
    ),
    "owned by the service": (
        "grant create on schema public to handrail_service; alter table alert owner to handrail_service",
        "alert: owned by handrail_service",
    ),
    "a function of the service's": (
        (
            "create function planted() returns int language sql return 1;"
            "grant create on schema public to handrail_service;"
            "alter function planted() owner to handrail_service"
        ),
        "handrail_service owns 1 of pg_proc",
    ),
    "a view with its owner's eyes": (
        "create view planted as select * from patient; alter view planted owner to handrail_owner",
        "planted: a view that looks with its owner's eyes (no security_invoker)",
    ),
    "a copy that no policy guards": (
        "create materialized view planted as select * from patient",
        "planted: no policy can guard a materialized view or a foreign table",
    ),
    "a function with its owner's rights": (
        "create function planted() returns int language sql security definer return 1",
        "planted(): a function with its owner's rights (security definer)",
    ),
    "a table in another schema": (
        "create schema aside; create table aside.planted (id int)",
        "aside.planted: row level security is off",
    ),
    "a service above the walls": (
        "alter role handrail_service bypassrls",
        "handrail_service has rolbypassrls",
    ),
    "a service that is the owner": (
        "grant handrail_owner to handrail_service",
        "handrail_service is a member of handrail_owner",
    ),
    "a service that may make tables": (
        "grant create on schema public to handrail_service",
        "handrail_service may create in schema public",
    ),
}


@pytest.fixture(scope="module")
def database_url() -> str:
    """A database as the migrations leave it; other tests plant things in theirs."""
    return new_database()


@pytest.fixture
def undone(database_url: str):
    """A superuser's connection in a transaction that is rolled back: whatever is broken is whole again."""
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


def test_every_table_keeps_to_the_rules(psql: psycopg.Connection) -> None:
    assert faults(psql) == []


def test_the_check_sees_the_tables(psql: psycopg.Connection) -> None:
    seen = set(tables(psql))
    assert set(GLOBAL) <= seen
    assert {"patient", "check_in", "assessment", "alert", "event", "audit_entry"} <= set(tenant_tables(psql))


@pytest.mark.parametrize("name", PLANTED)
def test_a_break_is_found(undone: psycopg.Connection, name: str) -> None:
    statements, fault = PLANTED[name]
    for statement in statements.split(";"):
        undone.execute(statement)
    assert fault in faults(undone)


def test_with_a_random_half_of_the_policies_gone_each_is_missed(undone: psycopg.Connection) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    every = tenant_tables(undone)
    dropped = random.Random(seed).sample(every, len(every) // 2)
    for table in dropped:
        undone.execute(f"drop policy tenant on {table}")
    assert faults(undone) == sorted(f"{table}: no policy" for table in dropped)
