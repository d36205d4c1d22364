"""GET /v1/programs/{id}/escalation-policies, …/{severity}; PUT …/{severity}."""

import asyncio
from typing import Any

import psycopg
import pytest
from httpx import Response
from psycopg.types.json import Jsonb

from app.access import Role
from tests.api.conftest import add_nora
from tests.feed.raising import craves, only_alert
from tests.people import Clinic, Person, add_person

SEVERITIES = ["critical", "urgent", "high", "routine"]


def step(tell: str = "primary", wait_minutes: int = 10) -> dict[str, Any]:
    return {"tell": tell, "wait_minutes": wait_minutes}


def ladder(*steps: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "steps": list(steps or [step()]),
        "rounds": None,
        "hold_minutes": 15,
        "quiet_hours": False,
        "working_days": False,
        "digest": False,
        **members,
    }


def path(clinic: Clinic, severity: str = "") -> str:
    return f"/v1/programs/{clinic.program_id}/escalation-policies" + (severity and f"/{severity}")


async def put(
    person: Person, clinic: Clinic, severity: str, body: dict[str, Any], version: int | None = 0
) -> Response:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await person.client.put(path(clinic, severity), json=body, headers=headers)


async def test_handrails_own_hold_until_a_program_writes_its_own(clinic: Clinic) -> None:
    reply = await clinic.clara.client.get(path(clinic))
    assert reply.status_code == 200, reply.text
    items = reply.json()["items"]
    assert [each["severity"] for each in items] == SEVERITIES
    assert items[0]["steps"] == [step("primary", 5), step("on_call", 5), step("supervisor", 5)]
    assert (items[0]["rounds"], items[0]["hold_minutes"]) == (None, 15)
    for each in items:
        assert (each["is_default"], each["changed_at"], each["changed_by"]) == (True, None, None)
        one = await clinic.clara.client.get(path(clinic, each["severity"]))
        assert (one.json(), one.headers["etag"]) == (each, '"0"')


