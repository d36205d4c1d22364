"""A backtest of a rule that adds what is planned finds the short weeks that were found when they were."""

from datetime import datetime, timedelta
from functools import partial

import psycopg
import pytest

from tests.api.publishing import edited, own_rule, published
from tests.attending import Room
from tests.people import Clinic
from tests.services.test_backtest_equals_live import (
    BEFORE,
    END,
    found_by_replay,
    found_live,
    look_until,
)
from tests.services.weeks import FIRST

SHORT = {
    "kind": "total", "signal": "session.minutes", "op": "<", "value": 500, "window": "program_week",
    "project": True,
}  # fmt: skip
FULL = {**SHORT, "op": ">=", "value": 540}
"""Not a matter of time: found with the session that makes it so."""
DAY = timedelta(days=1)


@pytest.mark.parametrize("missed", [set(), {4}, {0, 1, 5, 11}, set(range(12))], ids=str)
async def test_short_weeks(clinic: Clinic, psql: psycopg.Connection, missed: set[int]) -> None:
    """Three evenings a week, for four weeks: nine hours in each that is whole."""
    body = await edited(clinic.sam)
    body["rules"] = [own_rule(SHORT, code="own.short"), own_rule(FULL, code="own.full")]
    await published(clinic.sam, body)
    psql.execute(
        "update enrollment set absence_due_at = %s where organization_id = %s",
        [BEFORE, clinic.organization_id],
    )
    room = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
    monday = FIRST + 6 * DAY + timedelta(hours=10)
    evenings = [monday + (7 * week + day) * DAY for week in range(4) for day in (0, 2, 4)]
    sessions = [await room.plan(at, places=(clinic.ana.id,)) for at in evenings]
    before = partial(look_until, clinic, psql, clinic.ana)
    for number, (session_id, starts_at) in enumerate(zip(sessions, evenings, strict=True)):
        if number in missed:
            status, now, minutes = "unexcused", starts_at + timedelta(minutes=30), 0
        else:
            status, now, minutes = "attended", starts_at + timedelta(hours=3), 180
        if now < END:
            await before(now)
            await room.record(clinic.ana.id, session_id, status, now, minutes)
    await before(END - timedelta(microseconds=1))
    await look_until(clinic, psql, clinic.ben, END - timedelta(microseconds=1))
    live, replayed = found_live(psql, clinic), await found_by_replay(clinic)
    assert replayed == live
    weeks = {
        week_of(at) for patient_id, rule, *_, at in live if (patient_id, rule) == (clinic.ana.id, "own.short")
    }
    lacking = {week_of(evenings[number]) for number in missed if evenings[number] < END}
    assert weeks - {week_of(FIRST), week_of(END)} == lacking - {week_of(END)}


def week_of(moment: datetime) -> int:
    return moment.isocalendar().week
