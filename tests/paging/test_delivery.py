"""From a critical answer to the page in somebody's pocket."""

from uuid import UUID

import pytest

from app.database import unit_of_work
from app.queries import pages
from tests.api.test_escalation_policies import ladder, put, step
from tests.edge.conftest import Logs
from tests.moments import at
from tests.pager.receivers import Mailbox, Receiver
from tests.paging.post import Post

CHECK_IN = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"
NOTE = "I think of ending it, do not tell my mother"
SECRETS = (
    "ana ",
    "ana's",
    "clara",
    "riverside",
    "lakeside",
    "craving",
    "mother",
    "9 on",
    "strong",
    "evening",
)


async def unsafe(post: Post) -> None:
    """Ana says so, in so many words."""
    body = {
        "id": CHECK_IN, "occurred_at": post.now.isoformat(), "time_zone": "America/New_York",
        "answers": {"craving": 9}, "note": NOTE,
    }  # fmt: skip
    async with at(post.clinic, post.clinic.ana, post.now) as ana:
        reply = await ana.post("/v1/patients/me/check-ins", json=body)
    assert reply.status_code in {200, 201}, reply.text


def link(post: Post) -> str:
    ((alert_id,),) = post.psql.execute("select id from alert").fetchall()
    return f"{post.office.dashboard}/board/#/alerts/{alert_id}"


