"""An answer that must have opened an alert, and has none, gets it; and the operator is told."""

import asyncio
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.database import unit_of_work
from app.queries import received
from app.queries.received import Place
from app.services import restoring
from app.watching import Fault, answers, timers, watcher_of
from app.watching.report import Report
from tests.feed.raising import alerts_of, craves, is_not_safe, only_alert, says
from tests.watcher.conftest import MINUTE, World


async def test_nothing_is_found_where_nothing_is_missing(world: World) -> None:
    await craves(world.clinic.ana)
    await says(world.clinic.ben, mood=7)
    assert await world.pass_by() == set()
    assert world.told() == []
    assert len(world.outside.asked) == 1


async def test_an_alert_that_was_deleted_is_opened_again_and_told(world: World) -> None:
    await craves(world.clinic.ana)
    before = await only_alert(world.clinic.clara)
    world.delete_alerts(before["id"])

    assert [trouble.fault for trouble in await world.pass_by()] == [Fault.ALERT_MISSING]

    after = await only_alert(world.clinic.clara)
    assert after["id"] != before["id"]
    assert {**after, **dict.fromkeys(("id", "opened_at", "due_at", "last_found_at"))} == {
        **before,
        **dict.fromkeys(("id", "opened_at", "due_at", "last_found_at")),
    }
    (told,) = world.told()
    assert "alert_missing (1)" in told
    assert world.outside.asked == [], "nothing is well"


async def test_what_was_restored_says_so_and_explains_itself(world: World) -> None:
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    await world.pass_by()
    alert = await only_alert(world.clinic.clara)
    kinds = world.rows("select kind from alert_entry where alert_id = %s order by id", alert["id"])
    assert [kind for (kind,) in kinds if kind in ("opened", "restored")] == ["opened", "restored"]
    types = world.rows("select type from event where alert_id = %s order by position", alert["id"])
    assert types[0] == ("alert.opened",)
    again = await world.clinic.clara.client.get(f"/v1/alerts/{alert['id']}/explanation")
    assert again.json()["recomputed"]["holds"] is True


async def test_it_is_told_once_and_then_all_is_well_again(world: World) -> None:
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    await world.pass_by()
    assert await world.pass_by() == set()
    assert len(world.told()) == 1
    assert len(world.outside.asked) == 1
    assert len(await alerts_of(world.clinic.clara)) == 1


async def test_one_that_was_deleted_twice_is_told_twice(world: World) -> None:
    await craves(world.clinic.ana)
    for _ in range(2):
        world.delete_alerts((await only_alert(world.clinic.clara))["id"])
        await world.pass_by()
        await world.pass_by()
    assert len(world.told()) == 2


async def test_an_occurrence_that_is_missing_repeats_the_alert(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    await is_not_safe(world.clinic.ana)
    alert = await only_alert(world.clinic.clara)
    world.superuser.execute(
        "delete from alert_occurrence where alert_id = %s and number = 1", [alert["id"]]
    )  # the numbers of the others stay
    found = await world.pass_by()
    assert Fault.ALERT_MISSING in {trouble.fault for trouble in found}
    assert (await only_alert(world.clinic.clara))["occurrences"] == 3


async def test_an_assessment_is_looked_at_too(world: World) -> None:
    answers = {f"phq9-{number}": 1 for number in range(1, 10)}
    body = {
        "id": str(uuid7()), "instrument": "phq-9", "occurred_at": clock.now().isoformat(),
        "time_zone": "America/New_York", "answers": answers,
    }  # fmt: skip
    reply = await world.clinic.ana.client.post("/v1/patients/me/assessments", json=body)
    assert reply.status_code == 201
    alert = await only_alert(world.clinic.clara)
    assert alert["rule"] == "si.phq9_item9"
    world.delete_alerts(alert["id"])
    await world.pass_by()
    assert (await only_alert(world.clinic.clara))["rule"] == "si.phq9_item9"


def rules_told(world: World) -> list[str]:
    rows = world.rows("select rule from alert where patient_id = %s order by rule", world.clinic.ana.id)
    return [rule for (rule,) in rows]


def delete_all(world: World) -> None:
    world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))


async def test_a_missed_session_is_looked_at_too(world: World) -> None:
    ana, held = world.clinic.ana.id, world.room
    for hours in (30, 2):
        starts_at = world.now - timedelta(hours=hours)
        await held.record(ana, await held.plan(starts_at), "unexcused", starts_at + timedelta(minutes=30))
    assert rules_told(world) == ["session.missed", "session.missed_twice"]
    delete_all(world)
    assert {trouble.fault for trouble in await world.pass_by()} == {Fault.ALERT_MISSING}
    assert rules_told(world) == ["session.missed", "session.missed_twice"]
    assert world.rows("select max(occurrences) from alert") == [(2,)]
    assert await world.pass_by() == set()


