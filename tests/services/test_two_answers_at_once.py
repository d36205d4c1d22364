"""Two answers of one patient at once see each other: neither misses the rule they meet together."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from app.access import Actor, Role
from app.database import unit_of_work
from app.services import check_ins
from app.services.check_ins import Draft, Submitted
from tests.api.test_on_call_schedules import reach
from tests.people import Clinic

NOW = datetime(2026, 3, 4, 20, tzinfo=UTC)


def craving_of_seven(day: int) -> Draft:
    return Draft(
        uuid7(), datetime(2026, 3, day, 19, tzinfo=UTC), "America/New_York", {"craving": 7}, None, None
    )


async def submit(clinic: Clinic, draft: Draft, hold: asyncio.Event | None, begun: asyncio.Event) -> Submitted:
    ana = clinic.ana
    actor = Actor(ana.organization_id, "patient", ana.id, Role.PATIENT, ana.credential_id)
    async with unit_of_work(clinic.app.state.engine, ana.organization_id) as db:
        begun.set()
        kept = await check_ins.submit(db, actor, ana.id, draft, accept_language=None, now=NOW)
        if hold is not None:
            await hold.wait()
    return kept


async def test_the_second_waits_for_the_first_and_finds_the_rule(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reach(psql, clinic.clara)
    commit, first_begun, second_begun = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(submit(clinic, craving_of_seven(3), commit, first_begun))
    await first_begun.wait()
    await asyncio.sleep(0.2)
    second = asyncio.create_task(submit(clinic, craving_of_seven(4), None, second_begun))
    await second_begun.wait()
    await asyncio.sleep(0.2)
    assert not second.done(), "it must wait for the patient's lock"
    commit.set()
    assert (await first).aftermath.care_team_told is False
    assert (await second).aftermath.care_team_told is True
    assert rules_of(psql, clinic.ana.id) == ["craving.high"]


def rules_of(psql: psycopg.Connection, patient_id: UUID) -> list[str]:
    return [rule for (rule,) in psql.execute("select rule from alert where patient_id = %s", [patient_id])]
