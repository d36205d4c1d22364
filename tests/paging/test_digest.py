"""Routine alerts are told of together, on the morning of the next working day."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.models import CareTeamMember
from app.queries import pages
from tests.api.conftest import add_nora
from tests.moments import at
from tests.pager.receivers import Mailbox, Receiver, http_server, mail_server
from tests.paging.post import Post
from tests.people import Person, add_person

FRIDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)  # ten in the morning in New York
MONDAY = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # half past eight there
BEFORE = timedelta(seconds=20)


async def three(post: Post) -> list[Person]:
    """Alerts of ana, ben and carl, all of them clara's."""
    post.rule_is("routine")
    post.begin(FRIDAY)
    clinic = post.clinic
    carl = await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, "carl")
    people = [clinic.ana, clinic.ben, carl]
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await db.add(
            *(
                CareTeamMember(
                    organization_id=clinic.organization_id, patient_id=each.id,
                    staff_member_id=clinic.clara.id, function="primary_counselor", since=post.now,
                )
                for each in people[1:]
            )
        )  # fmt: skip
    for each in people:
        await craves(post, each)
        post.later(minutes=7)
    await carl.client.aclose()
    return people


async def craves(post: Post, person: Person) -> None:
    body: dict[str, Any] = {
        "id": str(uuid7()), "occurred_at": post.now.isoformat(), "time_zone": "America/New_York",
        "answers": {"craving": 9},
    }  # fmt: skip
    async with at(post.clinic, person, post.now) as client:
        assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201


async def test_three_alerts_are_one_mail_in_the_morning_of_the_next_working_day(
    post: Post, mailbox: Mailbox
) -> None:
    post.set_up(gateways={"email": mailbox.gateway()})
    await post.reach(post.clinic.clara, email="c@clinic.test")
    await three(post)
    assert (post.take_jobs(), post.told()) == ([], ["0 clara email waiting -"] * 3)
    post.now = MONDAY - BEFORE
    await post.sweep_now()
    assert post.take_jobs() == []
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara email sent sent"] * 3
    message = mailbox.message()
    assert message["Subject"] == "Handrail: your list"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip().endswith(f"Open your list: {post.office.dashboard}/board/")
    assert len(mailbox.envelopes) == 1


