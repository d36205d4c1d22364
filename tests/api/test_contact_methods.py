"""GET and PUT /v1/staff/{id}/contact-methods; POST …/{channel}/test."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from httpx import Response

from app import post_office
from app.post_office import PostOffice, contact_place
from tests.pager.receivers import Mailbox, Receiver, hang, http_server, mail_server
from tests.people import Clinic, Person

ME = "/v1/staff/me/contact-methods"
EVERYTHING = ["critical", "urgent", "high", "routine"]
TEXTS = f"twilio://AC{'0' * 32}:{'1' * 32}@+15550100001"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
EMAIL, SMS = "clara@clinic.example", "+1 (212) 555-0142"


def way(channel: str, address: str | None = None, severities: list[str] | None = None) -> dict[str, Any]:
    return {"channel": channel, "address": address, "severities": severities or EVERYTHING}


def path(person: Person) -> str:
    return f"/v1/staff/{person.id}/contact-methods"


async def put(person: Person, *ways: dict[str, Any], where: str = ME) -> Response:
    return await person.client.put(where, json={"items": list(ways)})


def stored(psql: psycopg.Connection, person: Person) -> dict[str, bytes]:
    rows = psql.execute(
        "select channel, address from contact_method where staff_member_id = %s", [person.id]
    ).fetchall()
    return dict(rows)


def faults(reply: Response) -> list[tuple[str, str]]:
    assert reply.status_code == 422, reply.text
    return [(each["pointer"], each["code"]) for each in reply.json()["errors"]]


@pytest.fixture
def office(clinic: Clinic) -> Iterator[PostOffice]:
    """The server has a mail server and an SMS service, and this machine's own address is allowed."""
    before = clinic.app.state.office
    gateways = {"email": "mailto://127.0.0.1:9?from=h@clinic.example", "sms": TEXTS}
    clinic.app.state.office = replace(before, gateways=gateways, private_hosts=frozenset({"127.0.0.1"}))
    yield clinic.app.state.office
    clinic.app.state.office = before


def write_through(clinic: Clinic, mailbox: Mailbox) -> None:
    """Let the server's mail go to this mailbox."""
    office = clinic.app.state.office
    clinic.app.state.office = replace(office, gateways={"email": mailbox.gateway()})


async def test_they_are_kept_in_order_and_not_shown(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection
) -> None:
    assert (await clinic.clara.client.get(ME)).json() == {"items": []}
    pager = "json://127.0.0.1:8099/hush-hush?+X-Key=abc"
    reply = await put(
        clinic.clara,
        way("pager", pager, ["critical"]),
        way("sms", SMS),
        way("email", EMAIL),
        way("chat", SLACK),
    )
    assert reply.status_code == 200, reply.text
    items = reply.json()["items"]
    assert [(each["channel"], each["hint"], each["severities"]) for each in items] == [
        ("pager", "json://127.0.0.1…", ["critical"]),
        ("sms", "…0142", EVERYTHING),
        ("email", "c…@clinic.example", EVERYTHING),
        ("chat", "slack://…", EVERYTHING),
    ]
    for said in (reply.text, (await clinic.clara.client.get(ME)).text):
        assert not [secret for secret in ("hush", "clara@", "212", "T1JJ3T3L2") if secret in said]
    assert (await clinic.clara.client.get(path(clinic.clara))).json() == reply.json()
    kept = stored(psql, clinic.clara)
    place = contact_place(clinic.organization_id, clinic.clara.id, "sms")
    assert office.sealer.unseal(kept["sms"], place=place) == "+12125550142"
    assert not [each for each in kept.values() if b"5550142" in each or b"clara" in each or b"json" in each]


async def test_what_is_put_replaces_everything(clinic: Clinic, office: PostOffice) -> None:
    await put(clinic.clara, way("email", EMAIL), way("sms", SMS))
    reply = await put(clinic.clara, way("chat", SLACK))
    assert [each["channel"] for each in reply.json()["items"]] == ["chat"]
    assert (await put(clinic.clara)).json() == {"items": []}
    assert (await clinic.clara.client.get(ME)).json() == {"items": []}


