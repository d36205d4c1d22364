"""The database is away: what patients say is kept on disk, sealed, and somebody is paged for what is on the
safety floor before the answer goes out."""

import asyncio
import shutil
from datetime import timedelta
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from app.keeping import fallback
from app.keeping.fallback import Fallback
from tests.edge.conftest import Logs
from tests.pager.receivers import http_server
from tests.people import client_for, token_for
from tests.spool.conftest import Away
from tests.walls.story import check_in

CHECK_INS = "/v1/patients/me/check-ins"
ASSESSMENTS = "/v1/patients/me/assessments"
FLAGS = "/v1/patients/me/crisis-flags"
SECRET = "I walked to the bridge"


def phq9(item9: Any) -> dict[str, Any]:
    answers = {f"phq9-{number}": 1 for number in range(1, 9)} | {"phq9-9": item9}
    return {
        "id": str(uuid7()), "instrument": "phq-9", "occurred_at": clock.now().isoformat(),
        "time_zone": "America/New_York", "answers": answers,
    }  # fmt: skip


async def test_a_check_in_is_kept_as_it_was_sent(away: Away) -> None:
    body = check_in(mood=4) | {"note": SECRET}
    reply = await away.ana.post(CHECK_INS, json=body)
    assert (reply.status_code, reply.json()) == (202, {"id": body["id"], "status": "kept", "help": None})
    (said,) = away.said()
    assert (said.kind, str(said.id), said.raw) == ("check_in", body["id"], body)
    assert (said.actor.id, said.patient_id) == (away.ana_id, away.ana_id)
    assert abs(said.now - clock.now()) < timedelta(seconds=10)
    assert away.told() == []


async def test_nothing_that_somebody_said_stands_open_on_the_disk_or_in_a_log(away: Away, logs: Logs) -> None:
    body = check_in(feels_safe=False) | {"note": SECRET}
    assert (await away.ana.post(CHECK_INS, json=body)).status_code == 202
    files = list(away.own.spool_folder.iterdir())
    assert sum(path.stat().st_size for path in files) > 4096
    for path in files:
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert b"feels_safe" not in content
        assert body["id"].encode() not in content
    assert "spool_kept" in logs.text
    assert SECRET not in logs.text
    assert SECRET not in str(away.told())


async def test_somebody_who_is_not_safe_has_somebody_paged_before_the_answer(away: Away) -> None:
    reply = await away.ana.post(CHECK_INS, json=check_in(feels_safe=False))
    (entry,), (told,) = away.entries(), away.told()
    assert str(away.ana_id) in told
    assert entry.id in told
    assert entry.paged_at is not None
    words = reply.json()["help"]
    assert "told someone" in words["message"]
    assert "911" in words["message"]
    assert words["safety_plan"] is None
    assert {line["call"] for line in words["resources"]} >= {"988"}


@pytest.mark.parametrize(("item9", "urgent"), [(1, True), ("LA6571-9", True), (0, False), (None, False)])
async def test_item_9_of_the_phq_9_is_on_the_floor_when_it_is_answered(
    away: Away, item9: Any, urgent: bool
) -> None:
    reply = await away.ana.post(ASSESSMENTS, json=phq9(item9))
    assert reply.status_code == 202
    assert (reply.json()["help"] is not None) == urgent
    assert len(away.told()) == int(urgent)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"what": "\\ud800 help", "occurred_at": NaN}', b'{"id": 7}']
)
async def test_a_crisis_flag_needs_nothing(away: Away, content: bytes) -> None:
    reply = await away.ana.post(FLAGS, content=content)
    assert reply.status_code == 202, reply.text
    assert reply.json()["help"]["resources"]
    (said,) = away.said()
    assert (said.kind, str(said.id)) == ("crisis_flag", reply.json()["id"])
    assert len(away.told()) == 1


