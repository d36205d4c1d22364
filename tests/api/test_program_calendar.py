"""A program's calendar, cadence and on-call schedule: POST, PATCH and GET /v1/programs."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.models import OnCallSchedule
from app.services import organizations, programs
from tests.api.test_add_program import PATH, program
from tests.feed.raising import is_not_safe
from tests.moments import at
from tests.people import Clinic

MOMENT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FIRST = {"If-Match": '"1"'}
USUAL: dict[str, Any] = {
    "working_days": [0, 1, 2, 3, 4],
    "quiet_from": "20:00",
    "quiet_until": "08:00",
    "holidays": {"country": "US", "subdivision": None},
    "closed_on": [],
    "check_in_days": [0, 1, 2, 3, 4, 5, 6],
    "remind_at": "19:00",
    "digest_at": "08:30",
}
WEEKLY = [{"instrument": "phq-9", "every_days": 7}, {"instrument": "gad-7", "every_days": 7}]
OTHER: dict[str, Any] = {
    **USUAL,
    "quiet_from": None,
    "quiet_until": None,
    "holidays": {"country": "ES", "subdivision": "CT"},
    "closed_on": ["2026-12-24"],
    "check_in_days": [0, 2, 4],
    "remind_at": None,
}


async def schedule_of(app: FastAPI, organization_id: UUID) -> str:
    schedule_id = uuid7()
    async with unit_of_work(app.state.engine, organization_id) as db:
        rotation = {"starts_on": "2026-11-23", "hand_over": "09:00", "members": [None]}
        await db.add(
            OnCallSchedule(
                organization_id=organization_id, id=schedule_id, name="Evenings", rotation=rotation,
                time_zone="America/New_York", created_at=MOMENT,
            )
        )  # fmt: skip
    return str(schedule_id)


def due_moments(clinic: Clinic, psql: psycopg.Connection) -> set[datetime | None]:
    found = psql.execute(
        "select absence_due_at from enrollment where organization_id = %s", [clinic.organization_id]
    )
    return {moment for (moment,) in found}


async def test_a_new_program_has_the_usual_calendar_and_asks_weekly(clinic: Clinic) -> None:
    made = (await clinic.adele.client.post(PATH, json=program())).json()
    assert (made["calendar"], made["cadence"], made["on_call_schedule_id"]) == (USUAL, WEEKLY, None)
    assert (await clinic.clara.client.get(f"{PATH}/{made['id']}")).json() == made


async def test_the_holidays_are_those_of_the_organizations_country(app: FastAPI) -> None:
    for country, known in (("ES", "ES"), ("ZZ", None)):
        organization_id = uuid7()
        async with unit_of_work(app.state.engine, organization_id) as db:
            founded = organizations.Draft(organization_id, "Seaside", country, "en", "Europe/Madrid")
            await organizations.found(db, founded, MOMENT)
            draft = programs.Draft(
                id=uuid7(), name="Day IOP", level_of_care="2.1", population="adults", minimum_weekly_hours=9,
                maximum_weekly_hours=19, time_zone="Europe/Madrid", week_starts_on=0, questions=[],
                sentences={},
            )  # fmt: skip
            made = await programs.add(db, None, draft, MOMENT)
        assert made.calendar["holidays"] == (known and {"country": known, "subdivision": None})


async def test_a_program_of_before_reads_as_the_defaults_without_a_cadence(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute("update program set calendar = '{}', cadence = '[]' where id = %s", [clinic.program_id])
    kept = (await clinic.clara.client.get(f"{PATH}/{clinic.program_id}")).json()
    assert (kept["calendar"], kept["cadence"]) == (USUAL | {"holidays": None}, [])
    start = (await clinic.ana.client.get("/v1/bootstrap")).json()
    assert start["due"]["instruments"] == []
    assert start["reminders"]


async def test_everything_is_kept_as_it_was_sent(clinic: Clinic) -> None:
    schedule = await schedule_of(clinic.app, clinic.organization_id)
    own = {
        "calendar": OTHER,
        "cadence": [{"instrument": "who-5", "every_days": 14}],
        "on_call_schedule_id": schedule,
    }
    reply = await clinic.adele.client.post(PATH, json=program(**own))
    assert reply.status_code == 201, reply.text
    assert {name: reply.json()[name] for name in own} == own
    path = f"{PATH}/{clinic.program_id}"
    reply = await clinic.adele.client.patch(path, json=own, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert {name: reply.json()[name] for name in own} == own
    gone = {"cadence": [], "on_call_schedule_id": None, "calendar": {}}
    reply = await clinic.adele.client.patch(path, json=gone, headers={"If-Match": '"2"'})
    assert {name: reply.json()[name] for name in gone} == gone | {"calendar": USUAL | {"holidays": None}}


async def test_a_calendar_is_replaced_whole_and_left_alone_when_it_is_not_named(clinic: Clinic) -> None:
    path = f"{PATH}/{clinic.program_id}"
    reply = await clinic.adele.client.patch(path, json={"calendar": {"remind_at": "18:15"}}, headers=FIRST)
    assert reply.json()["calendar"] == USUAL | {"remind_at": "18:15", "holidays": None}
    reply = await clinic.adele.client.patch(path, json={"name": "Night IOP"}, headers={"If-Match": '"2"'})
    assert reply.json()["calendar"]["remind_at"] == "18:15"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"calendar": {"holidays": {"country": "XX"}}}, "/calendar/holidays/country"),
        ({"calendar": {"holidays": {"country": "US", "subdivision": "XX"}}}, "/calendar/holidays/country"),
        ({"calendar": {"holidays": {"country": "us"}}}, "/calendar/holidays/country"),
        ({"calendar": {"remind_at": "7 pm"}}, "/calendar/remind_at"),
        ({"calendar": {"remind_at": "24:00"}}, "/calendar/remind_at"),
        ({"calendar": {"working_days": []}}, "/calendar/working_days"),
        ({"calendar": {"working_days": [7]}}, "/calendar/working_days/0"),
        ({"calendar": {"check_in_days": [1, 1]}}, "/calendar/check_in_days"),
        ({"calendar": {"quiet_from": "08:00"}}, "/calendar"),
        ({"calendar": {"quiet_from": None}}, "/calendar"),
        ({"calendar": {"closed_on": ["soon"]}}, "/calendar/closed_on/0"),
        ({"calendar": {"unknown": 1}}, "/calendar"),
        ({"cadence": [{"instrument": "phq-99", "every_days": 7}]}, "/cadence/0/instrument"),
        ({"cadence": [*WEEKLY, WEEKLY[0]]}, "/cadence/2/instrument"),
        ({"cadence": [{"instrument": "phq-9", "every_days": 0}]}, "/cadence/0/every_days"),
        ({"cadence": [{"instrument": "phq-9", "every_days": 91}]}, "/cadence/0/every_days"),
        ({"cadence": [{"instrument": "phq-9"}]}, "/cadence/0/every_days"),
        ({"on_call_schedule_id": str(uuid7())}, "/on_call_schedule_id"),
        ({"on_call_schedule_id": "soon"}, "/on_call_schedule_id"),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, members: dict[str, Any], pointer: str) -> None:
    for reply in (
        await clinic.adele.client.post(PATH, json=program(**members)),
        await clinic.adele.client.patch(f"{PATH}/{clinic.program_id}", json=members, headers=FIRST),
    ):
        assert reply.status_code == 422, reply.text
        assert pointer in [fault["pointer"] for fault in reply.json()["errors"]]
    assert (await clinic.adele.client.get(f"{PATH}/{clinic.program_id}")).json()["calendar"] == USUAL


async def test_a_change_of_a_program_sets_no_null(clinic: Clinic) -> None:
    for name in ("calendar", "cadence"):
        reply = await clinic.adele.client.patch(
            f"{PATH}/{clinic.program_id}", json={name: None}, headers=FIRST
        )
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_another_organizations_schedule_does_not_exist(clinic: Clinic) -> None:
    theirs = await schedule_of(clinic.app, clinic.dmitri.organization_id)
    reply = await clinic.adele.client.post(PATH, json=program(on_call_schedule_id=theirs))
    assert [fault["code"] for fault in reply.json()["errors"]] == ["unknown_schedule"]


@pytest.mark.parametrize(
    ("changes", "looks"),
    [
        ({"calendar": OTHER}, True),
        ({"week_starts_on": 6}, True),
        ({"name": "Night IOP"}, False),
        ({"cadence": []}, False),
    ],
)
async def test_another_calendar_asks_for_a_new_look_at_every_running_stay(
    clinic: Clinic, psql: psycopg.Connection, changes: dict[str, Any], looks: bool
) -> None:
    psql.execute(
        "update enrollment set status = 'completed', ends_on = '2026-03-01', absence_due_at = null"
        " where patient_id = %s", [clinic.ben.id],
    )  # fmt: skip
    before = psql.execute("select id, row_version from enrollment order by id").fetchall()
    other = due_moments(clinic, psql)
    async with at(clinic, clinic.adele, MOMENT) as client:
        reply = await client.patch(f"{PATH}/{clinic.program_id}", json=changes, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert due_moments(clinic, psql) == ({MOMENT, None} if looks else other)
    assert psql.execute("select id, row_version from enrollment order by id").fetchall() == before


async def test_a_check_in_does_not_wait_for_whoever_changes_the_program(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = {
        "id": str(uuid7()), "occurred_at": "2026-11-23T08:00:00-05:00", "time_zone": "America/New_York",
        "answers": {"mood": 6},
    }  # fmt: skip
    psql.execute("update enrollment set absence_due_at = '2026-01-05' where patient_id = %s", [clinic.ana.id])
    with psql.transaction():  # the change waits for ben's stay, holding the program
        psql.execute("select 1 from enrollment where patient_id = %s for update", [clinic.ben.id])
        change = clinic.adele.client.patch(
            f"{PATH}/{clinic.program_id}", json={"calendar": OTHER}, headers=FIRST
        )
        waiting = asyncio.create_task(change)
        await asyncio.sleep(0.5)
        assert (await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)).status_code == 201
        assert not waiting.done()
    assert (await waiting).status_code == 200


@pytest.mark.parametrize("stored", ['{"check_in_days": [9]}', '{"check_in_days": "no"}', '{"quiet_from": 7}'])
@pytest.mark.usefixtures("reached")
async def test_a_stored_calendar_that_cannot_be_read_costs_no_answer(
    clinic: Clinic, psql: psycopg.Connection, stored: str
) -> None:
    psql.execute("update program set calendar = %s::jsonb where id = %s", [stored, clinic.program_id])
    assert (await is_not_safe(clinic.ana))["care_team_told"]