async def test_a_goal_and_a_short_week_are_looked_at_too(world: World) -> None:
    ana, held = world.clinic.ana.id, world.room
    now = world.now - timedelta(minutes=5)
    await held.goal_stands(ana, await held.agree_on_a_goal(ana, now), now, behind=True)
    ((stay_id,),) = world.rows("select id from enrollment where patient_id = %s", ana)
    await held.hours_stand(ana, stay_id, now, shortfall_minutes=90)
    before = rules_told(world)
    assert before == ["goal.behind", "hours.low"]
    delete_all(world)
    assert {trouble.fault for trouble in await world.pass_by()} == {Fault.ALERT_MISSING}
    assert rules_told(world) == before
    assert await world.pass_by() == set()


async def test_what_says_nothing_new_of_a_session_owes_nothing(world: World) -> None:
    """The same again with a reason, a notice ahead, and a session of a program that ana has left."""
    ana, held, starts_at = world.clinic.ana.id, world.room, world.now - timedelta(hours=3)
    session_id = await held.plan(starts_at)
    await held.record(ana, session_id, "unexcused", starts_at + timedelta(minutes=30))
    await held.record(ana, session_id, "unexcused", starts_at + timedelta(minutes=50))
    tomorrow = world.now + timedelta(days=1)
    ahead = await held.record(ana, await held.plan(tomorrow), "unexcused", world.now - timedelta(minutes=9))
    assert world.rows("select occurrences from alert") == [(1,)]
    assert await world.pass_by() == set()
    assert await world.pass_by(timedelta(days=2), swept=False) >= set()
    told = world.rows("select 1 from alert_occurrence where source_id = %s", ahead.id)
    assert told == [], "whoever looks at the stay tells it, and not the watcher"
    delete_all(world)
    other = uuid7()
    world.superuser.execute(
        "insert into program select (jsonb_populate_record(p, jsonb_build_object('id', %s::text))).*"
        " from program p where id = %s",
        [other, held.program_id],
    )
    world.superuser.execute(
        "insert into rule_set select (jsonb_populate_record(r, jsonb_build_object('program_id', %s::text))).*"
        " from rule_set r where program_id = %s",
        [other, held.program_id],
    )
    world.superuser.execute("update attendance_entry set program_id = %s", [other])
    assert not {Fault.ALERT_MISSING, Fault.RECONCILE_FAILED} & {
        trouble.fault for trouble in await world.pass_by()
    }


async def test_a_revision_is_looked_at_too(world: World) -> None:
    first = await says(world.clinic.ana, craving=2)
    body = {name: first[name] for name in ("id", "occurred_at")}
    body |= {"time_zone": "America/New_York", "answers": {"craving": 9}}
    reply = await world.clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    assert reply.status_code == 409
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    await world.pass_by()
    alert = await only_alert(world.clinic.clara)
    assert world.rows("select source_revision from alert_occurrence where alert_id = %s", alert["id"]) == [
        (1,)
    ]


async def test_every_organization_is_looked_at(world: World) -> None:
    for person in (world.clinic.ana, world.clinic.ivan):
        await craves(person)
    world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))
    assert len(await world.pass_by()) == 2
    assert "alert_missing (2)" in world.told()[0]


async def test_an_answer_that_has_just_come_is_left_for_the_next_time(world: World) -> None:
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    world.now = clock.now()
    assert await world.pass_by(timedelta(seconds=9)) == set()
    assert len(await world.pass_by()) == 1


async def test_two_watchers_at_once_open_one(world: World) -> None:
    await is_not_safe(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    another = watcher_of(world.app.state.engine, world.own)
    world.now += MINUTE
    one, other = await asyncio.gather(world.watcher.look(world.now), another.look(world.now))
    found = sorted(trouble.fault for trouble in (*one, *other))
    assert [fault for fault in found if fault is not Fault.NOBODY_REACHED] == [Fault.ALERT_MISSING]
    assert (await only_alert(world.clinic.clara))["occurrences"] == 1


async def test_older_answers_are_looked_at_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", 4)
    first = world.now - timedelta(days=7)
    for day in range(7):
        await world.tells(world.clinic.ana, first + timedelta(days=day), craving=9)
        await world.tells(world.clinic.ben, first + timedelta(days=day), mood=8)
    organization_id, reached, report = world.clinic.organization_id, None, Report(world.now)
    engine = world.app.state.engine
    world.superuser.execute("delete from alert_occurrence where rule = 'craving.high' and number > 1")
    passes = 0
    while passes == 0 or reached is not None:
        reached = await answers.restore(engine, organization_id, reached, world.now, report)
        passes += 1
    assert passes == 4
    assert len(report.troubles) == 6


async def test_what_is_older_than_eight_days_is_left_alone(world: World) -> None:
    long_ago = world.now - timedelta(days=8, minutes=1)
    await world.tells(world.clinic.ana, long_ago, craving=9)
    world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))
    await world.pass_by()
    assert world.rows("select 1 from alert where rule = 'craving.high'") == []


