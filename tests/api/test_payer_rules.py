"""GET and POST /v1/payer-rules."""

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from app.treatment.requirement import PAYERS, SHIPPED
from tests.people import Clinic, add_person

PATH = "/v1/payer-rules"


def payer_rule(**members: Any) -> dict[str, Any]:
    return {
        "payer": "blue_river", "name": "Blue River Health Plan", "level_of_care": "2.1",
        "first_day": "2026-01-01", "minimum_hours": 10, "maximum_hours": 15,
        "citation": "Provider manual 2026, 4.2", **members,
    }  # fmt: skip


async def added(clinic: Clinic, **members: Any) -> dict[str, Any]:
    reply = await clinic.adele.client.post(PATH, json=payer_rule(**members))
    assert reply.status_code == 201, reply.text
    kept: dict[str, Any] = reply.json()
    return kept


async def test_what_comes_with_handrail_says_where_it_stands_and_how_sure_it_is(clinic: Clinic) -> None:
    reply = await clinic.clara.client.get(PATH)
    shipped = {each["code"]: each for each in reply.json()["shipped"]}
    assert len(shipped) == len(SHIPPED) >= 8
    assert reply.json()["items"] == []
    medicare = shipped["medicare-iop"]
    assert (medicare["payer"], medicare["first_day"]) == ("medicare", "2024-01-01")
    assert (medicare["minimum_hours"], medicare["maximum_hours"], medicare["id"]) == (9, None, None)
    assert medicare["evidence"] == "published" and "42 CFR 410.44" in medicare["citation"]
    assert shipped["asam-4-2.5-adults"]["evidence"] == "recalled"
    assert shipped["h0015"]["daily_minimum_minutes"] == 180 and shipped["h0015"]["minimum_days"] == 3
    assert all(each["citation"] for each in shipped.values())


async def test_an_organization_adds_its_own(clinic: Clinic, psql: psycopg.Connection) -> None:
    kept = await added(
        clinic,
        minimum_age=18,
        maximum_age=64,
        last_day="2026-12-31",
        daily_minimum_minutes=180,
        minimum_days=3,
    )
    assert kept["created_by"] == str(clinic.adele.id)
    assert (kept["code"], kept["evidence"]) == (None, None)
    expected = payer_rule(
        minimum_age=18, maximum_age=64, last_day="2026-12-31", daily_minimum_minutes=180, minimum_days=3
    )
    assert {name: kept[name] for name in expected} == expected
    assert (await clinic.clara.client.get(PATH)).json()["items"] == [kept]
    trail = psql.execute("select action, actor_id from audit_entry where resource_id = %s", [kept["id"]])
    assert trail.fetchall() == [("payer_rule:manage", clinic.adele.id)]


async def test_a_phone_that_knows_only_doubles_may_add_one(clinic: Clinic) -> None:
    kept = await added(clinic, minimum_age=18.0, daily_minimum_minutes=180.0, minimum_days=3.0)
    assert (kept["minimum_age"], kept["daily_minimum_minutes"], kept["minimum_days"]) == (18, 180, 3)


async def test_no_other_organization_sees_it(clinic: Clinic) -> None:
    await added(clinic)
    reply = await clinic.dmitri.client.get(PATH)
    assert reply.json()["items"] == [] and reply.json()["shipped"]


async def test_one_payer_may_be_asked_for(clinic: Clinic) -> None:
    mine = await added(clinic)
    again = await added(clinic, payer="medicare", name="Medicare, as we read it")
    blue = (await clinic.clara.client.get(PATH, params={"payer": "blue_river"})).json()
    assert (blue["shipped"], blue["items"]) == ([], [mine])
    medicare = (await clinic.clara.client.get(PATH, params={"payer": "medicare"})).json()
    assert [each["code"] for each in medicare["shipped"]] == ["medicare-iop"]
    assert medicare["items"] == [again]


async def test_pages_follow_each_other_and_what_is_shipped_stands_on_the_first(clinic: Clinic) -> None:
    kept = [await added(clinic, payer=f"payer_{number}") for number in range(3)]
    first = (await clinic.clara.client.get(PATH, params={"limit": 2})).json()
    assert first["items"] == kept[:2] and first["shipped"]
    rest = (await clinic.clara.client.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert (rest["items"], rest["shipped"], rest["next_cursor"]) == (kept[2:], [], None)


async def test_the_same_id_and_content_is_the_same_rule(clinic: Clinic) -> None:
    body = payer_rule(id=str(uuid7()))
    first = await clinic.adele.client.post(PATH, json=body)
    again = await clinic.adele.client.post(PATH, json=body)
    other = await clinic.adele.client.post(PATH, json=body | {"minimum_hours": 12})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert len((await clinic.adele.client.get(PATH)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"minimum_hours": 16}, "/maximum_hours"),
        ({"minimum_age": 18, "maximum_age": 17}, "/maximum_age"),
        ({"last_day": "2025-12-31"}, "/last_day"),
        ({"minimum_hours": 9.25}, "/minimum_hours"),
        ({"minimum_hours": 200, "maximum_hours": None}, "/minimum_hours"),
        ({"minimum_days": 8}, "/minimum_days"),
        ({"daily_minimum_minutes": 0}, "/daily_minimum_minutes"),
        ({"payer": "Blue River"}, "/payer"),
        ({"citation": " "}, "/citation"),
        ({"first_day": "2026-02-30"}, "/first_day"),
    ],
)
async def test_what_cannot_be_is_refused(clinic: Clinic, members: dict[str, Any], pointer: str) -> None:
    reply = await clinic.adele.client.post(PATH, json=payer_rule(**members))
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]


