"""POST /v1/auth/token with a user name and a password."""

import threading
from typing import Any

import psycopg
import pytest

from app import clock
from app.database import unit_of_work
from app.passwords import Passwords
from app.services import credentials
from tests.people import Clinic, Person
from tests.phones import PASSWORD, TOKEN, bearer, give_password, phone, sign_in


async def test_the_right_password_gives_tokens_that_work(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        reply = await sign_in(client, username, device_name="Ana's phone")
        assert reply.status_code == 200, reply.text
        assert reply.headers["Cache-Control"] == "no-store"
        body = reply.json()
        assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
        devices = await client.get("/v1/devices", headers=bearer(body))
    assert [(each["name"], each["is_this"]) for each in devices.json()["items"]] == [("Ana's phone", True)]


async def test_the_access_token_says_who_and_what_they_are(clinic: Clinic) -> None:
    for person, kind in ((clinic.ana, "patient"), (clinic.clara, "staff"), (clinic.adele, "staff")):
        username = await give_password(clinic.app, person)
        async with phone(clinic.app) as client:
            token = (await sign_in(client, username)).json()["access_token"]
        claims = clinic.app.state.tokens.verify(token, now=clock.now())
        assert (claims.subject, claims.organization_id, claims.credential_id) == (
            person.id, person.organization_id, person.credential_id,
        )  # fmt: skip
        assert (claims.kind, claims.role, claims.scope) == (kind, person.role, ())
        assert claims.device_id is not None
        assert 0 < (claims.expires_at - claims.issued_at).total_seconds() <= 600


async def test_capitals_blanks_and_composed_letters_of_the_name_do_not_matter(clinic: Clinic) -> None:
    await give_password(clinic.app, clinic.ana, f"Zoë.{clinic.ana.id}@example.org")
    async with phone(clinic.app) as client:
        typed = f" ZOE\u0308.{str(clinic.ana.id).upper()}@Example.org "
        assert (await sign_in(client, typed)).status_code == 200


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(clinic: Clinic) -> None:
    username = await give_password(clinic.app, clinic.ana)
    replies = []
    for name, password in ((username, "not her password"), (f"nobody-{clinic.ana.id}", PASSWORD)):
        async with phone(clinic.app) as client:
            started = clock.stopwatch()
            replies.append(await sign_in(client, name, password))
            assert clock.stopwatch() - started >= 0.25, "as late as any other refusal"
    for reply in replies:
        assert reply.status_code == 400
        assert "WWW-Authenticate" not in reply.headers
        assert reply.headers["content-type"] == "application/problem+json"
        body = reply.json()
        assert (body["code"], body["error"]) == ("sign_in_refused", "invalid_grant")
        assert username not in reply.text
        assert "not her password" not in reply.text
    assert [{**r.json(), "request_id": 0} for r in replies] == [{**replies[0].json(), "request_id": 0}] * 2


async def test_an_unknown_name_costs_a_hash_too_and_no_hash_is_made_on_the_event_loop(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    verify = credentials.PASSWORDS.verify

    def spy(hashed: str | None, password: str) -> bool:
        seen.append((hashed is None, threading.current_thread() is threading.main_thread()))
        return verify(hashed, password)

    monkeypatch.setattr(credentials.PASSWORDS, "verify", spy)
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        await sign_in(client, username)
        await sign_in(client, f"nobody-{clinic.ana.id}")
    assert seen == [(False, False), (True, False)]


async def test_the_refusal_speaks_the_readers_language(clinic: Clinic) -> None:
    async with phone(clinic.app) as client:
        client.headers["Accept-Language"] = "es-MX,es;q=0.9"
        reply = await sign_in(client, f"nobody-{clinic.ana.id}")
    assert reply.json()["detail"].startswith("No pudo entrar.")


async def test_a_disabled_credential_is_refused_like_a_wrong_password(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    username = await give_password(clinic.app, clinic.ana)
    psql.execute("update credential set disabled_at = now() where id = %s", [clinic.ana.credential_id])
    await assert_refused(clinic, username)


async def test_staff_who_left_are_refused_like_a_wrong_password(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    username = await give_password(clinic.app, clinic.clara)
    psql.execute("update staff_member set active = false where id = %s", [clinic.clara.id])
    await assert_refused(clinic, username)


async def test_the_secret_of_an_integration_is_no_password(clinic: Clinic) -> None:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        client = await credentials.add_integration(
            db, client_name="Telehealth", scope=["alert:read"], now=clock.now()
        )
    await assert_refused(clinic, client.client_id, client.client_secret)


async def test_sign_ins_and_refusals_are_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app, "fd00:aaaa::1") as client:
        client.headers["X-Request-Id"] = "try-1"
        await sign_in(client, username, "not her password")
        client.headers["X-Request-Id"] = "try-2"
        await sign_in(client, username)
    assert trail(psql, clinic.ana) == [
        (
            "sign_in",
            "credential",
            clinic.ana.credential_id,
            clinic.ana.id,
            "refused",
            "fd00:aaaa::1",
            "try-1",
        ),
        ("sign_in", "credential", clinic.ana.credential_id, clinic.ana.id, "done", "fd00:aaaa::1", "try-2"),
    ]


async def test_nothing_that_is_kept_can_be_signed_in_with(clinic: Clinic, psql: psycopg.Connection) -> None:
    username = await give_password(clinic.app, clinic.ana)
    async with phone(clinic.app) as client:
        body = (await sign_in(client, username)).json()
    kept = psql.execute(
        "select c.secret_hash, t.secret_hash from credential c join device d on d.credential_id = c.id"
        " join refresh_token t on t.device_id = d.id where c.id = %s",
        [clinic.ana.credential_id],
    ).fetchall()
    assert len(kept) == 1
    assert kept[0][0].startswith("$argon2id$")
    assert PASSWORD not in str(kept)
    assert body["refresh_token"] not in str(kept)
    assert len(kept[0][1]) == 32


async def test_a_hash_of_other_costs_is_replaced_by_a_sign_in(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    username = await give_password(clinic.app, clinic.ana)
    find = "select secret_hash from credential where id = %s"
    former = Passwords(passes=3).hash(PASSWORD)
    psql.execute("update credential set secret_hash = %s where id = %s", [former, clinic.ana.credential_id])
    async with phone(clinic.app) as client:
        assert (await sign_in(client, username, "not her password")).status_code == 400
        assert psql.execute(find, [clinic.ana.credential_id]).fetchone() == (former,)
        assert (await sign_in(client, username)).status_code == 200
        kept = psql.execute(find, [clinic.ana.credential_id]).fetchone()
        assert kept is not None
        assert "t=2" in kept[0]
        assert (await sign_in(client, username)).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "ana"}, "invalid_request"),
        ({"grant_type": "password", "password": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": ["password", "password"], "username": "ana", "password": "x"}, "invalid_request"),
        ({"grant_type": "password", "username": "a" * 201, "password": "x"}, "invalid_request"),
        ({"grant_type": "password", "username": "ana", "password": "x" * 1001}, "invalid_request"),
    ],
)
async def test_a_request_that_makes_no_sense_is_named_as_oauth_names_it(
    clinic: Clinic, form: dict[str, str | list[str]], error: str
) -> None:
    reply = await clinic.nobody.post(TOKEN, data=form)
    assert reply.status_code == 400
    assert (reply.json()["code"], reply.json()["error"]) == (error, error)


@pytest.mark.parametrize(
    "sent",
    [
        b"grant_type=password&username=%00&password=%00",
        b"grant_type=password&username=%ED%A0%80&password=%ED%A0%80secret-words",
        b"grant_type=password&username=%FF%FE&password=%FF",
        b"grant_type=password&username=" + b"a" * 201 + b"&password=b",
        b"grant_type=password&username=a&password=" + b"secret-words" * 100,
        b"grant_type=password&username=a&password=b&device_name=a%0Ab",
        b"grant_type=%00&username[]=a",
        b"grant_type=refresh_token&refresh_token=%00",
        b"&=&;%",
        b"a" * 70_000,
    ],
)
async def test_hostile_forms_are_refused_and_not_echoed(clinic: Clinic, sent: bytes) -> None:
    async with phone(clinic.app) as client:
        reply = await client.post(
            TOKEN, content=sent, headers={"content-type": "application/x-www-form-urlencoded"}
        )
    assert reply.status_code in {400, 413}, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert "secret-words" not in reply.text


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_another_content_type_is_refused(clinic: Clinic, kind: str) -> None:
    content = b'{"grant_type": "password", "username": "a", "password": "b"}'
    reply = await clinic.nobody.post(TOKEN, content=content, headers={"content-type": kind})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.headers["content-type"] == "application/problem+json"


async def assert_refused(clinic: Clinic, username: str, password: str = PASSWORD) -> None:
    async with phone(clinic.app) as client:
        reply = await sign_in(client, username, password)
    assert (reply.status_code, reply.json()["code"]) == (400, "sign_in_refused")


def trail(psql: psycopg.Connection, person: Person) -> list[tuple[Any, ...]]:
    return psql.execute(
        "select action, resource, resource_id, patient_id, outcome, address, request_id from audit_entry"
        " where actor_id = %s and action = 'sign_in' order by at, id",
        [person.id],
    ).fetchall()
