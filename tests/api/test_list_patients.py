"""GET /v1/patients."""

from base64 import urlsafe_b64decode

import psycopg
import pytest

from tests.api.test_add_patient import patient
from tests.people import Clinic

PATH = "/v1/patients"


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("clara", {"ana", "ben"}),
        ("sam", {"ana", "ben"}),
        ("adele", {"ana", "ben"}),
        ("olga", {"ana", "ben"}),
        ("ana", {"ana"}),
        ("dmitri", {"ivan"}),
    ],
)
async def test_everybody_sees_their_own(
    clinic: Clinic, psql: psycopg.Connection, who: str, names: set[str]
) -> None:
    person = getattr(clinic, who)
    items = (await person.client.get(PATH)).json()["items"]
    assert {each["given_name"] for each in items} == names
    (disclosed,) = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s and action = 'patient:read'", [person.id]
    ).fetchall()
    assert {str(each) for each in disclosed[0]} == {each["id"] for each in items}


async def test_pages_go_by_name_and_leave_nobody_out(clinic: Clinic) -> None:
    for given, family in [("Zoe", "Abel"), ("Al", "Zorn"), ("Al", "Abel"), ("Al", "Abel"), ("Bo", "example")]:
        reply = await clinic.adele.client.post(PATH, json=patient(given_name=given, family_name=family))
        assert reply.status_code == 201
    whole = (await clinic.adele.client.get(PATH)).json()["items"]
    assert len(whole) == 7
    assert [each["family_name"] for each in whole[:3]] == ["Abel"] * 3
    assert [each["given_name"] for each in whole[:3]] == ["Al", "Al", "Zoe"]
    seen, cursor = [], None
    while len(seen) < 7:
        page = (
            await clinic.adele.client.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert seen == whole
    assert cursor is None


async def test_a_cursor_says_no_name(clinic: Clinic) -> None:
    cursor = (await clinic.clara.client.get(PATH, params={"limit": 1})).json()["next_cursor"]
    assert b"xample" not in urlsafe_b64decode(cursor + "==")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AN", {"ana"}),
        ("ana ex", {"ana"}),
        ("example", {"ana", "ben"}),
        ("%", set()),
        ("_", set()),
        ("zz", set()),
    ],
)
async def test_any_part_of_the_name_finds(clinic: Clinic, name: str, found: set[str]) -> None:
    items = (await clinic.clara.client.get(PATH, params={"name": name})).json()["items"]
    assert {each["given_name"] for each in items} == found


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"name": ""}, {"name": "\x00"}, {"cursor": "é"}]
)
async def test_hostile_parameters_are_refused(clinic: Clinic, params: dict[str, str]) -> None:
    assert (await clinic.clara.client.get(PATH, params=params)).status_code == 422


async def test_nobody_sees_nothing(clinic: Clinic) -> None:
    assert (await clinic.nobody.get(PATH)).status_code == 401
