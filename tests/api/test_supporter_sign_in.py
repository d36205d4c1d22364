"""From the code that a patient hands over to the day on which they let their supporter go."""

from typing import Any

import psycopg
from httpx import AsyncClient, Response

from app import clock
from tests.api.test_invitations_acceptance import NEW, accept, new_name, signs_in
from tests.people import Clinic
from tests.phones import bearer, phone, refresh, sign_in
from tests.supporting import PLAN, SUPPORTERS, let_in, plan, standing_by

BOOTSTRAP = "/v1/bootstrap"


async def joined(clinic: Clinic, added: dict[str, Any]) -> str:
    """The user name with which she took up her code."""
    username = new_name()
    assert (await accept(clinic, added["invitation"]["code"], username)).status_code == 204
    return username


async def ask(client: AsyncClient, path: str, token: dict[str, Any]) -> Response:
    return await client.get(path, headers=bearer(token))


async def test_she_takes_up_her_code_and_begins(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    added = await let_in(clinic.ana, locale="es", shares=["safety_plan"])
    username = await joined(clinic, added)
    async with phone(clinic.app) as client:
        token = (await sign_in(client, username, NEW)).json()
        claims = clinic.app.state.tokens.verify(token["access_token"], now=clock.now())
        assert (claims.kind, claims.role, str(claims.subject)) == ("supporter", "supporter", added["id"])
        start = (await ask(client, BOOTSTRAP, token)).json()
        read = await ask(client, f"/v1/patients/{clinic.ana.id}/safety-plan", token)
        public = (await ask(client, "/v1/crisis-resources", token)).json()
        assert (await ask(client, "/v1/devices", token)).json()["items"][0]["is_this"] is True
        assert (await refresh(client, token["refresh_token"])).status_code == 200
    assert start["me"] == {
        "id": added["id"], "name": "Rosa", "role": "supporter", "locale": "es", "time_zone": None,
    }  # fmt: skip
    assert start["stands_by"] == {
        "patient_id": str(clinic.ana.id), "given_name": "ana", "relation": "my sister",
        "shares": ["safety_plan"],
    }  # fmt: skip
    assert start["safety_plan"]["version"] == read.json()["version"] == 1
    assert start["safety_plan_steps"][1]["heading"] == "Lo que puedo hacer yo"
    assert any("988" in (line["call"] or "") for line in start["crisis_resources"])
    assert "llame" in public["message"].lower()
    assert public["resources"] == start["crisis_resources"]
    assert (start["program"], start["enrollment"], start["due"], start["hours"]) == (None,) * 4
    assert not any(start[name] for name in ("programs", "reminders", "goals", "treatment_sessions"))
    (item,) = (await clinic.ana.client.get(SUPPORTERS)).json()["items"]
    assert item["has_joined"] is True
    trail = psql.execute(
        "select action, patient_id from audit_entry where actor_id = %s and actor_kind = 'supporter'"
        " order by at, id",
        [added["id"]],
    ).fetchall()
    assert trail == [
        (action, clinic.ana.id)
        for action in ("invitation:accept", "sign_in", "self:read", "safety_plan:read")
    ]


async def test_once_let_go_she_is_out_at_once(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    added = await let_in(clinic.ana, shares=["safety_plan"])
    username = await joined(clinic, added)
    async with phone(clinic.app) as client:
        token = (await sign_in(client, username, NEW)).json()
        assert (await clinic.ana.client.delete(f"{SUPPORTERS}/{added['id']}")).status_code == 204
        # The access token lives on for its ten minutes, and shows nothing any more.
        for path in (BOOTSTRAP, f"/v1/patients/{clinic.ana.id}/safety-plan"):
            assert (await ask(client, path, token)).status_code == 404
        assert (await refresh(client, token["refresh_token"])).status_code == 400
    assert not await signs_in(clinic, username)
    devices = psql.execute(
        "select revoked_at is not null from device d join credential c on c.id = d.credential_id"
        " where c.supporter_id = %s",
        [added["id"]],
    ).fetchall()
    assert devices == [(True,)]


async def test_a_code_is_worth_nothing_once_she_was_let_go(clinic: Clinic) -> None:
    added = await let_in(clinic.ana)
    await clinic.ana.client.delete(f"{SUPPORTERS}/{added['id']}")
    assert (await accept(clinic, added["invitation"]["code"], new_name())).status_code == 404


async def test_her_user_name_is_free_again(clinic: Clinic) -> None:
    added = await let_in(clinic.ana)
    username = await joined(clinic, added)
    await clinic.ana.client.delete(f"{SUPPORTERS}/{added['id']}")
    again = await let_in(clinic.ana)
    assert (await accept(clinic, again["invitation"]["code"], username)).status_code == 204
    assert await signs_in(clinic, username)


async def test_a_new_code_ends_the_one_before_and_signs_her_out(clinic: Clinic) -> None:
    added = await let_in(clinic.ana)
    hers = f"{SUPPORTERS}/{added['id']}/invitations"
    second = (await clinic.ana.client.post(hers)).json()
    assert (await accept(clinic, added["invitation"]["code"], new_name())).status_code == 404
    username = new_name()
    assert (await accept(clinic, second["code"], username)).status_code == 204
    async with phone(clinic.app) as client:
        token = (await sign_in(client, username, NEW)).json()
        third = (await clinic.ana.client.post(hers)).json()
        assert (await accept(clinic, third["code"], username, "nine dry umbrellas")).status_code == 204
        assert (await refresh(client, token["refresh_token"])).status_code == 400
    assert await signs_in(clinic, username, "nine dry umbrellas")
    (item,) = (await clinic.ana.client.get(SUPPORTERS)).json()["items"]
    assert item["id"] == added["id"]


async def test_without_the_plan_she_is_not_told_that_there_is_one(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    async with standing_by(clinic, clinic.ana) as rosa:
        start = (await rosa.client.get(BOOTSTRAP)).json()
    assert (start["safety_plan"], start["stands_by"]["shares"]) == (None, [])
