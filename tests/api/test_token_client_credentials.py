"""POST /v1/auth/token as an integration."""

from base64 import b64encode
from collections.abc import Sequence

import psycopg
import pytest
from httpx import Response

from app import clock
from app.access import GRANTS, Role
from app.database import unit_of_work
from app.errors import Conflict, Unacceptable
from app.services.credentials import Client, add_integration
from tests.people import Clinic
from tests.phones import PASSWORD, TOKEN, bearer, give_password, phone, sign_in

SCOPE = ["alert:read", "instrument:read", "check_in:read"]


async def integration(clinic: Clinic, scope: Sequence[str] = SCOPE) -> Client:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        return await add_integration(db, client_name="Telehealth", scope=scope, now=clock.now())


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


async def ask(clinic: Clinic, headers: dict[str, str] | None = None, **form: str) -> Response:
    async with phone(clinic.app) as client:
        return await client.post(TOKEN, data={"grant_type": "client_credentials", **form}, headers=headers)


async def ask_as(clinic: Clinic, client: Client, **form: str) -> Response:
    return await ask(clinic, client_id=client.client_id, client_secret=client.client_secret, **form)


async def test_id_and_secret_give_an_access_token_for_the_whole_scope(clinic: Clinic) -> None:
    client = await integration(clinic)
    reply = await ask_as(clinic, client)
    assert reply.status_code == 200, reply.text
    assert reply.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert set(reply.json()["scope"].split()) == set(SCOPE)
    claims = clinic.app.state.tokens.verify(reply.json()["access_token"], now=clock.now())
    assert (claims.kind, claims.role, claims.device_id) == ("integration", "integration", None)
    assert claims.organization_id == clinic.organization_id


async def test_the_token_opens_what_is_in_its_scope_and_nothing_else(clinic: Clinic) -> None:
    client = await integration(clinic)
    narrow = bearer((await ask_as(clinic, client, scope="instrument:read")).json())
    path = f"/v1/patients/{clinic.ana.id}/check-ins"
    assert (await clinic.nobody.get("/v1/instruments", headers=narrow)).status_code == 200
    assert (await clinic.nobody.get(path, headers=narrow)).status_code == 403
    whole = bearer((await ask_as(clinic, client)).json())
    assert (await clinic.nobody.get(path, headers=whole)).status_code == 200
    assert (await clinic.nobody.get("/v1/devices", headers=whole)).status_code == 403


async def test_http_basic_does_as_well_as_the_form(clinic: Clinic) -> None:
    client = await integration(clinic)
    reply = await ask(clinic, basic(client.client_id, client.client_secret))
    assert reply.status_code == 200, reply.text


async def test_both_at_once_are_refused(clinic: Clinic) -> None:
    client = await integration(clinic)
    both = basic(client.client_id, client.client_secret)
    reply = await ask(clinic, both, client_secret=client.client_secret)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic YQ==", "Bearer YTpi", "Basic /zo6", "Basic " + "A" * 3000]
)
async def test_what_is_no_http_basic_is_refused(clinic: Clinic, header: str) -> None:
    reply = await ask(clinic, {"Authorization": header})
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="handrail"'


async def test_a_wrong_secret_in_http_basic_is_asked_for_in_http_basic(clinic: Clinic) -> None:
    client = await integration(clinic)
    reply = await ask(clinic, basic(client.client_id, "wrong"))
    assert (reply.status_code, reply.json()["code"]) == (401, "sign_in_refused")
    assert reply.json()["error"] == "invalid_client"
    assert reply.headers["WWW-Authenticate"] == 'Basic realm="handrail"'


async def test_a_wrong_secret_and_an_unknown_client_get_the_same_answer(clinic: Clinic) -> None:
    client = await integration(clinic)
    replies = [
        await ask(clinic, client_id=client.client_id, client_secret="wrong"),
        await ask(clinic, client_id="client-of-nobody", client_secret=client.client_secret),
    ]
    assert [(r.status_code, r.json()["error"]) for r in replies] == [(401, "invalid_client")] * 2
    assert len({(r.json()["code"], r.json()["detail"]) for r in replies}) == 1


async def test_a_person_is_no_client(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.adele)
    reply = await ask(clinic, client_id=username, client_secret=PASSWORD)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("scope", ["patient:manage", "alert:read patient:read", "nonsense"])
async def test_more_than_its_scope_is_refused(clinic: Clinic, scope: str) -> None:
    reply = await ask_as(clinic, await integration(clinic), scope=scope)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_scope")


async def test_a_disabled_client_is_refused(clinic: Clinic, psql: psycopg.Connection) -> None:
    client = await integration(clinic)
    psql.execute("update credential set disabled_at = now() where username = %s", [client.client_id])
    assert (await ask_as(clinic, client)).status_code == 401


async def test_guesses_at_a_secret_are_limited(clinic: Clinic) -> None:
    client = await integration(clinic)
    async with phone(clinic.app) as elsewhere:
        for _ in range(10):
            assert (await sign_in(elsewhere, client.client_id, "guess")).status_code == 400
    assert (await ask_as(clinic, client)).status_code == 429


async def test_sign_ins_of_integrations_are_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    client = await integration(clinic)
    await ask_as(clinic, client)
    await ask(clinic, client_id=client.client_id, client_secret="wrong")
    outcomes = psql.execute(
        "select outcome, patient_id from audit_entry where actor_kind = 'integration' and action = 'sign_in'"
        " and organization_id = %s order by at, id",
        [clinic.organization_id],
    ).fetchall()
    assert outcomes == [("done", None), ("refused", None)]


async def test_no_integration_gets_a_permission_that_its_role_lacks(clinic: Clinic) -> None:
    await integration(clinic, sorted(GRANTS[Role.INTEGRATION]))
    with pytest.raises(Unacceptable):
        await integration(clinic, ["alert:read", "patient:manage"])


async def test_a_client_id_is_taken_once_whoever_asks(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    with pytest.raises(Conflict):
        async with unit_of_work(clinic.app.state.engine, clinic.dmitri.organization_id) as db:
            await add_integration(
                db, client_name="Other", scope=[], client_id=username.upper(), now=clock.now()
            )
