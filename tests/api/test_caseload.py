"""GET /v1/caseload."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from fastapi import FastAPI
from psycopg.types.json import Jsonb
from sqlalchemy import event
from uuid_utils.compat import uuid7

from app import clock
from app.access import Actor, Role
from app.database import unit_of_work
from app.queries import caseload
from tests.feed.raising import alerts_of, craves, is_not_safe, says
from tests.feed.watching import colleague_elsewhere
from tests.people import ADMITTED, Clinic, Person, add_person

PATH = "/v1/caseload"
HERE = ZoneInfo("America/New_York")


async def rows_of(staff: Person, **params: str) -> list[dict[str, Any]]:
    reply = await staff.client.get(PATH, params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()["items"]


async def row_of(staff: Person, patient: Person) -> dict[str, Any]:
    (row,) = [each for each in await rows_of(staff) if each["patient_id"] == str(patient.id)]
    return row


def today() -> date:
    return clock.now().astimezone(HERE).date()


def add_check_in(
    psql: psycopg.Connection, patient: Person, day: date, *, revision: int = 0, **answers: Any
) -> UUID:
    return _add(psql, patient, "check_in", day, revision=revision, answers=Jsonb(answers))


def add_result(
    psql: psycopg.Connection, patient: Person, instrument: str, day: date, total: int | None, *,
    revision: int = 0, id: UUID | None = None,
) -> UUID:  # fmt: skip
    score = Jsonb({"total": total, "severity": None if total is None else f"of {total}", "subscales": {}})
    return _add(
        psql, patient, "assessment", day, revision=revision, id=id, answers=Jsonb({}), score=score,
        instrument=instrument, version="1",
    )  # fmt: skip


def _add(psql: psycopg.Connection, patient: Person, table: str, day: date, **values: Any) -> UUID:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=HERE)
    row = {
        "organization_id": patient.organization_id, "patient_id": patient.id,
        "program_id": patient.program_id, "local_date": day, "time_zone": HERE.key,
        "occurred_at": at, "filed_at": at, "received_at": at, "fingerprint": b"", **values,
    }  # fmt: skip
    row["id"] = values.get("id") or uuid7()
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    psql.execute(f"insert into {table} ({names}) values ({places})", list(row.values()))
    return row["id"]


async def test_a_row_says_who_and_where_before_anything_was_said(clinic: Clinic) -> None:
    row = await row_of(clinic.clara, clinic.ana)
    nothing = {"critical": 0, "urgent": 0, "high": 0, "routine": 0}
    assert row == {
        "patient_id": str(clinic.ana.id),
        "patient_name": "ana Example",
        "program": {"id": str(clinic.program_id), "name": "Evening IOP"},
        "enrollment_status": "active",
        "enrolled_on": ADMITTED.isoformat(),
        "primary_counselor": {"id": str(clinic.clara.id), "name": "clara"},
        "open_alerts": nothing,
        "acknowledged_alerts": nothing,
        "next_due_at": None,
        "last_check_in": None,
        "streak": 0,
        "phq9": None,
        "gad7": None,
        "follow_ups_due": 0,
    }
    assert (await row_of(clinic.clara, clinic.ben))["primary_counselor"] is None


async def test_the_last_check_in_is_the_one_lived_last(clinic: Clinic, psql: psycopg.Connection) -> None:
    add_check_in(psql, clinic.ana, today() - timedelta(days=1), mood=2)
    await says(clinic.ana, mood=7, craving=1, sleep_hours=6.5)
    add_check_in(psql, clinic.ana, today() - timedelta(days=9), mood=1)
    row = await row_of(clinic.clara, clinic.ana)
    assert row["last_check_in"] == {
        "local_date": today().isoformat(),
        "mood": 7,
        "craving": 1,
        "answers": {"mood": 7, "craving": 1, "sleep_hours": 6.5},
    }


async def test_results_come_with_their_change(clinic: Clinic, psql: psycopg.Connection) -> None:
    for weeks, total in ((3, 20), (2, 17), (1, 12)):
        add_result(psql, clinic.ana, "phq-9", today() - timedelta(weeks=weeks), total)
    add_result(psql, clinic.ana, "gad-7", today(), 8)
    add_result(psql, clinic.ana, "phq-9", today(), None)  # too much unanswered: no total
    row = await row_of(clinic.clara, clinic.ana)
    day = (today() - timedelta(weeks=1)).isoformat()
    assert row["phq9"] == {"local_date": day, "total": 12.0, "severity": "of 12", "change": -5.0}
    assert (row["gad7"]["total"], row["gad7"]["change"]) == (8.0, None)


async def test_of_a_revised_result_the_newest_revision_counts(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    add_result(psql, clinic.ana, "phq-9", today() - timedelta(weeks=1), 10)
    first = add_result(psql, clinic.ana, "phq-9", today(), 3)
    add_result(psql, clinic.ana, "phq-9", today() - timedelta(days=1), 21, revision=1, id=first)
    row = await row_of(clinic.clara, clinic.ana)
    assert (row["phq9"]["total"], row["phq9"]["change"]) == (21.0, 11.0)


@pytest.mark.parametrize(
    ("days_ago", "streak"),
    [
        ([], 0),
        ([0], 1),
        ([1], 1),
        ([2], 0),
        ([0, 1, 2], 3),
        ([1, 2, 3], 3),
        ([0, 2, 3], 1),
        ([1, 3], 1),
        ([0, 0, 1, 1, 1], 2),
        ([-1, 0, 1], 3),  # the phone is a zone ahead, where it is tomorrow
        (list(range(95)), 95),
        ([*range(10), *range(11, 50)], 10),
    ],
)
async def test_a_streak_is_days_in_a_row_up_to_today_or_yesterday(
    clinic: Clinic, psql: psycopg.Connection, days_ago: list[int], streak: int
) -> None:
    for days in days_ago:
        add_check_in(psql, clinic.ana, today() - timedelta(days=days), mood=5)
    assert (await row_of(clinic.clara, clinic.ana))["streak"] == streak


async def test_alerts_are_counted_by_severity_and_the_soonest_is_named(clinic: Clinic) -> None:
    await craves(clinic.ana)
    (high,) = await alerts_of(clinic.clara)
    row = await row_of(clinic.clara, clinic.ana)
    assert row["open_alerts"] == {"critical": 0, "urgent": 0, "high": 1, "routine": 0}
    assert row["next_due_at"] == high["due_at"]
    await is_not_safe(clinic.ana)
    critical, _ = await alerts_of(clinic.clara)
    await clinic.clara.client.post(f"/v1/alerts/{high['id']}/acknowledgement", json={})
    row = await row_of(clinic.clara, clinic.ana)
    assert row["open_alerts"] == {"critical": 1, "urgent": 0, "high": 0, "routine": 0}
    assert row["acknowledged_alerts"] == {"critical": 0, "urgent": 0, "high": 1, "routine": 0}
    assert row["next_due_at"] == critical["due_at"]


async def test_the_most_severe_that_nobody_has_answered_comes_first(clinic: Clinic) -> None:
    cleo, dora, emil = [
        await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, name)
        for name in ("cleo", "dora", "emil")
    ]
    await craves(clinic.ben)  # high, due first of the two
    await craves(cleo)  # high
    await is_not_safe(dora)  # critical, and answered below
    await is_not_safe(emil)  # critical
    (of_dora,) = await alerts_of(clinic.clara, f"?patient_id={dora.id}")
    await clinic.clara.client.post(f"/v1/alerts/{of_dora['id']}/acknowledgement", json={})
    names = [each["patient_name"].split()[0] for each in await rows_of(clinic.clara)]
    assert names == ["emil", "ben", "cleo", "dora", "ana"]
    paged, params = [], {"limit": "2"}
    while True:
        page = (await clinic.clara.client.get(PATH, params=params)).json()
        paged += [each["patient_name"].split()[0] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert paged == names


async def test_only_running_stays_are_there(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("update enrollment set status = 'on_leave' where patient_id = %s", [clinic.ana.id])
    psql.execute("update enrollment set status = 'discharged' where patient_id = %s", [clinic.ben.id])
    (row,) = await rows_of(clinic.clara)
    assert (row["patient_id"], row["enrollment_status"]) == (str(clinic.ana.id), "on_leave")


async def test_one_program_may_be_asked_for(clinic: Clinic) -> None:
    carl = await colleague_elsewhere(clinic)
    assert len(await rows_of(clinic.clara, program_id=str(clinic.program_id))) == 2
    assert await rows_of(clinic.clara, program_id=str(carl.program_id)) == []
    assert (await clinic.clara.client.get(PATH, params={"program_id": "x"})).status_code == 422


async def test_an_unchanged_caseload_is_304_until_somebody_says_something(clinic: Clinic) -> None:
    first = await clinic.clara.client.get(PATH)
    assert first.headers["Cache-Control"] == "private, no-store"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await clinic.clara.client.get(PATH, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    await says(clinic.ana, mood=7)
    changed = await clinic.clara.client.get(PATH, headers=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_whose_data_was_disclosed_is_written_down(clinic: Clinic, psql: psycopg.Connection) -> None:
    first = await clinic.clara.client.get(PATH)
    await clinic.clara.client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    found = psql.execute(
        "select action, patient_ids from audit_entry where actor_id = %s", [clinic.clara.id]
    ).fetchall()
    assert found == [("caseload:read", sorted([clinic.ana.id, clinic.ben.id]))]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwiYiIsImMiXQ", "bnVsbA"])
async def test_a_made_up_cursor_is_unacceptable(clinic: Clinic, cursor: str) -> None:
    reply = await clinic.clara.client.get(PATH, params={"cursor": cursor})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["code"] == "bad_cursor"


async def test_nobody_sees_a_caseload_that_is_not_theirs(clinic: Clinic) -> None:
    carl = await colleague_elsewhere(clinic)
    assert await rows_of(carl) == []
    assert [each["patient_id"] for each in await rows_of(clinic.dmitri)] == [str(clinic.ivan.id)]
    for person in (clinic.ana, clinic.ben, clinic.adele, clinic.olga):
        assert (await person.client.get(PATH)).status_code == 403
    assert (await clinic.nobody.get(PATH)).status_code == 401


async def test_two_hundred_patients_and_ninety_days_are_one_quick_statement(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    populate(psql, clinic, patients=200, days=90)
    actor = Actor(
        clinic.organization_id, "staff", clinic.clara.id, Role.COUNSELOR, clinic.clara.credential_id
    )
    seconds = []
    with statements_of(clinic.app) as statements:
        for _ in range(5):
            async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
                await db.driver()
                began = clock.stopwatch()
                rows = await caseload.rows(
                    db, actor, program_id=None, limit=200, after=None, now=datetime.now(UTC)
                )
                seconds.append(clock.stopwatch() - began)
    assert len(statements) == 5
    assert len(rows) == 200
    assert sum(row.streak == 90 for row in rows) >= 198
    # 45 ms of one core, half of it PostgreSQL's; the bound leaves room for a machine with other work.
    assert min(seconds) < 0.25


@contextmanager
def statements_of(app: FastAPI) -> Iterator[list[str]]:
    """Every statement that SQLAlchemy sends meanwhile."""
    statements: list[str] = []

    def sent(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", sent)


def populate(psql: psycopg.Connection, clinic: Clinic, *, patients: int, days: int) -> None:
    values = {"org": clinic.organization_id, "program": clinic.program_id, "n": patients, "days": days}
    psql.execute(POPULATE_PATIENTS, values)
    psql.execute(POPULATE_CHECK_INS, values)
    psql.execute(POPULATE_RESULTS, values)
    psql.execute("analyze check_in, assessment, patient, enrollment")


POPULATE_PATIENTS = """
with added as (
  insert into patient
    (organization_id, id, given_name, family_name, locale, time_zone, created_at, row_version)
  select %(org)s, gen_random_uuid(), 'Crowd', i::text, 'en', 'America/New_York', now(), 1
  from generate_series(1, %(n)s) i
  returning id)
