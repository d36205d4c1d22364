"""GET /v1/goals: everybody's goals for those who care for them."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.test_add_goal import MINE
from tests.goals.agreeing import (
    CANONICAL,
    FIRST_MORNING,
    agreed,
    ask,
    check_in,
    draft,
    kept,
    morning,
    note,
    ok,
)
from tests.moments import at
from tests.people import Clinic, Person


async def ids(clinic: Clinic, moment: Any, query: str = "", person: Person | None = None) -> list[str]:
    found = await ok(clinic, person or clinic.clara, moment, "GET", f"/v1/goals?{query}")
    return [each["id"] for each in found["items"]]


async def test_everybody_sees_theirs(clinic: Clinic, nora: Person) -> None:
    anas = await draft(clinic)
    bens = (await ok(clinic, clinic.ben, FIRST_MORNING, "POST", MINE, CANONICAL))["id"]
    assert await ids(clinic, FIRST_MORNING) == sorted([anas, bens])
    assert await ids(clinic, FIRST_MORNING, person=clinic.sam) == sorted([anas, bens])
    assert await ids(clinic, FIRST_MORNING, person=clinic.ana) == [anas]
    for stranger in (clinic.dmitri, nora, clinic.ivan):
        assert await ids(clinic, FIRST_MORNING, person=stranger) == []
    assert (await clinic.adele.client.get("/v1/goals")).status_code == 403
    assert (await clinic.nobody.get("/v1/goals")).status_code == 401


async def test_filters(clinic: Clinic, psql: psycopg.Connection) -> None:
    anas = await draft(clinic)
    bens = (await ok(clinic, clinic.ben, FIRST_MORNING, "POST", MINE, CANONICAL))["id"]
    assert await ids(clinic, FIRST_MORNING, f"patient_id={clinic.ben.id}") == [bens]
    assert await ids(clinic, FIRST_MORNING, f"program_id={clinic.program_id}") == sorted([anas, bens])
    assert await ids(clinic, FIRST_MORNING, f"program_id={UUID(int=7)}") == []
    assert await ids(clinic, FIRST_MORNING, "status=on_track&status=behind") == []
    assert await ids(clinic, FIRST_MORNING, "status=draft") == sorted([anas, bens])
    assert (await ask(clinic, clinic.clara, FIRST_MORNING, "GET", "/v1/goals?status=late")).status_code == 422
    disclosed = psql.execute(
        "select patient_ids from audit_entry where action = 'goal:read' and organization_id = %s order by id",
        [clinic.organization_id],
    ).fetchall()
    both = sorted([clinic.ana.id, clinic.ben.id])
    assert [whose for (whose,) in disclosed] == [[clinic.ben.id], both, [], [], both]


async def test_a_status_is_that_of_now_whatever_was_kept(clinic: Clinic, psql: psycopg.Connection) -> None:
    """Time went by, and check-ins came in, and nobody swept."""
    by_hand = await agreed(clinic)
    fed = await agreed(clinic, fed_by="meetings_attended")
    await check_in(clinic, morning(2), meetings_attended=5)
    assert {kept(psql, each)[0] for each in (by_hand, fed)} == {"on_track"}
    assert await ids(clinic, morning(9), "status=behind") == [by_hand]
    assert await ids(clinic, morning(9), "status=on_track") == [fed]
    assert await ids(clinic, morning(23), "status=behind") == sorted([by_hand, fed])
    await check_in(clinic, morning(23), meetings_attended=7)
    assert await ids(clinic, morning(23), "status=achieved") == [fed]
    assert await ids(clinic, morning(40), "status=not_achieved&status=achieved") == sorted([by_hand, fed])
    assert {kept(psql, each)[0] for each in (by_hand, fed)} == {"on_track"}


async def test_what_came_in_since_the_last_sweep_counts(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    # As the sweep of this midnight left it.
    psql.execute("update goal set status = 'behind', look_at = %s where id = %s", [morning(24, -10), goal_id])
    assert await ids(clinic, morning(23), "status=behind") == [goal_id]
    await check_in(clinic, morning(23), meetings_attended=9)
    assert await ids(clinic, morning(23), "status=behind") == []
    assert await ids(clinic, morning(23), "status=on_track") == [goal_id]


async def test_pages_of_a_status_that_few_have(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six that may be behind every other one is: a page is full all the same, and none comes twice."""
    monkeypatch.setattr("app.queries.goal_lists._AT_ONCE", 1)
    behind = []
    for number in range(6):
        fed_by = "meetings_attended" if number % 2 else "used"
        measure = {**CANONICAL["measure"], "target": 12}
        goal_id = await agreed(clinic, fed_by=fed_by, measure=measure)
        behind += [goal_id] if number % 2 else []
    await check_in(clinic, morning(2), used=False, meetings_attended=0)
    for number in range(3, 9):
        await check_in(clinic, morning(number), used=False)
    found, cursor, pages = [], "", 0
    async with at(clinic, clinic.clara, morning(9)) as client:
        while pages < 9:
            page = (await client.get(f"/v1/goals?status=behind&limit=2{cursor}")).json()
            found += [each["id"] for each in page["items"]]
            pages += 1
            if page["next_cursor"] is None:
                break
            assert len(page["items"]) == 2
            cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted(behind)
    assert pages == 2


async def test_overdue_reviews(clinic: Clinic) -> None:
    weekly = await agreed(clinic, review_every_days=7)
    monthly = await agreed(clinic, review_every_days=30)
    closed = await agreed(clinic, review_every_days=7)
    await ok(clinic, clinic.clara, morning(2), "POST", f"/v1/goals/{closed}/retirement", {"reason": "No."})
    overdue = "review_overdue=true"
    # Due on the 8th, which is a whole day where the patient lives.
    assert await ids(clinic, morning(8, 13.9), overdue) == []
    assert await ids(clinic, morning(8, 14), overdue) == [weekly]
    assert await ids(clinic, morning(9), f"{overdue}&status=draft") == []
    assert await ids(clinic, morning(9), f"{overdue}&status=behind") == [weekly]
    assert set(await ids(clinic, morning(9), "review_overdue=false")) == {weekly, monthly, closed}
    await ok(clinic, clinic.clara, morning(9), "POST", f"/v1/goals/{weekly}/review", {})
    assert await ids(clinic, morning(16), overdue) == []
    assert await ids(clinic, morning(17), overdue) == [weekly]


async def test_a_goal_that_goes_on_being_closed_by_time_is_asked_for_no_more(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    for number in range(1, 13):
        await note(clinic, goal_id, morning(number))
    assert await ids(clinic, morning(12), "status=achieved") == [goal_id]
    assert await ids(clinic, morning(90), "status=achieved") == [goal_id]
