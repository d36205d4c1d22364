"""The operator is told what is new at once, what stands every half an hour, and until it has arrived."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.pager import operator_notice
from app.settings import Settings
from app.watching import Fault, Trouble
from app.watching.operator import AGAIN, Operator
from tests.edge.conftest import Logs
from tests.pager.receivers import Receiver, http_server

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STALE, UNREACHED = Trouble(Fault.SWEEP_STALE), Trouble(Fault.NOBODY_REACHED, "somebody")


def operator(tmp_path: Path, *receivers: Receiver) -> Operator:
    addresses = " ".join(receiver.address() for receiver in receivers)
    return Operator(
        Settings(
            data_dir=tmp_path,
            fallback_pager=addresses or None,  # type: ignore[arg-type]  # pydantic reads it
            webhook_private_hosts="127.0.0.1",
            public_url="https://handrail.example",
        )
    )


async def test_a_standing_fault_is_told_every_half_an_hour(tmp_path: Path) -> None:
    async with http_server() as receiver:
        told = operator(tmp_path, receiver)
        for minute in range(61):
            assert await told.tell({STALE}, NOW + timedelta(minutes=minute))
        assert len(receiver.asked) == 3


async def test_a_new_fault_is_told_at_once_and_alone(tmp_path: Path) -> None:
    async with http_server() as receiver:
        told = operator(tmp_path, receiver)
        await told.tell({STALE}, NOW)
        await told.tell({STALE, UNREACHED}, NOW + timedelta(minutes=1))
        first, second = (body["message"] for body in receiver.bodies())
    assert "sweep_stale (1)" in first
    assert "nobody_reached (1)" in second
    assert "sweep_stale" not in second


async def test_another_of_the_same_kind_is_new(tmp_path: Path) -> None:
    async with http_server() as receiver:
        told = operator(tmp_path, receiver)
        await told.tell({UNREACHED}, NOW)
        await told.tell({UNREACHED, Trouble(Fault.NOBODY_REACHED, "another")}, NOW + timedelta(minutes=1))
        assert len(receiver.asked) == 2


async def test_one_that_was_over_and_comes_back_is_new(tmp_path: Path) -> None:
    async with http_server() as receiver:
        told = operator(tmp_path, receiver)
        for minute, troubles in enumerate(({STALE}, set(), {STALE})):
            await told.tell(troubles, NOW + timedelta(minutes=minute))
        assert len(receiver.asked) == 2


async def test_what_was_not_delivered_is_tried_again_even_when_it_is_over(tmp_path: Path) -> None:
    async with http_server("503 Service Unavailable") as receiver:
        told = operator(tmp_path, receiver)
        assert not await told.tell({STALE}, NOW)
        assert not await told.tell(set(), NOW + timedelta(minutes=1))
        assert len(receiver.asked) == 2


async def test_one_address_that_takes_it_is_enough(tmp_path: Path) -> None:
    async with http_server("500 Internal Server Error") as broken, http_server() as receiver:
        assert await operator(tmp_path, broken, receiver).tell({STALE}, NOW)
        assert len(receiver.asked) == len(broken.asked) == 1


async def test_without_a_pager_it_is_logged(tmp_path: Path, logs: Logs) -> None:
    told = operator(tmp_path)
    assert await told.tell({STALE, UNREACHED}, NOW)
    assert {(line["code"], line["count"]) for line in logs.lines("watch_fault")} == {
        ("sweep_stale", 1), ("nobody_reached", 1),
    }  # fmt: skip
    assert await told.tell({STALE, UNREACHED}, NOW + AGAIN - timedelta(minutes=1))
    assert len(logs.lines("watch_fault")) == 2


@pytest.mark.parametrize("fault", Fault)
def test_a_page_names_codes_and_numbers_and_nobody(fault: Fault) -> None:
    said = operator_notice([(fault, 3)], "en", "https://handrail.example/readyz")
    assert f"{fault.value} (3)" in said.body
    assert "https://handrail.example/readyz" in said.body
    assert "somebody" not in said.body