async def test_the_page_and_its_job_are_there_with_the_reply(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is("critical")
    await unsafe(post)
    assert post.told() == ["0 clara pager waiting -"]
    rows = post.psql.execute("select queue_name, task_name, args->>'page_id' from procrastinate_jobs")
    assert [(queue, task, UUID(page)) for queue, task, page in rows] == [
        ("pages", "deliver_page", post.page_ids()[0])
    ]
    await unsafe(post)  # the same answer again
    assert (len(post.page_ids()), len(post.take_jobs())) == (1, 1)


async def test_without_the_answer_there_is_no_page(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is("critical")
    post.psql.execute("alter table audit_entry add constraint planted check (action <> 'check_in:submit')")
    body = {
        "id": CHECK_IN, "occurred_at": post.now.isoformat(), "time_zone": "America/New_York",
        "answers": {"craving": 9},
    }  # fmt: skip
    async with at(post.clinic, post.clinic.ana, post.now) as ana:
        assert (await ana.post("/v1/patients/me/check-ins", json=body)).status_code >= 500
    assert (post.page_ids(), post.take_jobs()) == ([], [])


@pytest.mark.parametrize(
    ("severity", "locale", "title", "sentence"),
    [
        (
            "critical",
            "en",
            "Handrail: critical alert",
            "A critical alert waits for you. Please answer it now.",
        ),
        ("urgent", "en", "Handrail: urgent alert", "An urgent alert waits for you. Please answer it soon."),
        ("high", "en", "Handrail: new alert", "An alert waits for you. Please look at it today."),
        ("critical", "es", "Handrail: alerta crítica", None),
        ("high", "es", "Handrail: alerta nueva", None),
    ],
)
async def test_it_says_that_there_is_an_alert_and_nothing_else(
    post: Post, receiver: Receiver, severity: str, locale: str, title: str, sentence: str | None
) -> None:
    post.psql.execute("update staff_member set locale = %s", [locale])
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is(severity)
    await unsafe(post)
    await post.work()
    assert post.told() == ["0 clara pager sent sent"]
    ((first, headers, raw),), (body,) = receiver.asked, receiver.bodies()
    assert body["title"] == title
    assert body["message"].endswith(f": {link(post)}")
    if sentence:
        assert body["message"] == f"{sentence} Open it: {link(post)}"
    said = f"{first} {headers} {raw.decode()}".lower()
    assert not [secret for secret in SECRETS if secret in said.replace(link(post), "")]
    assert body.keys() == {"version", "title", "message", "attachments", "type"}


@pytest.mark.parametrize("locale", ["en", "es"])
async def test_a_mail_says_no_more(post: Post, mailbox: Mailbox, locale: str) -> None:
    post.psql.execute("update staff_member set locale = %s", [locale])
    post.set_up(gateways={"email": mailbox.gateway()})
    await post.reach(post.clinic.clara, email="c@clinic.test")
    post.rule_is("critical")
    await unsafe(post)
    await post.work()
    assert post.told() == ["0 clara email sent sent"]
    assert mailbox.envelopes[0].rcpt_tos == ["c@clinic.test"]
    message = mailbox.message()
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert link(post) in payload.decode()
    said = f"{message.items()} {payload.decode()}".lower()
    assert not [secret for secret in SECRETS if secret in said]


async def test_the_organizations_own_gateway_goes_before_the_servers(post: Post, mailbox: Mailbox) -> None:
    dead = "mailto://127.0.0.1:9?from=h@clinic.example"
    post.set_up(gateways={"email": dead})
    async with at(post.clinic, post.clinic.adele, post.now) as adele:
        own = await adele.put("/v1/gateways/email", json={"address": mailbox.gateway()})
    assert own.status_code == 200, own.text
    post.psql.execute("update staff_member set email = 'c@clinic.test'")
    post.rule_is("critical")
    await unsafe(post)
    await post.work()
    assert post.told() == ["0 clara email sent sent"], "to the address of her staff record"
    assert mailbox.envelopes[0].rcpt_tos == ["c@clinic.test"]


async def test_a_telephone_number_is_dialled_as_gateways_write_it(post: Post) -> None:
    texts = f"twilio://AC{'0' * 32}:{'1' * 32}@+15550100001"
    post.set_up(gateways={"sms": texts})
    post.psql.execute("update staff_member set phone = '+1 (212) 555-0101'")
    async with unit_of_work(post.clinic.app.state.engine, post.clinic.organization_id) as db:
        found = await pages.whereto(db, post.clinic.clara.id, "sms")
    assert found is not None
    address = post.office.address(post.clinic.organization_id, post.clinic.clara.id, "sms", found)
    assert address == f"{texts}?to=%2B12125550101"


async def test_the_outside_crisis_service_is_told_at_its_gateway(post: Post, receiver: Receiver) -> None:
    async with at(post.clinic, post.clinic.adele, post.now) as adele:
        own = await adele.put("/v1/gateways/crisis_service", json={"address": receiver.address("/line")})
    assert own.status_code == 200, own.text
    steps = ladder(step("crisis_service", 5), step("supervisor", 5))
    assert (await put(post.clinic.sam, post.clinic, "critical", steps)).status_code == 200
    post.rule_is("critical")
    await unsafe(post)
    await post.work()
    assert post.told() == ["0 crisis_service crisis_service sent sent"]
    assert receiver.asked[0][0] == "POST /line HTTP/1.1"
    assert receiver.bodies()[0]["message"].startswith("A program asks for your help.")


async def test_nobodys_address_is_in_the_database(post: Post, mailbox: Mailbox, receiver: Receiver) -> None:
    secrets = ("hush-hush", "clara.q", mailbox.gateway(), receiver.address())
    post.set_up(gateways={"email": mailbox.gateway()})
    await post.reach(post.clinic.clara, pager=receiver.address("/hush-hush"), email="clara.q@clinic.test")
    async with at(post.clinic, post.clinic.adele, post.now) as adele:
        for channel, address in (
            ("email", mailbox.gateway()),
            ("crisis_service", receiver.address("/hush-hush")),
        ):
            assert (await adele.put(f"/v1/gateways/{channel}", json={"address": address})).status_code == 200
    post.rule_is("critical")
    await unsafe(post)
    await post.work()
    assert len(receiver.asked) == 1
    seen = everything_in(post)
    assert {"contact_method", "gateway", "page", "page_attempt", "audit_entry"} <= seen.keys()
    found = {
        table for table, values in seen.items() for each in values for secret in secrets if secret in each
    }
    assert found == set()
    assert [table for table, values in seen.items() if any(NOTE in each for each in values)] == ["check_in"]


def everything_in(post: Post) -> dict[str, list[str]]:
    """Every value of every table that has rows; bytes as they are."""
    tables = post.psql.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    seen: dict[str, list[str]] = {}
    for (table,) in tables:
        for row in post.psql.execute(f"select * from {table}"):
            values = seen.setdefault(table, [])
            values += [each.decode("latin1") if isinstance(each, bytes) else str(each) for each in row]
    return seen


async def test_the_log_knows_the_channel_and_the_code_and_no_address(
    post: Post, receiver: Receiver, logs: Logs
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address("/hush-hush"))
    post.rule_is("critical")
    await unsafe(post)
    await post.work()
    (line,) = logs.lines("page_attempted")
    assert {name: line[name] for name in ("channel", "code", "count", "page_id")} == {
        "channel": "pager", "code": "sent", "count": 1, "page_id": str(post.page_ids()[0]),
    }  # fmt: skip
    assert "hush-hush" not in logs.text