async def test_a_supervisor_writes_the_programs_own(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = ladder(step("on_call", 20), step("supervisor", 40), rounds=3, hold_minutes=45)
    reply = await put(clinic.sam, clinic, "urgent", body)
    assert (reply.status_code, reply.headers["etag"]) == (200, '"1"'), reply.text
    kept = reply.json()
    assert {name: kept[name] for name in body} == body
    assert (kept["severity"], kept["is_default"], kept["row_version"]) == ("urgent", False, 1)
    assert (kept["changed_by"], kept["changed_at"] is None) == (str(clinic.sam.id), False)
    assert (await clinic.clara.client.get(path(clinic, "urgent"))).json() == kept
    items = (await clinic.adele.client.get(path(clinic))).json()["items"]
    assert [each["is_default"] for each in items] == [True, False, True, True]
    trail = psql.execute(
        "select actor_id, resource_id from audit_entry where action = 'escalation_policy:manage'"
        " and organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert trail == [(clinic.sam.id, clinic.program_id)]


async def test_a_change_needs_the_version_that_was_read(clinic: Clinic) -> None:
    assert (await put(clinic.sam, clinic, "high", ladder(), None)).status_code == 428
    assert (await put(clinic.sam, clinic, "high", ladder(), 1)).status_code == 412
    assert (await put(clinic.sam, clinic, "high", ladder(), 0)).status_code == 200
    late = await put(clinic.adele, clinic, "high", ladder(step("supervisor")), 0)
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")
    again = await put(clinic.adele, clinic, "high", ladder(step("supervisor")), 1)
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')
    assert again.json()["changed_by"] == str(clinic.adele.id)


async def test_of_two_who_write_the_first_one_at_once_one_is_told(clinic: Clinic) -> None:
    for severity in SEVERITIES:
        replies = await asyncio.gather(*(put(clinic.sam, clinic, severity, ladder()) for _ in range(4)))
        assert sorted(each.status_code for each in replies) == [200, 412, 412, 412]


async def test_the_way_back_is_to_write_handrails_own(clinic: Clinic) -> None:
    before = (await clinic.sam.client.get(path(clinic, "high"))).json()
    own = {name: before[name] for name in ladder()}
    await put(clinic.sam, clinic, "high", ladder())
    reply = await put(clinic.sam, clinic, "high", own, 1)
    assert (reply.status_code, reply.json()["is_default"]) == (200, True)


@pytest.mark.parametrize(
    ("severity", "body", "pointers"),
    [
        ("critical", ladder(rounds=5), ["/rounds"]),
        ("critical", ladder(hold_minutes=16), ["/hold_minutes"]),
        ("critical", ladder(step(), step("on_call", 16)), ["/steps/1/wait_minutes"]),
        ("critical", ladder(quiet_hours=True, working_days=True), ["/quiet_hours", "/working_days"]),
        ("critical", ladder(step("crisis_service", 5)), ["/steps"]),
        ("urgent", ladder(step("crisis_service", 5), step("crisis_service", 9)), ["/steps"]),
        ("urgent", ladder(digest=True), ["/digest"]),
        ("urgent", ladder(step("primary", 61), quiet_hours=True), ["/steps/0/wait_minutes", "/quiet_hours"]),
        ("high", ladder(digest=True), ["/digest"]),
        ("high", ladder(steps=[]), ["/steps"]),
        ("high", ladder(step("neighbour")), ["/steps/0/tell"]),
        ("high", ladder(step("primary", 0)), ["/steps/0/wait_minutes"]),
        ("high", ladder(rounds=0), ["/rounds"]),
        ("high", ladder(quiet_hours="yes"), ["/quiet_hours"]),
        ("high", {}, ["/steps"]),
        ("high", ladder(until="morning"), [""]),
    ],
)
async def test_what_a_severity_forbids_is_named(
    clinic: Clinic, severity: str, body: dict[str, Any], pointers: list[str]
) -> None:
    reply = await put(clinic.sam, clinic, severity, body)
    assert reply.status_code == 422, reply.text
    found = [fault["pointer"] for fault in reply.json()["errors"]]
    assert found[: len(pointers)] == pointers
    assert (await clinic.sam.client.get(path(clinic, severity))).headers["etag"] == '"0"'


async def test_there_are_four_severities_and_no_other(clinic: Clinic) -> None:
    assert (await clinic.clara.client.get(path(clinic, "moderate"))).status_code == 422
    assert (await put(clinic.sam, clinic, "moderate", ladder())).status_code == 422


async def test_an_alert_that_is_open_keeps_the_ladder_it_got(clinic: Clinic) -> None:
    await craves(clinic.ana)
    one = f"/v1/alerts/{(await only_alert(clinic.clara))['id']}"
    before = (await clinic.clara.client.get(one)).json()["ladder"]
    assert [each["tell"] for each in before["steps"]] == ["primary", "on_call", "supervisor"]
    own = ladder(step("supervisor", 30))
    assert (await put(clinic.sam, clinic, "high", own)).status_code == 200
    await craves(clinic.ana, 10)
    assert (await clinic.clara.client.get(one)).json()["ladder"] == before
    await craves(clinic.ben)
    (new,) = (await clinic.clara.client.get(f"/v1/alerts?patient_id={clinic.ben.id}")).json()["items"]
    assert (await clinic.clara.client.get(f"/v1/alerts/{new['id']}")).json()["ladder"] == own


async def test_a_policy_that_this_release_cannot_read_gives_way_to_handrails_own(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await put(clinic.sam, clinic, "high", ladder())
    psql.execute(
        "update escalation_policy set ladder = %s where organization_id = %s",
        [Jsonb({"steps": "later"}), clinic.organization_id],
    )
    kept = (await clinic.sam.client.get(path(clinic, "high"))).json()
    assert (kept["is_default"], kept["row_version"]) == (True, 1)
    await craves(clinic.ana)
    assert (await only_alert(clinic.clara))["severity"] == "high"


async def test_who_may_not(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.clara, clinic.olga):
        assert (await put(person, clinic, "high", ladder())).status_code == 403
    assert (await put(clinic.dmitri, clinic, "high", ladder())).status_code == 404
    for person in (clinic.ana, clinic.ben, clinic.olga):
        assert (await person.client.get(path(clinic))).status_code == 403
    for of in ("", "high"):
        assert (await clinic.dmitri.client.get(path(clinic, of))).status_code == 404
        assert (await clinic.nobody.get(path(clinic, of))).status_code == 401


async def test_a_supervisor_of_another_program_reads_it_and_leaves_it(clinic: Clinic) -> None:
    nora = await add_nora(clinic.app, clinic.organization_id)
    stella = await add_person(clinic.app, clinic.organization_id, nora.program_id, Role.SUPERVISOR, "stella")
    async with nora.client, stella.client:
        assert (await stella.client.get(path(clinic))).status_code == 200
        reply = await put(stella, clinic, "high", ladder())
        assert (reply.status_code, reply.json()["code"]) == (403, "not_your_program")
    assert (await clinic.sam.client.get(path(clinic, "high"))).headers["etag"] == '"0"'
