"""/v1/webhook-endpoints, …/{id}, …/{id}/secret-rotation, …/{id}/test, …/{id}/enabling, …/{id}/disabling."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient, Response
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app import clock
from app.access import Actor
from app.database import unit_of_work
from app.queries import webhook_endpoints as stored
from app.sealing import Unsealable
from app.services.webhook_secrets import SHOWN_AGAIN_FOR, secrets_of
from app.webhooks.signature import headers
from tests.moments import at
from tests.people import Clinic, Person

PATH = "/v1/webhook-endpoints"
URL = "https://8.8.8.8/hook/hunter2"


def endpoint(**changes: Any) -> dict[str, Any]:
    return {"url": URL, "event_types": ["alert.resolved", "alert.opened"], **changes}


async def add(person: Person, **changes: Any) -> Response:
    return await person.client.post(PATH, json=endpoint(**changes))


async def added(person: Person, **changes: Any) -> dict[str, Any]:
    reply = await add(person, **changes)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def path_of(made: dict[str, Any]) -> str:
    return f"{PATH}/{made['id']}"


def version(number: int) -> dict[str, str]:
    return {"If-Match": f'"{number}"'}


async def secrets(clinic: Clinic, made: dict[str, Any], now: datetime) -> list[str]:
    """What a message is signed with at this moment."""
    adele = clinic.adele
    actor = Actor(clinic.organization_id, "staff", adele.id, adele.role, adele.credential_id)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        row = await stored.find(db, actor, UUID(made["id"]))
        return list(secrets_of(clinic.app.state.office, row, now))


@pytest.fixture
def private(clinic: Clinic) -> Iterator[None]:
    """This machine's own address is allowed."""
    before = clinic.app.state.office
    clinic.app.state.office = replace(before, private_hosts=frozenset({"127.0.0.1"}))
    yield
    clinic.app.state.office = before


