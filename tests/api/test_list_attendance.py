"""GET /v1/patients/{id}/attendance."""

from datetime import date

import psycopg
import pytest

from tests.api.evenings import MONDAY, THURSDAY, TUESDAY, Evening, moment
from tests.people import Clinic, Person


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    """Ana has come on Monday, was missed on Tuesday, and is expected on Thursday."""
    evening = await Evening.planned(clinic, psql)
    for day in (TUESDAY, THURSDAY):
        evening.others[f"{day:%A}"] = await evening.table.group(
            moment("18:00", day), places=(clinic.ana.id,), title=f"{day:%A}"
        )
    await evening.write(status="attended")
    await evening.sweep("21:00", TUESDAY)
    return evening


async def listed(evening: Evening, query: str = "", *, by: Person | None = None) -> list[tuple[str, str]]:
    path = f"/v1/patients/{evening.clinic.ana.id}/attendance{query}"
    reply = await evening.ask("GET", path, by or evening.clinic.clara, "12:00", day=THURSDAY)
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "private, no-store"
    return [(each["treatment_session"]["title"], each["status"]) for each in reply.json()["items"]]


async def test_what_is_known_the_latest_session_first(evening: Evening) -> None:
    assert await listed(evening) == [("Tuesday", "unexcused"), ("Evening group", "attended")]
    assert evening.trail("attendance:read")[-1] == (
        evening.clinic.clara.id, "attendance", evening.clinic.ana.id, None, "done",
    )  # fmt: skip


async def test_a_patients_own(evening: Evening) -> None:
    reply = await evening.ask("GET", "/v1/patients/me/attendance", evening.clinic.ana, "12:00", day=THURSDAY)
    assert [each["minutes"] for each in reply.json()["items"]] == [0, 180]
    assert reply.json()["items"][1]["treatment_session"] == {
        "id": str(evening.id), "kind": "group", "title": "Evening group", "local_date": "2026-11-23",
        "starts_at": "2026-11-23T23:00:00Z", "ends_at": "2026-11-24T02:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [(MONDAY, MONDAY, 1), (TUESDAY, None, 1), (None, MONDAY, 1), (MONDAY, TUESDAY, 2), (THURSDAY, None, 0)],
)
async def test_of_some_days(evening: Evening, first: date | None, last: date | None, count: int) -> None:
    query = "&".join(f"{name}={day}" for name, day in (("from", first), ("to", last)) if day)
    assert len(await listed(evening, f"?{query}")) == count


async def test_page_by_page(evening: Evening) -> None:
    path = f"/v1/patients/{evening.clinic.ana.id}/attendance?limit=1"
    seen, cursor = [], ""
    while cursor is not None:
        page = (await evening.clinic.clara.client.get(f"{path}{cursor and f'&cursor={cursor}'}")).json()
        seen += [each["status"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["unexcused", "attended"]


async def test_a_wrong_code_is_nothing_that_is_known(evening: Evening) -> None:
    thursday = Evening(evening.clinic, evening.psql, evening.table, evening.others["Thursday"])
    assert (await thursday.arrive("18:00", day=THURSDAY, code="0")).status_code == 422
    assert len(await listed(evening)) == 2


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    path = f"/v1/patients/{clinic.ana.id}/attendance"
    for person, status in (
        (clinic.dmitri, 404), (nora, 404), (clinic.ben, 404), (clinic.adele, 403), (clinic.olga, 403),
    ):  # fmt: skip
        assert (await person.client.get(path)).status_code == status
    assert (await clinic.nobody.get(path)).status_code == 401
