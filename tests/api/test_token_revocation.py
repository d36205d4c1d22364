"""POST /v1/auth/revocation."""

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response

from tests.people import Clinic
from tests.phones import phone, refresh, signed_in


async def revoke(app: FastAPI, token: str, **more: str) -> Response:
    async with phone(app) as client:
        return await client.post("/v1/auth/revocation", data={"token": token, **more})


async def can_refresh(app: FastAPI, token: str) -> bool:
    async with phone(app) as client:
        return (await refresh(client, token)).status_code == 200


async def test_revoking_a_refresh_token_signs_its_device_out(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    reply = await revoke(clinic.app, token, token_type_hint="refresh_token")
    assert (reply.status_code, reply.content) == (200, b"")
    assert not await can_refresh(clinic.app, token)
    audited = psql.execute(
        "select resource, outcome from audit_entry where actor_id = %s and action = 'sign_out'",
        [clinic.ana.id],
    ).fetchall()
    assert audited == [("device", "done")]
    assert (await revoke(clinic.app, token)).status_code == 200, "again is fine"


async def test_a_used_token_still_revokes_its_device(clinic: Clinic) -> None:
    first = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    async with phone(clinic.app) as client:
        second = (await refresh(client, first)).json()["refresh_token"]
    await revoke(clinic.app, first)
    assert not await can_refresh(clinic.app, second)


async def test_others_stay_signed_in(clinic: Clinic) -> None:
    hers = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    his = (await signed_in(clinic.app, clinic.ben))["refresh_token"]
    await revoke(clinic.app, hers)
    assert await can_refresh(clinic.app, his)


async def test_a_wrong_secret_revokes_nothing_and_says_so_to_nobody(clinic: Clinic) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    other = token[:-6] + ("AAAAAA" if not token.endswith("AAAAAA") else "BBBBBA")
    assert (await revoke(clinic.app, other)).status_code == 200
    assert await can_refresh(clinic.app, token)


@pytest.mark.parametrize("token", ["x", "hr_" + "A" * 86, "\0", "é" * 500])
async def test_what_is_no_token_of_ours_is_answered_alike(clinic: Clinic, token: str) -> None:
    assert (await revoke(clinic.app, token)).status_code == 200


async def test_an_access_token_is_left_to_its_few_minutes(clinic: Clinic) -> None:
    reply = await signed_in(clinic.app, clinic.ana)
    assert (await revoke(clinic.app, reply["access_token"])).status_code == 200
    assert await can_refresh(clinic.app, reply["refresh_token"])


async def test_a_request_without_a_token_is_a_problem(clinic: Clinic) -> None:
    reply = await clinic.nobody.post("/v1/auth/revocation", data={})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/token"]
