"""GET /v1/programs and GET /v1/programs/{id}."""

import pytest

from tests.api.test_add_program import PATH, program
from tests.people import Clinic


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "adele", "olga"])
async def test_everybody_sees_the_organizations_programs(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.get(PATH)
    assert reply.status_code == 200
    assert [each["id"] for each in reply.json()["items"]] == [str(clinic.program_id)]
    assert reply.json()["next_cursor"] is None


async def test_pages_follow_each_other(clinic: Clinic) -> None:
    for name in ("Second", "Third"):
        assert (await clinic.adele.client.post(PATH, json=program(name=name))).status_code == 201
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await clinic.adele.client.get(PATH, params=params)).json()
        seen += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["Evening IOP", "Second", "Third"]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WyIxIiwiMiJd", "e30"])
async def test_a_cursor_that_we_did_not_make_is_refused(clinic: Clinic, cursor: str) -> None:
    reply = await clinic.adele.client.get(PATH, params={"cursor": cursor})
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "bad_cursor")


async def test_one_program_has_a_version(clinic: Clinic) -> None:
    reply = await clinic.ana.client.get(f"{PATH}/{clinic.program_id}")
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"1"'
    assert reply.json()["minimum_weekly_hours"] == 9


async def test_another_organizations_program_does_not_exist(clinic: Clinic) -> None:
    assert (await clinic.dmitri.client.get(f"{PATH}/{clinic.program_id}")).status_code == 404
    listed = (await clinic.dmitri.client.get(PATH)).json()["items"]
    assert [each["id"] for each in listed] == [str(clinic.dmitri.program_id)]


async def test_nobody_is_asked_to_sign_in(clinic: Clinic) -> None:
    assert (await clinic.nobody.get(PATH)).status_code == 401