async def test_without_an_address_the_one_that_is_kept_stays(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection
) -> None:
    await put(clinic.clara, way("email", EMAIL), way("sms", SMS))
    before = stored(psql, clinic.clara)
    left_out = {"channel": "email", "severities": ["high"]}
    reply = await put(clinic.clara, way("sms", None, ["critical"]), left_out)
    assert [(each["channel"], each["hint"], each["severities"]) for each in reply.json()["items"]] == [
        ("sms", "…0142", ["critical"]),
        ("email", "c…@clinic.example", ["high"]),
    ]
    assert stored(psql, clinic.clara) == before
    await put(clinic.clara, left_out)
    assert faults(await put(clinic.clara, left_out, way("sms"))) == [("/items/1/address", "missing")]


@pytest.mark.parametrize(
    ("ways", "found"),
    [
        ([way("email", EMAIL), way("email", EMAIL)], [("/items/1/channel", "repeated")]),
        ([way("email", "clara at home")], [("/items/0/address", "malformed")]),
        ([way("email", "Clara <clara@clinic.example>")], [("/items/0/address", "malformed")]),
        ([way("email", "clara@clinic.example,ben@clinic.example")], [("/items/0/address", "malformed")]),
        ([way("email", "clara@clinic.example&to=ben@clinic.example")], [("/items/0/address", "malformed")]),
        ([way("sms", "212 555 0142")], [("/items/0/address", "malformed")]),
        ([way("sms", EMAIL), way("pager", SLACK)],
         [("/items/0/address", "malformed"), ("/items/1/address", "unknown_service")]),
        ([way("pager", "pager.example")], [("/items/0/address", "unknown_service")]),
        ([way("pager", "file:///etc/passwd")], [("/items/0/address", "unknown_service")]),
        ([way("pager", "mailtos://u:p@8.8.8.8?from=a@b.example&to=c@d.example")],
         [("/items/0/address", "unknown_service")]),
        ([way("pager", "jsons://10.0.0.8/page")], [("/items/0/address", "host_forbidden")]),
        ([way("pager", "jsons://169.254.169.254/latest")], [("/items/0/address", "host_forbidden")]),
        ([way("pager", "json://8.8.8.8/page")], [("/items/0/address", "not_encrypted")]),
        ([way("pager", "jsons://nowhere.invalid/page")], [("/items/0/address", "host_unknown")]),
        ([way("pager", "jsons://8.8.8.8/page?verify=no")], [("/items/0/address", "setting_refused")]),
        ([way("email", EMAIL, ["grave"])], [("/items/0/severities/0", "not_a_choice")]),
        ([{"channel": "email", "address": EMAIL, "severities": []}], [("/items/0/severities", "too_short")]),
        ([way("email", EMAIL, ["high", "high"])], [("/items/0/severities", "repeated")]),
        ([way("fax", "+12125550142")], [("/items/0/channel", "not_a_choice")]),
        ([way("chat", "slack://\u2028")], [("/items/0/address", "malformed")]),
        ([way("chat", "")], [("/items/0/address", "too_short")]),
        ([way("chat", SLACK + "x" * 2048)], [("/items/0/address", "too_long")]),
        ([way("email", EMAIL)] * 5, [("/items", "too_long")]),
    ],
)  # fmt: skip
async def test_what_no_page_could_go_to_is_named(
    clinic: Clinic, office: PostOffice, ways: list[dict[str, Any]], found: list[tuple[str, str]]
) -> None:
    reply = await put(clinic.clara, *ways)
    assert faults(reply) == found
    assert not [each for each in ways if each["address"] and each["address"] in reply.text]
    assert (await clinic.clara.client.get(ME)).json() == {"items": []}