async def test_a_crisis_flag_by_an_expired_token_is_kept_as_such(away: Away) -> None:
    facts = {"organization_id": away.organization_id, "id": away.ana_id, "credential_id": uuid7()}
    token = token_for(away.app, role=Role.PATIENT, now=clock.now() - timedelta(days=6), **facts)
    async with client_for(away.app, token) as late:
        assert (await late.post(FLAGS)).status_code == 202
        assert (await late.post(CHECK_INS, json=check_in(mood=1))).status_code == 401
    (said,) = away.said()
    assert said.token_expired


async def test_staff_may_raise_a_flag_too(away: Away) -> None:
    async with away.client(Role.COUNSELOR) as clara:
        reply = await clara.post(f"/v1/patients/{away.ana_id}/crisis-flags", json={"what": SECRET})
    assert reply.status_code == 202
    (said,) = away.said()
    assert (said.actor.role, said.patient_id, said.raw) == (Role.COUNSELOR, away.ana_id, {"what": SECRET})


async def test_who_may_not_is_kept_nothing_of(away: Away) -> None:
    tries: list[tuple[httpx.AsyncClient, str, dict[str, Any], set[int]]] = [
        (client_for(away.app), CHECK_INS, check_in(mood=1), {401}),
        (client_for(away.app, "x.y.z"), FLAGS, {}, {401}),
        (away.client(Role.AUDITOR), f"/v1/patients/{away.ana_id}/crisis-flags", {}, {403, 503}),
        (away.client(), f"/v1/patients/{away.ana_id}/check-ins", check_in(mood=1), {404, 503}),
    ]
    for client, path, body, statuses in tries:
        async with client:
            assert (await client.post(path, json=body)).status_code in statuses
    assert away.entries() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHECK_INS, check_in(mood=11)),
        (CHECK_INS, {}),
        (ASSESSMENTS, phq9(4)),
        (ASSESSMENTS, phq9(1) | {"instrument": "tarot"}),
    ],
)
async def test_what_cannot_be_is_refused_at_once(away: Away, path: str, body: dict[str, Any]) -> None:
    assert (await away.ana.post(path, json=body)).status_code == 422
    assert away.entries() == []


async def test_reading_is_not_kept(away: Away) -> None:
    assert (await away.ana.get(CHECK_INS)).status_code == 503


async def test_sent_twice_it_is_kept_once_and_paged_once(away: Away) -> None:
    body = check_in(feels_safe=False)
    first, second = [await away.ana.post(CHECK_INS, json=body) for _ in range(2)]
    assert first.json() == second.json()
    assert (len(away.entries()), len(away.told())) == (1, 1)
    other = await away.ana.post(CHECK_INS, json=body | {"note": "another text"})
    assert other.status_code == 202
    assert (len(away.entries()), len(away.told())) == (2, 2)


async def test_of_an_app_that_always_sends_the_same_key_the_next_cry_is_another(away: Away) -> None:
    noon = clock.now().replace(hour=12, minute=0)
    moments = iter([noon + timedelta(minutes=each) for each in (1, 2, 61)])
    away.app.state.clock = lambda: next(moments)
    try:
        async with away.client(id=away.ana_id, now=noon) as ana:
            for kept in (1, 1, 2):
                reply = await ana.post(FLAGS, headers={"Idempotency-Key": "crisis-button"})
                assert (reply.status_code, len(away.entries()), len(away.told())) == (202, kept, kept)
    finally:
        away.app.state.clock = clock.now


async def test_a_batch_is_kept_item_by_item(away: Away) -> None:
    items = [check_in(mood=4), check_in(mood=11), check_in(feels_safe=False)]
    reply = await away.ana.post(f"{CHECK_INS}/batch", json={"items": items})
    quiet, invalid, unsafe = reply.json()["items"]
    assert [each["status"] for each in (quiet, invalid, unsafe)] == [202, 422, 202]
    assert quiet["kept"]["help"] is None
    assert unsafe["kept"]["help"]["resources"]
    assert [str(each.id) for each in away.said()] == [items[2]["id"], items[0]["id"]]
    assert len(away.told()) == 1


