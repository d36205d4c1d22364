"""Somebody outside hears of us as long as all is well."""

import asyncio

import pytest
from pydantic import SecretStr

from app.watching import heartbeat
from app.watching.heartbeat import Heartbeat
from tests.edge.conftest import Logs
from tests.feed.raising import craves, only_alert
from tests.pager.receivers import Receiver, hang, http_server
from tests.watcher.conftest import World


def to(receiver: Receiver) -> Heartbeat:
    return Heartbeat(SecretStr(f"http://127.0.0.1:{receiver.port}/secret-token"))


async def test_it_is_heard_each_time_all_is_well(world: World) -> None:
    for _ in range(3):
        await world.pass_by()
    assert [first for first, _, _ in world.outside.asked] == ["GET /alive HTTP/1.1"] * 3


async def test_it_is_silent_as_long_as_anything_is_wrong(world: World) -> None:
    await world.pass_by()
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    await world.pass_by()
    for _ in range(3):
        await world.pass_by(swept=False)
    assert len(world.outside.asked) == 2, "one before, and one between the two faults"


async def test_it_is_silent_until_the_operator_was_told(world: World) -> None:
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    async with http_server("503 Service Unavailable") as broken:
        world.restart(fallback_pager=SecretStr(broken.address()))
        await world.pass_by()
        assert await world.pass_by() == set(), "the alert is there again"
    assert world.outside.asked == [], "but nobody knows of it"


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Internal Server Error"])
async def test_one_that_was_not_taken_is_logged_and_counted(status: str, logs: Logs) -> None:
    async with http_server() as elsewhere:
        headers = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n"
        async with http_server(status, headers=headers) as receiver:
            sign = to(receiver)
            await sign.beat()
            await sign.beat()
        assert elsewhere.asked == [], "no redirect is followed"
    assert sign.failures == 2
    assert [line["code"] for line in logs.lines("heartbeat_failed")] == [status[:3]] * 2
    assert "secret-token" not in logs.text


async def test_one_that_nobody_answers_ends_in_time(monkeypatch: pytest.MonkeyPatch, logs: Logs) -> None:
    monkeypatch.setattr(heartbeat, "SECONDS", 0.2)
    async with http_server(then=hang) as receiver, asyncio.timeout(5):
        sign = to(receiver)
        await sign.beat()
    assert sign.failures == 1
    assert "secret-token" not in logs.text


async def test_nobody_there_is_a_failure_too(logs: Logs) -> None:
    async with http_server() as receiver:
        sign = to(receiver)
    await sign.beat()
    assert sign.failures == 1


async def test_without_an_address_nothing_is_sent() -> None:
    sign = Heartbeat(None)
    await sign.beat()
    assert sign.failures == 0
