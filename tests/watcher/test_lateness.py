"""What is late, and whom nobody told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app import jobs
from app.watching import Fault, lateness
from tests.feed.raising import craves, is_not_safe, only_alert
from tests.moments import at
from tests.services.test_ladders import only_the_crisis_service
from tests.watcher.conftest import MINUTE, World


def faults(found: set[Any]) -> set[Fault]:
    return {trouble.fault for trouble in found}


def add_page(world: World, alert: dict[str, Any], *, status: str, due: timedelta = timedelta()) -> UUID:
    page_id = uuid7()
    at = world.now + due
    world.superuser.execute(
        "insert into page (organization_id, id, alert_id, patient_id, cycle, step, tell, recipient_id,"
        " channel, severity, digest, status, created_at, due_at, look_at, attempts)"
        " select organization_id, %s, id, patient_id, cycle, 0, 'primary', %s, 'email', severity, false, %s,"
        " %s, %s, %s, 0 from alert where id = %s",
        [page_id, world.clinic.clara.id, status, at, at, None if status == "sent" else at, alert["id"]],
    )
    return page_id


async def test_a_worker_that_has_stopped_is_missed_within_two_minutes(world: World) -> None:
    """It swept last at the first pass; the watcher looks once a minute."""
    assert await world.pass_by() == set()
    for swept_ago in (MINUTE, 2 * MINUTE):
        found = await world.pass_by(swept=False)
        assert (Fault.SWEEP_STALE in faults(found)) == (swept_ago > lateness.STALE)
    assert "sweep_stale (1)" in world.told()[0]
    assert len(world.outside.asked) == 2


async def test_what_was_late_before_the_watcher_came_gets_its_time(world: World) -> None:
    """The machine was off for nine hours, and everything has just been started."""
    await craves(world.clinic.ana)
    await is_not_safe(world.clinic.ben)
    world.now += timedelta(hours=9)
    world.restart()
    assert await world.pass_by(timedelta(), swept=False) == set()
    assert await world.pass_by(MINUTE, swept=False) == set()
    assert world.outside.asked == [], "nor is all well"
    found = faults(await world.pass_by(timedelta(seconds=1), swept=False))
    assert found == {Fault.SWEEP_STALE}
    found = faults(await world.pass_by(2 * MINUTE, swept=False))
    assert {Fault.SWEEP_STALE, Fault.LADDER_LATE, Fault.NOBODY_REACHED} <= found


async def test_a_sweep_that_fails_is_told(world: World) -> None:
    await world.pass_by()
    world.superuser.execute("update pulse set facts = '{\"failures\": 2}' where name = 'sweep'")
    assert faults(await world.pass_by(timedelta(seconds=10), swept=False)) == {Fault.SWEEP_FAILING}


async def test_a_ladder_that_nobody_climbs_is_late(world: World) -> None:
    await craves(world.clinic.ana)
    ((timer_at,),) = world.rows("select timer_at from alert")
    world.now = timer_at
    assert Fault.LADDER_LATE not in faults(await world.pass_by(2 * MINUTE, swept=False))
    assert Fault.LADDER_LATE in faults(await world.pass_by(timedelta(seconds=1), swept=False))
    ((facts,),) = world.rows("select facts from pulse where name = 'watch'")
    assert facts["ladder_lag"] == pytest.approx(121, abs=0.01)


async def test_silence_that_nobody_looks_for_is_late(world: World) -> None:
    ((due,),) = world.rows("select min(absence_due_at) from enrollment")
    world.now = due
    assert Fault.ABSENCE_LATE in faults(await world.pass_by(3 * MINUTE, swept=False))


async def test_pages_that_nobody_sends_are_late(world: World) -> None:
    await craves(world.clinic.ana)
    add_page(world, await only_alert(world.clinic.clara), status="waiting", due=-2 * MINUTE)
    assert Fault.PAGES_LATE in faults(await world.pass_by(timedelta(seconds=15), swept=False))
    ((facts,),) = world.rows("select facts from pulse where name = 'watch'")
    assert facts["pages_waiting"] == 1


async def test_webhooks_that_nobody_sends_are_late_and_those_of_a_disabled_endpoint_wait_in_peace(
    world: World,
) -> None:
    body = {"url": "http://127.0.0.1:9/", "event_types": ["alert.opened"]}
    made = await world.clinic.adele.client.post("/v1/webhook-endpoints", json=body)
    assert made.status_code == 201, made.text
    path = f"/v1/webhook-endpoints/{made.json()['id']}"
    assert (await world.clinic.adele.client.post(f"{path}/test", json={})).status_code == 201
    assert Fault.WEBHOOKS_LATE not in faults(await world.pass_by(swept=False))
    assert Fault.WEBHOOKS_LATE in faults(await world.pass_by(2 * MINUTE, swept=False))
    world.superuser.execute("update webhook_endpoint set sending_until = %s", [world.now])
    busy = faults(await world.pass_by(MINUTE, swept=False))
    assert Fault.WEBHOOKS_LATE not in busy, "there is much to send, and somebody was at it a minute ago"
    assert (await world.clinic.adele.client.post(f"{path}/disabling", json={})).status_code == 200
    assert Fault.WEBHOOKS_LATE not in faults(await world.pass_by(2 * MINUTE, swept=False))


async def test_jobs_that_nobody_works_on_are_stuck(world: World, own_database: str) -> None:
    queue = jobs.application(own_database)
    async with queue.open_async():
        for name in ("purge", "reconcile"):
            await queue.configure_task(name).defer_async(timestamp=0)
    await world.pass_by()
    found = await world.pass_by(3 * MINUTE)
    assert [trouble for trouble in found if trouble.fault is Fault.QUEUE_STUCK] == [
        (Fault.QUEUE_STUCK, "default")
    ], "the watcher's own queue is its own affair"


async def test_an_urgent_alert_of_which_nobody_was_told_is_told_to_the_operator(world: World) -> None:
    """The people of these tests have no address: every step is skipped."""
    await is_not_safe(world.clinic.ana)
    assert Fault.NOBODY_REACHED not in faults(await world.pass_by())
    found = await world.pass_by(2 * MINUTE)
    assert Fault.NOBODY_REACHED in faults(found)
    assert "nobody_reached (1)" in world.told()[-1]


async def test_who_cries_again_and_again_does_not_put_the_fault_off(world: World) -> None:
    """The program's only step is a crisis service that is not there, and no supervisor has an address."""
    only_the_crisis_service(world.superuser, world.clinic)
    for _ in range(3):
        async with at(world.clinic, world.clinic.ana, world.now) as ana:
            reply = await ana.post("/v1/patients/me/crisis-flags", json={})
        assert (reply.status_code, reply.json()["care_team_told"]) == (201, False)
        found = await world.pass_by(MINUTE)
    assert world.rows("select count(*) from page") == [(0,)]
    assert Fault.NOBODY_REACHED in faults(found)


