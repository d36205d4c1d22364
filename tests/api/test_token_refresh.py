"""POST /v1/auth/token with a refresh token."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response
from uuid_utils.compat import uuid7

from app import clock
from app.services.devices import Presented
from app.tokens import Claims
from tests.people import Clinic
from tests.phones import JSON, later, phone, signed_in
from tests.phones import refresh as refresh_with

SECOND = timedelta(seconds=1)
Refresh = Callable[[str], Awaitable[Response]]


@pytest.fixture
def refresh(app: FastAPI) -> Refresh:
    async def ask(token: str) -> Response:
        async with phone(app) as client:
            return await refresh_with(client, token)

    return ask


def good(reply: Response) -> str:
    assert reply.status_code == 200, reply.text
    return str(reply.json()["refresh_token"])


def refused(reply: Response) -> bool:
    if reply.status_code == 200:
        return False
    assert (reply.status_code, reply.json()["code"]) == (400, "refresh_token_refused"), reply.text
    assert reply.json()["error"] == "invalid_grant"
    return True


def is_revoked(psql: psycopg.Connection, token: str) -> bool:
    """Whether the device of this token is signed out, as it was committed."""
    read = Presented.read(token)
    assert read is not None
    row = psql.execute(
        "select d.revoked_at is not null from device d join refresh_token t on t.device_id = d.id"
        " where t.id = %s",
        [read.token_id],
    ).fetchone()
    assert row is not None
    return bool(row[0])


def live(psql: psycopg.Connection, token: str) -> list[bytes]:
    """The hashes of the unused tokens of this token's device."""
    read = Presented.read(token)
    assert read is not None
    rows = psql.execute(
        "select secret_hash from refresh_token where used_at is null and device_id ="
        " (select device_id from refresh_token where id = %s)",
        [read.token_id],
    )
    return [bytes(row[0]) for row in rows]


def hash_of(token: str) -> bytes:
    return sha256(urlsafe_b64decode(token.removeprefix("hr_") + "==")[32:]).digest()


async def test_a_refresh_token_gets_tokens_that_work(clinic: Clinic, refresh: Refresh) -> None:
    first = await signed_in(clinic.app, clinic.ana)
    reply = await refresh(first["refresh_token"])
    assert reply.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    claims, before = (claims_of(clinic.app, each) for each in (reply.json(), first))
    assert (claims.subject, claims.device_id) == (clinic.ana.id, before.device_id)
    token = good(reply)
    for _ in range(3):
        token = good(await refresh(token))


