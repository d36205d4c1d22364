"""POST /v1/invitations/acceptance."""

import asyncio
import secrets
from collections import Counter
from datetime import timedelta

import psycopg
import pytest
from httpx import Response

from tests.people import Clinic, Person
from tests.phones import PASSWORD, give_password, later, new_address, phone, refresh, sign_in, signed_in

PATH = "/v1/invitations/acceptance"
NEW = "seven wet umbrellas"


async def code_for(clinic: Clinic, person: Person) -> str:
    owner = "patient_id" if person.role == "patient" else "staff_member_id"
    reply = await clinic.adele.client.post("/v1/invitations", json={owner: str(person.id)})
    return str(reply.json()["code"])


async def accept(
    clinic: Clinic, code: str, username: str, password: str = NEW, address: str | None = None
) -> Response:
    async with phone(clinic.app, address) as client:
        return await client.post(PATH, json={"code": code, "username": username, "password": password})


async def signs_in(clinic: Clinic, username: str, password: str = NEW) -> bool:
    async with phone(clinic.app) as client:
        return (await sign_in(client, username, password)).status_code == 200


def new_name() -> str:
    return f"new-{secrets.token_hex(6)}@example.org"


@pytest.mark.parametrize("who", ["ana", "clara"])
async def test_the_code_sets_a_user_name_and_a_password(
    clinic: Clinic, psql: psycopg.Connection, who: str
) -> None:
    person, username = getattr(clinic, who), new_name()
    reply = await accept(clinic, await code_for(clinic, person), username)
    assert (reply.status_code, reply.content) == (204, b"")
    assert await signs_in(clinic, username)
    audited = psql.execute(
        "select actor_id, outcome from audit_entry where action = 'invitation:accept'"
        " and organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert audited == [(person.id, "done")]


async def test_somebody_without_a_credential_gets_one(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("delete from credential where id = %s", [clinic.ben.credential_id])
    username = new_name()
    assert (await accept(clinic, await code_for(clinic, clinic.ben), username)).status_code == 204
    assert await signs_in(clinic, username)


async def test_capitals_hyphens_and_look_alikes_of_the_code_do_not_matter(clinic: Clinic) -> None:
    code = await code_for(clinic, clinic.ana)
    typed = " " + code.lower().replace("-", "  ").replace("0", "o").replace("1", "l")
    assert (await accept(clinic, typed, new_name())).status_code == 204


async def test_a_forgotten_password_is_replaced_and_everything_signed_out(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        token = (await sign_in(client, username)).json()["refresh_token"]
        for _ in range(10):
            await sign_in(client, username, "was it this one?")
        assert (await sign_in(client, username)).status_code == 429
    assert (await accept(clinic, await code_for(clinic, clinic.ana), username)).status_code == 204
    assert await signs_in(clinic, username), "and the block is lifted"
    assert not await signs_in(clinic, username, PASSWORD)
    async with phone(clinic.app) as client:
        assert (await refresh(client, token)).status_code == 400


async def test_the_former_user_name_is_free_again(clinic: Clinic) -> None:
    former, now = await give_password(clinic.app, clinic.ana), new_name()
    assert (await accept(clinic, await code_for(clinic, clinic.ana), now)).status_code == 204
    assert not await signs_in(clinic, former, PASSWORD)
    assert (await accept(clinic, await code_for(clinic, clinic.ben), former)).status_code == 204
    assert await signs_in(clinic, now)
    assert await signs_in(clinic, former)


async def test_a_code_is_good_once(clinic: Clinic) -> None:
    code, username = await code_for(clinic, clinic.ana), new_name()
    assert (await accept(clinic, code, username)).status_code == 204
    reply = await accept(clinic, code, new_name(), "a thief's own password")
    assert (reply.status_code, reply.json()["code"]) == (404, "invitation_refused")
    assert await signs_in(clinic, username)


async def test_of_those_who_accept_at_once_one_does(
    clinic: Clinic, database_url: str, psql: psycopg.Connection
) -> None:
    code = await code_for(clinic, clinic.ana)
    names = [new_name() for _ in range(4)]
    with psycopg.connect(database_url) as slow:
        # All of them have found the invitation open before the first can take it.
        slow.execute("select from patient where id = %s for update", [clinic.ana.id])
        tries = [asyncio.create_task(accept(clinic, code, name)) for name in names]
        while lock_waits(psql) < len(names):  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.02)
        slow.rollback()
        replies = await asyncio.gather(*tries)
    assert Counter(reply.status_code for reply in replies) == {204: 1, 404: 3}
    assert [await signs_in(clinic, name) for name in names] == [r.status_code == 204 for r in replies]


def lock_waits(psql: psycopg.Connection) -> int:
    """How many connections to this database wait for a lock."""
    row = psql.execute(
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])


async def test_two_invited_at_once_do_not_get_the_same_name(clinic: Clinic) -> None:
    codes = [await code_for(clinic, person) for person in (clinic.ana, clinic.ben, clinic.clara)]
    name = new_name()
    replies = await asyncio.gather(*(accept(clinic, code, name) for code in codes))
    assert Counter(reply.status_code for reply in replies) == {204: 1, 409: 2}


async def test_a_taken_name_is_refused_and_the_code_stays_good(clinic: Clinic) -> None:
    taken = await give_password(clinic.app, clinic.dmitri)
    code = await code_for(clinic, clinic.ana)
    reply = await accept(clinic, code, taken.upper())
    assert (reply.status_code, reply.json()["code"]) == (409, "username_taken")
    assert taken not in reply.text.lower()
    assert await signs_in(clinic, taken, PASSWORD)
    assert (await accept(clinic, code, new_name())).status_code == 204


async def test_an_expired_code_is_refused(clinic: Clinic) -> None:
    code = await code_for(clinic, clinic.ana)
    with later(clinic.app, timedelta(days=7)):
        assert (await accept(clinic, code, new_name())).status_code == 404


async def test_an_earlier_code_is_refused(clinic: Clinic) -> None:
    first, second = [await code_for(clinic, clinic.ana) for _ in range(2)]
    assert (await accept(clinic, first, new_name())).status_code == 404
    assert (await accept(clinic, second, new_name())).status_code == 204


async def test_a_disabled_credential_stays_disabled(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("update credential set disabled_at = now() where id = %s", [clinic.ana.credential_id])
    username = new_name()
    assert (await accept(clinic, await code_for(clinic, clinic.ana), username)).status_code == 204
    assert not await signs_in(clinic, username)


@pytest.mark.parametrize("code", ["x", "0000-0000-0000-0000", "é" * 100, "ana@example.org", "' or 1=1 --"])
async def test_what_is_no_code_is_refused(clinic: Clinic, code: str) -> None:
    reply = await accept(clinic, code, new_name())
    assert (reply.status_code, reply.json()["code"]) == (404, "invitation_refused")


async def test_a_user_name_is_no_code(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    assert (await accept(clinic, username, new_name())).status_code == 404


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("eleven char", "too_short"),
        ("aaaaaaaaaaaaaaaa", "too_simple"),
        ("abababababab1212", "too_simple"),
        ("my-rosewood-house", "holds_username"),
        ("ROSEWOOD-rosewood", "holds_username"),
    ],
)
async def test_a_password_of_the_first_guesses_is_refused(clinic: Clinic, password: str, fault: str) -> None:
    code = await code_for(clinic, clinic.ana)
    reply = await accept(clinic, code, "Rosewood", password)
    assert reply.status_code == 422
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [("/password", fault)]
    assert password not in reply.text
    assert (await accept(clinic, code, new_name())).status_code == 204, "the code is still good"


@pytest.mark.parametrize(
    "body",
    [
        {"code": "x", "username": "a\nb", "password": NEW},
        {"code": "x", "username": "a", "password": NEW},
        {"code": "x" * 101, "username": "abc", "password": NEW},
        {"code": "x", "username": "abc", "password": "x" * 1001},
        {"code": "x", "username": "abc", "password": 123456789012},
        {"code": "x", "username": "abc", "password": NEW, "role": "administrator"},
        {"code": "x", "username": "abc"},
    ],
)
async def test_an_unfit_body_is_refused_and_not_echoed(clinic: Clinic, body: dict[str, object]) -> None:
    reply = await clinic.nobody.post(PATH, json=body)
    assert reply.status_code == 422, reply.text
    assert NEW not in reply.text


async def test_guesses_from_one_address_are_limited(clinic: Clinic) -> None:
    address = new_address()
    for _ in range(5):
        replies = await asyncio.gather(*(accept(clinic, "x", "abc", NEW, address) for _ in range(10)))
        assert {reply.status_code for reply in replies} == {404}
    code = await code_for(clinic, clinic.ana)
    assert (await accept(clinic, code, new_name(), NEW, address)).status_code == 429
    assert (await accept(clinic, code, new_name())).status_code == 204


async def test_other_people_stay_signed_in(clinic: Clinic) -> None:
    his = (await signed_in(clinic.app, clinic.ben))["refresh_token"]
    assert (await accept(clinic, await code_for(clinic, clinic.ana), new_name())).status_code == 204
    async with phone(clinic.app) as client:
        assert (await refresh(client, his)).status_code == 200
