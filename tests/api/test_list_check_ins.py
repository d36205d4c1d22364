"""GET /v1/patients/{id}/check-ins."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.people import Clinic, Person

PATH = "/v1/patients/me/check-ins"


FIRST = datetime.now(ZoneInfo("America/New_York")).replace(hour=0, minute=0) - timedelta(days=60)


def on(day: int) -> str:
    return (FIRST + timedelta(days=day)).date().isoformat()


def check_in(day: int, *, hour: int = 8, **answers: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": (FIRST + timedelta(days=day)).replace(hour=hour).isoformat(),
        "time_zone": "America/New_York",
        "answers": answers,
    }


async def send(clinic: Clinic, *bodies: dict[str, Any]) -> None:
    for body in bodies:
        reply = await clinic.ana.client.post(PATH, json=body)
        assert reply.status_code in {201, 409}, reply.text


async def test_newest_first_each_with_its_revisions(clinic: Clinic) -> None:
    early, late = check_in(1, mood=4) | {"note": "Hello."}, check_in(2, mood=5)
    await send(clinic, late, early, {**early, "answers": {"mood": 1}}, {**early, "answers": {"mood": 2}})
    items = (await clinic.ana.client.get(PATH)).json()["items"]
    assert [(each["id"], each["revisions"]) for each in items] == [(late["id"], 0), (early["id"], 2)]
    assert items[1]["answers"] == {"mood": 4}
    assert items[1]["note"] == "Hello."


async def test_of_some_local_days(clinic: Clinic) -> None:
    # 23:00 in New York on the 3rd is the 4th in UTC: the day is the person's.
    await send(clinic, *(check_in(day, hour=23, mood=day) for day in range(1, 8)))
    for params, days in (
        ({"from": on(3), "to": on(5)}, [5, 4, 3]),
        ({"from": on(6)}, [7, 6]),
        ({"to": on(1)}, [1]),
        ({"from": on(5), "to": on(3)}, []),
    ):
        items = (await clinic.ana.client.get(PATH, params=params)).json()["items"]
        assert [each["answers"]["mood"] for each in items] == days


async def test_pages_show_each_once_even_of_one_moment(clinic: Clinic) -> None:
    sent = [check_in(1 + day // 3, mood=5) for day in range(11)]
    await send(clinic, *sent)
    seen, params = [], {"limit": "3", "from": on(1)}
    while True:
        page = (
            await clinic.clara.client.get(f"/v1/patients/{clinic.ana.id}/check-ins", params=params)
        ).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == 11
    assert {each["id"] for each in seen} == {body["id"] for body in sent}


async def test_the_read_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/check-ins")
    found = psql.execute(
        "select actor_id, patient_id, outcome from audit_entry where action = 'check_in:read'"
        " and organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert found == [(clinic.sam.id, clinic.ana.id, "done")]


async def test_the_wrong_person_sees_nothing(clinic: Clinic, nora: Person) -> None:
    path = f"/v1/patients/{clinic.ana.id}/check-ins"
    await send(clinic, check_in(1, mood=5))
    for person, status in (
        (nora, 404), (clinic.dmitri, 404), (clinic.ben, 404), (clinic.adele, 403), (clinic.olga, 403),
    ):  # fmt: skip
        assert (await person.client.get(path)).status_code == status, person.role
    assert (await clinic.nobody.get(path)).status_code == 401
    assert (await clinic.clara.client.get(PATH)).status_code == 404
    assert (await clinic.ben.client.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1e9", "cursor=x", "cursor=WyJhIiwiYiJd", "from=2026-10-32", "from=today", "to=1"],
)
async def test_a_bad_query_is_422(clinic: Clinic, query: str) -> None:
    assert (await clinic.ana.client.get(f"{PATH}?{query}")).status_code == 422
