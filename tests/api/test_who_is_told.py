"""An alert that nobody can see has told nobody: who sees it, and what the patient is promised."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from app.database import unit_of_work
from app.models import Enrollment
from tests.api.conftest import add_nora
from tests.feed.raising import alerts_of, is_not_safe, says
from tests.people import Clinic, Person, add_person, client_for


async def move_ana(clinic: Clinic, psql: psycopg.Connection, to: Person) -> None:
    """Ana's stay ends, and one in another program begins."""
    psql.execute(
        "update enrollment set status = 'completed', ends_on = starts_on where patient_id = %s",
        [clinic.ana.id],
    )
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await db.add(
            Enrollment(
                organization_id=clinic.organization_id, id=uuid7(), patient_id=clinic.ana.id,
                program_id=to.program_id, starts_on=clock.now().date(), status="active",
                created_at=clock.now(),
            )
        )  # fmt: skip


async def test_a_patient_without_a_stay_is_seen_by_the_supervisor(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute("delete from enrollment where patient_id = %s", [clinic.ana.id])
    reply = await is_not_safe(clinic.ana)
    assert reply["care_team_told"] is True
    assert [alert["rule"] for alert in await alerts_of(clinic.sam)] == ["si.not_safe"]
    assert await alerts_of(clinic.clara) == []


async def test_nobody_is_promised_who_is_not_there(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update staff_member set active = false where organization_id = %s", [clinic.organization_id]
    )
    reply = await is_not_safe(clinic.ana)
    assert reply["care_team_told"] is False
    assert reply["help"]["message"] == "If you are in danger now, call 911."
    assert reply["help"]["resources"]


async def test_whoever_left_sees_nobody_although_their_token_lives(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await is_not_safe(clinic.ana)
    assert await alerts_of(clinic.clara) != []
    psql.execute("update staff_member set active = false where id = %s", [clinic.clara.id])
    assert (await clinic.clara.client.get(f"/v1/patients/{clinic.ana.id}")).status_code == 404
    psql.execute("update staff_member set active = false where id = %s", [clinic.sam.id])
    assert (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}")).status_code == 404


async def test_a_former_program_sees_nothing_of_what_came_after(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    nora = await add_nora(clinic.app, clinic.organization_id)
    async with nora.client:
        await move_ana(clinic, psql, to=nora)
        await is_not_safe(clinic.ana)
        assert [alert["rule"] for alert in await alerts_of(nora)] == ["si.not_safe"]
        assert await alerts_of(clinic.clara) == []
        assert (await clinic.clara.client.get(f"/v1/patients/{clinic.ana.id}")).status_code == 404


async def test_a_stay_that_ended_last_is_still_its_programs(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update enrollment set status = 'completed', ends_on = starts_on where patient_id = %s",
        [clinic.ana.id],
    )
    await is_not_safe(clinic.ana)
    assert [alert["rule"] for alert in await alerts_of(clinic.clara)] == ["si.not_safe"]


async def test_a_late_answer_does_not_hide_what_is_newer(clinic: Clinic) -> None:
    await says(clinic.ana, craving=10)
    (today,) = await alerts_of(clinic.clara)
    await says(clinic.ana, at=datetime.now(UTC) - timedelta(days=20), craving=8)
    (after,) = await alerts_of(clinic.clara)
    assert after["occurrences"] == 2
    assert after["sentence"] == today["sentence"]


@pytest.mark.parametrize("path", ["check-ins", "assessments", "check-ins/batch"])
async def test_every_refusal_where_a_cry_may_be_brings_whom_to_call(clinic: Clinic, path: str) -> None:
    url = f"/v1/patients/me/{path}"
    replies = [await clinic.ana.client.post(url, json={}), await clinic.nobody.post(url, json={})]
    replies.append(await clinic.ana.client.post(url, content=b"{"))
    assert [reply.status_code for reply in replies] == [422, 401, replies[2].status_code]
    for reply in replies:
        assert reply.json()["help"]["resources"][0]["call"] == "988"
    spanish = await clinic.ana.client.post(url, json={}, headers={"Accept-Language": "es"})
    assert spanish.json()["help"]["message"] != replies[0].json()["help"]["message"]


async def test_supervisors_of_one_organization_do_not_see_the_others_orphans(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute("delete from enrollment where patient_id = %s", [clinic.ana.id])
    lakeside = clinic.dmitri
    boris = await add_person(
        clinic.app, lakeside.organization_id, lakeside.program_id, Role.SUPERVISOR, "boris"
    )
    async with boris.client, client_for(clinic.app):
        assert (await boris.client.get(f"/v1/patients/{clinic.ana.id}")).status_code == 404
