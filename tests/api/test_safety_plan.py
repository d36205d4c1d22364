"""GET and PUT /v1/patients/{id}/safety-plan, and GET …/safety-plan/versions."""

import asyncio
from typing import Any

import psycopg
import pytest

from app.models.safety_plan import STEPS
from tests.people import Clinic, Person
from tests.supporting import PLAN, plan, standing_by

EVERYTHING = {
    "warning_signs": ["I stop answering\nand lie to Rosa", "No sleep"],
    "coping": ["Río abajo, caminando"],
    "distractions": ["The library"],
    "people_to_ask": [{"name": "Rosa", "phone": "212 555 0123"}, {"name": "Miguel", "phone": None}],
    "professionals": [{"name": "Clara", "phone": "212 555 0100 ext. 4", "hours": "9 to 5"}],
    "safer_surroundings": ["Rosa keeps the pills"],
    "reasons_for_living": ["My daughter"],
}


def of(person: Person) -> str:
    return f"/v1/patients/{person.id}/safety-plan"


def only_if(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def trail(psql: psycopg.Connection, clinic: Clinic) -> list[Any]:
    return psql.execute(
        "select actor_id, action, patient_id from audit_entry where organization_id = %s"
        " and resource = 'safety_plan' and outcome = 'done' order by at, id",
        [clinic.organization_id],
    ).fetchall()


async def test_a_plan_comes_back_word_for_word(clinic: Clinic, psql: psycopg.Connection) -> None:
    written = await clinic.ana.client.put(PLAN, json={"steps": EVERYTHING})
    assert (written.status_code, written.headers["etag"]) == (201, '"1"'), written.text
    read = await clinic.ana.client.get(PLAN)
    assert read.json() == written.json()
    assert read.json()["steps"] == EVERYTHING
    assert list(read.json()["steps"]) == list(STEPS)
    assert (read.json()["written_by"], read.json()["written_by_kind"]) == (str(clinic.ana.id), "patient")
    assert read.headers["cache-control"] == "private, no-store"
    ana = clinic.ana.id
    assert trail(psql, clinic) == [(ana, "safety_plan:write", ana), (ana, "safety_plan:read", ana)]


async def test_there_is_none_until_it_is_written(clinic: Clinic) -> None:
    assert (await clinic.ana.client.get(PLAN)).status_code == 404
    assert (await clinic.ana.client.get(f"{PLAN}/versions")).json() == {"items": [], "next_cursor": None}


async def test_a_phone_that_has_the_plan_is_told_so_in_a_word(clinic: Clinic) -> None:
    tag = (await clinic.ana.client.put(PLAN, json=plan())).headers["etag"]
    unchanged = await clinic.ana.client.get(PLAN, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    await clinic.ana.client.put(PLAN, json=plan(coping=["Sing"]), headers={"If-Match": tag})
    changed = await clinic.ana.client.get(PLAN, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["steps"]["coping"]) == (200, ["Sing"])


async def test_what_was_written_before_is_kept(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan(coping=["First"]))
    second = await clinic.clara.client.put(of(clinic.ana), json=plan(coping=["Second"]), headers=only_if(1))
    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    third = await clinic.ana.client.put(PLAN, json=plan(coping=["Third"]), headers=only_if(2))
    assert third.json()["version"] == 3
    first_page = (await clinic.clara.client.get(f"{of(clinic.ana)}/versions?limit=2")).json()
    cursor = {"limit": 2, "cursor": first_page["next_cursor"]}
    last_page = (await clinic.ana.client.get(f"{PLAN}/versions", params=cursor)).json()
    items = [*first_page["items"], *last_page["items"]]
    assert [(each["version"], each["steps"]["coping"], each["written_by_kind"]) for each in items] == [
        (3, ["Third"], "patient"), (2, ["Second"], "staff"), (1, ["First"], "patient"),
    ]  # fmt: skip
    assert last_page["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["WyJ4Il0", "W10", "WyIxIiwiMiJd"])
async def test_the_cursor_of_another_list_is_refused(clinic: Clinic, cursor: str) -> None:
    assert (await clinic.ana.client.get(f"{PLAN}/versions?cursor={cursor}")).status_code == 422


async def test_two_who_write_at_once_do_not_overwrite_each_other(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan(coping=["First"]))
    assert (await clinic.ana.client.put(PLAN, json=plan(coping=["Blind"]))).status_code == 428
    first = await clinic.ana.client.put(PLAN, json=plan(coping=["Hers"]), headers=only_if(1))
    late = await clinic.clara.client.put(of(clinic.ana), json=plan(coping=["Late"]), headers=only_if(1))
    assert (first.status_code, late.status_code) == (200, 412)
    for headers in ({"If-None-Match": "*"}, only_if(0), only_if(3), {"If-Match": "*"}):
        assert (await clinic.ana.client.put(PLAN, json=plan(), headers=headers)).status_code == 412
    assert (await clinic.ana.client.get(PLAN)).json()["steps"]["coping"] == ["Hers"]


async def test_of_many_who_write_in_the_same_moment_one_does(clinic: Clinic) -> None:
    for tag in ({"If-None-Match": "*"}, only_if(1)):
        sent = [
            writer.client.put(of(clinic.ana), json=plan(coping=[f"{tag} {number}"]), headers=tag)
            for number, writer in enumerate([clinic.ana, clinic.clara, clinic.sam])
        ]
        statuses = sorted([reply.status_code for reply in await asyncio.gather(*sent)])
        assert statuses in ([200, 412, 412], [201, 412, 412])
    kept = (await clinic.ana.client.get(f"{PLAN}/versions")).json()["items"]
    assert [each["version"] for each in kept] == [2, 1]


@pytest.mark.parametrize("headers", [only_if(1), only_if(0)])
async def test_who_has_read_a_plan_that_is_not_there_writes_none(
    clinic: Clinic, headers: dict[str, str]
) -> None:
    assert (await clinic.ana.client.put(PLAN, json=plan(), headers=headers)).status_code == 412


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}])
async def test_a_plan_that_is_sent_twice_is_there_once(clinic: Clinic, headers: dict[str, str]) -> None:
    """A phone in a tunnel: the answer to the first and to a later version was lost."""
    sent = [await clinic.ana.client.put(PLAN, json=plan(), headers=headers) for _ in range(2)]
    assert [each.status_code for each in sent] == [201, 200]
    assert sent[0].json() == sent[1].json()
    changed = plan(coping=["Sing"])
    later = [await clinic.ana.client.put(PLAN, json=changed, headers=only_if(1)) for _ in range(2)]
    assert [each.json()["version"] for each in later] == [2, 2]
    unchanged = await clinic.clara.client.put(of(clinic.ana), json=changed, headers=only_if(2))
    assert (unchanged.status_code, unchanged.json()) == (200, later[0].json())
    # The same words from somebody else, who had not read them, are no repetition.
    assert (
        await clinic.clara.client.put(of(clinic.ana), json=changed, headers=only_if(1))
    ).status_code == 412