async def test_rules_are_added_and_never_changed(clinic: Clinic) -> None:
    kept = await added(clinic)
    for method in ("PATCH", "PUT", "DELETE"):
        reply = await clinic.adele.client.request(method, f"{PATH}/{kept['id']}", json={})
        assert reply.status_code in {404, 405}


@pytest.mark.parametrize(
    ("who", "reads", "adds"),
    [
        ("ana", 403, 403), ("clara", 200, 403), ("sam", 200, 403), ("adele", 200, 201), ("olga", 403, 403),
        ("nobody", 401, 401),
    ],
)  # fmt: skip
async def test_who_may_read_and_who_may_add(clinic: Clinic, who: str, reads: int, adds: int) -> None:
    client = clinic.nobody if who == "nobody" else getattr(clinic, who).client
    assert (await client.get(PATH)).status_code == reads
    assert (await client.post(PATH, json=payer_rule())).status_code == adds


async def stay_path(clinic: Clinic) -> str:
    (stay,) = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    return f"/v1/enrollments/{stay['id']}"


async def with_payer(clinic: Clinic, payer: str | None, version: int) -> Any:
    return await clinic.sam.client.patch(
        await stay_path(clinic), json={"payer": payer}, headers={"If-Match": f'"{version}"'}
    )


async def test_a_stay_names_a_payer_of_whom_there_is_a_rule(clinic: Clinic) -> None:
    reply = await with_payer(clinic, "blue_river", 1)
    assert reply.status_code == 422
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [
        ("/payer", "unknown_payer")
    ]
    await added(clinic)
    reply = await with_payer(clinic, "blue_river", 1)
    assert (reply.status_code, reply.json()["payer"]) == (200, "blue_river")
    reply = await with_payer(clinic, "medicare", 2)
    assert (reply.status_code, reply.json()["payer"]) == (200, "medicare")
    reply = await with_payer(clinic, None, 3)
    assert (reply.status_code, reply.json()["payer"]) == (200, None)


async def test_another_change_leaves_the_payer(clinic: Clinic) -> None:
    await with_payer(clinic, "medicare", 1)
    reply = await clinic.sam.client.patch(
        await stay_path(clinic), json={"ends_on": "2027-03-31"}, headers={"If-Match": '"2"'}
    )
    assert reply.json()["payer"] == "medicare"


@pytest.mark.parametrize("payer", sorted(PAYERS))
async def test_a_patient_is_admitted_on_account_of_a_payer(clinic: Clinic, payer: str) -> None:
    stay = {"program_id": str(clinic.program_id), "starts_on": "2026-11-23", "payer": payer}
    body = {
        "given_name": "Nuria", "family_name": "Example", "locale": "es", "time_zone": "America/New_York",
        "enrollment": stay,
    }  # fmt: skip
    made = (await clinic.adele.client.post("/v1/patients", json=body)).json()
    stays = (await clinic.adele.client.get(f"/v1/patients/{made['id']}/enrollments")).json()["items"]
    assert [each["payer"] for each in stays] == [payer]


async def test_no_patient_is_admitted_on_account_of_nobody_known(clinic: Clinic) -> None:
    stay = {"program_id": str(clinic.program_id), "starts_on": "2026-11-23", "payer": "blue_river"}
    body = {
        "given_name": "Nuria", "family_name": "Example", "locale": "es", "time_zone": "America/New_York",
        "enrollment": stay,
    }  # fmt: skip
    reply = await clinic.adele.client.post("/v1/patients", json=body)
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/enrollment/payer"]
    made = (await clinic.adele.client.post("/v1/patients", json=body | {"enrollment": None})).json()
    reply = await clinic.adele.client.post(f"/v1/patients/{made['id']}/enrollments", json=stay)
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/payer"]


async def test_the_payer_of_another_organization_is_nobodys_here(clinic: Clinic) -> None:
    await added(clinic)
    lakeside, program_id = clinic.dmitri.organization_id, clinic.dmitri.program_id
    boris = await add_person(clinic.app, lakeside, program_id, Role.ADMINISTRATOR, "boris")
    async with boris.client:
        stays = (await boris.client.get(f"/v1/patients/{clinic.ivan.id}/enrollments")).json()["items"]
        reply = await boris.client.patch(
            f"/v1/enrollments/{stays[0]['id']}", json={"payer": "blue_river"}, headers={"If-Match": '"1"'}
        )
    assert [fault["code"] for fault in reply.json()["errors"]] == ["unknown_payer"]
