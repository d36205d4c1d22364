"""Sweeps at the same time, sweeps that die, sweeps beside answers, and stays that cannot be looked at."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app import sweeps
from app.database import unit_of_work
from app.services import absences, check_ins
from tests.sweeps.ward import DAY, HOUR, MISSED, MONDAY, SECOND, Resident, Ward, local


async def silent(ward: Ward, number: int) -> list[Resident]:
    """So many who were never heard of; on Thursday at midnight that is news."""
    return [await ward.admit() for _ in range(number)]


async def test_two_sweeps_at_the_same_time_open_one_alert_each(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    everybody = await silent(ward, 12)
    for hours in range(24 * 3, 24 * 8, 12):
        now = local(everybody[0], MONDAY) + hours * HOUR
        await asyncio.gather(
            sweeps.sweep(ward.engine, now), sweeps.sweep(another_engine, now), sweeps.sweep(ward.engine, now)
        )
    for nora in everybody:
        told = [(each.rule, each.occurrences) for each in ward.told(nora)]
        assert told == [(MISSED, 1), ("checkin.thinning", 1), ("checkin.missed_7_days", 1)]


async def test_one_who_comes_second_does_not_wait(ward: Ward, another_engine: AsyncEngine) -> None:
    (nora,) = await silent(ward, 1)
    now = local(nora, MONDAY) + 3 * DAY
    async with unit_of_work(ward.engine, ward.organization_id) as one:
        assert await absences.look(one, nora.stay_id, now)
        async with unit_of_work(another_engine, ward.organization_id) as other:
            assert not await absences.look(other, nora.stay_id, now), "somebody else is at it"
    async with unit_of_work(another_engine, ward.organization_id) as late:
        assert not await absences.look(late, nora.stay_id, now), "it is done"
    assert [each.occurrences for each in ward.told(nora)] == [1]


async def test_a_sweep_that_dies_leaves_nothing_half_done(ward: Ward) -> None:
    (nora,) = await silent(ward, 1)
    now = local(nora, MONDAY) + 3 * DAY
    promised = ward.due(nora)

    async def killed() -> None:
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            assert await absences.look(db, nora.stay_id, now)
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await killed()
    for table in ("alert", "alert_occurrence", "alert_entry", "page", "event"):
        assert ward.value(f"select count(*) from {table}") == 0
    assert ward.due(nora) == promised
    await ward.sweep(now + 20 * SECOND)
    assert [each.rule for each in ward.told(nora)] == [MISSED]


async def test_a_sweep_that_is_killed_among_many_leaves_the_others_to_the_next(
    ward: Ward, another_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await silent(ward, 8)
    now = local(everybody[0], MONDAY) + 3 * DAY
    find, look = sweeps.KINDS["absence"]
    looked = []

    async def dies(*args: object) -> bool:
        looked.append(await look(*args))  # type: ignore[arg-type]  # whatever the sweep gives
        if len(looked) == 5:
            raise asyncio.CancelledError
        return looked[-1]

    monkeypatch.setitem(sweeps.KINDS, "absence", (find, dies))
    with pytest.raises(asyncio.CancelledError):
        await sweeps.sweep(another_engine, now)
    assert sum(len(ward.told(nora)) for nora in everybody) == 4, "the fifth was not committed"
    assert ward.rows("select 1 from pulse where name = 'sweep'") == []
    monkeypatch.undo()
    await ward.sweep(now + 20 * SECOND)
    assert [len(ward.told(nora)) for nora in everybody] == [1] * 8


async def test_an_answer_waits_for_the_look_and_is_kept(ward: Ward, another_engine: AsyncEngine) -> None:
    (nora,) = await silent(ward, 1)
    now = local(nora, MONDAY) + 3 * DAY
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        assert await absences.look(db, nora.stay_id, now)
        answer = asyncio.create_task(ward.checks_in(nora, now, engine=another_engine, craving=9))
        await asyncio.sleep(0.2)
        assert not answer.done(), "it must wait for the patient's lock"
    await answer
    assert [each.rule for each in ward.told(nora)] == [MISSED]
    assert ward.value("select count(*) from alert where rule = 'craving.high'") == 1
    assert ward.due(nora) is not None and ward.due(nora) <= now + 3 * DAY


async def test_a_look_leaves_a_patient_who_is_answering_to_the_next_sweep(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    (nora,) = await silent(ward, 1)
    now = local(nora, MONDAY) + 3 * DAY
    draft = check_ins.Draft(uuid7(), now, nora.zone.key, {"mood": 5}, None, None)
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        await check_ins.submit(db, ward.actor(nora), nora.id, draft, accept_language=None, now=now)
        await asyncio.wait_for(sweeps.sweep(another_engine, now), 2)
        assert ward.told(nora) == []
    await ward.sweep(now + 20 * SECOND)
    assert ward.told(nora) == [], "somebody was heard"
    await ward.sweep(now + 3 * DAY)
    assert MISSED in {each.rule for each in ward.told(nora)}


async def test_answers_sweeps_and_new_rules_all_at_once(ward: Ward, another_engine: AsyncEngine) -> None:
    everybody = await silent(ward, 6)
    rules = await ward.rules()
    for round_ in range(1, 9):
        now = local(everybody[0], MONDAY, 9) + round_ * DAY
        answering = everybody[: round_ % 4]
        await asyncio.gather(
            *(ward.checks_in(nora, now, engine=another_engine) for nora in answering),
            sweeps.sweep(ward.engine, now),
            sweeps.sweep(ward.engine, now),
            ward.publishes(rules, now),
        )
        await ward.sweep(now + 20 * SECOND)
    assert ward.value("select facts ->> 'failures' from pulse where name = 'sweep'") == "0"
    assert ward.value("select count(*) from check_in") == 2 * (1 + 2 + 3)
    # The last three were never heard of: whatever there was to tell of them was told once.
    for nora in everybody[-3:]:
        told = [(each.rule, each.occurrences) for each in ward.told(nora)]
        assert told == [(MISSED, 1), ("checkin.thinning", 1), ("checkin.missed_7_days", 1)]


async def test_a_stay_that_cannot_be_looked_at_stops_no_other_and_is_counted(
    ward: Ward, logs: list[dict[str, object]]
) -> None:
    broken, *others = await silent(ward, 4)
    now = local(broken, MONDAY) + 3 * DAY
    ward.psql.execute("update patient set time_zone = 'Atlantis/Capital' where id = %s", [broken.id])
    assert await ward.sweep(now) == {"failures": 1}
    assert [len(ward.told(nora)) for nora in others] == [1] * 3
    assert await ward.sweep(now + 20 * SECOND) == {"failures": 1}, "as long as it lasts"
    ward.psql.execute("update patient set time_zone = 'America/New_York' where id = %s", [broken.id])
    assert await ward.sweep(now + 40 * SECOND) == {"failures": 0}
    assert len(ward.told(broken)) == 1


async def test_a_program_whose_calendar_cannot_be_read_asks_every_day(ward: Ward) -> None:
    elsewhere = await ward.opens_a_program()
    there = [await ward.admit(program_id=elsewhere) for _ in range(3)]
    (here,) = await silent(ward, 1)
    ward.psql.execute(
        "update program set calendar = calendar || '{\"check_in_days\": [9]}' where id = %s", [elsewhere]
    )
    assert await ward.sweep(local(here, MONDAY) + 3 * DAY) == {"failures": 0}
    assert len(ward.told(here)) == 1
    assert [len(ward.told(nora)) for nora in there] == [1] * 3


async def test_however_many_fail_the_others_have_their_turn(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "AT_ONCE", 3)
    everybody = await silent(ward, 11)
    now = local(everybody[0], MONDAY) + 3 * DAY
    broken, others = everybody[:7], everybody[7:]
    ward.psql.execute(
        "update patient set time_zone = 'Atlantis/Capital' where id = any(%s)", [[each.id for each in broken]]
    )
    # They have waited the longest, and so are found first.
    ward.psql.execute(
        "update enrollment set absence_due_at = %s where patient_id = any(%s)",
        [local(everybody[0], MONDAY), [each.id for each in broken]],
    )
    assert await ward.sweep(now) == {"failures": 7}
    assert [len(ward.told(nora)) for nora in others] == [1] * 4


async def test_more_than_are_found_at_once_are_all_looked_at(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "AT_ONCE", 3)
    everybody = await silent(ward, 7)
    await ward.sweep(local(everybody[0], MONDAY) + 3 * DAY)
    assert [len(ward.told(nora)) for nora in everybody] == [1] * 7


async def test_an_organization_is_told_of_its_own(ward: Ward) -> None:
    nora = await ward.admit()
    lakeside = ward.clinic.dmitri.organization_id
    ward.psql.execute(
        "update enrollment set starts_on = %s, absence_due_at = %s where organization_id = %s",
        [MONDAY, local(nora, MONDAY), lakeside],
    )
    await ward.sweep(local(nora, MONDAY) + 3 * DAY)
    found = ward.rows("select organization_id, patient_id from alert order by 1")
    assert sorted(found) == sorted([(ward.organization_id, nora.id), (lakeside, ward.clinic.ivan.id)])
    async with unit_of_work(ward.engine, lakeside) as db:
        assert not await absences.look(db, nora.stay_id, local(nora, MONDAY) + 9 * DAY)