async def test_an_administrator_adds_one_and_sees_its_secret_once(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await add(clinic.adele, description="Intake")
    assert (reply.status_code, reply.headers["etag"]) == (201, '"1"'), reply.text
    made = reply.json()
    secret = made.pop("secret")
    assert made == {
        "id": made["id"], "purpose": "events", "url": URL, "description": "Intake", "status": "enabled",
        "event_types": ["alert.opened", "alert.resolved"], "program_ids": [], "disabled_at": None,
        "disabled_code": None, "failing_since": None, "secret_since": made["created_at"],
        "previous_until": None, "created_at": made["created_at"], "created_by": str(clinic.adele.id),
        "row_version": 1,
    }  # fmt: skip
    one = await clinic.adele.client.get(path_of(made))
    assert (one.json(), one.headers["etag"]) == (made, '"1"')
    assert (await clinic.adele.client.get(PATH)).json() == {"items": [made], "next_cursor": None}
    assert await secrets(clinic, made, clock.now()) == [secret]
    kept = psql.execute("select secret from webhook_endpoint where id = %s", [made["id"]]).fetchall()[0][0]
    assert secret.encode() not in kept
    assert secret.removeprefix("whsec_").encode() not in kept


async def test_the_secret_signs_what_the_official_package_verifies(clinic: Clinic) -> None:
    made = await added(clinic.adele)
    sent = headers(await secrets(clinic, made, clock.now()), "msg_1", clock.now(), b"{}")
    assert Webhook(made["secret"]).verify(b"{}", sent) == {}


async def test_it_begins_with_what_happens_from_now_on(clinic: Clinic, psql: psycopg.Connection) -> None:
    where = "where organization_id = %s"
    psql.execute(f"update feed_head set position = 41 {where}", [clinic.organization_id])
    await added(clinic.adele)
    assert psql.execute(
        f"select cursor from webhook_endpoint {where}", [clinic.organization_id]
    ).fetchall() == [(41,)]


async def test_a_sealed_secret_opens_nowhere_else(clinic: Clinic, psql: psycopg.Connection) -> None:
    one, other = await added(clinic.adele), await added(clinic.adele)
    psql.execute(
        "update webhook_endpoint set secret = (select secret from webhook_endpoint where id = %s)"
        " where id = %s",
        [one["id"], other["id"]],
    )
    with pytest.raises(Unsealable):
        await secrets(clinic, other, clock.now())


async def test_the_same_request_is_the_same_endpoint(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = endpoint(id=str(uuid7()))
    first = await clinic.adele.client.post(PATH, json=body)
    again = await clinic.adele.client.post(PATH, json=body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert again.headers["etag"] == '"1"'
    other = await clinic.adele.client.post(PATH, json={**body, "description": "Another"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    replies = psql.execute(
        "select reply::text from idempotency_key where organization_id = %s", [clinic.organization_id]
    ).fetchall()
    assert len(replies) == 1
    assert "whsec_" not in replies[0][0]


async def test_the_same_request_much_later_shows_no_secret(clinic: Clinic) -> None:
    body = endpoint(id=str(uuid7()))
    first = (await clinic.adele.client.post(PATH, json=body)).json()
    later = datetime.fromisoformat(first["secret_since"]) + SHOWN_AGAIN_FOR
    async with at(clinic, clinic.adele, later) as client:
        assert (await client.post(PATH, json=body)).json() == first
    async with at(clinic, clinic.adele, later + timedelta(seconds=1)) as client:
        assert (await client.post(PATH, json=body)).json() == {**first, "secret": None}


async def test_a_page_of_them_leads_to_the_next(clinic: Clinic) -> None:
    ids = [(await added(clinic.adele))["id"] for _ in range(3)]
    first = (await clinic.adele.client.get(f"{PATH}?limit=2")).json()
    then = (await clinic.adele.client.get(f"{PATH}?limit=2&cursor={first['next_cursor']}")).json()
    assert [each["id"] for each in first["items"] + then["items"]] == ids
    assert then["next_cursor"] is None


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"url": ""}, "/url", "too_short"),
        ({"url": "nonsense"}, "/url", "malformed"),
        ({"url": "https://a:hunter2@8.8.8.8/"}, "/url", "malformed"),
        ({"url": "http://8.8.8.8/hunter2"}, "/url", "not_encrypted"),
        ({"url": "https://169.254.169.254/hunter2"}, "/url", "host_forbidden"),
        ({"url": "https://localhost/hunter2"}, "/url", "host_forbidden"),
        ({"url": "https://nowhere.invalid/hunter2"}, "/url", "host_unknown"),
        ({"event_types": []}, "/event_types", "missing"),
        ({"event_types": ["alert.opened", "alert.opened"]}, "/event_types", "repeated"),
        ({"event_types": ["alert.handed_off"]}, "/event_types/0", "not_a_choice"),
        ({"event_types": ["webhook.test"]}, "/event_types/0", "not_a_choice"),
        ({"program_ids": [str(uuid7())]}, "/program_ids/0", "unknown_program"),
        ({"purpose": "other"}, "/purpose", "not_a_choice"),
        ({"secret": "whsec_hunter2"}, "", "unknown_member"),
        ({"purpose": "hand_off"}, "/event_types", "not_of_hand_offs"),
        (
            {"purpose": "hand_off", "event_types": [], "program_ids": [str(uuid7())]},
            "/program_ids",
            "not_of_hand_offs",
        ),
    ],
)
async def test_what_does_not_fit_is_named_and_not_repeated(
    clinic: Clinic, changes: dict[str, Any], pointer: str, code: str
) -> None:
    reply = await add(clinic.adele, **changes)
    assert reply.status_code == 422, reply.text
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [(pointer, code)]
    assert "hunter2" not in reply.text
    assert (await clinic.adele.client.get(PATH)).json()["items"] == []


async def test_a_private_host_is_allowed_where_the_operator_names_it(clinic: Clinic, private: None) -> None:
    assert (await added(clinic.adele, url="http://127.0.0.1:8099/hook"))["status"] == "enabled"


async def test_a_program_of_others_is_none(clinic: Clinic) -> None:
    assert (await added(clinic.adele, program_ids=[str(clinic.program_id)]))["program_ids"] == [
        str(clinic.program_id)
    ]
    reply = await add(clinic.adele, program_ids=[str(clinic.program_id), str(clinic.dmitri.program_id)])
    assert [each["pointer"] for each in reply.json()["errors"]] == ["/program_ids/1"]


async def test_there_is_one_for_hand_offs(clinic: Clinic) -> None:
    made = await added(clinic.adele, purpose="hand_off", event_types=[])
    assert made["event_types"] == ["alert.handed_off"]
    again = await add(clinic.adele, purpose="hand_off", event_types=[])
    assert (again.status_code, again.json()["code"]) == (409, "hand_off_taken")
    assert (await clinic.adele.client.delete(path_of(made))).status_code == 204
    made = await added(clinic.adele, purpose="hand_off", event_types=[])
    reply = await clinic.adele.client.patch(
        path_of(made), json={"event_types": ["alert.opened"]}, headers=version(1)
    )
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "not_of_hand_offs")
    reply = await clinic.adele.client.patch(path_of(made), json={"program_ids": []}, headers=version(1))
    assert (reply.status_code, reply.json()["event_types"]) == (200, ["alert.handed_off"])


