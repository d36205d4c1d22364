"""POST /v1/session-series: the sessions that a series has, and what it may be like."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.api.scheduling import (
    DAY,
    NOW,
    PATH,
    WEEKDAYS,
    added,
    forget,
    get,
    looked_at,
    post,
    series,
    sessions,
)
from tests.people import Clinic, Person


async def test_a_series_is_rows_for_half_a_year(clinic: Clinic, psql: psycopg.Connection) -> None:
    led = {"facilitator_ids": [str(clinic.clara.id), str(clinic.sam.id)], "room": "Room 3"}
    made = await added(clinic, recurrence="FREQ=WEEKLY;BYDAY=MO,WE,FR", **led)
    assert made["starts_local"] == "2026-11-24T18:00"
    assert made["facilitators"] == [
        {"id": str(clinic.clara.id), "name": "clara"}, {"id": str(clinic.sam.id), "name": "sam"}
    ]  # fmt: skip
    assert made["planned_until"] == "2027-05-24"
    assert (await get(clinic, f"{PATH}/{made['id']}")) == made
    found = await sessions(clinic)
    # The rule does not name Tuesday, from which on it counts.
    assert [each["local_date"] for each in found[:4]] == [f"2026-11-{day}" for day in (25, 27, 30)] + [
        "2026-12-02"
    ]
    first = found[0]
    assert (first["starts_at"], first["ends_at"]) == ("2026-11-25T23:00:00Z", "2026-11-26T02:00:00Z")
    copied = ("kind", "title", "program_id", "time_zone", "room", "facilitators", "capacity")
    assert {name: first[name] for name in copied} == {name: made[name] for name in copied}
    rows = psql.execute(
        "select count(*), min(local_date)::text, max(local_date)::text, count(distinct arrival_code) > 60,"
        " bool_and(arrival_code ~ '^[0-9]{6}$') from treatment_session where series_id = %s",
        [made["id"]],
    ).fetchall()
    assert rows == [(78, "2026-11-25", "2027-05-24", True, True)]
    trail = psql.execute("select action, actor_id from audit_entry where resource_id = %s", [made["id"]])
    assert trail.fetchall() == [("session:manage", clinic.clara.id)]


SIX_IN_THE_EVENING = [
    # zone, the day before the clocks change and two days later, and which moments they are
    ("America/New_York", "2026-10-31", "22:00", "23:00"),
    ("America/New_York", "2027-03-13", "23:00", "22:00"),
    ("Europe/Berlin", "2026-10-24", "16:00", "17:00"),
    ("Europe/Berlin", "2027-03-27", "17:00", "16:00"),
    ("Australia/Lord_Howe", "2026-10-03", "07:30", "07:00"),
    ("Australia/Lord_Howe", "2027-04-03", "07:00", "07:30"),
    ("Asia/Kolkata", "2026-10-31", "12:30", "12:30"),
]


@pytest.mark.parametrize(("zone", "before", "then", "later"), SIX_IN_THE_EVENING)
async def test_six_in_the_evening_stays_six_in_the_evening(
    clinic: Clinic, zone: str, before: str, then: str, later: str
) -> None:
    day = datetime.fromisoformat(before).replace(tzinfo=UTC)
    now = day - 7 * DAY
    changes = {"starts_local": f"{before}T18:00", "time_zone": zone, "recurrence": "FREQ=DAILY;COUNT=3"}
    await added(clinic, now, **changes)
    after = f"{day + 2 * DAY:%Y-%m-%d}"
    found = await sessions(clinic, now, **{"from": before, "to": after})
    starts = [each["starts_at"] for each in found]
    assert len(starts) == 3
    assert (starts[0], starts[2]) == (f"{before}T{then}:00Z", f"{after}T{later}:00Z")
    assert [each["local_date"] for each in found] == [f"{day + n * DAY:%Y-%m-%d}" for n in range(3)]
    lengths = [
        datetime.fromisoformat(each["ends_at"]) - datetime.fromisoformat(each["starts_at"]) for each in found
    ]
    assert lengths == [timedelta(minutes=180)] * 3


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30:00Z"),  # never shown: half past three
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),  # shown twice: the first
        ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T01:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z"),  # a quarter to three
        ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45:00Z"),
        ("America/Havana", "2027-03-14T00:30", "2027-03-14T05:30:00Z"),
    ],
)
async def test_a_time_that_the_clocks_skip_or_show_twice(
    clinic: Clinic, zone: str, wall: str, moment: str
) -> None:
    now = datetime.fromisoformat(moment) - 9 * DAY
    made = await added(clinic, now, starts_local=wall, time_zone=zone, recurrence=None, minutes=60)
    assert made["starts_local"] == wall, "what was said is kept"
    (found,) = await sessions(clinic, now, **{"from": wall[:10], "to": wall[:10]})
    assert (found["starts_at"], found["local_date"]) == (moment, wall[:10])


LEFT_OPEN: list[tuple[dict[str, Any], str, int | None, list[str]]] = [
    ({}, "program", None, []),
    ({"capacity": 9}, "places", 9, []),
    ({"audience": "places"}, "places", 12, []),
    ({"audience": "places", "capacity": None}, "places", None, []),
    ({"capacity": 9, "audience": "program"}, "program", 9, []),
    ({"capacity": 6}, "places", 6, []),
    ({"capacity": 15}, "places", 15, []),
    ({"capacity": 5}, "places", 5, ["capacity_unusual"]),
    ({"capacity": 16}, "places", 16, ["capacity_unusual"]),
    ({"kind": "individual"}, "places", 1, []),
    ({"kind": "family"}, "places", 1, []),
    ({"kind": "workshop", "audience": "places"}, "places", None, []),
    ({"kind": "workshop", "capacity": 60}, "places", 60, []),
    ({"kind": "multifamily"}, "program", None, []),
]


async def test_who_is_expected_when_it_is_left_open(clinic: Clinic) -> None:
    for said, *settled in LEFT_OPEN:
        made = await added(clinic, **said)
        assert [made["audience"], made["capacity"], made["remarks"]] == settled, said


UNFIT: list[tuple[dict[str, Any], str, str]] = [
    ({"recurrence": "FREQ=HOURLY"}, "/recurrence", "not_a_rule"),
    ({"recurrence": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"}, "/recurrence", "not_a_rule"),
    ({"recurrence": "FREQ=MONTHLY;BYDAY=MO,1TU"}, "/recurrence", "not_a_rule"),
    ({"recurrence": "FREQ=DAILY;UNTIL=20261123"}, "/recurrence", "no_day"),
    ({"recurrence": "FREQ=WEEKLY\r\nDTSTART:19700101"}, "/recurrence", "malformed"),
    ({"recurrence": ""}, "/recurrence", "too_short"),
    ({"recurrence": "FREQ=DAILY;" * 30}, "/recurrence", "too_long"),
    ({"recurrence": 7}, "/recurrence", "wrong_type"),
    ({"starts_local": "2026-11-24T18:00:00Z"}, "/starts_local", "malformed"),
    ({"starts_local": "2026-11-24T18:00:30"}, "/starts_local", "malformed"),
    ({"starts_local": "2026-11-24"}, "/starts_local", "malformed"),
    ({"starts_local": "2026-09-23T18:00"}, "/starts_local", "too_early"),
    ({"starts_local": "2027-11-25T18:00"}, "/starts_local", "too_late"),
    ({"time_zone": "New York"}, "/time_zone", "unknown_time_zone"),
    ({"minutes": 4}, "/minutes", "too_small"),
    ({"minutes": 721}, "/minutes", "too_large"),
    ({"kind": "lecture"}, "/kind", "not_a_choice"),
    ({"title": " "}, "/title", "malformed"),
    ({"capacity": 0}, "/capacity", "too_small"),
    ({"capacity": 201}, "/capacity", "too_large"),
    ({"capacity": 31}, "/capacity", "too_large"),
    ({"audience": "everybody"}, "/audience", "not_a_choice"),
    ({"telehealth_url": "http://meet.example/3"}, "/telehealth_url", "malformed"),
    ({"telehealth_url": "https://meet.example/3 4"}, "/telehealth_url", "malformed"),
    ({"telehealth_url": "https://clara@meet.example/"}, "/telehealth_url", "malformed"),
    ({"telehealth_url": "javascript:alert(1)"}, "/telehealth_url", "malformed"),
    ({"facilitator_ids": ["019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8eff"]}, "/facilitator_ids/0", "not_on_staff"),
    ({"last_day": "2026-11-23"}, "/last_day", "too_early"),
    ({"last_day": "2026-11-24", "recurrence": "FREQ=WEEKLY;BYDAY=MO"}, "/last_day", "too_early"),
    ({"last_day": "2036-12-24"}, "/last_day", "too_late"),
    ({"ends_local": "2026-11-24T21:00"}, "", "unknown_member"),
]


async def test_what_does_not_fit_is_named(clinic: Clinic, psql: psycopg.Connection) -> None:
    for changes, pointer, code in UNFIT:
        reply = await post(clinic, PATH, series(clinic, **changes))
        assert reply.status_code == 422, (changes, reply.text)
        faults = [(each["pointer"], each["code"]) for each in reply.json()["errors"]]
        assert (pointer, code) in faults, changes
    kept = psql.execute(
        "select count(*) from session_series where organization_id = %s", [clinic.organization_id]
    )
    assert kept.fetchall() == [(0,)]


async def test_only_who_works_here_leads_and_only_once(clinic: Clinic, psql: psycopg.Connection) -> None:
    clara = str(clinic.clara.id)
    for ids, pointer in (
        ([clara, str(clinic.dmitri.id)], "/facilitator_ids/1"), ([str(clinic.ana.id)], "/facilitator_ids/0"),
        ([clara, clara], "/facilitator_ids"),
    ):  # fmt: skip
        reply = await post(clinic, PATH, series(clinic, facilitator_ids=ids))
        assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]
    psql.execute("update staff_member set active = false where id = %s", [clinic.sam.id])
    reply = await post(clinic, PATH, series(clinic, facilitator_ids=[str(clinic.sam.id)]))
    assert [each["code"] for each in reply.json()["errors"]] == ["not_on_staff"]


async def test_a_single_session_is_there_at_once_however_far_ahead(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic, recurrence=None, starts_local="2027-11-20T18:00")
    found = await sessions(clinic, **{"from": "2027-11-01", "to": "2027-11-30"})
    assert [each["series_id"] for each in found] == [made["id"]]
    assert extended(psql, made) is None, "nobody ever needs to look at it again"


async def test_it_is_looked_at_again_while_there_is_more_to_come(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    assert extended(psql, await added(clinic)) == NOW + DAY
    assert extended(psql, await added(clinic, recurrence="FREQ=WEEKLY;COUNT=3")) is None
    assert extended(psql, await added(clinic, last_day="2026-12-24")) is None
    assert extended(psql, await added(clinic, last_day="2027-12-24")) == NOW + DAY
    eight_weeks = await added(clinic, recurrence="FREQ=WEEKLY;COUNT=8", capacity=8)
    assert extended(psql, eight_weeks) == NOW + DAY, "a place may become free any day"


def extended(psql: psycopg.Connection, of: dict[str, Any]) -> datetime | None:
    ((moment,),) = psql.execute("select extend_at from session_series where id = %s", [of["id"]]).fetchall()
    return moment  # type: ignore[no-any-return]  # a row of any kind


async def test_nobody_has_missed_what_was_over_before_it_was_entered(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute(
        "update program set attendance_policy = '{\"no_show_after_minutes\": 45}' where id = %s",
        [clinic.program_id],
    )
    # It is ten past six on Monday evening; the group began ten minutes ago.
    now = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
    await added(clinic, now, starts_local="2026-11-20T18:00", recurrence=WEEKDAYS, minutes=120)
    rows = psql.execute(
        "select local_date::text, reckon_at from treatment_session where organization_id = %s"
        " order by starts_at limit 3",
        [clinic.organization_id],
    ).fetchall()
    assert rows == [
        ("2026-11-20", None),
        ("2026-11-23", datetime(2026, 11, 23, 23, 55, tzinfo=UTC)),  # their grace begins now
        ("2026-11-24", datetime(2026, 11, 24, 23, 45, tzinfo=UTC)),
    ]


async def test_a_series_may_have_begun_two_months_ago(clinic: Clinic) -> None:
    await added(clinic, starts_local="2026-09-24T18:00")
    found = await sessions(clinic, **{"from": "2026-09-01", "to": "2026-11-23"})
    assert [each["local_date"] for each in found][::8] == ["2026-09-24", "2026-11-19"]


async def test_whoever_is_expected_then_is_looked_at(clinic: Clinic, psql: psycopg.Connection) -> None:
    forget(psql, clinic)
    await added(clinic, capacity=12)
    assert set(looked_at(psql, clinic).values()) == {None}, "nobody has a place yet"
    await added(clinic)
    assert looked_at(psql, clinic) == {clinic.ana.id: NOW, clinic.ben.id: NOW}


async def test_the_same_id_and_content_is_the_same_series(clinic: Clinic) -> None:
    body = series(clinic, id=str(uuid7()), recurrence="FREQ=WEEKLY;COUNT=2")
    first, again = await post(clinic, PATH, body), await post(clinic, PATH, body)
    other = await post(clinic, PATH, {**body, "minutes": 90})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert other.json()["code"] == "id_taken"
    assert first.headers["ETag"] == '"1"'
    assert len(await sessions(clinic)) == 2


async def test_staff_plan_for_the_programs_that_they_work_in(clinic: Clinic, nora: Person) -> None:
    body = series(clinic)
    for person, status in (
        (clinic.clara, 201), (clinic.sam, 201), (clinic.adele, 201), (nora, 404), (clinic.dmitri, 404),
        (clinic.ana, 403), (clinic.olga, 403),
    ):  # fmt: skip
        assert (await post(clinic, PATH, body, who=person)).status_code == status, person.role
    assert (await clinic.nobody.post(PATH, json=body)).status_code == 401
    elsewhere = {**body, "program_id": str(nora.program_id)}
    assert (await post(clinic, PATH, elsewhere, who=nora)).status_code == 201
    assert (await post(clinic, PATH, elsewhere, who=clinic.sam)).status_code == 404
    assert (await post(clinic, PATH, {**body, "program_id": str(uuid7())})).status_code == 404
