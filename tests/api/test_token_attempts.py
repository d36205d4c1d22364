"""POST /v1/auth/token: how often somebody may be wrong."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import perf_counter

import psycopg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.queries import sign_in_attempts
from app.queries.credentials import name_hash
from tests.people import Clinic
from tests.phones import PASSWORD, give_password, later, new_address, phone, sign_in

MINUTE = timedelta(minutes=1)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def fail(client: AsyncClient, username: str, times: int = 1) -> list[Response]:
    return list(
        await asyncio.gather(*(sign_in(client, username, f"wrong {number}") for number in range(times)))
    )


def counted(psql: psycopg.Connection, username: str) -> int | None:
    subject = sign_in_attempts.account(name_hash(username))
    row = psql.execute("select failures from sign_in_attempt where subject_hash = %s", [subject.hash])
    return next((failures for (failures,) in row), None)


async def test_a_failure_stays_counted_although_the_answer_is_a_refusal(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        await fail(client, username, 3)
    assert counted(psql, username) == 3


async def test_of_forty_guesses_at_once_ten_are_looked_at(clinic: Clinic, psql: psycopg.Connection) -> None:
    username = await give_password(clinic.app, clinic.ana)
    phones = [phone(clinic.app) for _ in range(40)]
    replies = await asyncio.gather(*(sign_in(client, username, "a guess like any") for client in phones))
    statuses = Counter(reply.status_code for reply in replies)
    assert statuses.keys() <= {400, 429, 503}, "a slow machine may ask some to come back"
    assert counted(psql, username) == statuses[400] <= 10


async def test_the_eleventh_attempt_waits_even_with_the_right_password(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        with later(clinic.app, 0 * MINUTE, START):
            await fail(client, username, 10)
            reply = await sign_in(client, username)
        assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
        assert reply.json()["code"] == "too_many_attempts"
        assert reply.json()["detail"].startswith("There were too many tries.")
        with later(clinic.app, timedelta(seconds=59), START):
            assert (await sign_in(client, username)).headers["Retry-After"] == "1"
        with later(clinic.app, MINUTE, START):
            assert (await sign_in(client, username)).status_code == 200


async def test_each_failure_after_a_block_doubles_the_next_up_to_an_hour(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    waits, moment = [], START
    async with phone(clinic.app) as client:
        with later(clinic.app, 0 * MINUTE, START):
            await fail(client, username, 9)
        for _ in range(8):
            with later(clinic.app, 0 * MINUTE, moment):
                assert (await fail(client, username))[0].status_code == 400
                reply = await sign_in(client, username)
            waits.append(int(reply.headers["Retry-After"]))
            moment += timedelta(seconds=waits[-1])
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]


async def test_a_success_clears_the_count_of_the_account(clinic: Clinic, psql: psycopg.Connection) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        for _ in range(2):
            await fail(client, username, 9)
            assert (await sign_in(client, username)).status_code == 200
            assert counted(psql, username) is None


async def test_nine_failures_are_forgotten_after_the_window(clinic: Clinic, psql: psycopg.Connection) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        with later(clinic.app, 0 * MINUTE, START):
            await fail(client, username, 9)
        with later(clinic.app, 15 * MINUTE, START):
            await fail(client, username)
    assert counted(psql, username) == 1


async def test_a_name_that_nobody_has_is_blocked_alike(clinic: Clinic) -> None:
    username = f"nobody-{clinic.ana.id}"
    async with phone(clinic.app) as client:
        assert {reply.status_code for reply in await fail(client, username, 10)} == {400}
        assert (await sign_in(client, username)).status_code == 429


async def fill(app: FastAPI, address: str, failures: int) -> None:
    """Failures from one address, each on another account."""
    names = [f"nobody-{address}-{number}" for number in range(failures)]
    async with phone(app, address) as client:
        for start in range(0, failures, 7):
            some = names[start : start + 7]
            replies = await asyncio.gather(*(sign_in(client, name, "a guess") for name in some))
            assert {reply.status_code for reply in replies} == {400}


async def test_an_address_is_blocked_after_fifty_failures_on_any_accounts(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    address = new_address()
    await fill(clinic.app, address, 50)
    async with phone(clinic.app, address) as client:
        assert (await sign_in(client, username)).status_code == 429
    async with phone(clinic.app, address.removesuffix("1") + "2") as neighbour:
        assert (await sign_in(neighbour, username)).status_code == 429, "the same household"
    async with phone(clinic.app) as elsewhere:
        assert (await sign_in(elsewhere, username)).status_code == 200


async def test_signing_in_does_not_buy_an_address_more_guesses(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    address = new_address()
    await fill(clinic.app, address, 49)
    async with phone(clinic.app, address) as client:
        for _ in range(3):
            assert (await sign_in(client, username)).status_code == 200, "her own sign-ins count for nothing"
        assert (await sign_in(client, username, "a guess at last")).status_code == 400
        assert (await sign_in(client, username)).status_code == 429


async def test_a_block_of_the_account_leaves_signed_in_phones_alone(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        token = (await sign_in(client, username)).json()["refresh_token"]
        await fail(client, username, 11)
        form = {"grant_type": "refresh_token", "refresh_token": token}
        assert (await client.post("/v1/auth/token", data=form)).status_code == 200


async def test_attempts_that_wait_for_each_other_keep_no_patient_waiting(
    clinic: Clinic, database_url: str
) -> None:
    address = new_address()
    await fill(clinic.app, address, 1)
    subject = sign_in_attempts.address(address).hash
    with psycopg.connect(database_url) as slow:
        slow.execute("select from sign_in_attempt where subject_hash = %s for update", [subject])
        async with phone(clinic.app, address) as client:
            names = [f"nobody-{address}-again-{number}" for number in range(40)]
            guesses = [asyncio.create_task(sign_in(client, name)) for name in names]
            await asyncio.sleep(0.2)
            started = perf_counter()
            reply = await clinic.ana.client.get("/v1/devices")
            assert (reply.status_code, perf_counter() - started < 1) == (200, True)
            slow.rollback()
            statuses = {reply.status_code for reply in await asyncio.gather(*guesses)}
    assert statuses <= {400, 503}


async def test_no_name_and_no_address_is_kept(clinic: Clinic, psql: psycopg.Connection) -> None:
    username, address = f"nobody-{clinic.ana.id}", new_address()
    async with phone(clinic.app, address) as client:
        await sign_in(client, username, PASSWORD)
    kept = str(psql.execute("select * from sign_in_attempt").fetchall())
    assert username not in kept
    assert address not in kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("testclient", "testclient", True),
        ("unix:", "testclient", False),
    ],
)
def test_an_address_stands_for_one_household(one: str, other: str, same: bool) -> None:
    assert (sign_in_attempts.address(one) == sign_in_attempts.address(other)) is same