async def test_two_at_once_do_not_both_become_the_one_for_hand_offs(clinic: Clinic) -> None:
    replies = await asyncio.gather(*(add(clinic.adele, purpose="hand_off", event_types=[]) for _ in range(4)))
    assert sorted(each.status_code for each in replies) == [201, 409, 409, 409]


async def test_what_is_named_changes_and_the_rest_stays(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic.adele, description="Intake")
    psql.execute("update webhook_endpoint set failing_since = now() where id = %s", [made["id"]])
    path, before = path_of(made), (await clinic.adele.client.get(path_of(made))).json()
    assert (await clinic.adele.client.patch(path, json={"description": None})).status_code == 428
    stale = await clinic.adele.client.patch(path, json={"description": None}, headers=version(9))
    assert stale.status_code == 412
    reply = await clinic.adele.client.patch(path, json={"description": None}, headers=version(1))
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"'), reply.text
    assert reply.json() == {**before, "description": None, "row_version": 2}
    reply = await clinic.adele.client.patch(
        path, json={"url": "https://8.8.4.4/", "event_types": ["alert.opened"]}, headers=version(2)
    )
    changed = {"url": "https://8.8.4.4/", "event_types": ["alert.opened"], "row_version": 3}
    assert reply.json() == {**before, **changed, "description": None, "failing_since": None}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": None}, "/url"),
        ({"event_types": []}, "/event_types"),
        ({"event_types": None}, "/event_types"),
        ({"program_ids": [str(uuid7())]}, "/program_ids/0"),
        ({"purpose": "hand_off"}, ""),
        ({"status": "disabled"}, ""),
    ],
)
async def test_a_change_that_does_not_fit_changes_nothing(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    made = await added(clinic.adele)
    reply = await clinic.adele.client.patch(path_of(made), json=changes, headers=version(1))
    assert reply.status_code == 422, reply.text
    assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]
    assert (await clinic.adele.client.get(path_of(made))).headers["etag"] == '"1"'


async def rotate(client: AsyncClient, made: dict[str, Any], number: int, **body: Any) -> Response:
    return await client.post(f"{path_of(made)}/secret-rotation", json=body, headers=version(number))