async def test_all_workers_at_once_send_one(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    post.now = MONDAY
    await asyncio.gather(*(post.sweep_now() for _ in range(3)))
    jobs = post.take_jobs()
    assert len(jobs) == 3
    await asyncio.gather(*(post.deliver(page_id) for page_id in jobs * 2))
    assert len(receiver.asked) == 1
    assert post.told() == ["0 clara pager sent sent"] * 3


async def test_a_part_is_not_sent_because_somebody_looks_at_another(
    post: Post, receiver: Receiver, superuser: psycopg.Connection
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    post.now = MONDAY
    first, *_, last = post.page_ids()
    with superuser.transaction():
        superuser.execute("select from page where id = %s for update", [last])
        sending = asyncio.create_task(post.deliver(first))
        await asyncio.sleep(0.5)
        assert not sending.done()
    await sending
    assert len(receiver.asked) == 1
    assert post.told() == ["0 clara pager sent sent"] * 3


async def test_what_is_not_yet_due_waits_for_its_own(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    dora = await add_person(
        post.clinic.app, post.clinic.organization_id, post.clinic.program_id, Role.PATIENT, "dora"
    )
    await dora.client.aclose()
    psql, team = (
        post.psql,
        "insert into care_team_member select organization_id, %s, staff_member_id, function,",
    )
    psql.execute(f"{team} since from care_team_member where patient_id = %s", [dora.id, post.clinic.ana.id])
    post.now = MONDAY + BEFORE
    await craves(post, dora)
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara pager sent sent"] * 3 + ["0 clara pager waiting -"]
    post.now = MONDAY + timedelta(days=1)
    await post.sweep_now()
    await post.work()
    assert post.told()[3] == "0 clara pager sent sent"


async def test_a_single_one_says_which(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is("routine")
    post.begin(FRIDAY)
    alert = await post.craves()
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    (body,) = receiver.bodies()
    assert body["title"] == "Handrail: routine alert"
    assert body["message"].endswith(f"/board/#/alerts/{alert['id']}")


async def test_what_was_answered_meanwhile_is_left_out(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    await post.does("acknowledgement")
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    assert sorted(post.told()) == ["0 clara pager dropped -"] + ["0 clara pager sent sent"] * 2
    assert len(receiver.asked) == 1


async def test_whom_somebody_no_longer_cares_for_is_left_out(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    people = await three(post)
    nora = await add_nora(post.clinic.app, post.clinic.organization_id)
    await nora.client.aclose()
    post.psql.execute(
        "update enrollment set program_id = %s where patient_id = %s", [nora.program_id, people[0].id]
    )
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara pager failed not_in_care"] + ["0 clara pager sent sent"] * 2
    assert len(receiver.asked) == 1


async def test_a_digest_that_fails_goes_out_by_the_next_channel_as_one(post: Post, mailbox: Mailbox) -> None:
    post.set_up(gateways={"email": mailbox.gateway()})
    async with http_server("500 Internal Server Error") as broken:
        await post.reach(post.clinic.clara, pager=broken.address(), email="c@clinic.test")
        await three(post)
        post.now = MONDAY
        for _ in range(2):
            await post.sweep_now()
            await post.work()
        assert len(broken.asked) == 1
    assert len(mailbox.envelopes) == 1
    assert sorted(post.told()) == ["0 clara email sent sent"] * 3 + ["0 clara pager failed refused"] * 3


async def test_a_digest_that_fails_holds_one_alert_at_a_time(
    post: Post, superuser: psycopg.Connection
) -> None:
    """Whoever answers a check-in locks alerts in an order of its own."""
    async with http_server("500 Internal Server Error") as broken:
        await post.reach(post.clinic.clara, pager=broken.address())
        await three(post)
        post.now = MONDAY
        of_page = "select from alert where id = (select alert_id from page where id = %s) for update nowait"
        first, *_, last = post.page_ids()
        with superuser.transaction():
            superuser.execute(of_page, [last])
            sending = asyncio.create_task(post.deliver(first))
            await asyncio.sleep(1)
            assert not sending.done()
            superuser.execute(of_page, [first])
        await sending
    assert post.told() == ["0 clara pager failed refused"] * 3


async def test_a_digest_that_fails_is_tried_again_after_a_pause_as_one(post: Post) -> None:
    async with mail_server() as mailbox:
        pass
    post.set_up(gateways={"email": mailbox.gateway()})
    await post.reach(post.clinic.clara, email="c@clinic.test")
    await three(post)
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara email waiting failed"] * 3, "three jobs, one attempt"
    post.later(seconds=15)
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara email waiting failed,failed"] * 3
    post.later(seconds=45)
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara email failed failed,failed,failed"] * 3
    due = post.psql.execute("select timer_at from alert").fetchall()
    assert due == [(post.now,)] * 3, "the next are told at once"


async def test_the_supervisors_digest_comes_when_the_counselors_is_not_answered(
    post: Post, receiver: Receiver
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address("/clara"))
    await post.reach(post.clinic.sam, pager=receiver.address("/sam"))
    await three(post)
    for moment in (MONDAY, MONDAY + timedelta(days=1)):
        post.now = moment
        for _ in range(2):
            await post.sweep_now()
            await post.work()
    assert [first for first, *_ in receiver.asked] == ["POST /clara HTTP/1.1", "POST /sam HTTP/1.1"]
    assert sorted(post.told()) == ["0 clara pager sent sent"] * 3 + ["1 sam pager sent sent"] * 3


async def test_a_digest_waits_for_the_end_of_the_holidays(post: Post, receiver: Receiver) -> None:
    post.psql.execute(
        "update program set calendar = %s where id = %s",
        [Jsonb({"closed_on": ["2026-11-23", "2026-11-24"]}), post.clinic.program_id],
    )
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    for days, arrived in ((0, 0), (1, 0), (2, 1)):
        post.now = MONDAY + timedelta(days=days)
        await post.sweep_now()
        await post.work()
        assert len(receiver.asked) == arrived


@pytest.mark.parametrize("most", [2])
async def test_of_too_many_the_rest_go_out_in_another(
    post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(pages, "MOST_IN_A_DIGEST", most)
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    post.now = MONDAY
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara pager sent sent"] * 3
    assert len(receiver.asked) == 2


async def test_as_many_as_a_digest_holds_are_claimed_and_settled_in_time(
    post: Post, receiver: Receiver
) -> None:
    """A unit of work has four and a half seconds."""
    await post.reach(post.clinic.clara, pager=receiver.address())
    await three(post)
    fill(post, pages.MOST_IN_A_DIGEST)
    post.now = MONDAY
    begun = perf_counter()
    await post.deliver(post.page_ids()[0])
    took = perf_counter() - begun
    print(f"{pages.MOST_IN_A_DIGEST} pages in one digest: {took:.2f} s")
    assert len(receiver.asked) == 1
    assert post.told().count("0 clara pager sent sent") == pages.MOST_IN_A_DIGEST
    assert took < 4


def fill(post: Post, count: int) -> None:
    """So many more patients, each with such an alert and such a page."""
    post.psql.execute(
        f"create temporary table more as select gen_random_uuid() as id from generate_series(1, {count})"
    )
    for table, of, own in (
        ("patient", "id = %s", "id"),
        ("enrollment", "patient_id = %s", "patient_id"),
        ("alert", "patient_id = %s", "patient_id"),
        ("page", "patient_id = %s", "patient_id"),
    ):  # fmt: skip
        alike = {"id": "more.id", own: "more.id"} | ({"alert_id": "more.id"} if table == "page" else {})
        said = ", ".join(f"'{name}', {value}" for name, value in alike.items())
        post.psql.execute(
            f"insert into {table} select new.* from more, (select * from {table} where {of} limit 1) old,"
            f" jsonb_populate_record(null::{table}, to_jsonb(old) || jsonb_build_object({said})) new",
            [post.clinic.ana.id],
        )