async def test_a_page_that_arrived_is_enough(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    add_page(world, await only_alert(world.clinic.clara), status="sent")
    assert Fault.NOBODY_REACHED not in faults(await world.pass_by(3 * MINUTE))


async def test_somebody_who_has_it_was_reached(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    alert = await only_alert(world.clinic.clara)
    await world.clinic.clara.client.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
    assert Fault.NOBODY_REACHED not in faults(await world.pass_by(3 * MINUTE))


async def test_a_page_of_an_earlier_cycle_is_not_enough(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    alert = await only_alert(world.clinic.clara)
    add_page(world, alert, status="sent")
    await world.clinic.clara.client.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
    await world.pass_by(16 * MINUTE)  # the acknowledgement has run out
    assert Fault.NOBODY_REACHED in faults(await world.pass_by(3 * MINUTE))


async def test_what_may_wait_is_not_the_operators(world: World) -> None:
    await craves(world.clinic.ana)
    assert Fault.NOBODY_REACHED not in faults(await world.pass_by(10 * MINUTE))


async def test_rules_that_cannot_be_read_are_told(world: World) -> None:
    world.superuser.execute(
        "insert into rule_set select organization_id, program_id, version + 1,"
        " jsonb_set(rules, '{0,condition}', '{\"kind\": \"of_tomorrow\"}'), author_id, reason, published_at"
        " from rule_set where program_id = %s",
        [world.clinic.program_id],
    )
    world.superuser.execute(
        "update program set rule_set_version = rule_set_version + 1 where id = %s", [world.clinic.program_id]
    )
    assert Fault.RULES_UNREADABLE in faults(await world.pass_by())


async def test_what_is_counted_is_written_down(world: World) -> None:
    await craves(world.clinic.ana)
    await world.pass_by(5 * MINUTE)
    ((at, facts),) = world.rows("select at, facts from pulse where name = 'watch'")
    assert at == world.now
    assert facts.pop("unacknowledged_high") == pytest.approx(300, abs=5)
    assert facts == {"faults": 0, "ladder_lag": 0.0, "pages_waiting": 0, "heartbeat_failures": 0}


async def test_what_fails_is_told_and_stops_nothing_else(world: World) -> None:
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    world.superuser.execute("alter table program rename to program_that_was")
    world.superuser.execute("alter table program_that_was rename column rule_set_version to version_that_was")
    world.superuser.execute("alter table program_that_was rename to program")
    found = faults(await world.pass_by(swept=False))
    assert Fault.RECONCILE_FAILED in found
    world.superuser.execute("alter table program rename column version_that_was to rule_set_version")
    assert Fault.ALERT_MISSING in faults(await world.pass_by())