async def test_a_rotation_lets_both_secrets_sign_for_a_while(clinic: Clinic) -> None:
    made = await added(clinic.adele)
    now = datetime(2027, 1, 11, 12, tzinfo=UTC)
    async with at(clinic, clinic.adele, now) as client:
        reply = await rotate(client, made, 1, overlap_hours=24)
        read = await client.get(path_of(made))
    new = reply.json()
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"'), reply.text
    assert new["secret"] not in {made["secret"], None}
    assert read.json() == {each: new[each] for each in new if each != "secret"}
    assert datetime.fromisoformat(new["previous_until"]) == now + timedelta(hours=24)
    assert datetime.fromisoformat(new["secret_since"]) == now
    just_before = now + timedelta(hours=24, seconds=-1)
    assert await secrets(clinic, made, now) == [new["secret"], made["secret"]]
    assert await secrets(clinic, made, just_before) == [new["secret"], made["secret"]]
    assert await secrets(clinic, made, now + timedelta(hours=24)) == [new["secret"]]


async def test_a_secret_that_leaked_ends_at_once(clinic: Clinic) -> None:
    made = await added(clinic.adele)
    reply = await rotate(clinic.adele.client, made, 1, overlap_hours=0)
    assert (reply.status_code, reply.json()["previous_until"]) == (200, None)
    assert await secrets(clinic, made, clock.now()) == [reply.json()["secret"]]


@pytest.mark.parametrize("hours", [-1, 169, 1.5, None, "24"])
async def test_an_overlap_is_of_hours_and_a_week_at_most(clinic: Clinic, hours: Any) -> None:
    made = await added(clinic.adele)
    reply = await rotate(clinic.adele.client, made, 1, overlap_hours=hours)
    assert reply.status_code == 422
    assert await secrets(clinic, made, clock.now()) == [made["secret"]]


