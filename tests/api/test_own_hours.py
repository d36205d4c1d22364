"""Somebody's individual hours are theirs and their care team's; a timetable is its program's."""

from datetime import timedelta

import pytest

from tests.api.scheduling import NOW, PATH, added, get, post
from tests.moments import at
from tests.people import Clinic, Person


async def test_nobody_queues_for_anothers_individual_hour(clinic: Clinic) -> None:
    made = await added(clinic, kind="individual", title="Individual session")
    given = await post(clinic, f"{PATH}/{made['id']}/places", {"patient_id": str(clinic.ana.id)})
    assert (given.status_code, given.json()["status"]) == (201, "placed")
    other = await post(clinic, f"{PATH}/{made['id']}/places", {}, NOW, clinic.ben)
    assert other.status_code == 404
    assert [each["id"] for each in (await get(clinic, PATH, NOW, clinic.ana))["items"]] == [made["id"]]
    assert (await get(clinic, PATH, NOW, clinic.ben))["items"] == []


async def test_who_gave_it_back_asks_the_care_team_for_another(clinic: Clinic) -> None:
    made = await added(clinic, kind="individual", title="Individual session")
    path = f"{PATH}/{made['id']}/places"
    given = await post(clinic, path, {"patient_id": str(clinic.ana.id)})
    async with at(clinic, clinic.ana, NOW) as client:
        assert (await client.delete(f"{path}/{given.json()['id']}")).status_code == 204
    again = await post(clinic, path, {}, NOW, clinic.ana)
    assert (again.status_code, again.json()["code"]) == (409, "given_by_staff")


async def test_a_single_session_that_has_begun_takes_nobody_new(clinic: Clinic) -> None:
    made = await added(clinic, recurrence=None, capacity=8)
    path = f"{PATH}/{made['id']}/places"
    before = await post(clinic, path, {}, NOW, clinic.ana)
    begun = NOW + timedelta(days=1, hours=11, minutes=30)
    after = await post(clinic, path, {}, begun, clinic.ben)
    assert before.json()["status"] == "placed"
    assert (after.status_code, after.json()["code"]) == (409, "series_over")


@pytest.mark.parametrize("what", ["series", "session"])
async def test_without_a_version_another_programs_timetable_is_not_there_either(
    clinic: Clinic, nora: Person, what: str
) -> None:
    made = await added(clinic)
    found = (await get(clinic, "/v1/sessions", **{"from": "2026-11-24", "to": "2026-11-24"}))["items"]
    path = f"{PATH}/{made['id']}" if what == "series" else f"/v1/sessions/{found[0]['id']}"
    async with at(clinic, nora, NOW) as client:
        assert (await client.patch(path, json={"title": "Mine"})).status_code == 404
    async with at(clinic, clinic.clara, NOW) as client:
        assert (await client.patch(path, json={"title": "Ours"})).status_code == 428
