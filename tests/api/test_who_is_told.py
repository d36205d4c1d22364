"""An alert that nobody can see has told nobody: who sees it, and what the patient is promised."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from app.database import unit_of_work
from app.models import Enrollment
from app.sentences import sentence
from tests.api.conftest import add_nora
from tests.api.test_caseload import statements_of
from tests.api.test_on_call_schedules import reach
from tests.feed.raising import alerts_of, is_not_safe, says
from tests.people import Clinic, Person, add_person, client_for
from tests.services.test_ladders import only_the_crisis_service


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
    reach(psql, clinic.sam)
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


async def test_who_sees_it_but_is_paged_by_nothing_was_not_told(clinic: Clinic) -> None:
    """The people of these tests have no address."""
    reply = await is_not_safe(clinic.ana)
    assert await alerts_of(clinic.clara) != []
    assert reply["care_team_told"] is False
    assert reply["help"]["message"] == "If you are in danger now, call 911."


async def test_a_ladder_that_told_nobody_promises_nothing_until_a_supervisor_is_told_in_its_stead(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    only_the_crisis_service(psql, clinic)
    reach(psql, clinic.clara)
    flag, path = {"id": str(uuid7())}, "/v1/patients/me/crisis-flags"
    for again in (201, 200):
        reply = await clinic.ana.client.post(path, json=flag)
        assert (reply.status_code, reply.json()["care_team_told"]) == (again, False)
        assert sentence("help.critical", "en") not in reply.json()["help"]["message"]
    reach(psql, clinic.sam)
    assert (await is_not_safe(clinic.ana))["care_team_told"] is True
    reply = await clinic.ana.client.post(path, json={})
    assert reply.json()["care_team_told"] is True
    assert sentence("help.critical", "en") in reply.json()["help"]["message"]


async def test_the_milder_of_two_alerts_does_not_make_the_promise_of_the_other(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    only_the_crisis_service(psql, clinic)
    reach(psql, clinic.clara)
    reply = await says(clinic.ana, craving=10, feels_safe=False)
    assert sorted(each["severity"] for each in await alerts_of(clinic.clara)) == ["critical", "high"]
    assert reply["care_team_told"] is False


async def test_who_has_acknowledged_it_was_told(clinic: Clinic) -> None:
    body = {"id": str(uuid7()), "occurred_at": clock.now().isoformat(), "time_zone": "America/New_York"}
    sent, path = {**body, "answers": {"feels_safe": False}}, "/v1/patients/me/check-ins"
    assert (await clinic.ana.client.post(path, json=sent)).json()["care_team_told"] is False
    (alert,) = await alerts_of(clinic.clara)
    of = f"/v1/alerts/{alert['id']}"
    assert (await clinic.clara.client.post(f"{of}/acknowledgement", json={})).status_code == 200
    assert (await clinic.ana.client.post(path, json=sent)).json()["care_team_told"] is True
    end = {"outcome": "contacted", "occurrences_seen": 1}
    assert (await clinic.clara.client.post(f"{of}/resolution", json=end)).status_code == 200
    assert (await clinic.ana.client.post(path, json=sent)).json()["care_team_told"] is False, "it is over"


async def test_whether_somebody_was_told_costs_one_statement_and_none_where_nothing_was_raised(
    clinic: Clinic,
) -> None:
    for answers, count in (({"mood": 6}, 0), ({"craving": 9, "feels_safe": False}, 1)):
        with statements_of(clinic.app) as statements:
            await says(clinic.ana, **answers)
        assert sum("page.cycle = alert.cycle" in each for each in statements) == count


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