async def test_too_long_an_entry_is_told_in_characters(clinic: Clinic) -> None:
    reply = await clinic.ana.client.put(PLAN, json={"steps": {"coping": ["x" * 501]}})
    assert reply.json()["errors"][0]["detail"] == "At most 500 characters."


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ({}, "/steps"),
        ({"coping": []}, "/steps"),
        ({"coping": [" \n "]}, "/steps/coping/0"),
        ({"coping": ["x" * 501]}, "/steps/coping/0"),
        ({"coping": ["x"] * 21}, "/steps/coping"),
        ({"coping": "Walk"}, "/steps/coping"),
        ({"people_to_ask": [{"phone": "212 555 0123"}]}, "/steps/people_to_ask/0/name"),
        ({"people_to_ask": [{"name": "Rosa", "phone": "1" * 61}]}, "/steps/people_to_ask/0/phone"),
        ({"people_to_ask": ["Rosa"]}, "/steps/people_to_ask/0"),
        ({"professionals": [{"name": "Clara", "hours": "\n"}]}, "/steps/professionals/0/hours"),
    ],
)
async def test_what_no_plan_is_made_of_is_refused_where_it_stands(
    clinic: Clinic, steps: dict[str, Any], pointer: str
) -> None:
    reply = await clinic.ana.client.put(PLAN, json={"steps": steps})
    assert reply.status_code == 422
    assert pointer in {each["pointer"] for each in reply.json()["errors"]}
    assert (await clinic.ana.client.get(PLAN)).status_code == 404


async def test_the_care_team_reads_it_and_nobody_else(clinic: Clinic, nora: Person) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    for reader in (clinic.clara, clinic.sam):
        assert (await reader.client.get(of(clinic.ana))).json()["steps"]["coping"] == ["Walk to the river"]
    for path in (of(clinic.ana), f"{of(clinic.ana)}/versions"):
        for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
            reply = await stranger.client.get(path)
            assert reply.status_code == 404
            assert "river" not in reply.text
        for other in (clinic.adele, clinic.olga):
            assert (await other.client.get(path)).status_code == 403
        assert (await clinic.nobody.get(path)).status_code == 401


async def test_nobody_else_writes_it(clinic: Clinic, nora: Person) -> None:
    for stranger in (clinic.ben, clinic.dmitri, nora):
        assert (await stranger.client.put(of(clinic.ana), json=plan())).status_code == 404
    for other in (clinic.adele, clinic.olga):
        assert (await other.client.put(of(clinic.ana), json=plan())).status_code == 403
    assert (await clinic.nobody.put(of(clinic.ana), json=plan())).status_code == 401
    assert (await clinic.ana.client.get(PLAN)).status_code == 404


async def test_a_supporter_reads_it_if_it_is_shared(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    async with (
        standing_by(clinic, clinic.ana, shares=["safety_plan"]) as rosa,
        standing_by(clinic, clinic.ana) as miguel,
        standing_by(clinic, clinic.ben, shares=["safety_plan"]) as bens,
    ):
        read = await rosa.client.get(of(clinic.ana))
        assert (read.status_code, read.headers["etag"]) == (200, '"1"')
        assert (await rosa.client.get(PLAN)).status_code == 404  # `me` is the patient's own word
        assert (await rosa.client.put(of(clinic.ana), json=plan(), headers=only_if(1))).status_code == 403
        assert (await rosa.client.get(f"{of(clinic.ana)}/versions")).status_code == 403
        for stranger in (miguel, bens):
            reply = await stranger.client.get(of(clinic.ana))
            assert (reply.status_code, "river" in reply.text) == (404, False)
