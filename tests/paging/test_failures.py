"""Pages that do not arrive: the next channel, then the next step. Nobody is forgotten."""

import asyncio
from datetime import datetime

import pytest
from uuid_utils.compat import uuid7

from app.post_office import PostOffice
from app.services import paging
from tests.pager.receivers import Receiver, http_server
from tests.paging.post import DEAD_PORT, Post

DEAD = f"json://127.0.0.1:{DEAD_PORT}/page"
DEAD_MAIL = f"mailto://127.0.0.1:{DEAD_PORT}?from=h@clinic.example"


async def critical(post: Post) -> None:
    post.rule_is("critical")
    await post.craves()


async def test_the_next_channel_is_tried_at_once(post: Post, receiver: Receiver) -> None:
    async with http_server("503 Service Unavailable") as broken:
        post.set_up(gateways={"email": DEAD_MAIL})
        await post.reach(
            post.clinic.clara, pager=broken.address(), email="c@clinic.test", chat=chat_at(receiver)
        )
        await critical(post)
        await post.work()
    assert post.told() == [
        "0 clara pager failed refused", "0 clara email failed failed", "0 clara chat sent sent",
    ]  # fmt: skip
    assert await post.log() == ["opened", "told 0 primary"]
    assert post.minutes_to_next() == 5, "somebody was reached: the ladder waits as it would"


def chat_at(receiver: Receiver) -> str:
    return f"mmost://127.0.0.1:{receiver.port}/abcdefghijklmnopqrstuvwxyz"


async def test_when_no_channel_is_left_the_next_step_is_taken(post: Post, receiver: Receiver) -> None:
    async with http_server("503 Service Unavailable") as broken, http_server("401 Unauthorized") as other:
        await post.reach(post.clinic.clara, pager=broken.address(), chat=chat_at(other))
        await post.reach(post.olive, pager=receiver.address())
        await critical(post)
        await post.work()
    assert post.minutes_to_next() == 0
    assert await post.log() == ["opened", "told 0 primary", "undelivered 0 primary"]
    await post.sweep_now()
    await post.work()
    assert post.told() == [
        "0 clara pager failed refused", "0 clara chat failed refused", "1 olive pager sent sent",
    ]  # fmt: skip
    kinds = post.psql.execute("select type from event order by position").fetchall()
    assert kinds == [("alert.opened",), ("alert.escalated",), ("alert.escalated",)]


async def test_who_has_one_channel_is_tried_again_by_it(post: Post) -> None:
    await post.reach(post.clinic.clara, pager=DEAD)
    await critical(post)
    await post.work()
    for seconds, codes in (
        (14, "failed"),
        (1, "failed,failed"),
        (44, "failed,failed"),
        (1, "failed,failed,failed"),
    ):
        assert await post.log() == ["opened", "told 0 primary"]
        post.later(seconds=seconds)
        await post.sweep_now()
        await post.work()
        assert post.told()[0].split()[-1] == codes
    assert post.told() == ["0 clara pager failed failed,failed,failed"]
    assert await post.log() == ["opened", "told 0 primary", "undelivered 0 primary"]
    assert post.minutes_to_next() == 0


async def test_a_second_job_does_not_cut_the_pause_short(post: Post) -> None:
    await post.reach(post.clinic.clara, pager=DEAD)
    await critical(post)
    for _ in range(4):
        await post.deliver(post.page_ids()[0])
    assert post.told() == ["0 clara pager waiting failed"]


async def test_who_comes_back_meanwhile_is_reached(post: Post) -> None:
    async with http_server("200 OK") as receiver:
        address = receiver.address()
    await post.reach(post.clinic.clara, pager=address)
    await critical(post)
    await post.work()
    server = await asyncio.start_server(answer, "127.0.0.1", receiver.port)
    async with server:
        post.later(seconds=15)
        await post.sweep_now()
        await post.work()
    assert post.told() == ["0 clara pager sent failed,sent"]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_who_was_reached_and_refuses_is_not_asked_again(post: Post) -> None:
    async with http_server("403 Forbidden") as receiver:
        await post.reach(post.clinic.clara, pager=receiver.address())
        await critical(post)
        await post.work()
        assert post.told() == ["0 clara pager failed refused"]
        assert post.minutes_to_next() == 0


@pytest.mark.parametrize("verb", ["acknowledgement", "snooze", "resolution"])
async def test_what_somebody_answers_meanwhile_is_not_sent(post: Post, receiver: Receiver, verb: str) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is("urgent")
    await post.craves()
    if verb == "resolution":
        await post.resolves()
    else:
        await post.does(verb, **({"minutes": 30} if verb == "snooze" else {}))
    await post.work()
    assert post.told() == ["0 clara pager dropped -"]
    assert receiver.asked == []


async def test_what_somebody_answers_while_it_fails_goes_no_further(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=DEAD, chat=chat_at(receiver))
    await critical(post)
    claim = await claimed(post)
    await post.does("acknowledgement", post.clinic.sam)
    await settle(post, claim, False, "failed")
    assert post.told() == ["0 clara pager dropped failed"]
    assert (await post.log())[-1] == "acknowledged"
    assert receiver.asked == []


