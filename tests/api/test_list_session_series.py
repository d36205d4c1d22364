"""GET /v1/session-series and GET /v1/session-series/{id}."""

from typing import Any

from tests.api.scheduling import (
    DAY,
    NOW,
    PATH,
    added,
    end_stay,
    get,
    gives_back,
    patients,
    post,
    series,
    took,
)
from tests.moments import at
from tests.people import Clinic, Person


async def titles(clinic: Clinic, who: Person, **params: Any) -> list[str]:
    return [each["title"] for each in (await get(clinic, PATH, NOW, who, **params))["items"]]


async def test_staff_see_the_series_of_the_programs_that_they_work_in(clinic: Clinic, nora: Person) -> None:
    made = await added(clinic, title="Evening")
    body = series(clinic, title="Morning", program_id=str(nora.program_id))
    assert (await post(clinic, PATH, body, who=nora)).status_code == 201
    for person in (clinic.clara, clinic.sam):
        assert await titles(clinic, person) == ["Evening"]
    assert await titles(clinic, nora) == ["Morning"]
    assert await titles(clinic, clinic.adele) == ["Evening", "Morning"]
    assert await titles(clinic, clinic.adele, program_id=str(nora.program_id)) == ["Morning"]
    assert await titles(clinic, clinic.clara, program_id=str(nora.program_id)) == []
    assert await titles(clinic, clinic.dmitri) == []
    path = f"{PATH}/{made['id']}"
    for person, status in ((clinic.clara, 200), (clinic.adele, 200), (nora, 404), (clinic.dmitri, 404)):
        async with at(clinic, person, NOW) as client:
            assert (await client.get(path)).status_code == status
    async with at(clinic, clinic.olga, NOW) as client:
        assert (await client.get(path)).status_code == 403
        assert (await client.get(PATH)).status_code == 403
    assert (await clinic.nobody.get(path)).status_code == 401


async def test_patients_see_those_of_their_program_and_those_that_they_had_a_place_in(
    clinic: Clinic, nora: Person
) -> None:
    body = series(clinic, title="Morning", program_id=str(nora.program_id))
    assert (await post(clinic, PATH, body, who=nora)).status_code == 201
    first, second = await added(clinic, title="First", capacity=12), await added(clinic, title="Second")
    assert await titles(clinic, clinic.ana) == ["First", "Second"]
    assert await gives_back(clinic, await took(clinic, first, clinic.ana), clinic.ana) == 204
    await end_stay(clinic, clinic.ana)
    assert await titles(clinic, clinic.ana) == ["First"]
    async with at(clinic, clinic.ana, NOW) as client:
        assert (await client.get(f"{PATH}/{first['id']}")).status_code == 200
        assert (await client.get(f"{PATH}/{second['id']}")).status_code == 404
    assert await titles(clinic, clinic.ivan) == []


async def test_how_many_have_a_place_and_how_many_wait(clinic: Clinic) -> None:
    made = await added(clinic, capacity=2)
    for person in await patients(clinic, 3):
        await took(clinic, made, person)
    read = await get(clinic, f"{PATH}/{made['id']}", NOW, clinic.ana)
    assert (read["placed"], read["waiting"]) == (2, 1)
    assert [(each["placed"], each["waiting"]) for each in (await get(clinic, PATH))["items"]] == [(2, 1)]


async def test_whose_stay_is_over_has_no_place_any_more(clinic: Clinic) -> None:
    made = await added(clinic, capacity=1)
    await took(clinic, made, clinic.ana)
    await end_stay(clinic, clinic.ana)
    assert (await get(clinic, f"{PATH}/{made['id']}", NOW + DAY))["placed"] == 0


async def test_pages_follow_each_other(clinic: Clinic) -> None:
    for number in range(3):
        await added(clinic, title=f"Group {number}")
    first = await get(clinic, PATH, limit=2)
    second = await get(clinic, PATH, limit=2, cursor=first["next_cursor"])
    assert [each["title"] for each in first["items"] + second["items"]] == ["Group 0", "Group 1", "Group 2"]
    assert second["next_cursor"] is None
