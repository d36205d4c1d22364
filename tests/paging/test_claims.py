"""Once, whoever else is at it; and again, when whoever was at it is gone."""

import asyncio
import contextlib

import pytest

from app import sweeps
from tests.pager.receivers import Receiver
from tests.paging.post import DEAD_PORT, Post
from tests.paging.test_failures import chat_at, claimed, critical, settle

DEAD = f"json://127.0.0.1:{DEAD_PORT}/page"


async def test_two_jobs_at_once_send_once(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await critical(post)
    (page_id,) = post.page_ids()
    await asyncio.gather(*(post.deliver(page_id) for _ in range(8)))
    await post.deliver(page_id)
    assert post.told() == ["0 clara pager sent sent"]
    assert len(receiver.asked) == 1


async def test_what_a_worker_leaves_between_sending_and_marking_is_sent_again(
    post: Post, receiver: Receiver
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await critical(post)
    with pytest.raises(asyncio.CancelledError):
        await post.deliver(post.take_jobs()[0], clock=post.dies_after(1))
    assert (len(receiver.asked), post.told()) == (1, ["0 clara pager waiting -"])
    post.later(seconds=59)
    await post.sweep_now()
    await post.work()
    assert len(receiver.asked) == 1, "the claim still holds"
    post.later(seconds=1)
    await post.sweep_now()
    await post.work()
    assert len(receiver.asked) == 2
    assert post.told() == ["0 clara pager sent sent"], "one intent"
    numbers = post.psql.execute("select number from page_attempt").fetchall()
    assert numbers == [(2,)], "of the first nobody knows what became of it"


async def test_a_worker_that_dies_before_sending_has_sent_nothing(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await critical(post)
    await claimed(post)
    await post.work()
    assert receiver.asked == []
    post.later(minutes=1)
    await post.sweep_now()
    await post.work()
    assert (len(receiver.asked), post.told()) == (1, ["0 clara pager sent sent"])


async def test_a_job_that_is_lost_is_made_again(post: Post, receiver: Receiver) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    await critical(post)
    for _ in range(2):
        assert len(post.take_jobs()) == 1
        post.later(seconds=59)
        await post.sweep_now()
        assert post.take_jobs() == [], "it may just be late"
        post.later(seconds=1)
        await asyncio.gather(*(sweeps.sweep(post.clinic.app.state.engine, post.now) for _ in range(3)))
    await post.work()
    assert (len(receiver.asked), post.told()) == (1, ["0 clara pager sent sent"])


async def test_who_comes_after_his_claim_says_what_he_knows(post: Post, receiver: Receiver) -> None:
    """A machine that slept for two minutes: somebody else has the page."""
    await post.reach(post.clinic.clara, pager=DEAD, chat=chat_at(receiver))
    await critical(post)
    late = await claimed(post)
    post.later(minutes=1)
    current = await claimed(post)
    await settle(post, late, False, "failed")
    assert post.told() == ["0 clara pager waiting failed"], "that is for whoever has it now"
    await settle(post, current, True, "sent")
    assert post.told() == ["0 clara pager sent failed,sent"]


async def test_who_comes_late_and_has_delivered_is_believed(post: Post) -> None:
    await post.reach(post.clinic.clara, pager=DEAD)
    await critical(post)
    late = await claimed(post)
    post.later(minutes=1)
    current = await claimed(post)
    await settle(post, late, True, "sent")
    await settle(post, current, False, "failed")
    assert post.told() == ["0 clara pager sent sent,failed"]
    assert await post.log() == ["opened", "told 0 primary"]


async def test_while_it_is_sent_nothing_is_held(post: Post) -> None:
    holding = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        holding.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await post.reach(post.clinic.clara, pager=f"json://127.0.0.1:{port}/page")
        await critical(post)
        sending = asyncio.create_task(post.deliver(post.take_jobs()[0]))
        await holding.wait()
        ((held,),) = post.psql.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = 'handrail' and xact_start is not null"
        ).fetchall()
        await post.does("acknowledgement")
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
    assert held == 0
