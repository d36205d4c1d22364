"""GET and POST /v1/patients/{id}/supporters, PATCH and DELETE …/{supporter_id}, POST …/invitations."""

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.services.invitations import code_hash
from app.services.supporters import MOST_SUPPORTERS
from tests.people import Clinic, Person
from tests.supporting import SUPPORTERS, let_in, plan, rosa, standing_by

ONE = SUPPORTERS + "/{id}"


def of(person: Person) -> str:
    return f"/v1/patients/{person.id}/supporters"


def only_if(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def names(person: Person, path: str = SUPPORTERS) -> list[str]:
    return [each["name"] for each in (await person.client.get(path)).json()["items"]]


async def test_a_patient_lets_somebody_in(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = rosa(shares=["safety_plan", "safety_plan"])
    reply = await clinic.ana.client.post(SUPPORTERS, json=body)
    assert (reply.status_code, reply.headers["etag"]) == (201, '"1"')
    added = reply.json()
    invitation = added.pop("invitation")
    assert added == {
        "id": body["id"], "patient_id": str(clinic.ana.id), "name": "Rosa", "relation": "my sister",
        "locale": "en", "shares": ["safety_plan"], "has_joined": False, "created_at": added["created_at"],
        "changed_at": added["created_at"], "row_version": 1,
    }  # fmt: skip
    assert invitation.keys() == {"id", "code", "expires_at"}
    assert (await clinic.ana.client.get(SUPPORTERS)).json() == {"items": [added]}
    trail = psql.execute(
        "select action, resource, patient_id from audit_entry where resource_id = %s", [added["id"]]
    ).fetchall()
    assert trail == [("supporter:manage", "supporter", clinic.ana.id)]


async def test_nothing_is_shared_unless_the_patient_says_so(clinic: Clinic) -> None:
    assert (await let_in(clinic.ana))["shares"] == []


async def test_the_code_is_shown_once_and_kept_nowhere(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = rosa()
    first = (await clinic.ana.client.post(SUPPORTERS, json=body)).json()
    again = await clinic.ana.client.post(SUPPORTERS, json=body)
    assert (again.status_code, again.json()) == (200, {**first, "invitation": None})
    assert await names(clinic.ana) == ["Rosa"]
    code = first["invitation"]["code"]
    for table in ("invitation", "sign_in_name", "idempotency_key", "supporter", "audit_entry"):
        rows = psql.execute(
            f"select t::text from {table} t where organization_id = %s", [clinic.organization_id]
        )
        kept = str(rows.fetchall())
        assert code not in kept, table
        assert code.replace("-", "") not in kept, table
    other = await clinic.ana.client.post(SUPPORTERS, json={**body, "name": "Rosalia"})
    assert other.status_code == 409


async def test_an_id_in_use_is_refused(clinic: Clinic) -> None:
    added = await let_in(clinic.ben)
    reply = await clinic.ana.client.post(SUPPORTERS, json=rosa(id=added["id"]))
    assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")


@pytest.mark.parametrize(
    "members",
    [{"name": ""}, {"relation": None}, {"shares": ["check_ins"]}, {"shares": "safety_plan"}, {"locale": "xx"},
     {"role": "counselor"}, {"id": "1"}],
)  # fmt: skip
async def test_what_cannot_be_kept_is_refused(clinic: Clinic, members: dict[str, Any]) -> None:
    assert (await clinic.ana.client.post(SUPPORTERS, json=rosa(**members))).status_code == 422
    assert await names(clinic.ana) == []


async def test_there_are_so_many_and_no_more(clinic: Clinic, psql: psycopg.Connection) -> None:
    first = await let_in(clinic.ana)
    psql.execute(
        "insert into supporter select organization_id, gen_random_uuid(), patient_id, name, relation, locale,"
        " shares, created_at, changed_at, null, 1 from supporter, generate_series(2, %s) where id = %s",
        [MOST_SUPPORTERS, first["id"]],
    )
    assert len(await names(clinic.ana)) == MOST_SUPPORTERS
    refused = await clinic.ana.client.post(SUPPORTERS, json=rosa())
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_supporters")
    assert (await clinic.ana.client.delete(ONE.format(**first))).status_code == 204
    await let_in(clinic.ana)


async def test_the_patient_takes_back_what_they_shared(clinic: Clinic) -> None:
    await clinic.ana.client.put("/v1/patients/me/safety-plan", json=plan())
    async with standing_by(clinic, clinic.ana, shares=["safety_plan"]) as rosa_:
        path, hers = f"/v1/patients/{clinic.ana.id}/safety-plan", f"{SUPPORTERS}/{rosa_.id}"
        assert (await rosa_.client.get(path)).status_code == 200
        changed = await clinic.ana.client.patch(hers, json={"shares": []}, headers=only_if(1))
        assert (changed.json()["shares"], changed.headers["etag"]) == ([], '"2"')
        assert (await rosa_.client.get(path)).status_code == 404
        assert (await clinic.ana.client.patch(hers, json={"shares": []})).status_code == 428
        stale = await clinic.ana.client.patch(hers, json={"shares": ["safety_plan"]}, headers=only_if(1))
        assert stale.status_code == 412
        named = await clinic.ana.client.patch(hers, json={"name": "Rosa M."}, headers=only_if(2))
        assert (named.json()["name"], named.json()["shares"]) == ("Rosa M.", [])
        refused = await clinic.ana.client.patch(hers, json={"shares": None}, headers=only_if(3))
        assert refused.status_code == 422


async def test_one_who_was_let_go_is_gone(clinic: Clinic, psql: psycopg.Connection) -> None:
    added = await let_in(clinic.ana)
    for _ in range(2):
        assert (await clinic.ana.client.delete(ONE.format(**added))).status_code == 204
    assert await names(clinic.ana) == []
    for refused in (
        await clinic.ana.client.patch(ONE.format(**added), json={"shares": []}, headers=only_if(2)),
        await clinic.ana.client.post(ONE.format(**added) + "/invitations"),
    ):
        assert refused.status_code == 404
    codes = psql.execute(
        "select 1 from sign_in_name where name_hash = %s", [code_hash(added["invitation"]["code"])]
    ).fetchall()
    assert codes == []


async def test_the_care_team_sees_who_stands_by_and_changes_nothing(clinic: Clinic, nora: Person) -> None:
    added = await let_in(clinic.ana)
    hers = f"{of(clinic.ana)}/{added['id']}"
    assert await names(clinic.clara, of(clinic.ana)) == ["Rosa"]
    assert await names(clinic.sam, of(clinic.ana)) == ["Rosa"]
    for member in (clinic.clara, clinic.sam):
        assert (await member.client.post(of(clinic.ana), json=rosa())).status_code == 403
        assert (await member.client.delete(hers)).status_code == 403
        changed = await member.client.patch(hers, json={"shares": ["safety_plan"]}, headers=only_if(1))
        assert changed.status_code == 403
        assert (await member.client.post(f"{hers}/invitations")).status_code == 403
    for stranger in (clinic.ben, clinic.dmitri, nora):
        assert (await stranger.client.get(of(clinic.ana))).status_code == 404
        assert (await stranger.client.post(of(clinic.ana), json=rosa())).status_code == 404
        assert (await stranger.client.delete(hers)).status_code == 404
    for method in ("GET", "POST"):
        assert (await clinic.nobody.request(method, of(clinic.ana))).status_code == 401
    assert await names(clinic.ana) == ["Rosa"]


async def test_another_patient_s_supporter_is_nobody_s_but_theirs(clinic: Clinic) -> None:
    added = await let_in(clinic.ben)
    mine = ONE.format(**added)
    for refused in (
        await clinic.ana.client.patch(mine, json={"shares": []}, headers=only_if(1)),
        await clinic.ana.client.delete(mine),
        await clinic.ana.client.post(f"{mine}/invitations"),
        await clinic.ana.client.delete(f"{SUPPORTERS}/{uuid7()}"),
    ):
        assert refused.status_code == 404
    assert await names(clinic.ben) == ["Rosa"]
