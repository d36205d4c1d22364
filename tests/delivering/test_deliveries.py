"""Events on their way to webhook endpoints: each arrives, in whatever state the far side is."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event
from uuid_utils.compat import uuid7

from app import clock, delivering
from app.database import unit_of_work
from app.queries import webhook_deliveries as stored
from app.services import webhook_deliveries, webhook_endpoints
from app.webhooks.schedule import WAITS
from tests.delivering.conftest import Courier
from tests.delivering.far_side import FarSide

DOWN = "503 Service Unavailable"


def fails(side: FarSide, times: int, answer: str = DOWN) -> None:
    side.answers.extend([answer] * times)


async def test_what_happens_to_an_alert_arrives_once_signed_and_in_order(courier: Courier) -> None:
    endpoint = await courier.endpoint()
    alert_id = await courier.craving()
    clara = courier.clinic.clara.client
    assert (await clara.post(f"/v1/alerts/{alert_id}/acknowledgement", json={})).status_code == 200
    over = {"outcome": "contacted", "note": "she is with Nala", "occurrences_seen": 1}
    assert (await clara.post(f"/v1/alerts/{alert_id}/resolution", json=over)).status_code == 200
    await courier.wait(endpoint, seconds=1)
    said = [heard.verified(endpoint.secret) for heard in endpoint.side.heard]
    mine = sorted(
        (each for each in said if each["data"]["alert_id"] == alert_id),
        key=lambda each: each["data"]["sequence"],
    )
    assert [each["type"] for each in mine] == ["alert.opened", "alert.acknowledged", "alert.resolved"]
    assert [each["data"]["sequence"] for each in mine] == [1, 2, 3]
    for each in said:
        assert each.keys() == {"type", "timestamp", "data"}
        assert each["data"].keys() == {"alert_id", "patient_id", "sequence", "position"}
    assert all(b"Nala" not in heard.body and b"craving" not in heard.body for heard in endpoint.side.heard)
    await courier.wait(endpoint, days=1)
    assert len(endpoint.side.heard) == len(said)
    assert {each["status"] for each in await courier.deliveries(endpoint)} == {"delivered"}
    assert await courier.behind() == []


async def test_an_endpoint_is_told_of_what_it_chose(courier: Courier) -> None:
    only_notes = await courier.endpoint(event_types=["alert.noted"])
    of_another = await courier.clinic.adele.client.post("/v1/programs", json=_program())
    elsewhere = await courier.endpoint(program_ids=[of_another.json()["id"]])
    here = await courier.endpoint(program_ids=[str(courier.clinic.program_id)])
    await courier.craving()
    for each in (only_notes, elsewhere, here):
        await courier.wait(each, seconds=1)
    assert only_notes.side.heard == elsewhere.side.heard == []
    assert here.side.heard
    assert await courier.behind() == [], "who is told of nothing has followed the feed all the same"


def _program() -> dict[str, object]:
    return {
        "name": "Another", "level_of_care": "iop", "population": "adults", "minimum_weekly_hours": 9,
        "maximum_weekly_hours": 19, "time_zone": "America/New_York",
    }  # fmt: skip


async def test_what_was_before_the_endpoint_is_not_told(courier: Courier) -> None:
    await courier.craving()
    endpoint = await courier.endpoint()
    await courier.wait(endpoint, seconds=1)
    assert endpoint.side.heard == []


async def test_ten_attempts_over_three_days_and_then_it_is_parked(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened"])
    await courier.craving()
    begun, waits = courier.now, []
    for _ in WAITS:
        fails(endpoint.side, 1)
        await courier.wait(endpoint, seconds=1)
        (delivery,) = await courier.deliveries(endpoint)
        if delivery["due_at"] is not None:
            due_at = clock.now().fromisoformat(delivery["due_at"])
            waits.append(due_at - courier.now)
            await courier.serve(endpoint)
            assert len(endpoint.side.heard) == delivery["attempts"], "not before its time"
            courier.now = due_at
    assert (delivery["status"], delivery["code"], delivery["attempts"]) == ("parked", "failed", 10)
    assert timedelta(days=2.5) < courier.now - begun < timedelta(days=4)
    for wait, plan in zip(waits, WAITS[1:], strict=True):
        assert plan * 0.9 <= wait <= plan * 1.1
    tried = await courier.tried(endpoint, delivery)
    assert [(each["number"], each["answer"], each["delivered"]) for each in tried] == [
        (number, 503, False) for number in range(1, 11)
    ]
    assert len({heard.headers["webhook-id"] for heard in endpoint.side.heard}) == 1
    assert len({heard.body for heard in endpoint.side.heard}) == 1


async def test_parked_is_not_lost(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened"])
    await courier.craving()
    fails(endpoint.side, 10)
    for wait in WAITS:
        await courier.wait(endpoint, seconds=wait.total_seconds() * 1.1 + 1)
    first = endpoint.side.heard[0]
    reply = await courier.replay(endpoint)
    assert (reply.status_code, reply.json()) == (202, {"count": 1, "more": False})
    await courier.wait(endpoint, seconds=1)
    again = endpoint.side.heard[-1]
    assert (again.headers["webhook-id"], again.body) == (first.headers["webhook-id"], first.body)
    (delivery,) = await courier.deliveries(endpoint)
    assert (delivery["status"], delivery["round"], delivery["attempts"]) == ("delivered", 2, 1)


async def test_a_receiver_may_ask_for_more_time(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened"])
    await courier.craving()
    fails(endpoint.side, 1, "429 Too Many Requests\r\nretry-after: 3600")
    await courier.wait(endpoint, seconds=1)
    await courier.wait(endpoint, minutes=59)
    assert len(endpoint.side.heard) == 1
    await courier.wait(endpoint, minutes=2)
    assert len(endpoint.side.heard) == 2


async def test_who_says_gone_is_asked_no_more_and_what_comes_is_parked(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened", "alert.noted"])
    alert_id = await courier.craving()
    fails(endpoint.side, 1, "410 Gone")
    await courier.wait(endpoint, seconds=1)
    read = await courier.read(endpoint)
    assert (read["status"], read["disabled_code"]) == ("disabled", "gone")
    assert courier.jobs("tell_of_disabled_endpoint") == 1
    note = {"id": str(uuid7()), "text": "Called."}
    await courier.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=note)
    await courier.wait(endpoint, days=1)
    assert len(endpoint.side.heard) == 1
    assert {each["status"] for each in await courier.deliveries(endpoint)} == {"parked"}
    assert (await courier.replay(endpoint)).status_code == 409
    await courier.clinic.adele.client.post(f"/v1/webhook-endpoints/{endpoint.id}/enabling", json={})
    await courier.wait(endpoint, days=1)
    assert len(endpoint.side.heard) == 1, "enabling alone sends nothing of what was parked"
    assert (await courier.replay(endpoint)).json()["count"] == 2
    await courier.wait(endpoint, seconds=1)
    assert [each.said["type"] for each in endpoint.side.heard[1:]] == ["alert.opened", "alert.noted"]


async def test_a_crisis_service_is_never_cut_off_by_itself(courier: Courier) -> None:
    endpoint = await courier.endpoint(purpose="hand_off", event_types=[])
    adele = courier.clinic.adele.client
    assert (await adele.post(f"/v1/webhook-endpoints/{endpoint.id}/test", json={})).status_code == 201
    fails(endpoint.side, 1, "410 Gone")
    await courier.wait(endpoint, seconds=1)
    assert len(endpoint.side.heard) == 1
    assert (await courier.read(endpoint))["status"] == "enabled"


async def test_nothing_but_failures_for_five_days_ends_it(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened", "alert.noted"])
    alert_id = await courier.craving()
    fails(endpoint.side, 1)
    await courier.wait(endpoint, seconds=1)
    await courier.wait(endpoint, days=3)  # it answers: whole again
    fails(endpoint.side, 100)
    for hours in (1, 100, 19):
        note = {"id": str(uuid7()), "text": "Called."}
        await courier.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=note)
        await courier.wait(endpoint, hours=hours)
        assert (await courier.read(endpoint))["status"] == "enabled"
    await courier.wait(endpoint, hours=3)
    read = await courier.read(endpoint)
    assert (read["status"], read["disabled_code"]) == ("disabled", "failing")
    assert {each["status"] for each in await courier.deliveries(endpoint)} == {"delivered", "parked"}


async def test_an_administrator_is_told_until_somebody_was_reached(courier: Courier) -> None:
    endpoint, adele = await courier.endpoint(event_types=["alert.opened"]), courier.clinic.adele
    await courier.craving()
    fails(endpoint.side, 1, "410 Gone")
    await courier.wait(endpoint, seconds=1)
    engine, organization_id = courier.clinic.app.state.engine, courier.clinic.organization_id

    async def tell() -> None:
        await delivering.tell_administrators(
            engine, courier.office, organization_id, endpoint.id, lambda: courier.now
        )

    async def look() -> bool:
        async with unit_of_work(engine, organization_id) as db:
            return await webhook_endpoints.look(db, endpoint.id, courier.now)

    await tell()  # nobody is reached: no gateway is set up
    assert not await look(), "not again at once"
    courier.now += webhook_endpoints.TELL_AGAIN
    pager = (await courier.endpoint()).side
    ways = [{"channel": "pager", "address": f"json://127.0.0.1:{pager.port}/adele", "severities": ["high"]}]
    reply = await adele.client.put("/v1/staff/me/contact-methods", json={"items": ways})
    assert reply.status_code == 200, reply.text
    assert await look()
    await tell()
    (told,) = pager.heard
    assert "webhooks stopped" in told.said["title"]
    courier.now += timedelta(days=1)
    assert not await look()
    await tell()
    assert len(pager.heard) == 1


async def test_two_workers_at_once_send_it_once(courier: Courier) -> None:
    endpoint = await courier.endpoint()
    await courier.craving()
    courier.now += timedelta(seconds=1)
    await asyncio.gather(*(courier.serve(endpoint) for _ in range(4)))
    ids = [heard.headers["webhook-id"] for heard in endpoint.side.heard]
    assert len(ids) == len(set(ids)) >= 1
    assert await courier.behind() == []


async def test_who_died_between_sending_and_marking_is_followed_by_another(courier: Courier) -> None:
    endpoint = await courier.endpoint(event_types=["alert.opened"])
    await courier.craving()
    courier.now += timedelta(seconds=1)
    engine, organization_id = courier.clinic.app.state.engine, courier.clinic.organization_id
    async with unit_of_work(engine, organization_id) as db:
        taken = await webhook_deliveries.take(db, endpoint.id, courier.now)
    assert taken is not None
    assert len(taken.messages) == 1
    await courier.wait(endpoint, seconds=30)
    assert endpoint.side.heard == [], "it may still be on its way"
    courier.now += webhook_deliveries.LEASE
    assert await courier.behind() == [endpoint.id]
    await courier.serve(endpoint)
    assert [heard.headers["webhook-id"] for heard in endpoint.side.heard] == [taken.messages[0].id]


async def test_a_dead_endpoint_delays_no_other(courier: Courier) -> None:
    dead, alive = await courier.endpoint(), await courier.endpoint()
    dead.side.hangs = True
    await courier.craving()
    courier.now += timedelta(seconds=1)
    stuck = asyncio.create_task(courier.serve(dead))
    await asyncio.wait_for(dead.side.arrived.wait(), 5)
    await asyncio.wait_for(courier.serve(alive), 5)
    assert alive.side.heard
    assert not stuck.done()
    stuck.cancel()
    await asyncio.wait({stuck})


async def test_however_many_answer_at_once_pages_have_connections_left(courier: Courier) -> None:
    endpoints = [await courier.endpoint() for _ in range(delivering.CONNECTIONS + 3)]
    alert_id = await courier.craving()
    for _ in range(webhook_deliveries.AT_ONCE):
        note = {"id": str(uuid7()), "text": "Called."}
        await courier.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=note)
    courier.now += timedelta(seconds=1)
    engine, used = courier.clinic.app.state.engine.sync_engine, []

    def count(*_: object) -> None:
        used.append(engine.pool.checkedout())

    event.listen(engine, "checkout", count)
    try:
        await asyncio.gather(*(courier.serve(each) for each in endpoints))
    finally:
        event.remove(engine, "checkout", count)
    assert all(len(each.side.heard) > webhook_deliveries.AT_ONCE for each in endpoints)
    assert max(used) <= delivering.CONNECTIONS


async def test_a_rotation_forges_nothing_and_loses_nothing(courier: Courier) -> None:
    endpoint = await courier.endpoint()
    path, adele = f"/v1/webhook-endpoints/{endpoint.id}", courier.clinic.adele.client
    reply = await adele.post(
        f"{path}/secret-rotation", json={"overlap_hours": 1}, headers={"If-Match": '"1"'}
    )
    assert reply.status_code == 200, reply.text
    await courier.craving()
    courier.now = clock.now() + timedelta(seconds=1)
    await courier.serve(endpoint)
    heard = endpoint.side.heard[-1]
    assert heard.verified(endpoint.secret) == heard.verified(reply.json()["secret"])
    assert len(heard.headers["webhook-signature"].split()) == 2


async def test_a_quiet_check_in_costs_no_job_and_a_loud_one_one(courier: Courier) -> None:
    ana = courier.clinic.ana.client

    async def tells(**answers: int) -> None:
        body = {"id": str(uuid7()), "occurred_at": clock.now().isoformat(), "time_zone": "America/New_York"}
        assert (
            await ana.post("/v1/patients/me/check-ins", json=body | {"answers": answers})
        ).status_code == 201

    await tells(craving=9)
    assert courier.jobs("follow_feed") == 0, "there is no endpoint"
    endpoint = await courier.endpoint()
    await tells(mood=7)
    assert courier.jobs("follow_feed") == 0
    await tells(craving=9, mood=1)
    assert courier.jobs("follow_feed") == 1
    async with unit_of_work(courier.clinic.app.state.engine, courier.clinic.organization_id) as db:
        await webhook_deliveries.follow_all(db)
    assert courier.jobs("serve_endpoint") == 1
    assert await courier.behind() == [endpoint.id], "also without its job"


async def test_much_at_once_is_followed_piece_by_piece(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await courier.endpoint()
    alert_id = await courier.craving()
    monkeypatch.setattr(stored, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(webhook_deliveries, "AT_ONCE", 2)
    for _ in range(6):
        note = {"id": str(uuid7()), "text": "Called."}
        await courier.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=note)
    await courier.wait(endpoint, seconds=1)
    sequences = sorted(each.said["data"]["sequence"] for each in endpoint.side.heard)
    assert sequences == list(range(1, len(sequences) + 1))
    assert len(sequences) >= 7


async def test_who_has_much_to_be_sent_makes_room_for_others(
    courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await courier.endpoint(event_types=["alert.noted"])
    alert_id = await courier.craving()
    for _ in range(3):
        note = {"id": str(uuid7()), "text": "Called."}
        await courier.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=note)
    monkeypatch.setattr(webhook_deliveries.take, "__kwdefaults__", {"at_most": 1})
    monkeypatch.setattr(delivering, "ROUNDS", 2)
    await courier.wait(endpoint, seconds=1)
    assert len(endpoint.side.heard) == 2
    assert courier.jobs("serve_endpoint") == 1, "another goes on, at once"
    await courier.serve(endpoint)
    assert len(endpoint.side.heard) == 3


async def test_a_replay_names_what_it_means(courier: Courier) -> None:
    endpoint, other = await courier.endpoint(), await courier.endpoint()
    await courier.craving()
    for each in (endpoint, other):
        await courier.wait(each, seconds=1)
    (first, *_), (foreign, *_) = await courier.deliveries(endpoint), await courier.deliveries(other)
    assert (await courier.replay(endpoint, delivery_ids=[foreign["id"]])).status_code == 422
    assert (await courier.replay(endpoint, delivery_ids=[first["id"]])).json()["count"] == 1
    assert (await courier.replay(endpoint, delivery_ids=[first["id"]])).json()["count"] == 0, (
        "it waits already"
    )
    await courier.wait(endpoint, seconds=1)
    yesterday = (courier.now - timedelta(days=1)).isoformat()
    tomorrow = (courier.now + timedelta(days=1)).isoformat()
    assert (await courier.replay(endpoint, to=yesterday)).json()["count"] == 0
    backwards = {"from": tomorrow, "to": yesterday}
    assert (await courier.replay(endpoint, **backwards)).status_code == 422
    everything = {"from": yesterday, "to": tomorrow, "status": "delivered"}
    count = (await courier.replay(endpoint, **everything)).json()["count"]
    assert count == len(await courier.deliveries(endpoint, status="waiting"))
    await courier.wait(endpoint, seconds=1)
    assert {each["status"] for each in await courier.deliveries(endpoint)} == {"delivered"}
