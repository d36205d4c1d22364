"""GET /v1/follow-ups and POST /v1/follow-ups/{id}/completion."""

from datetime import timedelta
from typing import Any

import psycopg

from tests.api.test_crisis_flag_course import SEEN_AT, acknowledged, raised, resolved
from tests.moments import at
from tests.people import Clinic, Person

FOLLOW_UPS = "/v1/follow-ups"
DONE = {"outcome": "safety_plan_reviewed", "note": "Went through it together."}


async def owed(clinic: Clinic) -> dict[str, Any]:
    """Ana's crisis is over; somebody is to speak with her again."""
    flag = await raised(clinic)
    await acknowledged(clinic, flag["alert_id"])
    await resolved(clinic, flag["alert_id"], SEEN_AT)
    (item,) = (await clinic.clara.client.get(FOLLOW_UPS)).json()["items"]
    return dict(item)


async def test_what_is_due_stands_in_the_list_until_it_is_done(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    follow_up = await owed(clinic)
    assert (follow_up["patient_name"], follow_up["status"]) == ("ana Example", "due")
    path = f"{FOLLOW_UPS}/{follow_up['id']}/completion"
    async with at(clinic, clinic.clara, SEEN_AT + timedelta(days=2)) as clara:
        first, again = [await clara.post(path, json=DONE) for _ in range(2)]
        other = await clara.post(path, json={"outcome": "unreachable"})
        assert (await clara.get(FOLLOW_UPS)).json()["items"] == []
        (done,) = (await clara.get(f"{FOLLOW_UPS}?status=done")).json()["items"]
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "already_done")
    assert (done["done_at"], done["done_by"]) == ("2026-11-25T19:02:00Z", str(clinic.clara.id))
    assert (done["outcome"], done["note"]) == (DONE["outcome"], DONE["note"])
    assert psql.execute("select look_at from follow_up where id = %s", [done["id"]]).fetchone() == (None,)
    trail = "select action from audit_entry where resource_id = %s order by at"
    assert set(psql.execute(trail, [done["id"]]).fetchall()) == {("follow_up:complete",)}


async def test_the_caseload_counts_it(clinic: Clinic) -> None:
    async def counted() -> dict[str, int]:
        items = (await clinic.clara.client.get("/v1/caseload")).json()["items"]
        return {each["patient_name"]: each["follow_ups_due"] for each in items}

    assert await counted() == {"ana Example": 0, "ben Example": 0}
    follow_up = await owed(clinic)
    assert await counted() == {"ana Example": 1, "ben Example": 0}
    await clinic.clara.client.post(f"{FOLLOW_UPS}/{follow_up['id']}/completion", json=DONE)
    assert await counted() == {"ana Example": 0, "ben Example": 0}


async def test_an_earlier_contact_counts(clinic: Clinic, psql: psycopg.Connection) -> None:
    """Before it is due: somebody spoke with them sooner, and nobody is reminded for nothing."""
    follow_up = await owed(clinic)
    async with at(clinic, clinic.clara, SEEN_AT + timedelta(minutes=30)) as clara:
        reply = await clara.post(f"{FOLLOW_UPS}/{follow_up['id']}/completion", json=DONE)
    assert (reply.status_code, reply.json()["status"]) == (200, "done")
    assert reply.json()["done_at"] < reply.json()["due_from"]
    assert psql.execute("select look_at from follow_up where id = %s", [follow_up["id"]]).fetchone() == (
        None,
    )


async def test_mine_and_the_order(clinic: Clinic, psql: psycopg.Connection) -> None:
    one = await owed(clinic)
    flag = await raised(clinic, SEEN_AT - timedelta(hours=1))
    await acknowledged(clinic, flag["alert_id"], SEEN_AT - timedelta(minutes=59), clinic.sam)
    await resolved(clinic, flag["alert_id"], SEEN_AT - timedelta(minutes=50))
    everybodys = (await clinic.sam.client.get(f"{FOLLOW_UPS}?limit=1")).json()
    assert everybodys["items"][0]["assignee_id"] == str(clinic.sam.id), "what is due first"
    rest = (await clinic.sam.client.get(f"{FOLLOW_UPS}?cursor={everybodys['next_cursor']}")).json()
    assert [each["id"] for each in rest["items"]] == [one["id"]]
    (mine,) = (await clinic.clara.client.get(f"{FOLLOW_UPS}?assignee_id=me")).json()["items"]
    assert mine["id"] == one["id"]


async def test_of_others_patients_there_are_none(clinic: Clinic, nora: Person) -> None:
    path = f"{FOLLOW_UPS}/{(await owed(clinic))['id']}/completion"
    for person in (nora, clinic.dmitri):
        assert (await person.client.get(FOLLOW_UPS)).json()["items"] == []
        assert (await person.client.post(path, json=DONE)).status_code == 404
    for person, status in ((clinic.ana, 403), (clinic.ben, 404), (clinic.adele, 403), (clinic.olga, 403)):
        assert (await person.client.get(FOLLOW_UPS)).status_code == 403
        assert (await person.client.post(path, json=DONE)).status_code == status
    assert (await clinic.nobody.get(FOLLOW_UPS)).status_code == 401


async def test_an_outcome_that_there_is_not_is_named(clinic: Clinic) -> None:
    path = f"{FOLLOW_UPS}/{(await owed(clinic))['id']}/completion"
    reply = await clinic.clara.client.post(path, json={"outcome": "fine"})
    assert [each["pointer"] for each in reply.json()["errors"]] == ["/outcome"]