async def test_a_rotation_whose_answer_was_lost_can_be_asked_for_again(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic.adele)
    path = f"{path_of(made)}/secret-rotation"
    key = {**version(1), "Idempotency-Key": "once"}
    first = await clinic.adele.client.post(path, json={}, headers=key)
    again = await clinic.adele.client.post(path, json={}, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert first.json()["row_version"] == 2
    blind = await clinic.adele.client.post(path, json={}, headers=version(1))
    assert blind.status_code == 412  # without a key, nothing is rotated twice
    assert (await clinic.adele.client.post(path, json={}, headers=version(2))).status_code == 200
    late = await clinic.adele.client.post(path, json={}, headers=key)
    assert late.json() == {**first.json(), "secret": None}
    rows = psql.execute("select reply::text from idempotency_key").fetchall()
    assert not [reply for (reply,) in rows if "whsec_" in reply]


async def test_a_test_is_a_delivery_like_others(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic.adele)
    body = {"id": str(uuid7())}
    first = await clinic.adele.client.post(f"{path_of(made)}/test", json=body)
    again = await clinic.adele.client.post(f"{path_of(made)}/test", json=body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json()), first.text
    assert first.json() == {"delivery_id": body["id"], "message_id": f"msg_{body['id'].replace('-', '')}"}
    rows = psql.execute(
        "select id, endpoint_id, type, position, alert_id, patient_id, sequence, status, attempts, due_at ="
        " occurred_at from webhook_delivery where organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert rows == [
        (UUID(body["id"]), UUID(made["id"]), "webhook.test", None, None, None, None, "waiting", 0, True)
    ]
    jobs = psql.execute(
        "select queue_name, task_name from procrastinate_jobs where args->>'endpoint_id' = %s", [made["id"]]
    ).fetchall()
    assert jobs == [("webhooks", "serve_endpoint")]


async def test_disabling_parks_what_waits_and_enabling_sends_none_of_it(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made, other = await added(clinic.adele), await added(clinic.adele)
    for each in (made, other):
        assert (await clinic.adele.client.post(f"{path_of(each)}/test", json={})).status_code == 201
    off = await clinic.adele.client.post(f"{path_of(made)}/disabling")
    assert (off.status_code, off.headers["etag"]) == (200, '"2"'), off.text
    assert (off.json()["status"], off.json()["disabled_code"]) == ("disabled", "by_hand")
    assert off.json()["disabled_at"]
    again = await clinic.adele.client.post(f"{path_of(made)}/disabling")
    assert again.json() == off.json()
    refused = await clinic.adele.client.post(f"{path_of(made)}/test", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_disabled")
    psql.execute(
        "update webhook_endpoint set failing_since = now(), tell_at = now() where id = %s", [made["id"]]
    )
    on = await clinic.adele.client.post(f"{path_of(made)}/enabling")
    assert on.json() == {**{each: made[each] for each in made if each != "secret"}, "row_version": 3}
    assert (await clinic.adele.client.post(f"{path_of(made)}/enabling")).json() == on.json()
    rows = psql.execute(
        "select endpoint_id, status, due_at is null, settled_at is null from webhook_delivery"
        " where organization_id = %s order by endpoint_id",
        [clinic.organization_id],
    ).fetchall()
    assert rows == [
        (UUID(made["id"]), "parked", True, False), (UUID(other["id"]), "waiting", False, True),
    ]  # fmt: skip
    tell_at = psql.execute("select tell_at from webhook_endpoint where id = %s", [made["id"]]).fetchall()
    assert tell_at == [(None,)]


async def test_one_that_is_removed_is_gone(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic.adele)
    path = path_of(made)
    assert (await clinic.adele.client.post(f"{path}/test", json={})).status_code == 201
    assert (await clinic.adele.client.delete(path)).status_code == 204
    for method, where in {
        "GET": path, "DELETE": path, "POST": f"{path}/enabling", "POST ": f"{path}/test",
    }.items():  # fmt: skip
        reply = await clinic.adele.client.request(method.strip(), where, json={})
        assert reply.status_code == 404, where
    patched = await clinic.adele.client.patch(path, json={"description": "x"}, headers=version(2))
    assert patched.status_code == 404
    assert (await clinic.adele.client.get(PATH)).json()["items"] == []
    row = psql.execute(
        "select e.status, e.secret, e.previous_secret, d.status from webhook_endpoint e"
        " join webhook_delivery d on d.endpoint_id = e.id where e.id = %s",
        [made["id"]],
    ).fetchall()
    assert row == [("deleted", b"", None, "parked")]  # what was sent there stays known, its secret not


async def test_they_are_an_administrators_business(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic.adele)
    path = path_of(made)
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", PATH, {}), ("POST", PATH, {"json": endpoint()}), ("GET", path, {}), ("DELETE", path, {}),
        ("PATCH", path, {"json": {"description": "x"}, "headers": version(1)}),
        ("POST", f"{path}/secret-rotation", {"json": {}, "headers": version(1)}),
        ("POST", f"{path}/test", {"json": {}}), ("POST", f"{path}/enabling", {}),
        ("POST", f"{path}/disabling", {}),
    ]  # fmt: skip
    for method, where, sent in requests:
        for person in (clinic.ana, clinic.clara, clinic.sam, clinic.olga, clinic.dmitri):
            expected = 404 if person is clinic.dmitri and where != PATH else 403
            reply = await person.client.request(method, where, **sent)
            assert (method, where, reply.status_code) == (method, where, expected)
            assert "hunter2" not in reply.text
        assert (await clinic.nobody.request(method, where, **sent)).status_code == 401
    assert (await clinic.adele.client.get(path)).headers["etag"] == '"1"'


async def test_everything_is_audited_without_a_word_of_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic.adele)
    path = path_of(made)
    await clinic.adele.client.get(PATH)
    await clinic.adele.client.get(path)
    await clinic.adele.client.patch(path, json={"description": "x"}, headers=version(1))
    await clinic.adele.client.post(f"{path}/secret-rotation", json={}, headers=version(2))
    for what in ("test", "disabling", "enabling"):
        await clinic.adele.client.post(f"{path}/{what}", json={})
    await clinic.adele.client.delete(path)
    trail = psql.execute(
        "select action, resource, resource_id from audit_entry where organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    expected = [("webhook:manage", "webhook_endpoint", UUID(made["id"]))] * 8
    assert sorted(trail, key=str) == sorted(
        [("webhook:manage", "webhook_endpoint", None), *expected], key=str
    )
    said = json.dumps(trail, default=str)
    assert "hunter2" not in said
