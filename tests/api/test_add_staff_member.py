"""POST /v1/staff."""

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.people import Clinic

PATH = "/v1/staff"


def staff_member(**members: Any) -> dict[str, Any]:
    return {
        "name": "Nora Example",
        "role": "counselor",
        "email": "nora@riverside.example",
        "phone": "+1 212 555 0100",
        "locale": "es",
        "time_zone": "America/New_York",
        "program_ids": [],
        **members,
    }


def access_version(clinic: Clinic, psql: psycopg.Connection) -> int:
    """How often the feed was told that somebody sees other rows than before."""
    query = "select access_version from feed_head where organization_id = %s"
    row = psql.execute(query, [clinic.organization_id]).fetchone()
    assert row is not None
    return int(row[0])


async def test_somebody_new_works_in_a_program(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = staff_member(program_ids=[str(clinic.program_id)])
    before = access_version(clinic, psql)
    reply = await clinic.adele.client.post(PATH, json=body)
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert {name: kept[name] for name in body} == body
    assert kept["active"] is True
    assert reply.headers["etag"] == '"1"'
    assert kept["row_version"] == 1
    read = await clinic.clara.client.get(f"{PATH}/{kept['id']}")
    assert read.json() == kept
    assert read.headers["etag"] == '"1"'
    assert access_version(clinic, psql) == before + 1


async def test_the_same_id_and_content_is_the_same_person(clinic: Clinic) -> None:
    body = staff_member(id=str(uuid7()))
    first = await clinic.adele.client.post(PATH, json=body)
    again = await clinic.adele.client.post(PATH, json=body)
    other = await clinic.adele.client.post(PATH, json=body | {"role": "auditor"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"role": "patient"}, "/role"),
        ({"role": "integration"}, "/role"),
        ({"name": " "}, "/name"),
        ({"name": "a\u0000b"}, None),
        ({"email": "nowhere"}, "/email"),
        ({"phone": "call me"}, "/phone"),
        ({"locale": "fr"}, "/locale"),
        ({"id": "5f0c3c0e-3c4c-4d3c-8e57-0e2d7c7d0a11"}, "/id"),
        ({"program_ids": [str(uuid7())]}, "/program_ids"),
    ],
)
async def test_what_does_not_fit_is_named(
    clinic: Clinic, members: dict[str, Any], pointer: str | None
) -> None:
    reply = await clinic.adele.client.post(PATH, json=staff_member(**members))
    assert reply.status_code == (400 if pointer is None else 422), reply.text
    if pointer is not None:
        assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]


async def test_another_organizations_program_does_not_exist(clinic: Clinic) -> None:
    reply = await clinic.adele.client.post(
        PATH, json=staff_member(program_ids=[str(clinic.dmitri.program_id)])
    )
    assert reply.status_code == 422


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "olga", "dmitri"])
async def test_only_an_administrator_may(clinic: Clinic, who: str) -> None:
    assert (await getattr(clinic, who).client.post(PATH, json=staff_member())).status_code == 403
