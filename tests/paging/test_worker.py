"""`handrail api` and `handrail worker`, as they are started: from an answer over HTTP to a page."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pytest
from httpx import AsyncClient
from uuid_utils.compat import uuid7

from tests.demo.serving import Server, environment
from tests.pager.receivers import Mailbox, Receiver
from tests.paging.post import DEAD_PORT, Post
from tests.people import Person, token_for


@contextmanager
def worker(url: str, folder: Path, **own: str) -> Iterator[None]:
    log = folder / "worker.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], env=environment(url, folder, 0) | own,
            stdout=stream, stderr=stream,
        )  # fmt: skip
    try:
        yield
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
async def ana(post: Post, own_database: str) -> AsyncIterator[AsyncClient]:
    """Her phone, and an API process that answers it. She was admitted today: her silence is no news."""
    post.psql.execute("update enrollment set starts_on = current_date, absence_due_at = null")
    server = Server(own_database, post.office_folder)
    await asyncio.to_thread(server.start)
    try:
        async with AsyncClient(base_url=server.base_url, headers=bearer(post, post.clinic.ana)) as client:
            yield client
    finally:
        await asyncio.to_thread(server.stop)


def bearer(post: Post, person: Person) -> dict[str, str]:
    token = token_for(
        post.clinic.app, organization_id=person.organization_id, id=person.id, role=person.role,
        credential_id=person.credential_id,
    )  # fmt: skip
    return {"Authorization": f"Bearer {token}"}


async def is_not_safe(ana: AsyncClient) -> float:
    """Ana says so; when she was told that it is kept."""
    body = {
        "id": str(uuid7()), "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "time_zone": "America/New_York", "answers": {"feels_safe": False},
    }  # fmt: skip
    reply = await ana.post("/v1/patients/me/check-ins", json=body)
    kept = perf_counter()
    assert (reply.status_code, reply.json()["care_team_told"]) == (201, True), reply.text
    return kept


async def arrives(taken: list[object], count: int = 1) -> float:
    await until(lambda: len(taken) >= count, 0.002)
    return perf_counter()


async def settled(post: Post) -> list[str]:
    await until(lambda: not any("waiting" in each for each in post.told()), 0.05)
    return post.told()


async def until(happened: Callable[[], bool], pause: float) -> None:
    begun = perf_counter()
    while not happened():
        assert perf_counter() - begun < 40
        await asyncio.sleep(pause)


async def test_a_cry_for_help_is_in_somebodys_pocket_at_once(
    post: Post, ana: AsyncClient, own_database: str, receiver: Receiver
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    with worker(own_database, post.office_folder, HANDRAIL_WEBHOOK_PRIVATE_HOSTS="127.0.0.1"):
        # Before the worker listens, too: then it is the first thing that it finds.
        first = await is_not_safe(ana)
        waited = await arrives(receiver.asked) - first
        assert await settled(post) == ["0 clara pager sent sent"]
        post.psql.execute("update alert set status = 'resolved', timer_at = null")
        took = []
        for count in range(2, 12):
            kept = await is_not_safe(ana)
            took.append(await arrives(receiver.asked, count) - kept)
            await settled(post)
            post.psql.execute("update alert set status = 'resolved', timer_at = null")
        took.sort()
        print(
            f"a worker that starts: {waited:.2f} s; one that runs: {took[5]:.3f} s, at most {took[-1]:.3f} s"
        )
    assert took[5] < 2
    assert len(receiver.asked) == 11
    ((left,),) = post.psql.execute("select count(*) from procrastinate_jobs where task_name = 'deliver_page'")
    assert left == 0


async def test_with_what_the_environment_sets_and_the_next_channel(
    post: Post, ana: AsyncClient, own_database: str, mailbox: Mailbox
) -> None:
    post.set_up(gateways={"email": mailbox.gateway()})
    await post.reach(post.clinic.clara, pager=f"json://127.0.0.1:{DEAD_PORT}/", email="c@clinic.test")
    own = {"HANDRAIL_EMAIL_GATEWAY": mailbox.gateway(), "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"}
    with worker(own_database, post.office_folder, **own):
        await is_not_safe(ana)
        await arrives(mailbox.envelopes)
        assert await settled(post) == ["0 clara pager failed failed", "0 clara email sent sent"]
    assert mailbox.message()["Subject"] == "Handrail: critical alert"


async def test_a_worker_with_another_key_says_so_and_the_next_are_told(
    post: Post, ana: AsyncClient, own_database: str, receiver: Receiver, mailbox: Mailbox
) -> None:
    await post.reach(post.clinic.clara, pager=receiver.address())
    post.psql.execute("update staff_member set email = 'olive@clinic.test' where name = 'olive'")
    own = {
        "HANDRAIL_SEALING_KEY": "A" * 43 + "=", "HANDRAIL_EMAIL_GATEWAY": mailbox.gateway(),
        "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
    }  # fmt: skip
    with worker(own_database, post.office_folder, **own):
        await is_not_safe(ana)
        await arrives(mailbox.envelopes)
        assert (await settled(post))[:2] == [
            "0 clara pager failed address_unusable",
            "1 olive email sent sent",
        ]
    assert receiver.asked == []
