"""What becomes of a crisis flag: GET /v1/patients/{id}/crisis-flags, GET /v1/crisis-flags/{id} and
POST …/contact-attempts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.models import Alert
from app.sentences import sentence
from app.services import crisis_flag_standings
from tests.api.test_raise_crisis_flag import ME, NOON, may_be_paged, of
from tests.feed.raising import is_not_safe, says
from tests.moments import at
from tests.people import Clinic, Person, add_person
from tests.supporting import standing_by

pytestmark = pytest.mark.usefixtures("reached")
SEEN_AT = datetime(2026, 11, 23, 19, 2, tzinfo=UTC)
"""14:02 in New York."""
OWN = {
    "id", "patient_id", "status", "occurred_at", "received_at", "local_date", "raised_by_kind",
    "acknowledged_at", "resolved_at", "seen",
}  # fmt: skip


async def raised(clinic: Clinic, when: datetime = NOON, **words: str) -> dict[str, Any]:
    async with at(clinic, clinic.ana, when) as ana:
        reply = await ana.post(ME, json=words)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def acknowledged(
    clinic: Clinic, alert_id: str, when: datetime = SEEN_AT, by: Person | None = None
) -> None:
    async with at(clinic, by or clinic.clara, when) as somebody:
        assert (await somebody.post(f"/v1/alerts/{alert_id}/acknowledgement", json={})).status_code == 200


async def resolved(clinic: Clinic, alert_id: str, when: datetime, seen: int = 1) -> None:
    body = {"outcome": "contacted", "note": "Safe at her sister's.", "occurrences_seen": seen}
    async with at(clinic, clinic.clara, when) as clara:
        reply = await clara.post(f"/v1/alerts/{alert_id}/resolution", json=body)
    assert reply.status_code == 200, reply.text


@asynccontextmanager
async def marcus_is_primary(clinic: Clinic, psql: psycopg.Connection) -> AsyncIterator[None]:
    """Clara works in Ana's program, and somebody else is Ana's counselor."""
    marcus = await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.COUNSELOR, "marcus")
    psql.execute(
        "update care_team_member set staff_member_id = %s where patient_id = %s", [marcus.id, clinic.ana.id]
    )
    async with marcus.client:
        yield


async def read(
    clinic: Clinic, person: Person, flag_id: str, when: datetime = SEEN_AT, **headers: str
) -> dict[str, Any]:
    async with at(clinic, person, when) as client:
        reply = await client.get(f"/v1/crisis-flags/{flag_id}", headers=headers)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def test_the_patient_sees_who_has_seen_it_and_when(clinic: Clinic) -> None:
    flag = await raised(clinic)
    before = await read(clinic, clinic.ana, flag["id"])
    assert (before["status"], before["seen"], set(before)) == ("open", None, OWN)
    await acknowledged(clinic, flag["alert_id"])
    after = await read(clinic, clinic.ana, flag["id"])
    assert (after["status"], after["acknowledged_at"]) == ("acknowledged", "2026-11-23T19:02:00Z")
    assert after["seen"] == "Your counselor has seen this at 14:02."
    next_day = await read(clinic, clinic.ana, flag["id"], SEEN_AT + timedelta(days=1))
    assert next_day["seen"] == "Your counselor has seen this on Nov 23 at 14:02."


async def test_by_their_clock_and_in_their_language(clinic: Clinic, psql: psycopg.Connection) -> None:
    flag = await raised(clinic)
    await acknowledged(clinic, flag["alert_id"], by=clinic.sam)
    psql.execute(
        "update patient set locale = 'es', time_zone = 'America/Denver' where id = %s", [clinic.ana.id]
    )
    assert (await read(clinic, clinic.ana, flag["id"]))["seen"] == "Su equipo de salud vio esto a las 12:02."
    later = await read(clinic, clinic.ana, flag["id"], SEEN_AT + timedelta(days=2))
    assert later["seen"] == "Su equipo de salud vio esto el 23 nov a las 12:02."


async def test_it_is_their_own_counselor_only_if_it_is(clinic: Clinic, psql: psycopg.Connection) -> None:
    flag = await raised(clinic)
    async with marcus_is_primary(clinic, psql):
        await acknowledged(clinic, flag["alert_id"])
        seen = (await read(clinic, clinic.ana, flag["id"]))["seen"]
        assert seen == "A counselor on your care team has seen this at 14:02."
        psql.execute("update patient set locale = 'es' where id = %s", [clinic.ana.id])
        later = await read(clinic, clinic.ana, flag["id"], SEEN_AT + timedelta(days=1))
        assert later["seen"] == "Una persona de su equipo de salud vio esto el 23 nov a las 14:02."
        async with at(clinic, clinic.ana, SEEN_AT + timedelta(days=1)) as ana:
            (listed,) = (await ana.get(ME)).json()["items"]
        assert listed["seen"] == later["seen"]


async def test_an_outside_service_has_seen_it(clinic: Clinic) -> None:
    flag = await raised(clinic)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        alert = await db.scalar(select(Alert).where(Alert.id == UUID(flag["alert_id"])))
        await crisis_flag_standings.seen(db, alert, None, SEEN_AT)
    seen = (await read(clinic, clinic.ana, flag["id"]))["seen"]
    assert seen == "The crisis line that works with your program has seen this at 14:02."


async def test_seen_is_seen(clinic: Clinic, psql: psycopg.Connection) -> None:
    """The first acknowledgement counts, and one that is taken back changes nothing."""
    flag = await raised(clinic)
    await acknowledged(clinic, flag["alert_id"])
    again = await raised(clinic, SEEN_AT + timedelta(minutes=1))
    await acknowledged(clinic, flag["alert_id"], SEEN_AT + timedelta(minutes=2), clinic.sam)
    one = await read(clinic, clinic.clara, flag["id"])
    two = await read(clinic, clinic.clara, again["id"])
    assert (one["acknowledged_at"], one["acknowledged_by"]) == ("2026-11-23T19:02:00Z", str(clinic.clara.id))
    assert (two["acknowledged_at"], two["acknowledged_by"]) == ("2026-11-23T19:04:00Z", str(clinic.sam.id))


async def test_resolved_with_its_alert_and_followed_up(clinic: Clinic) -> None:
    first = await raised(clinic)
    await acknowledged(clinic, first["alert_id"])
    second = await raised(clinic, SEEN_AT + timedelta(minutes=5))
    end = SEEN_AT + timedelta(minutes=28)
    await resolved(clinic, first["alert_id"], end, seen=2)
    for flag, seen_at in ((first, "2026-11-23T19:02:00Z"), (second, "2026-11-23T19:30:00Z")):
        found = await read(clinic, clinic.clara, flag["id"], end)
        assert (found["status"], found["outcome"]) == ("resolved", "contacted")
        assert (found["resolved_at"], found["acknowledged_at"]) == ("2026-11-23T19:30:00Z", seen_at)
        follow_up = found["follow_up"]
        assert (follow_up["status"], follow_up["crisis_flag_id"]) == ("due", second["id"])
        assert (follow_up["due_from"], follow_up["due_by"]) == (
            "2026-11-24T19:30:00Z", "2026-11-26T19:30:00Z",
        )  # fmt: skip
        assert follow_up["assignee_id"] == str(clinic.clara.id)
    anew = await raised(clinic, end + timedelta(minutes=1))
    assert anew["alert_id"] != first["alert_id"], "a resolved alert is over"


async def test_a_follow_up_always_belongs_to_somebody(clinic: Clinic, psql: psycopg.Connection) -> None:
    """Nobody had the alert before it was resolved."""
    flag = await raised(clinic)
    await resolved(clinic, flag["alert_id"], SEEN_AT)
    alert = "select assignee_id from alert where id = %s"
    assert psql.execute(alert, [flag["alert_id"]]).fetchone() == (None,)
    found = await read(clinic, clinic.clara, flag["id"])
    assert found["follow_up"]["assignee_id"] == str(clinic.clara.id)


async def test_the_patients_list_and_the_care_teams(clinic: Clinic, psql: psycopg.Connection) -> None:
    older = await raised(clinic, NOON, what="Help.")
    newer = await raised(clinic, NOON + timedelta(hours=1))
    async with at(clinic, clinic.clara, NOON + timedelta(hours=2)) as clara:
        reported = (await clara.post(of(clinic.ana))).json()
    own = (await clinic.ana.client.get(ME)).json()["items"]
    assert [each["id"] for each in own] == [newer["id"], older["id"]], "not who else was worried"
    assert [set(each) for each in own] == [OWN, OWN]
    page = (await clinic.clara.client.get(of(clinic.ana) + "?limit=2")).json()
    rest = (await clinic.clara.client.get(f"{of(clinic.ana)}?cursor={page['next_cursor']}")).json()
    items = page["items"] + rest["items"]
    assert [each["id"] for each in items] == [reported["id"], newer["id"], older["id"]]
    assert rest["next_cursor"] is None
    assert next(each for each in items if each["id"] == older["id"])["what"] == "Help."
    assert (await clinic.ana.client.get(f"/v1/crisis-flags/{reported['id']}")).status_code == 404
    trail = "select count(*) from audit_entry where action = 'crisis_flag:read' and patient_id = %s"
    assert psql.execute(trail, [clinic.ana.id]).fetchone() == (3,)


async def test_a_supporter_asks_for_help_and_sees_what_became_of_that(clinic: Clinic) -> None:
    await may_be_paged(clinic.clara)
    of_ana = await raised(clinic, what="Nobody shall know.")
    async with standing_by(clinic, clinic.ana) as rosa:
        reply = await rosa.client.post(of(clinic.ana), json={"what": "She does not answer."})
        assert reply.status_code == 201, reply.text
        assert sentence("help.supporter", "en") in reply.json()["help"]["message"]
        assert reply.json()["help"]["safety_plan"] is None
        (own,) = (await rosa.client.get(of(clinic.ana))).json()["items"]
        assert (own["id"], own["status"]) == (reply.json()["id"], "open")
        assert set(own) == {"id", "patient_id", "status", "occurred_at", "received_at"}
        assert (await rosa.client.get(f"/v1/crisis-flags/{own['id']}")).json() == own
        assert (await rosa.client.get(f"/v1/crisis-flags/{of_ana['id']}")).status_code == 404
        for path in (of(clinic.ben), ME):
            assert (await rosa.client.post(path)).status_code == 404
    detail = await read(clinic, clinic.clara, own["id"])
    assert (detail["raised_by_kind"], detail["raised_by"]) == ("supporter", str(rosa.id))


async def test_a_supporter_is_answered_in_their_language(clinic: Clinic) -> None:
    await may_be_paged(clinic.clara)
    async with standing_by(clinic, clinic.ana, locale="es") as rosa:
        message = (await rosa.client.post(of(clinic.ana))).json()["help"]["message"]
    assert sentence("help.supporter", "es") in message


async def test_the_care_team_reads_who_raised_it_also_once_they_are_let_go(clinic: Clinic) -> None:
    await raised(clinic)
    assert (await clinic.clara.client.post(of(clinic.ana))).status_code == 201
    async with standing_by(clinic, clinic.ana) as rosa:
        flag = (await rosa.client.post(of(clinic.ana))).json()
        gone = await clinic.ana.client.delete(f"/v1/patients/me/supporters/{rosa.id}")
        assert gone.is_success, gone.text
    detail = await read(clinic, clinic.clara, flag["id"])
    assert (detail["raised_by_name"], detail["raised_by_relation"]) == ("Rosa", "my sister")
    items = (await clinic.clara.client.get(of(clinic.ana))).json()["items"]
    assert {each["raised_by_kind"]: each["raised_by_name"] for each in items} == {
        "patient": "ana Example", "staff": "clara", "supporter": "Rosa",
    }  # fmt: skip


async def test_for_others_it_does_not_exist(clinic: Clinic, nora: Person) -> None:
    flag = await raised(clinic)
    attempt = {"way": "call", "outcome": "reached"}
    for person in (clinic.ben, clinic.dmitri, nora):
        assert (await person.client.get(of(clinic.ana))).status_code == 404
        assert (await person.client.get(f"/v1/crisis-flags/{flag['id']}")).status_code == 404
        path = f"/v1/crisis-flags/{flag['id']}/contact-attempts"
        assert (await person.client.post(path, json=attempt)).status_code == 404
    assert (await clinic.ana.client.post(path, json=attempt)).status_code == 403
    for person in (clinic.adele, clinic.olga):
        assert (await person.client.get(f"/v1/crisis-flags/{flag['id']}")).status_code == 403


async def test_a_contact_attempt_stands_with_the_flag_and_holds_the_alert(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    flag = await raised(clinic)
    await acknowledged(clinic, flag["alert_id"])
    body = {"id": str(uuid7()), "way": "welfare_check", "outcome": "no_answer", "note": "Police asked."}
    later = SEEN_AT + timedelta(minutes=10)
    path = f"/v1/crisis-flags/{flag['id']}/contact-attempts"
    timer = "select timer_at from alert where id = %s"
    (before,) = psql.execute(timer, [flag["alert_id"]]).fetchone() or (None,)
    async with at(clinic, clinic.clara, later) as clara:
        first = await clara.post(path, json=body)
        again = await clara.post(path, json=body)
        other = await clara.post(path, json={**body, "outcome": "reached"})
        ahead = await clara.post(
            path, json={"way": "call", "outcome": "reached", "at": "2026-11-24T00:00:00Z"}
        )
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert (other.status_code, ahead.status_code) == (409, 422)
    assert first.json()["staff_member"] == {"id": str(clinic.clara.id), "name": "clara"}
    assert (first.json()["at"], first.json()["recorded_at"]) == ("2026-11-23T19:12:00Z",) * 2
    (after,) = psql.execute(timer, [flag["alert_id"]]).fetchone() or (None,)
    assert after - before == timedelta(minutes=10)
    detail = await read(clinic, clinic.sam, flag["id"])
    assert detail["contact_attempts"] == [first.json()]
    log = (await clinic.clara.client.get(f"/v1/alerts/{flag['alert_id']}")).json()["log"]
    assert [each["text"] for each in log if each["kind"] == "noted"] == [
        "Contact by welfare check: no answer."
    ]


class TestRaisedByARule:
    """A check-in that says "I do not feel safe" is a cry for help as well."""

    async def test_the_finding_is_a_flag_and_no_second_alert(
        self, clinic: Clinic, psql: psycopg.Connection
    ) -> None:
        await is_not_safe(clinic.ana)
        ((alert_id, rule),) = psql.execute(
            "select id, rule from alert where patient_id = %s", [clinic.ana.id]
        ).fetchall()
        assert rule == "si.not_safe"
        (flag,) = (await clinic.ana.client.get(ME)).json()["items"]
        assert (flag["raised_by_kind"], flag["status"]) == ("rule", "open")
        detail = (await clinic.clara.client.get(f"/v1/crisis-flags/{flag['id']}")).json()
        assert (detail["rule"], detail["alert_id"]) == ("si.not_safe", str(alert_id))
        assert (detail["raised_by_name"], detail["raised_by_relation"]) == (None, None)
        await is_not_safe(clinic.ana)
        assert len((await clinic.ana.client.get(ME)).json()["items"]) == 2
        body = {"outcome": "contacted", "occurrences_seen": 2}
        reply = await clinic.clara.client.post(f"/v1/alerts/{alert_id}/resolution", json=body)
        assert reply.status_code == 200
        statuses = "select distinct status from crisis_flag where patient_id = %s"
        assert psql.execute(statuses, [clinic.ana.id]).fetchall() == [("resolved",)]
        follow_ups = "select count(*) from follow_up where patient_id = %s"
        assert psql.execute(follow_ups, [clinic.ana.id]).fetchone() == (1,)

    async def test_its_flag_is_no_cause_of_another_alert(
        self, clinic: Clinic, psql: psycopg.Connection
    ) -> None:
        await is_not_safe(clinic.ana)
        await says(clinic.ana, mood=8, feels_safe=True)
        rules = psql.execute("select rule, occurrences from alert where patient_id = %s", [clinic.ana.id])
        assert rules.fetchall() == [("si.not_safe", 1)]

    async def test_what_is_less_pressing_is_no_flag(self, clinic: Clinic) -> None:
        reply = await says(clinic.ana, craving=9)
        assert reply["care_team_told"] is True
        assert (await clinic.ana.client.get(ME)).json()["items"] == []
