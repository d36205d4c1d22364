"""GET /v1/gateways; PUT and DELETE /v1/gateways/{channel}."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from httpx import Response

from app.post_office import gateway_place
from tests.people import Clinic, Person

PATH = "/v1/gateways"
MAIL = "mailtos://handrail:hunter2@8.8.8.8?from=handrail@riverside.example"
TEXTS = f"twilio://AC{'0' * 32}:{'1' * 32}@+15550100001"


@pytest.fixture
def private(clinic: Clinic) -> Iterator[None]:
    """This machine's own address is allowed."""
    before = clinic.app.state.office
    clinic.app.state.office = replace(before, private_hosts=frozenset({"127.0.0.1"}))
    yield
    clinic.app.state.office = before


async def put(person: Person, channel: str, address: str) -> Response:
    return await person.client.put(f"{PATH}/{channel}", json={"address": address})


async def test_an_administrator_sets_them_and_nobody_reads_them_back(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    assert (await clinic.adele.client.get(PATH)).json() == {"items": []}
    mail, texts = await put(clinic.adele, "email", MAIL), await put(clinic.adele, "sms", TEXTS)
    crisis = await put(clinic.adele, "crisis_service", "jsons://line:secret@8.8.4.4/calls")
    for reply in (mail, texts, crisis):
        assert reply.status_code == 200, reply.text
        assert reply.json().keys() == {"channel", "hint", "changed_at"}
    items = (await clinic.adele.client.get(PATH)).json()["items"]
    assert {each["channel"]: each["hint"] for each in items} == {
        "crisis_service": "jsons://8.8.4.4…",
        "email": "mailtos://8.8.8.8…",
        "sms": "twilio://…",
    }
    assert items[1] == mail.json()
    rows = psql.execute(
        "select channel, address from gateway where organization_id = %s", [clinic.organization_id]
    ).fetchall()
    stored = dict(rows)
    assert not [each for each in stored.values() if b"hunter2" in each or b"8.8" in each]
    place = gateway_place(clinic.organization_id, "email")
    assert clinic.app.state.office.sealer.unseal(stored["email"], place=place) == MAIL


async def test_a_new_one_takes_the_place_of_the_old(clinic: Clinic) -> None:
    first = (await put(clinic.adele, "email", MAIL)).json()
    second = (await put(clinic.adele, "email", MAIL.replace("8.8.8.8", "8.8.4.4"))).json()
    assert (second["hint"], second["changed_at"] > first["changed_at"]) == ("mailtos://8.8.4.4…", True)
    assert (await clinic.adele.client.get(PATH)).json() == {"items": [second]}


async def test_one_that_is_removed_is_gone(clinic: Clinic) -> None:
    await put(clinic.adele, "email", MAIL)
    assert (await clinic.adele.client.delete(f"{PATH}/email")).status_code == 204
    assert (await clinic.adele.client.get(PATH)).json() == {"items": []}
    assert (await clinic.adele.client.delete(f"{PATH}/email")).status_code == 404


@pytest.mark.parametrize(
    ("channel", "address", "code"),
    [
        ("email", "", "too_short"),
        ("email", "mailtos://a@b\n", "malformed"),
        ("email", "nonsense", "unknown_service"),
        ("email", TEXTS, "unknown_service"),
        ("sms", MAIL, "unknown_service"),
        ("email", f"{MAIL}&to=ben@example.com", "not_one_recipient"),
        ("email", f"{MAIL}&verify=no", "setting_refused"),
        ("email", MAIL.replace("mailtos", "mailto"), "not_encrypted"),
        ("email", MAIL.replace("8.8.8.8", "127.0.0.1"), "host_forbidden"),
        ("email", MAIL.replace("8.8.8.8", "nowhere.invalid"), "host_unknown"),
        ("email", "mailtos://8.8.8.8", "malformed"),
        ("crisis_service", "file:///etc/passwd", "unknown_service"),
        ("crisis_service", "jsons://10.0.0.1/calls", "host_forbidden"),
        ("crisis_service", TEXTS, "not_one_recipient"),
        ("crisis_service", MAIL, "not_one_recipient"),
        ("crisis_service", f"{MAIL}&to=a@b.example,c@d.example", "not_one_recipient"),
    ],
)
async def test_what_no_page_could_go_through_is_refused(
    clinic: Clinic, channel: str, address: str, code: str
) -> None:
    reply = await put(clinic.adele, channel, address)
    assert reply.status_code == 422, reply.text
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [("/address", code)]
    assert "hunter2" not in reply.text
    assert (await clinic.adele.client.get(PATH)).json() == {"items": []}


async def test_a_private_host_is_allowed_where_the_operator_names_it(clinic: Clinic, private: None) -> None:
    reply = await put(clinic.adele, "email", "mailto://127.0.0.1:2525?from=h@clinic.example")
    assert (reply.status_code, reply.json()["hint"]) == (200, "mailto://127.0.0.1…"), reply.text


async def test_a_crisis_service_may_be_written_to_or_called(clinic: Clinic) -> None:
    for address in (f"{MAIL}&to=line@crisis.example", f"{TEXTS}/+15550100009"):
        reply = await put(clinic.adele, "crisis_service", address)
        assert reply.status_code == 200, reply.text


async def test_there_are_three_channels(clinic: Clinic) -> None:
    assert (await put(clinic.adele, "pager", MAIL)).status_code == 422


async def test_they_are_an_administrators_business(clinic: Clinic, psql: psycopg.Connection) -> None:
    for person in (clinic.ana, clinic.clara, clinic.sam, clinic.olga, clinic.dmitri):
        assert (await person.client.get(PATH)).status_code == 403
        assert (await put(person, "email", MAIL)).status_code == 403
        assert (await person.client.delete(f"{PATH}/email")).status_code == 403
    assert (await clinic.nobody.get(PATH)).status_code == 401
    assert (await clinic.nobody.put(f"{PATH}/email", json={"address": MAIL})).status_code == 401
    assert (await clinic.nobody.delete(f"{PATH}/email")).status_code == 401


async def test_reading_and_setting_them_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.adele.client.get(PATH)
    await put(clinic.adele, "email", MAIL)
    await clinic.adele.client.delete(f"{PATH}/email")
    trail = psql.execute(
        "select action, resource, actor_id from audit_entry where organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert trail == [("gateway:manage", "gateway", clinic.adele.id)] * 3