async def test_a_watcher_that_looks_only_at_timers_is_blind_to_it(world: World) -> None:
    """Or the tests above would prove nothing."""
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    world.now += MINUTE
    report, engine, organization_id = Report(world.now), world.app.state.engine, world.clinic.organization_id
    await timers.restore_alerts(engine, organization_id, world.now, report)
    await timers.restore_stays(engine, organization_id, None, world.now, report)
    assert report.troubles == set()
    assert await alerts_of(world.clinic.clara) == []
    await answers.restore(engine, organization_id, None, world.now, report)
    assert len(report.troubles) == 1


async def test_a_rule_that_counts_days_is_not_asked_of_who_has_moved(world: World) -> None:
    """In another zone since: which days were counted then, nobody knows. What counts none is certain."""
    for days in (2, 1, 0):
        at = world.now - timedelta(days=days, minutes=1)
        await world.tells(world.clinic.ana, at, sleep_hours=3.0, craving=9)
    rules = "select distinct rule from alert order by rule"
    assert world.rows(rules) == [("craving.high",), ("sleep.short",)]
    for moved in (False, True):
        world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))
        if moved:
            await move(world)
        await world.pass_by()
        assert world.rows(rules) == [("craving.high",)] if moved else [("craving.high",), ("sleep.short",)]


async def move(world: World) -> None:
    path = f"/v1/patients/{world.clinic.ana.id}"
    client = world.clinic.adele.client
    etag = (await client.get(path)).headers["etag"]
    moved = await client.patch(path, json={"time_zone": "America/Chicago"}, headers={"If-Match": etag})
    assert moved.status_code == 200, moved.text


async def test_a_stay_that_was_changed_makes_no_day_doubtful(world: World) -> None:
    for days in (2, 1, 0):
        await world.tells(world.clinic.ana, world.now - timedelta(days=days, minutes=1), sleep_hours=3.0)
    world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))
    ((enrollment_id,),) = world.rows("select id from enrollment where patient_id = %s", world.clinic.ana.id)
    path, client = f"/v1/enrollments/{enrollment_id}", world.clinic.sam.client
    reply = await client.patch(path, json={"status": "on_leave"}, headers={"If-Match": '"1"'})
    assert reply.status_code == 200, reply.text
    await world.pass_by()
    assert world.rows("select rule from alert") == [("sleep.short",)]


async def test_whoever_comes_second_opens_nothing(world: World) -> None:
    """Both have seen that it is missing; the lock decides."""
    await craves(world.clinic.ana)
    world.delete_alerts((await only_alert(world.clinic.clara))["id"])
    async with unit_of_work(world.app.state.engine, world.clinic.organization_id) as db:
        (answer,) = await received.after(db, Place(world.now - MINUTE), world.now + MINUTE, 2)
        published = await received.publications(db)
        (missing,) = await answers.missing(db, world.clinic.ana.id, [answer], published)
    opened = []
    for _ in range(2):
        async with unit_of_work(world.app.state.engine, world.clinic.organization_id) as db:
            opened += await restoring.open_missing(db, missing.answer, missing.findings, world.now)
    assert len(opened) == 1
    assert (await only_alert(world.clinic.clara))["occurrences"] == 1


async def test_places_follow_the_order_of_arrival(world: World) -> None:
    """Two pages of one answer each are the two answers of one page."""
    for craving in (1, 2, 3):
        await says(world.clinic.ana, craving=craving)
    async with unit_of_work(world.app.state.engine, world.clinic.organization_id) as db:
        start = Place(world.now - MINUTE)
        whole = await received.after(db, start, clock.now(), 10)
        place, single = start, []
        while found := await received.after(db, place, clock.now(), 1):
            single += found
            place = Place.of(found[-1])
    assert len(whole) == 3
    assert single == whole
