"""A patient's hours of treatment."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from app.access import Actor, Permission, Role
from app.dependencies import AcceptLanguage, Db, Now, Whose, requires
from app.dependencies.conditional import PRIVATE
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.models import Program
from app.queries import audit, hours, patients, payer_rules
from app.schemas.fields import Day
from app.schemas.hours import HoursRead, WeekRead
from app.sentences import negotiate
from app.treatment.minutes import Span, week_of
from app.treatment.reckoning import Case, reckon
from app.treatment.week import span_of

router = strict_router("/v1", "sessions")
MOST_WEEKS = 53
WEEKS_BEFORE = 3
_WEEK = timedelta(weeks=1)


@router.get("/patients/{patient_id}/hours", operation_id="read_hours")
async def read_hours(
    *,
    patient_id: Whose,
    actor: Annotated[Actor, requires(Permission.HOURS_READ)],
    db: Db,
    now: Now,
    accept_language: AcceptLanguage,
    response: Response,
    first_day: Annotated[
        Day | None, Query(alias="from", description="A day of the first week; three weeks before the last.")
    ] = None,
    last_day: Annotated[
        Day | None, Query(alias="to", description="A day of the last week; the running one.")
    ] = None,
) -> HoursRead:
    """A patient's minutes of treatment by program week, against what their payer and program require.

    Weeks and days are those of the program. What a week requires is decided by its first day. A patient
    who was never in a program has no weeks.
    """
    patient = await patients.find(db, actor, patient_id)
    found = await hours.home(db, actor, patient_id)
    audit.record(db, actor, now, Permission.HOURS_READ, of="attendance", patient_id=patient_id)
    response.headers.update(PRIVATE)
    if found is None:
        return HoursRead(weeks=[])
    zone = ZoneInfo(found.program.time_zone)
    weeks = _weeks(found.program, first_day, last_day, now.astimezone(zone).date())
    payers = {stay.care.payer for stay in found.stays if stay.care.payer}
    own, parts = (
        await payer_rules.of_payers(db, payers),
        await hours.parts(db, patient_id, _around(weeks, zone)),
    )
    reckoned = reckon(weeks, Case(found.stays, patient.born_on, own, parts), zone, now)
    locale = negotiate(patient.locale if actor.role is Role.PATIENT else None, accept_language)
    words = found.program.sentences.get(locale, {})
    return HoursRead(weeks=[WeekRead.of(each, locale, words) for each in reckoned])


def _weeks(program: Program, first_day: date | None, last_day: date | None, today: date) -> Sequence[date]:
    """The first days of the weeks that are asked for. Raises `Unacceptable`."""
    last = week_of(last_day or max(today, first_day or today), program.week_starts_on)
    first = last - WEEKS_BEFORE * _WEEK if first_day is None else week_of(first_day, program.week_starts_on)
    if last < first:
        raise Unacceptable.at("/to", "too_early", "Not before `from`.")
    weeks = (last - first) // _WEEK + 1
    if weeks > MOST_WEEKS:
        raise Unacceptable.at("/from", "too_long", "At most 53 weeks.")
    return [first + number * _WEEK for number in range(weeks)]


def _around(weeks: Sequence[date], zone: ZoneInfo) -> Span:
    return span_of(weeks[0], (weeks[-1] + _WEEK - weeks[0]).days, zone)