async def test_a_snooze_that_ends_tells_again(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.rule_is("urgent")
    await post.craves()
    await post.does("snooze", minutes=30)
    await post.work()
    post.later(minutes=30)
    await post.sweep_now()
    await post.work()
    assert post.told() == ["0 clara pager dropped -", "0 clara pager sent sent"]


async def test_who_has_left_the_program_is_told_nothing_more(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address("/clara"))
    await post.reach(post.olive, pager=receiver.address("/olive"))
    await critical(post)
    post.psql.execute("delete from program_staff where staff_member_id = %s", [post.clinic.clara.id])
    await post.work()
    assert post.told() == ["0 clara pager failed not_in_care"]
    await post.sweep_now()
    await post.work()
    assert post.told()[1:] == ["1 olive pager sent sent"]
    assert [first for first, *_ in receiver.asked] == ["POST /olive HTTP/1.1"]


async def test_where_nothing_is_set_up_it_is_said_and_the_ladder_climbed(post: Post) -> None:
    post.psql.execute("update staff_member set email = 'a@clinic.test'")
    await critical(post)
    await post.work()
    assert post.told() == ["0 clara email failed no_address"]
    for _ in range(2):
        await post.sweep_now()
        await post.work()
    assert post.told()[1:] == ["1 olive email failed no_address", "2 sam email failed no_address"]
    assert [each for each in await post.log() if "undelivered" in each] == [
        "undelivered 0 primary", "undelivered 1 on_call", "undelivered 2 supervisor",
    ]  # fmt: skip
    assert post.minutes_to_next() == 5, "a round in which nobody was reached is not begun anew at once"


async def test_a_chat_address_that_was_removed_is_no_mail_address(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, chat=chat_at(receiver))
    post.psql.execute("update staff_member set email = 'a@clinic.test'")
    await critical(post)
    await post.reach(post.clinic.clara)
    await post.work()
    assert post.told()[0] == "0 clara chat failed no_address"


async def test_what_another_key_has_sealed_is_no_address(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await critical(post)
    changed = post.clinic.app.state.settings.model_copy(update={"data_dir": post.office_folder / "other"})
    await post.deliver(post.page_ids()[0], office=PostOffice.of(changed))
    assert post.told() == ["0 clara pager failed address_unusable"]
    assert post.minutes_to_next() == 0
    assert receiver.asked == []


async def test_the_seal_of_somebody_else_opens_nothing(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address("/clara"))
    await post.reach(post.clinic.sam, pager=receiver.address("/sam"))
    await critical(post)
    post.psql.execute(
        "update contact_method set address = (select address from contact_method where staff_member_id = %s)",
        [post.clinic.sam.id],
    )
    await post.work()
    assert post.told()[0] == "0 clara pager failed address_unusable"
    assert receiver.asked == []


async def test_of_two_supervisors_one_is_enough(post: Post, receiver: Receiver) -> None:
    stella = await post.another_supervisor("stella")
    async with stella.client:
        await post.only_supervisors("critical")
        await post.reach(post.clinic.sam, pager=DEAD)
        await post.reach(stella, pager=receiver.address())
        await critical(post)
        for _ in range(3):
            await post.work()
            post.later(seconds=46)
            await post.sweep_now()
    assert sorted(post.told()) == ["0 sam pager failed failed,failed,failed", "0 stella pager sent sent"]
    assert await post.log() == ["opened", "told 0 supervisor"]


async def test_each_of_them_has_channels_of_their_own(post: Post, receiver: Receiver) -> None:
    stella = await post.another_supervisor("stella")
    async with stella.client, http_server("500 Internal Server Error") as broken:
        await post.only_supervisors("critical")
        for each in (post.clinic.sam, stella):
            await post.reach(each, pager=broken.address(), chat=chat_at(receiver))
        await critical(post)
        await post.work()
    assert sorted(post.told()) == [
        "0 sam chat sent sent", "0 sam pager failed refused",
        "0 stella chat sent sent", "0 stella pager failed refused",
    ]  # fmt: skip


async def test_when_both_fail_at_the_same_time_the_next_step_is_taken_once(post: Post) -> None:
    stella = await post.another_supervisor("stella")
    async with stella.client, http_server("500 Internal Server Error") as broken:
        await post.only_supervisors("critical")
        for each in (post.clinic.sam, stella):
            await post.reach(each, pager=broken.address())
        await critical(post)
        await asyncio.gather(*(post.deliver(page_id) for page_id in post.take_jobs()))
    assert sorted(post.told()) == ["0 sam pager failed refused", "0 stella pager failed refused"]
    assert (await post.log()).count("undelivered 0 supervisor") == 1


async def claimed(post: Post) -> paging.Claim:
    async with post.unit_of_work() as db:
        claim = await paging.claim(db, post.page_ids()[0], post.now)
    assert claim is not None
    return claim


async def settle(
    post: Post, claim: paging.Claim, delivered: bool, code: str, now: datetime | None = None
) -> None:
    async with post.unit_of_work() as db:
        await paging.settle(db, claim, delivered, code, now or post.now)


async def test_a_page_of_nobodys_is_nothing(post: Post) -> None:
    await post.deliver(uuid7())
    assert post.told() == []
