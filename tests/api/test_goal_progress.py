"""POST·GET /v1/goals/{id}/progress and DELETE …/{id}."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from tests.goals.agreeing import (
    FIRST_MORNING,
    agreed,
    ask,
    draft,
    entry,
    kept,
    morning,
    note,
    ok,
    read,
    told,
    trail,
)
from tests.people import Clinic, Person


async def listed(clinic: Clinic, goal_id: str, moment: datetime, query: str = "") -> dict[str, Any]:
    return await ok(clinic, clinic.clara, moment, "GET", f"/v1/goals/{goal_id}/progress{query}")


async def test_an_entry_counts(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    body = entry(morning(3), 1, note="The Sunday meeting on Elm Street.")
    reply = await ask(clinic, clinic.ana, morning(3), "POST", f"/v1/goals/{goal_id}/progress", body)
    assert reply.status_code == 201, reply.text
    assert reply.json() == {
        "id": body["id"], "goal_id": goal_id, "source": "entry", "occurred_at": "2026-11-03T15:00:00Z",
        "local_date": "2026-11-03", "time_zone": "America/New_York", "received_at": "2026-11-03T15:00:00Z",
        "value": 1, "note": "The Sunday meeting on Elm Street.", "author_id": str(clinic.ana.id),
        "withdrawn_at": None,
    }  # fmt: skip
    assert (await read(clinic, goal_id, morning(3)))["progress"]["value"] == 1
    assert trail(psql, body["id"]) == [("patient", "goal:report")]


async def test_a_counselor_may_note_it_and_so_may_a_draft_have_it(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    path = f"/v1/goals/{goal_id}/progress"
    made = await ok(clinic, clinic.clara, morning(2), "POST", path, entry(morning(2), 2))
    assert made["author_id"] == str(clinic.clara.id)
    goal = await read(clinic, goal_id, morning(2))
    assert (goal["status"], goal["progress"]["value"]) == ("draft", 2)


async def test_the_same_again_is_the_same_entry(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    path, body = f"/v1/goals/{goal_id}/progress", entry(morning(3))
    first = await ask(clinic, clinic.ana, morning(3), "POST", path, body)
    again = await ask(clinic, clinic.ana, morning(9), "POST", path, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    for other in ({"value": 2}, {"note": "x"}, {"occurred_at": "2026-11-04T09:00:00Z"}, {"time_zone": "UTC"}):
        reply = await ask(clinic, clinic.ana, morning(3), "POST", path, {**body, **other})
        assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")
    elsewhere = f"/v1/goals/{await agreed(clinic)}/progress"
    reply = await ask(clinic, clinic.ana, morning(3), "POST", elsewhere, body)
    assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")
    assert (await read(clinic, goal_id, morning(9)))["progress"]["value"] == 1


async def test_the_same_twice_at_once_is_one_entry(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    path, body = f"/v1/goals/{goal_id}/progress", entry(morning(3))
    replies = await asyncio.gather(*(clinic.ana.client.post(path, json=body) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert (await read(clinic, goal_id, morning(9)))["progress"]["value"] == 1


async def test_what_comes_late_is_filed_on_its_day_and_mends(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    """A phone that was offline for two weeks."""
    goal_id = await agreed(clinic, cadence={"kind": "daily"}, due_on="2026-11-12")
    for number in (1, 2):
        await note(clinic, goal_id, morning(number))
    gone = await read(clinic, goal_id, morning(9))
    assert (gone["status"], gone["streak"]["current"]) == ("behind", 0)
    for number in range(3, 10):
        made = await note(clinic, goal_id, morning(16), lived=morning(number))
        assert made["local_date"] == f"2026-11-{number:02}"
        assert made["received_at"] == "2026-11-16T15:00:00Z"
    for number in (10, 11, 12):
        await note(clinic, goal_id, morning(16, number / 10), lived=morning(number))
    mended = await read(clinic, goal_id, morning(17))
    assert (mended["status"], mended["streak"]) == (
        "achieved",
        {"unit": "days", "current": 12, "longest": 12},
    )


async def test_nothing_done_is_nothing_unless_less_is_the_aim(clinic: Clinic) -> None:
    """An entry of 0 minutes is no day of meditation; one of 0 cigarettes is a day on which it was noted."""
    fewer = {"unit": "cigarettes", "baseline": 20, "target": 0, "direction": "decrease"}
    quiet = await agreed(clinic, cadence={"kind": "daily"}, due_on="2026-11-12")
    smoke = await agreed(clinic, cadence={"kind": "daily"}, measure=fewer)
    for goal_id in (quiet, smoke):
        for number, value in ((1, 5), (2, 4), (3, 0)):
            await note(clinic, goal_id, morning(number), value)
    meditated, smoked = [await read(clinic, each, morning(3)) for each in (quiet, smoke)]
    assert (meditated["progress"]["value"], meditated["streak"]["current"]) == (2, 2)
    assert (smoked["progress"]["value"], smoked["streak"]["current"]) == (0, 3)
    assert smoked["status"] == "achieved"


async def test_the_day_is_that_of_where_it_was_lived(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    path = f"/v1/goals/{goal_id}/progress"
    evening = datetime(2026, 11, 4, 4, 30, tzinfo=UTC)  # half past eleven at night on the 3rd in New York
    here = await ok(clinic, clinic.ana, morning(5), "POST", path, entry(evening))
    there = await ok(clinic, clinic.ana, morning(5), "POST", path, entry(evening, time_zone="Asia/Tokyo"))
    assert (here["local_date"], there["local_date"]) == ("2026-11-03", "2026-11-04")


async def test_a_clock_that_cannot_be_right_loses_nothing(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    path = f"/v1/goals/{goal_id}/progress"
    made = await ok(clinic, clinic.ana, morning(5), "POST", path, entry(datetime(1970, 1, 1, tzinfo=UTC)))
    assert (made["occurred_at"], made["local_date"]) == ("1970-01-01T00:00:00Z", "2026-11-05")


async def test_a_withdrawn_entry_is_kept_and_counts_no_more(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    for number in range(1, 13):
        last = await note(clinic, goal_id, morning(number))
    assert (await read(clinic, goal_id, morning(13)))["status"] == "achieved"
    path = f"/v1/goals/{goal_id}/progress/{last['id']}"
    for hours in (0, 1):
        reply = await ask(clinic, clinic.ana, morning(13, hours), "DELETE", path)
        assert (reply.status_code, reply.text) == (204, "")
    goal = await read(clinic, goal_id, morning(13))
    assert (goal["status"], goal["progress"]["value"]) == ("on_track", 11)
    newest = (await listed(clinic, goal_id, morning(13)))["items"][0]
    assert (newest["id"], newest["withdrawn_at"]) == (last["id"], "2026-11-13T15:00:00Z")
    again = await ask(
        clinic, clinic.ana, morning(13), "POST", f"/v1/goals/{goal_id}/progress",
        {"id": last["id"], "occurred_at": morning(12).isoformat(), "value": 1},
    )  # fmt: skip
    assert (again.status_code, again.json()["withdrawn_at"]) == (200, "2026-11-13T15:00:00Z")
    assert (await read(clinic, goal_id, morning(13)))["progress"]["value"] == 11
    assert ("patient", "goal:report") in trail(psql, last["id"])


async def test_only_an_entry_of_this_goal_is_withdrawn(clinic: Clinic) -> None:
    one, other = await agreed(clinic), await agreed(clinic)
    made = await note(clinic, one, morning(3))
    for path in (f"/v1/goals/{other}/progress/{made['id']}", f"/v1/goals/{one}/progress/{uuid7()}"):
        assert (await ask(clinic, clinic.ana, morning(3), "DELETE", path)).status_code == 404
    assert (await read(clinic, one, morning(3)))["progress"]["value"] == 1


async def test_falling_behind_and_catching_up_is_told_once_each(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    goal_id = await agreed(clinic)
    await note(clinic, goal_id, morning(7))  # 1 where on the 5th 1.6 were expected: within the tenth
    assert told(psql, goal_id) == []
    made = await note(clinic, goal_id, morning(12))
    assert told(psql, goal_id) == [True]
    await note(clinic, goal_id, morning(12, 1), 0)
    assert told(psql, goal_id) == [True]
    await note(clinic, goal_id, morning(12, 2))
    assert told(psql, goal_id) == [True, False]
    path = f"/v1/goals/{goal_id}/progress/{made['id']}"
    await ask(clinic, clinic.ana, morning(12, 3), "DELETE", path)
    assert told(psql, goal_id) == [True, False, True]
    # At the same moment by the clock, which is frozen: still one after the other.
    await note(clinic, goal_id, morning(12, 3), 5)
    assert told(psql, goal_id) == [True, False, True, False]


async def test_each_entry_says_when_to_look_again(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    assert kept(psql, goal_id) == ("on_track", datetime(2026, 11, 7, 5, tzinfo=UTC))
    await note(clinic, goal_id, morning(2), 2)
    assert kept(psql, goal_id) == ("on_track", datetime(2026, 11, 12, 5, tzinfo=UTC))
    await note(clinic, goal_id, morning(2), 10)
    assert kept(psql, goal_id) == ("achieved", None)


async def test_pages_newest_first_by_when_it_was_lived(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    lived = [4, 2, 5, 3, 1]
    made = {each: (await note(clinic, goal_id, morning(6), lived=morning(each)))["id"] for each in lived}
    twin = (await note(clinic, goal_id, morning(6), lived=morning(3)))["id"]
    expected = [made[5], made[4], *sorted([made[3], twin], reverse=True), made[2], made[1]]
    found: list[str] = []
    query = "?limit=2"
    for _ in range(9):
        page = await listed(clinic, goal_id, morning(6), query)
        found += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert found == expected


async def test_a_goal_that_counts_by_itself_takes_no_entries(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    path = f"/v1/goals/{goal_id}/progress"
    reply = await ask(clinic, clinic.ana, morning(3), "POST", path, entry(morning(3)))
    assert (reply.status_code, reply.json()["code"]) == (409, "goal_fed")


async def test_what_was_lived_before_a_goal_was_closed_may_still_come_in(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    closing = f"/v1/goals/{goal_id}/achievement"
    await ok(clinic, clinic.clara, morning(9), "POST", closing, {"reached": False})
    path = f"/v1/goals/{goal_id}/progress"
    late = await ask(clinic, clinic.ana, morning(12), "POST", path, entry(morning(8)))
    assert late.status_code == 201
    after = await ask(clinic, clinic.ana, morning(12), "POST", path, entry(morning(10)))
    assert (after.status_code, after.json()["code"]) == (409, "goal_closed")
    goal = await read(clinic, goal_id, morning(12))
    assert (goal["status"], goal["progress"]["value"]) == ("not_achieved", 1)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"value": "1"}, "/value"),
    ({"value": None}, "/value"),
    ({"value": 1e10}, "/value"),
    ({"id": None}, "/id"),
    ({"occurred_at": "yesterday"}, "/occurred_at"),
    ({"occurred_at": "2026-11-03T10:00:00"}, "/occurred_at"),
    ({"time_zone": "Atlantis/Capital"}, "/time_zone"),
    ({"note": "x" * 4001}, "/note"),
    ({"goal_id": "x"}, ""),
]


async def test_what_does_not_fit_is_refused(clinic: Clinic) -> None:
    path = f"/v1/goals/{await agreed(clinic)}/progress"
    for changes, pointer in REFUSED:
        body = {**entry(morning(3)), **changes}
        reply = await ask(clinic, clinic.ana, morning(3), "POST", path, body)
        assert reply.status_code == 422, changes
        assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer], changes


async def test_for_others_it_is_not_there(clinic: Clinic, nora: Person) -> None:
    goal_id = await agreed(clinic)
    made = await note(clinic, goal_id, morning(3))
    path = f"/v1/goals/{goal_id}/progress"
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        assert (await stranger.client.post(path, json=entry(FIRST_MORNING))).status_code == 404
        assert (await stranger.client.get(path)).status_code == 404
        assert (await stranger.client.delete(f"{path}/{made['id']}")).status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.post(path, json=entry(FIRST_MORNING))).status_code == 403
        assert (await role.client.get(path)).status_code == 403
        assert (await role.client.delete(f"{path}/{made['id']}")).status_code == 403
    assert (await clinic.nobody.post(path, json=entry(FIRST_MORNING))).status_code == 401
    assert (await clinic.nobody.get(path)).status_code == 401
    assert (await clinic.nobody.delete(f"{path}/{made['id']}")).status_code == 401
    assert (await read(clinic, goal_id, morning(3)))["progress"]["value"] == 1
