"""GET /v1/devices and DELETE /v1/devices/{id}."""

from datetime import timedelta

import psycopg
import pytest

from app import clock
from app.access import Role
from tests.people import Clinic, client_for, token_for
from tests.phones import bearer, give_password, later, phone, refresh, sign_in, signed_in


async def test_a_person_sees_their_own_devices_last_seen_first(clinic: Clinic) -> None:
    await signed_in(clinic.app, clinic.ben, device_name="Ben's phone")
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        old = (await sign_in(client, username, device_name="Old phone")).json()
        new = (await sign_in(client, username)).json()
        with later(clinic.app, timedelta(seconds=30)):
            old = (await refresh(client, old["refresh_token"])).json()
        items = (await client.get("/v1/devices", headers=bearer(new))).json()["items"]
    assert [(each["name"], each["is_this"]) for each in items] == [
        ("Old phone", False),
        ("Unnamed device", True),
    ]
    assert items[0].keys() == {"id", "name", "created_at", "last_seen_at", "is_this"}
    assert items[0]["created_at"] < items[0]["last_seen_at"]


async def test_somebody_who_never_signed_in_has_no_devices(clinic: Clinic) -> None:
    assert (await clinic.clara.client.get("/v1/devices")).json() == {"items": []}


async def test_a_device_that_was_not_used_for_too_long_is_gone(clinic: Clinic) -> None:
    await signed_in(clinic.app, clinic.ana)
    assert len((await clinic.ana.client.get("/v1/devices")).json()["items"]) == 1
    month_later = clock.now() + timedelta(days=31)
    token = token_for(
        clinic.app, organization_id=clinic.organization_id, id=clinic.ana.id, role=Role.PATIENT,
        credential_id=clinic.ana.credential_id, now=month_later,
    )  # fmt: skip
    with later(clinic.app, timedelta(0), month_later):
        async with client_for(clinic.app, token) as client:
            assert (await client.get("/v1/devices")).json() == {"items": []}


async def test_a_lost_phone_is_signed_out(clinic: Clinic, psql: psycopg.Connection) -> None:
    lost = await signed_in(clinic.app, clinic.ana)
    device_id = clinic.app.state.tokens.verify(lost["access_token"], now=clock.now()).device_id
    for _ in range(2):
        reply = await clinic.ana.client.delete(f"/v1/devices/{device_id}")
        assert (reply.status_code, reply.content) == (204, b"")
    async with phone(clinic.app) as client:
        assert (await refresh(client, lost["refresh_token"])).status_code == 400
    assert (await clinic.ana.client.get("/v1/devices")).json() == {"items": []}
    audited = psql.execute(
        "select actor_id, action, outcome from audit_entry where resource_id = %s", [device_id]
    ).fetchall()
    assert audited == [(clinic.ana.id, "device:manage", "done")] * 2


@pytest.mark.parametrize("who", ["ben", "clara", "sam", "adele", "olga", "dmitri"])
async def test_somebody_elses_device_does_not_exist(clinic: Clinic, who: str) -> None:
    hers = await signed_in(clinic.app, clinic.ana)
    device_id = clinic.app.state.tokens.verify(hers["access_token"], now=clock.now()).device_id
    reply = await getattr(clinic, who).client.delete(f"/v1/devices/{device_id}")
    assert reply.status_code == 404
    async with phone(clinic.app) as client:
        assert (await refresh(client, hers["refresh_token"])).status_code == 200


async def test_nobody_and_integrations_have_no_devices(clinic: Clinic) -> None:
    path = f"/v1/devices/{clinic.ana.id}"
    assert (await clinic.nobody.get("/v1/devices")).status_code == 401
    assert (await clinic.nobody.delete(path)).status_code == 401
    token = token_for(
        clinic.app, organization_id=clinic.organization_id, id=clinic.ana.id, role=Role.INTEGRATION,
        credential_id=clinic.ana.credential_id, scope=("device:manage",),
    )  # fmt: skip
    async with client_for(clinic.app, token) as client:
        assert (await client.get("/v1/devices")).status_code == 403
        assert (await client.delete(path)).status_code == 403