insert into enrollment
  (organization_id, id, patient_id, program_id, starts_on, status, created_at, row_version)
select %(org)s, gen_random_uuid(), id, %(program)s, '2026-08-01', 'active', now(), 1 from added
"""
POPULATE_CHECK_INS = """
insert into check_in (organization_id, id, patient_id, program_id, local_date, time_zone, occurred_at,
  filed_at, received_at, answers, note, fingerprint)
select %(org)s, gen_random_uuid(), p.id, %(program)s, (at at time zone 'America/New_York')::date,
  'America/New_York', at, at, at,
  '{"mood": 5, "craving": 3, "sleep_hours": 7.5, "used": false, "anxiety": 4, "energy": 5}',
  repeat('words ', 30), ''
from patient p, generate_series(0, %(days)s - 1) day,
  lateral (select now() - make_interval(days => day) as at)
where p.organization_id = %(org)s and p.given_name = 'Crowd'
"""
POPULATE_RESULTS = """
insert into assessment (organization_id, id, patient_id, program_id, instrument, version, local_date,
  time_zone, occurred_at, filed_at, received_at, answers, score, fingerprint)
select %(org)s, gen_random_uuid(), p.id, %(program)s, instrument, '1', at::date,
  'America/New_York', at, at, at, '{}',
  jsonb_build_object('total', 10 + week, 'severity', 'moderate', 'subscales', '{}'::jsonb), ''
from patient p, unnest(array['phq-9', 'gad-7']) instrument,
  generate_series(0, %(days)s / 7) week,
  lateral (select now() - make_interval(weeks => week) as at)
where p.organization_id = %(org)s and p.given_name = 'Crowd'
"""
