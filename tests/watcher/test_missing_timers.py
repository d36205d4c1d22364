"""A timer that somebody cleared is set again: of alerts, and of the stays in which silence is waited for."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.rules.conditions import Total
from app.watching import Fault, timers
from tests.feed.raising import craves, is_not_safe, only_alert, says
from tests.rules.making import rule
from tests.watcher.conftest import MINUTE, World
from tests.watcher.test_no_false_alarm import publish


async def raise_one(world: World) -> dict[str, Any]:
    await craves(world.clinic.ana)
    return await only_alert(world.clinic.clara)


def clear(world: World, alert: dict[str, Any]) -> None:
    world.superuser.execute("update alert set timer_at = null where id = %s", [alert["id"]])


def timer_of(world: World, alert: dict[str, Any]) -> datetime | None:
    ((timer_at,),) = world.rows("select timer_at from alert where id = %s", alert["id"])
    return timer_at


def faults(found: set[Any]) -> list[Fault]:
    return sorted(trouble.fault for trouble in found)


async def test_a_cleared_timer_is_due_at_once_and_told(world: World) -> None:
    alert = await raise_one(world)
    clear(world, alert)
    assert faults(await world.pass_by()) == [Fault.TIMER_MISSING]
    assert timer_of(world, alert) == world.now
    assert "timer_missing (1)" in world.told()[0]
    assert world.outside.asked == []
    last = world.rows(
        "select kind from alert_entry where alert_id = %s order by id desc limit 1", alert["id"]
    )
    assert last == [("restored",)]


async def test_then_the_sweep_climbs_on_and_all_is_well(world: World) -> None:
    alert = await raise_one(world)
    clear(world, alert)
    await world.pass_by()
    assert await world.pass_by() == set()
    timer_at = timer_of(world, alert)
    assert timer_at is not None
    assert timer_at > world.now
    assert len(world.outside.asked) == 1


async def test_an_acknowledgement_still_gets_its_time(world: World) -> None:
    alert = await raise_one(world)
    await world.clinic.clara.client.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
    due = timer_of(world, alert)
    clear(world, alert)
    assert faults(await world.pass_by()) == [Fault.TIMER_MISSING]
    assert timer_of(world, alert) == due


async def test_a_snooze_still_gets_its_time(world: World) -> None:
    alert = await raise_one(world)
    world.superuser.execute(
        "update alert set snoozed_until = %s where id = %s", [world.now + timedelta(hours=3), alert["id"]]
    )
    clear(world, alert)
    assert faults(await world.pass_by()) == [Fault.TIMER_MISSING]
    assert timer_of(world, alert) == world.now - MINUTE + timedelta(hours=3)


async def test_what_is_resolved_or_has_ended_needs_none(world: World) -> None:
    alert = await raise_one(world)
    world.superuser.execute(
        "update alert set timer_at = null, step = 3, ladder = jsonb_set(ladder, '{rounds}', '1')"
        " where id = %s",
        [alert["id"]],
    )
    assert await world.pass_by() == set()
    body = {"outcome": "contacted", "note": None, "occurrences_seen": 1}
    reply = await world.clinic.clara.client.post(f"/v1/alerts/{alert['id']}/resolution", json=body)
    assert reply.status_code == 200
    assert await world.pass_by() == set()


async def test_a_ladder_that_cannot_be_read_has_not_ended(world: World) -> None:
    alert = await raise_one(world)
    world.superuser.execute("update alert set timer_at = null, ladder = '{}' where id = %s", [alert["id"]])
    assert faults(await world.pass_by()) == [Fault.TIMER_MISSING]
    assert Fault.SWEEP_FAILING in faults(await world.pass_by()), (
        "the sweep stumbles over it, and that is told"
    )


async def test_a_stay_that_no_sweep_would_look_at_is_found(world: World) -> None:
    """The moment was cleared, or put off for good: three days of silence would be news to nobody."""
    await says(world.clinic.ana, mood=7)
    for moment in (None, world.now + timedelta(days=300)):
        world.superuser.execute(
            "update enrollment set absence_due_at = %s where patient_id = %s", [moment, world.clinic.ana.id]
        )
        assert faults(await world.pass_by(swept=False)) == [Fault.ABSENCE_TIMER_MISSING]
        assert await world.pass_by() == set()
    assert all("absence_timer_missing (1)" in told for told in world.told())
    ((due,),) = world.rows("select absence_due_at from enrollment where patient_id = %s", world.clinic.ana.id)
    assert due < world.now + timedelta(days=7)


async def test_a_stay_that_no_sweep_would_look_at_when_a_session_comes_is_found(world: World) -> None:
    """Somebody said ahead that they will miss it: that is evaluated when it begins."""
    ana, held, starts_at = world.clinic.ana.id, world.room, world.now + timedelta(hours=5)
    await held.record(ana, await held.plan(starts_at), "unexcused", world.now)
    assert await world.pass_by() == set()
    for moment in (None, starts_at + timedelta(hours=1)):
        world.superuser.execute(
            "update enrollment set absence_due_at = %s where patient_id = %s", [moment, ana]
        )
        assert faults(await world.pass_by(swept=False)) == [Fault.ABSENCE_TIMER_MISSING]
        assert await world.pass_by() == set()
    world.now = starts_at
    await world.pass_by()
    assert world.rows("select rule from alert where patient_id = %s", ana) == [("session.missed",)]


async def test_a_week_that_is_full_by_what_is_planned_lacks_nothing(world: World) -> None:
    short = Total(signal="session.minutes", op="<", value=60, window="program_week", project=True)
    await publish(world, [rule(short, "own.short")], world.now)
    ana, held = world.clinic.ana.id, world.room
    world.superuser.execute(
        "update enrollment set starts_on = current_date - 30 where organization_id = %s",
        [world.clinic.organization_id],
    )
    sessions = [
        await held.plan(world.now + timedelta(hours=hours), places=(ana, world.clinic.ben.id))
        for hours in range(1, 200, 20)
    ]
    for _ in range(3):
        assert Fault.ABSENCE_TIMER_MISSING not in faults(await world.pass_by())
    for session_id in sessions:
        await held.record(ana, session_id, "excused", world.now)
    world.superuser.execute(
        "update enrollment set absence_due_at = %s where patient_id = %s",
        [world.now + timedelta(days=9), ana],
    )
    world.restart()
    assert Fault.ABSENCE_TIMER_MISSING in faults(await world.pass_by(swept=False))
    await world.sweep()
    told = world.rows("select patient_id from alert where rule = 'own.short'")
    assert told == [(ana,)]


async def test_an_alert_about_silence_that_was_deleted_comes_back(world: World) -> None:
    """No answer tells of it: the stay is looked at again."""
    await world.pass_by(timedelta(days=4))
    silent = world.rows("select id from alert where rule = 'checkin.missed_3_days'")
    assert len(silent) >= 2
    world.delete_alerts(*(alert_id for (alert_id,) in silent))
    found = faults(await world.pass_by())
    assert found.count(Fault.ABSENCE_TIMER_MISSING) == len(silent)
    await world.sweep()
    assert len(world.rows("select 1 from alert where rule = 'checkin.missed_3_days'")) == len(silent)


async def test_silence_that_was_told_is_not_told_again(world: World) -> None:
    for days in (4, 1, 1, 1, 3, 7):
        assert not {Fault.ABSENCE_TIMER_MISSING, Fault.ALERT_MISSING} & set(
            faults(await world.pass_by(timedelta(days=days)))
        )
    world.superuser.execute("update alert set status = 'resolved', resolved_at = now(), timer_at = null")
    assert not {Fault.ABSENCE_TIMER_MISSING} & set(faults(await world.pass_by()))


async def test_stays_are_looked_at_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "AT_ONCE", 1)
    far = world.now + timedelta(days=300)
    for person in (world.clinic.ana, world.clinic.ben):
        await says(person, mood=7)
    world.superuser.execute(
        "update enrollment set absence_due_at = %s where patient_id = any(%s)",
        [far, [world.clinic.ana.id, world.clinic.ben.id]],
    )
    found = [await world.pass_by() for _ in range(3)]
    assert sum(len(each) for each in found) == 2


async def test_a_stay_without_a_moment_waits_for_no_slice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "AT_ONCE", 1)
    await says(world.clinic.ben, mood=7)
    world.superuser.execute(
        "update enrollment set absence_due_at = null where patient_id = %s", [world.clinic.ben.id]
    )
    world.restart()
    assert faults(await world.pass_by()) == [Fault.ABSENCE_TIMER_MISSING]


async def test_a_critical_alert_is_found_like_any_other(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    clear(world, await only_alert(world.clinic.clara))
    assert Fault.TIMER_MISSING in faults(await world.pass_by())