async def test_where_nothing_could_be_sent_through_it_is_said(clinic: Clinic) -> None:
    found = faults(await put(clinic.clara, way("email", EMAIL), way("sms", SMS), way("chat", SLACK)))
    assert found == [("/items/0/channel", "no_gateway"), ("/items/1/channel", "no_gateway")]
    own = {"address": "mailtos://u:p@8.8.8.8?from=handrail@riverside.example"}
    assert (await clinic.adele.client.put("/v1/gateways/email", json=own)).status_code == 200
    assert (await put(clinic.clara, way("email", EMAIL))).status_code == 200
    assert faults(await put(clinic.dmitri, way("email", EMAIL))) == [("/items/0/channel", "no_gateway")]


async def test_of_two_at_once_one_is_last(clinic: Clinic, office: PostOffice) -> None:
    replies = await asyncio.gather(
        *(
            put(clinic.clara, way("email", f"{name}@clinic.example"), way("chat", SLACK))
            for name in "abcdefgh"
        )
    )
    assert {each.status_code for each in replies} == {200}
    kept = (await clinic.clara.client.get(ME)).json()
    assert kept in [each.json() for each in replies]


async def test_an_administrator_sets_somebody_elses(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection
) -> None:
    reply = await put(clinic.adele, way("email", EMAIL), where=path(clinic.clara))
    assert reply.status_code == 200, reply.text
    assert (await clinic.clara.client.get(ME)).json() == reply.json()
    assert (await clinic.adele.client.get(path(clinic.clara))).json() == reply.json()
    assert (await clinic.adele.client.get(ME)).json() == {"items": []}
    trail = psql.execute(
        "select actor_id, action, resource_id from audit_entry where organization_id = %s order by at, id",
        [clinic.organization_id],
    ).fetchall()
    clara, adele = clinic.clara.id, clinic.adele.id
    assert [(by, of) for by, _, of in trail] == [
        (adele, clara), (clara, clara), (adele, clara), (adele, adele),
    ]  # fmt: skip
    assert {action for _, action, _ in trail} == {"contact_method:manage"}


async def test_whose_they_are_not(clinic: Clinic, office: PostOffice) -> None:
    await put(clinic.clara, way("email", EMAIL))
    of, test = path(clinic.clara), f"{path(clinic.clara)}/email/test"
    for person, status in ((clinic.sam, 403), (clinic.olga, 403), (clinic.ana, 403), (clinic.dmitri, 404)):
        assert (await person.client.get(of)).status_code == status
        assert (await put(person, where=of)).status_code == status
        assert (await person.client.post(test)).status_code == status
    for person in (clinic.ana, clinic.olga):
        assert (await person.client.get(ME)).status_code == 403
        assert (await person.client.post(f"{ME}/email/test")).status_code == 403
    assert (await clinic.nobody.get(of)).status_code == 401
    assert (await clinic.nobody.put(of, json={"items": []})).status_code == 401
    assert (await clinic.nobody.post(test)).status_code == 401
    assert len((await clinic.clara.client.get(ME)).json()["items"]) == 1


async def test_a_test_arrives_and_says_so(clinic: Clinic, office: PostOffice) -> None:
    async with http_server() as receiver, mail_server() as mailbox:
        write_through(clinic, mailbox)
        await put(clinic.clara, way("pager", receiver.address()), way("email", EMAIL))
        for channel in ("pager", "email"):
            reply = await clinic.clara.client.post(f"{ME}/{channel}/test")
            assert (reply.status_code, reply.json()) == (200, {"delivered": True, "code": "sent"})
        (body,) = receiver.bodies()
        assert body["title"] == "Handrail: test"
        assert body["message"].endswith(f"Open it: {office.dashboard}/board/")
        assert mailbox.envelopes[0].rcpt_tos == [EMAIL]


async def test_an_administrator_tests_somebody_elses(clinic: Clinic, office: PostOffice) -> None:
    async with http_server() as receiver:
        await put(clinic.clara, way("pager", receiver.address()))
        reply = await clinic.adele.client.post(f"{path(clinic.clara)}/pager/test")
        assert (reply.status_code, reply.json()["code"], len(receiver.asked)) == (200, "sent", 1)