async def test_a_full_spool_is_a_503_with_help_and_the_page_goes_out_all_the_same(away: Away) -> None:
    statuses: list[int] = []
    for _ in range(6):
        items = [check_in(mood=4) | {"note": "x" * 4000} for _ in range(50)]
        results = (await away.ana.post(f"{CHECK_INS}/batch", json={"items": items})).json()["items"]
        statuses += [each["status"] for each in results]
    assert set(statuses) == {202, 503}
    assert statuses == sorted(statuses), "all of a batch or nothing"
    while (await away.ana.post(CHECK_INS, json=check_in() | {"note": "x" * 4000})).status_code == 202:
        assert len(away.entries()) < 250
    cry = check_in(feels_safe=False) | {"note": "x" * 4000}
    replies = [await away.ana.post(CHECK_INS, json=cry) for _ in range(3)]
    for reply in replies:
        assert (reply.status_code, reply.json()["code"]) == (503, "database_away")
        assert reply.headers["Retry-After"]
        assert reply.json()["help"]["resources"]
    (told,) = away.told()
    assert "disk failed" in told
    assert str(away.ana_id) in told


async def test_a_disk_that_takes_nothing_is_the_same(away: Away) -> None:
    folder = away.own.spool_folder
    shutil.rmtree(folder)
    folder.write_text("no folder")
    reply = await away.ana.post(FLAGS)
    assert reply.status_code == 503
    assert reply.json()["help"]["resources"]
    assert "disk failed" in away.told()[0]
    metrics = await away.ana.get("/metrics")
    assert "handrail_spool" not in metrics.text
    folder.unlink()
    assert (await away.ana.post(FLAGS)).status_code == 202, "and again, once it does"


async def test_metrics_say_how_much_waits(away: Away) -> None:
    await away.ana.post(CHECK_INS, json=check_in(mood=4))
    await away.ana.post(FLAGS)
    metrics = (await away.ana.get("/metrics")).text
    assert "handrail_spool_waiting 2.0" in metrics
    assert "handrail_spool_parked 0.0" in metrics


async def test_a_pager_that_hangs_holds_nobody_up_and_goes_on_behind_the_answer(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await let_go.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with http_server(then=hang) as slow:
        swap_pager(away, slow.address(), monkeypatch)
        monkeypatch.setattr(fallback, "WAIT_SECONDS", 0.3)
        started = clock.stopwatch()
        reply = await away.ana.post(FLAGS)
        assert clock.stopwatch() - started < 1.5
        assert reply.status_code == 202
        assert "could not reach anyone yet" in reply.json()["help"]["message"]
        assert away.entries()[0].paged_at is None
        let_go.set()
        await until(lambda: away.entries()[0].paged_at is not None)
        assert len(slow.asked) == 1


async def test_whom_nobody_could_be_paged_for_is_paged_for_again(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with http_server("503 Not now") as broken:
        swap_pager(away, broken.address(), monkeypatch)
        reply = await away.ana.post(FLAGS)
        assert "could not reach anyone yet" in reply.json()["help"]["message"]
        assert len(broken.asked) == 1
    swap_pager(away, away.operator.address(), monkeypatch)
    await until(lambda: bool(away.told()))
    await until(lambda: away.entries()[0].paged_at is not None)


async def test_of_two_pagers_one_is_enough(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_server("500 Broken") as broken:
        swap_pager(away, f"{broken.address()} {away.operator.address()}", monkeypatch)
        reply = await away.ana.post(FLAGS)
    assert "told someone" in reply.json()["help"]["message"]
    assert len(away.told()) == 1


async def test_in_spanish(away: Away) -> None:
    reply = await away.ana.post(FLAGS, headers={"Accept-Language": "es"})
    assert reply.json()["help"]["message"].startswith("Gracias por decirlo.")


def swap_pager(away: Away, addresses: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = away.app.state.keeper
    own = away.own.model_validate(away.own.model_dump() | {"fallback_pager": addresses})
    other = Fallback(own, keeper._spool)
    monkeypatch.setattr(keeper, "_fallback", other)


async def until(holds: Any, seconds: float = 8.0) -> None:
    deadline = clock.stopwatch() + seconds
    while not holds():
        assert clock.stopwatch() < deadline
        await asyncio.sleep(0.05)