async def test_a_used_token_signs_the_device_out_for_good(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    stolen = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    second = good(await refresh(stolen))
    third = good(await refresh(second))
    assert not is_revoked(psql, stolen)
    assert refused(await refresh(stolen))
    assert is_revoked(psql, stolen), "kept, although the answer was a refusal"
    assert refused(await refresh(third))
    assert refused(await refresh(second))
    outcomes = psql.execute(
        "select outcome, count(*) from audit_entry where actor_id = %s and action = 'sign_in'"
        " group by outcome",
        [clinic.ana.id],
    ).fetchall()
    assert dict(outcomes) == {"done": 1, "refused": 3}


async def test_one_device_signed_out_leaves_the_others(clinic: Clinic, refresh: Refresh) -> None:
    phone_token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    laptop_token = (await signed_in(clinic.app, clinic.ben))["refresh_token"]
    good(await refresh(good(await refresh(phone_token))))
    assert refused(await refresh(phone_token))
    good(await refresh(laptop_token))


async def test_a_lost_reply_does_not_sign_a_phone_out(clinic: Clinic, refresh: Refresh) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    start = clock.now()
    with later(clinic.app, 0 * SECOND, start):
        good(await refresh(token))
        good(await refresh(token))
    with later(clinic.app, 30 * SECOND, start):
        found = good(await refresh(token))
    with later(clinic.app, 600 * SECOND, start):
        good(await refresh(found))


async def test_the_reply_that_was_lost_is_worthless_afterwards(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    lost = good(await refresh(token))
    found = good(await refresh(token))
    assert refused(await refresh(lost))
    assert is_revoked(psql, token), "somebody else has what was lost"
    assert refused(await refresh(found))


async def test_a_lost_reply_is_forgiven_for_thirty_seconds_only(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    start = clock.now()
    with later(clinic.app, 0 * SECOND, start):
        good(await refresh(token))
    with later(clinic.app, 31 * SECOND, start):
        assert refused(await refresh(token))
    assert is_revoked(psql, token)


async def test_a_lost_reply_is_not_forgiven_once_its_token_was_used(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    good(await refresh(good(await refresh(token))))
    assert refused(await refresh(token))
    assert is_revoked(psql, token)


async def test_of_eight_uses_at_once_one_token_survives(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    replies = await asyncio.gather(*(refresh(token) for _ in range(8)))
    given = [good(reply) for reply in replies]
    assert len(set(given)) == 8
    (surviving,) = live(psql, token)
    (winner,) = [each for each in given if hash_of(each) == surviving]
    good(await refresh(winner))


async def test_a_thief_and_the_owner_at_once_do_not_both_go_on(clinic: Clinic, refresh: Refresh) -> None:
    for _ in range(5):
        token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
        ones = [good(reply) for reply in await asyncio.gather(refresh(token), refresh(token))]
        twos = await asyncio.gather(*(refresh(each) for each in ones))
        chains = [reply.json()["refresh_token"] for reply in twos if not refused(reply)]
        assert len(chains) <= 1
        assert all([refused(await refresh(each)) for each in chains]), "and the owner has to sign in again"


async def test_an_expired_token_is_refused_and_its_device_is_not_listed(
    clinic: Clinic, refresh: Refresh
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    with later(clinic.app, timedelta(days=30, seconds=-5)):
        token = good(await refresh(token))
    with later(clinic.app, timedelta(days=60)):
        assert refused(await refresh(token))


async def test_a_disabled_credential_gets_no_new_tokens_and_keeps_its_device(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    change = "update credential set disabled_at = %s where id = %s"
    psql.execute(change, [datetime.now(UTC), clinic.ana.credential_id])
    assert refused(await refresh(token))
    psql.execute(change, [None, clinic.ana.credential_id])
    good(await refresh(token))


async def test_staff_who_left_get_no_new_tokens(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.clara))["refresh_token"]
    psql.execute("update staff_member set active = false where id = %s", [clinic.clara.id])
    assert refused(await refresh(token))


async def test_a_new_role_is_in_the_next_access_token(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    first = await signed_in(clinic.app, clinic.clara)
    assert claims_of(clinic.app, first).role == "counselor"
    psql.execute("update staff_member set role = 'supervisor' where id = %s", [clinic.clara.id])
    assert claims_of(clinic.app, (await refresh(first["refresh_token"])).json()).role == "supervisor"


async def test_a_known_token_with_another_secret_signs_the_device_out(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    read = Presented.read(token)
    assert read is not None
    assert refused(await refresh(Presented.new(read.organization_id, read.token_id).text()))
    assert is_revoked(psql, token)
    assert refused(await refresh(token))


async def test_a_token_is_found_in_its_own_organization_only(
    clinic: Clinic, refresh: Refresh, psql: psycopg.Connection
) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    read = Presented.read(token)
    assert read is not None
    moved = Presented(clinic.dmitri.organization_id, read.token_id, read.secret)
    assert refused(await refresh(moved.text()))
    assert refused(await refresh(Presented.new(uuid7(), uuid7()).text()))
    assert not is_revoked(psql, token)
    good(await refresh(token))


@pytest.mark.parametrize(
    "sent", ["x", "hr_", "hr_" + "A" * 85, "hr_" + "A" * 87, "hr_" + "=" * 86, "hr_" + "ä" * 86]
)
async def test_what_is_no_refresh_token_is_refused(refresh: Refresh, sent: str) -> None:
    assert refused(await refresh(sent))


async def test_a_token_has_one_spelling(clinic: Clinic, refresh: Refresh) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["refresh_token"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + last[last.index(token[-1]) + 1]
    for sent in (token + "=", token.removeprefix("hr_"), " " + token, other):
        assert refused(await refresh(sent))
    good(await refresh(token))


async def test_an_access_token_is_no_refresh_token(clinic: Clinic, refresh: Refresh) -> None:
    assert refused(await refresh((await signed_in(clinic.app, clinic.ana))["access_token"]))


def claims_of(app: FastAPI, reply: JSON) -> Claims:
    return app.state.tokens.verify(reply["access_token"], now=clock.now())
