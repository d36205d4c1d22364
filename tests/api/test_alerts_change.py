"""POST /v1/alerts/{id}/acknowledgement, …/resolution, …/assignment and …/notes."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from app import clock
from app.access import Actor, Role
from app.database import unit_of_work
from app.errors import NotFound
from app.services import alerts
from tests.feed.raising import alerts_of, craves, is_not_safe, only_alert
from tests.feed.watching import colleague_elsewhere
from tests.people import Clinic, Person, add_person

CONTACTED = {"outcome": "contacted", "note": "Spoke by phone.", "occurrences_seen": 1}


async def act(person: Person, alert: dict[str, Any], verb: str, body: dict[str, Any]) -> Response:
    return await person.client.post(f"/v1/alerts/{alert['id']}/{verb}", json=body)


async def log_of(staff: Person, alert: dict[str, Any]) -> list[str]:
    """What happened to an alert, without the ladder, which tells more or less by the time of day."""
    detail = await staff.client.get(f"/v1/alerts/{alert['id']}")
    return [each["kind"] for each in detail.json()["log"] if each["step"] is None]


def events_of(psql: psycopg.Connection, clinic: Clinic) -> list[str]:
    rows = psql.execute(
        "select type from event where organization_id = %s order by position", [clinic.organization_id]
    )
    return [row[0] for row in rows.fetchall()]


async def test_acknowledging_says_who_has_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    reply = await act(clinic.clara, await only_alert(clinic.clara), "acknowledgement", {})
    assert reply.status_code == 200
    alert = reply.json()
    assert alert["status"] == "acknowledged"
    assert alert["acknowledged_by"] == alert["assignee_id"] == str(clinic.clara.id)
    assert alert["patient_name"] == "ana Example"
    assert events_of(psql, clinic) == ["alert.opened", "alert.acknowledged"]


async def test_acknowledging_again_changes_nothing(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    first = await act(clinic.clara, alert, "acknowledgement", {})
    again = await act(clinic.sam, alert, "acknowledgement", {})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert events_of(psql, clinic) == ["alert.opened", "alert.acknowledged"]


async def test_an_acknowledgement_needs_no_body_and_takes_no_other(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    assert (await act(clinic.clara, alert, "acknowledgement", {"by": "me"})).status_code == 422
    assert (await clinic.clara.client.post(f"/v1/alerts/{alert['id']}/acknowledgement")).status_code == 200


async def test_a_new_urgent_finding_takes_the_acknowledgement_back(clinic: Clinic) -> None:
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "acknowledgement", {})
    await is_not_safe(clinic.ana)
    again = await only_alert(clinic.clara)
    assert (again["id"], again["status"], again["occurrences"]) == (alert["id"], "open", 2)


async def test_resolving_keeps_what_came_of_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    reply = await act(clinic.clara, alert, "resolution", CONTACTED)
    assert reply.status_code == 200
    assert reply.json()["status"] == "resolved"
    assert reply.json()["outcome"] == "contacted"
    assert reply.json()["resolved_by"] == str(clinic.clara.id)
    detail = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}")).json()
    assert (detail["log"][-1]["outcome"], detail["log"][-1]["text"]) == ("contacted", "Spoke by phone.")
    assert events_of(psql, clinic) == ["alert.opened", "alert.resolved"]


async def test_resolving_again_after_a_lost_reply_changes_nothing(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    first = await act(clinic.clara, alert, "resolution", CONTACTED)
    again = await act(clinic.clara, alert, "resolution", CONTACTED)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert await log_of(clinic.clara, alert) == ["opened", "resolved"]


@pytest.mark.parametrize("other", [{"outcome": "unreachable"}, {"note": "Spoke twice."}, {"note": None}])
async def test_a_second_resolution_with_other_content_is_refused(
    clinic: Clinic, other: dict[str, Any]
) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "resolution", CONTACTED)
    reply = await act(clinic.clara, alert, "resolution", {**CONTACTED, **other})
    assert (reply.status_code, reply.json()["code"]) == (409, "already_resolved")
    assert (await act(clinic.sam, alert, "resolution", CONTACTED)).status_code == 409


async def test_a_resolution_that_has_not_seen_the_newest_occurrence_is_refused(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await craves(clinic.ana)
    reply = await act(clinic.clara, alert, "resolution", CONTACTED)
    assert (reply.status_code, reply.json()["code"], reply.json()["occurrences"]) == (
        409,
        "newer_occurrence",
        2,
    )
    assert (await only_alert(clinic.clara))["status"] == "open"


async def test_a_check_in_and_a_resolution_at_once_never_hide_a_finding(clinic: Clinic) -> None:
    """Either the resolution saw everything, or it is refused, or the finding opened a new alert."""
    for _ in range(10):
        await craves(clinic.ana)
        (alert,) = await alerts_of(clinic.clara)
        seen = {**CONTACTED, "occurrences_seen": alert["occurrences"]}
        resolved, _ = await asyncio.gather(act(clinic.clara, alert, "resolution", seen), craves(clinic.ana))
        left = await alerts_of(clinic.clara)
        assert len(left) == 1, "the second finding is on an unresolved alert"
        assert resolved.status_code == (409 if left[0]["id"] == alert["id"] else 200)


async def test_after_a_resolution_the_next_finding_opens_a_new_alert(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "resolution", CONTACTED)
    await craves(clinic.ana)
    assert (await only_alert(clinic.clara))["id"] != alert["id"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {**CONTACTED, "outcome": "ignored"}, {**CONTACTED, "occurrences_seen": 0},
        {**CONTACTED, "occurrences_seen": "1"}, {**CONTACTED, "occurrences_seen": 2**31},
        {**CONTACTED, "note": "x" * 4001}, {**CONTACTED, "by": "clara"},
    ],
)  # fmt: skip
async def test_an_unacceptable_resolution_is_refused_without_an_echo(
    clinic: Clinic, body: dict[str, Any]
) -> None:
    await craves(clinic.ana)
    reply = await act(clinic.clara, await only_alert(clinic.clara), "resolution", body)
    assert reply.status_code == 422
    assert "Spoke by phone" not in reply.text


async def test_assigning_makes_it_somebodys(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    body = {"assignee_id": str(clinic.sam.id)}
    reply = await act(clinic.clara, alert, "assignment", body)
    assert reply.status_code == 200
    assert reply.json()["assignee_id"] == str(clinic.sam.id)
    assert (await act(clinic.clara, alert, "assignment", body)).json() == reply.json()
    assert await log_of(clinic.clara, alert) == ["opened", "assigned"]
    assert events_of(psql, clinic) == ["alert.opened", "alert.assigned"]


async def test_an_alert_goes_to_nobody_who_could_not_see_it(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    carl = await colleague_elsewhere(clinic)
    for somebody in (carl.id, clinic.dmitri.id, clinic.ana.id, uuid7()):
        reply = await act(clinic.clara, alert, "assignment", {"assignee_id": str(somebody)})
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == "/assignee_id"


async def test_a_resolved_alert_is_assigned_to_nobody(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "resolution", CONTACTED)
    reply = await act(clinic.clara, alert, "assignment", {"assignee_id": str(clinic.sam.id)})
    assert (reply.status_code, reply.json()["code"]) == (409, "already_resolved")
    assert (await act(clinic.clara, alert, "acknowledgement", {})).status_code == 409


async def test_a_note_is_kept_once_however_often_it_is_sent(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    note = {"id": str(uuid7()), "text": "  Left a message. "}
    first = await act(clinic.clara, alert, "notes", note)
    assert first.status_code == 201
    again = await asyncio.gather(*(act(clinic.clara, alert, "notes", note) for _ in range(5)))
    assert [each.status_code for each in again] == [200] * 5
    detail = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}")).json()
    assert [(each["id"], each["text"]) for each in detail["log"] if each["text"]] == [
        (note["id"], "Left a message.")
    ]
    assert events_of(psql, clinic) == ["alert.opened", "alert.noted"]


async def test_a_note_may_follow_a_resolution(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "resolution", CONTACTED)
    reply = await act(clinic.clara, alert, "notes", {"id": str(uuid7()), "text": "Called back later."})
    assert (reply.status_code, reply.json()["status"]) == (201, "resolved")


async def test_a_note_with_the_id_of_another_is_refused(clinic: Clinic) -> None:
    await craves(clinic.ana)
    await is_not_safe(clinic.ben)
    one, two = await alerts_of(clinic.clara)
    note = {"id": str(uuid7()), "text": "Left a message."}
    assert (await act(clinic.clara, one, "notes", note)).status_code == 201
    for who, alert, body in (
        (clinic.clara, one, {**note, "text": "Something else."}),
        (clinic.clara, two, note),
        (clinic.sam, one, note),
    ):
        reply = await act(who, alert, "notes", body)
        assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")
        assert "message" not in reply.text


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, None, 4])
async def test_a_note_says_something(clinic: Clinic, text: object) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    assert (await act(clinic.clara, alert, "notes", {"id": str(uuid7()), "text": text})).status_code == 422


async def test_each_change_is_written_down(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    for verb, body in bodies(clinic):
        assert (await act(clinic.clara, alert, verb, body)).status_code in {200, 201}
    written = psql.execute(
        "select action, patient_id from audit_entry"
        " where actor_id = %s and action <> 'alert:read' order by id",
        [clinic.clara.id],
    ).fetchall()
    actions = ["alert:acknowledge", "alert:assign", "alert:annotate", "alert:resolve"]
    assert written == [(action, clinic.ana.id) for action in actions]


def bodies(clinic: Clinic) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("acknowledgement", {}),
        ("assignment", {"assignee_id": str(clinic.sam.id)}),
        ("notes", {"id": str(uuid7()), "text": "Left a message."}),
        ("resolution", CONTACTED),
    ]


async def test_nobody_changes_an_alert_that_is_not_theirs(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    carl = await colleague_elsewhere(clinic)
    machine = await add_person(
        clinic.app, clinic.organization_id, clinic.program_id, Role.ADMINISTRATOR, "adrian"
    )
    for verb, body in bodies(clinic):
        for stranger in (clinic.dmitri, carl):
            assert (await act(stranger, alert, verb, body)).status_code == 404
        assert (await act(clinic.ben, alert, verb, body)).status_code == 404
        for person in (clinic.ana, clinic.adele, clinic.olga, machine):
            assert (await act(person, alert, verb, body)).status_code == 403
        reply = await clinic.nobody.post(f"/v1/alerts/{alert['id']}/{verb}", json=body)
        assert reply.status_code == 401
    assert await only_alert(clinic.clara) == alert


async def test_the_verbs_themselves_find_no_alert_that_is_not_the_actors(clinic: Clinic) -> None:
    """Not only their routes, which read the alert once more to show it."""
    await craves(clinic.ana)
    alert_id = UUID((await only_alert(clinic.clara))["id"])
    carl = await colleague_elsewhere(clinic)
    actor = Actor(carl.organization_id, "staff", carl.id, carl.role, carl.credential_id)
    now = clock.now()
    resolution = {"outcome": "contacted", "note": None, "occurrences_seen": 1, "now": now}
    for act_on in (
        lambda db: alerts.acknowledge(db, actor, alert_id, now),
        lambda db: alerts.resolve(db, actor, alert_id, **resolution),
        lambda db: alerts.assign(db, actor, alert_id, clinic.sam.id, now),
        lambda db: alerts.annotate(db, actor, alert_id, note_id=uuid7(), note="Hello.", now=now),
    ):
        with pytest.raises(NotFound):
            async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
                await act_on(db)