async def test_what_the_staff_record_knows_is_tested_too(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection
) -> None:
    reply = await clinic.clara.client.post(f"{ME}/email/test")
    assert (reply.status_code, reply.json()["code"]) == (404, "no_contact_method")
    psql.execute("update staff_member set email = %s where id = %s", [EMAIL, clinic.clara.id])
    async with mail_server() as mailbox:
        write_through(clinic, mailbox)
        assert (await clinic.clara.client.post(f"{ME}/email/test")).json()["code"] == "sent"
        assert mailbox.envelopes[0].rcpt_tos == [EMAIL]
    for channel in ("chat", "pager", "sms"):
        assert (await clinic.clara.client.post(f"{ME}/{channel}/test")).status_code == 404


async def test_a_test_that_does_not_arrive_says_why(clinic: Clinic, office: PostOffice) -> None:
    async def code(channel: str) -> str:
        reply = await clinic.clara.client.post(f"{ME}/{channel}/test")
        assert (reply.status_code, reply.json()["delivered"]) == (200, False), reply.text
        found: str = reply.json()["code"]
        return found

    async with http_server("500 Internal Server Error") as receiver:
        await put(clinic.clara, way("pager", receiver.address()), way("email", EMAIL), way("chat", SLACK))
        assert await code("pager") == "refused"
    assert await code("pager") == "failed"
    clinic.app.state.office = replace(office, gateways={})
    assert await code("email") == "no_address"
    other = PostOffice.of(clinic.app.state.settings.model_copy(update={"sealing_key": KEY}))
    clinic.app.state.office = other
    assert await code("chat") == "address_unusable"


class _Key:
    """A sealing key as the settings hold one."""

    def get_secret_value(self) -> str:
        return "A" * 43 + "="


KEY = _Key()


async def test_nothing_is_held_while_a_test_is_under_way(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_office, "SECONDS", 1.0)
    taken = asyncio.Event()

    async def take_and_hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set()
        await hang(reader, writer)

    async with http_server(then=take_and_hang) as receiver:
        await put(clinic.clara, way("pager", receiver.address()))
        asked = asyncio.create_task(clinic.clara.client.post(f"{ME}/pager/test"))
        await taken.wait()
        ((held,),) = psql.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'handrail' and xact_start is not null"
        ).fetchall()
        reply = await asked
    assert held == 0
    assert reply.json() == {"delivered": False, "code": "timed_out"}


async def test_many_tests_are_too_many(clinic: Clinic, office: PostOffice) -> None:
    async with http_server() as receiver:
        await put(clinic.clara, way("pager", receiver.address()))
        replies = await asyncio.gather(*(clinic.clara.client.post(f"{ME}/pager/test") for _ in range(8)))
        assert sorted(each.status_code for each in replies) == [200] * 5 + [429] * 3
        late = await clinic.adele.client.post(f"{path(clinic.clara)}/pager/test")
        assert (late.status_code, late.json()["code"]) == (429, "too_many_tests")
        assert 0 < int(late.headers["retry-after"]) <= 60
        assert len(receiver.asked) == 5
        await put(clinic.sam, way("pager", receiver.address()))
        assert (await clinic.sam.client.post(f"{ME}/pager/test")).status_code == 200


async def test_the_receiver_is_told_nothing_of_anybody(
    clinic: Clinic, office: PostOffice, psql: psycopg.Connection
) -> None:
    psql.execute("update staff_member set locale = 'es' where id = %s", [clinic.clara.id])
    receiver: Receiver
    async with http_server() as receiver:
        await put(clinic.clara, way("pager", receiver.address()))
        await clinic.clara.client.post(f"{ME}/pager/test")
        ((_, headers, body),) = receiver.asked
    said = f"{headers} {body.decode()}"
    assert "prueba" in said
    assert not [name for name in ("clara", "Riverside", str(clinic.clara.id)) if name in said]
