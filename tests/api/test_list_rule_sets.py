"""GET /v1/rule-sets and GET /v1/rule-sets/{version}."""

import pytest

from tests.api.publishing import PATH, REASON, craving_at_seven, current, edited, published, rule_in
from tests.people import Clinic


async def test_versions_newest_first_and_which_is_in_force(clinic: Clinic) -> None:
    made = await craving_at_seven(clinic.sam)
    page = (await clinic.clara.client.get(PATH)).json()
    assert page["next_cursor"] is None
    newest, first = page["items"]
    assert newest == {
        "version": 2, "author": "sam", "author_id": str(clinic.sam.id), "reason": REASON,
        "published_at": made["published_at"], "in_force": True,
    }  # fmt: skip
    assert (first["version"], first["author"], first["in_force"]) == (1, None, False)


async def test_pages_follow_each_other(clinic: Clinic) -> None:
    for _ in range(4):
        await published(clinic.sam, await edited(clinic.sam))
    seen: list[int] = []
    params: dict[str, str] = {"limit": "2"}
    while params.get("cursor", "") is not None:
        reply = await clinic.clara.client.get(PATH, params=params)
        assert reply.status_code == 200, reply.text
        seen += [each["version"] for each in reply.json()["items"]]
        params["cursor"] = reply.json()["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["WyJub3QgYSBudW1iZXIiXQ", "WyIwMTlhYjBmMiIsICIxIl0", "nothing"])
async def test_a_cursor_of_another_list_is_refused(clinic: Clinic, cursor: str) -> None:
    reply = await clinic.clara.client.get(PATH, params={"cursor": cursor})
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "bad_cursor")


async def test_an_old_version_stays_as_it_was(clinic: Clinic) -> None:
    before = await current(clinic.clara)
    await craving_at_seven(clinic.sam)
    assert (await clinic.clara.client.get(f"{PATH}/1")).json() == before
    newest = (await clinic.clara.client.get(f"{PATH}/2")).json()
    assert newest == await current(clinic.clara)
    assert rule_in(newest, "craving.high")["condition"]["conditions"][0]["value"] == 7


@pytest.mark.parametrize(("version", "status"), [("3", 404), ("0", 422), ("first", 422), ("9" * 11, 422)])
async def test_a_version_that_is_not_there(clinic: Clinic, version: str, status: int) -> None:
    assert (await clinic.clara.client.get(f"{PATH}/{version}")).status_code == status


@pytest.mark.parametrize("path", ["", "/1", "/1/diff", "/schema"])
@pytest.mark.parametrize(("who", "status"), [("ana", 403), ("olga", 403), ("dmitri", 404)])
async def test_for_others_there_are_none(clinic: Clinic, who: str, status: int, path: str) -> None:
    of_theirs = {"program_id": str(clinic.program_id)}
    reply = await getattr(clinic, who).client.get(f"{PATH}{path}", params=of_theirs)
    assert reply.status_code == status


@pytest.mark.parametrize("path", ["", "/1", "/1/diff", "/schema"])
async def test_nobody_is_asked_to_sign_in(clinic: Clinic, path: str) -> None:
    assert (await clinic.nobody.get(f"{PATH}{path}")).status_code == 401


@pytest.mark.parametrize("path", ["", "/1", "/1/diff", "/schema"])
async def test_who_works_in_no_program_says_which(clinic: Clinic, path: str) -> None:
    nowhere = {"program_ids": []}
    await clinic.adele.client.patch(f"/v1/staff/{clinic.clara.id}", json=nowhere, headers={"If-Match": '"1"'})
    reply = await clinic.clara.client.get(f"{PATH}{path}")
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/program_id")
    reply = await clinic.clara.client.get(f"{PATH}{path}", params={"program_id": str(clinic.program_id)})
    assert reply.status_code == 200
