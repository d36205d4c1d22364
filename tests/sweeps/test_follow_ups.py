"""A crisis is over, and nobody speaks with the person again: after 72 hours that is told, once."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import unit_of_work
from app.services import crisis_flags, follow_ups
from tests.sweeps.ward import DAY, HOUR, NEW_YORK, SECOND, Resident, Ward, local

OVER = datetime(2026, 11, 11, 15, tzinfo=UTC)
"""Ten in the morning in New York."""
DUE = OVER + 72 * HOUR
RULE = "crisis.follow_up_overdue"


async def crisis(ward: Ward, resident: Resident, over: datetime = OVER) -> None:
    """Somebody taps, and sam has resolved it by then."""
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        await crisis_flags.raise_flag(
            db, ward.actor(resident), resident.id, crisis_flags.Draft(), token_expired=False,
            accept_language=None, now=over - HOUR,
        )  # fmt: skip
    await ward.resolves(resident, "si.crisis_flag", over)


def told(ward: Ward, resident: Resident) -> list[tuple[str, datetime, int]]:
    return ward.rows(  # type: ignore[return-value]  # severity, when, how often
        "select severity, opened_at, occurrences from alert where patient_id = %s and rule = %s"
        " order by opened_at",
        resident.id, RULE,
    )  # fmt: skip


async def test_it_is_told_at_the_end_of_the_window_and_once(ward: Ward) -> None:
    nora = await ward.admit()
    await crisis(ward, nora)
    await ward.sweep(DUE - SECOND)
    assert told(ward, nora) == []
    for moment in (DUE, DUE + HOUR, DUE + 5 * DAY):
        await ward.sweep(moment)
        assert told(ward, nora) == [("high", DUE, 1)]
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        follow_up_id = ward.value("select id from follow_up")
        assert not await follow_ups.look(db, follow_up_id, DUE + DAY), "nothing to do"
    found = "select overdue_at, overdue_on::text, look_at, status from follow_up"
    assert ward.rows(found) == [(DUE, "2026-11-14", None, "due")]
    source = (
        "select source_kind, source_id = (select id from follow_up) from alert_occurrence where rule = %s"
    )
    assert ward.rows(source, RULE) == [("follow_up", True)]


async def test_the_day_is_the_patients(ward: Ward) -> None:
    nora = await ward.admit(zone="Pacific/Auckland")
    await crisis(ward, nora, datetime(2026, 11, 11, 15, tzinfo=UTC))
    await ward.sweep(DUE)
    assert ward.value("select overdue_on::text from follow_up") == "2026-11-15"


async def test_what_was_done_in_time_is_not_told(ward: Ward) -> None:
    nora = await ward.admit()
    await crisis(ward, nora)
    clara = ward.actor(ward.clinic.clara)
    follow_up_id = ward.value("select id from follow_up")
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        await follow_ups.complete(db, clara, follow_up_id, outcome="contacted", note=None, now=DUE - SECOND)
    await ward.sweep(DUE + DAY)
    assert (told(ward, nora), ward.value("select overdue_at from follow_up")) == ([], None)


async def test_one_that_is_late_can_still_be_done(ward: Ward) -> None:
    nora = await ward.admit()
    await crisis(ward, nora)
    await ward.sweep(DUE)
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        clara = ward.actor(ward.clinic.clara)
        follow_up_id = ward.value("select id from follow_up")
        done = await follow_ups.complete(
            db, clara, follow_up_id, outcome="contacted", note=None, now=DUE + HOUR
        )
    assert (done.status, done.overdue_at) == ("done", DUE)
    assert len(told(ward, nora)) == 1, "whoever answers for it closes the alert"


async def test_every_crisis_is_followed_up(ward: Ward) -> None:
    nora = await ward.admit(zone=NEW_YORK)
    await crisis(ward, nora)
    await crisis(ward, nora, OVER + DAY)
    await ward.sweep(DUE + DAY)
    ((_, _, occurrences),) = told(ward, nora)
    assert (occurrences, ward.value("select count(*) from follow_up")) == (2, 2)


async def test_two_workers_tell_it_once(ward: Ward, another_engine: AsyncEngine) -> None:
    residents = [await ward.admit() for _ in range(6)]
    for each in residents:
        await crisis(ward, each)
    await asyncio.gather(sweeps.sweep(ward.engine, DUE), sweeps.sweep(another_engine, DUE))
    await ward.sweep(DUE)
    assert [told(ward, each) for each in residents] == [[("high", DUE, 1)]] * 6


async def test_it_is_told_of_whoever_left_as_well(ward: Ward) -> None:
    nora = await ward.admit()
    await crisis(ward, nora)
    await ward.changes_stay(nora, local(nora, OVER.date(), 18), status="completed", ends_on=OVER.date())
    await ward.sweep(DUE)
    assert len(told(ward, nora)) == 1
