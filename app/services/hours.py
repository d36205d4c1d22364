"""Reckon a running week by its middle, so that a shortfall is known while there is time to act."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database import Db
from app.models import HoursStanding
from app.queries import hours as stored
from app.queries import payer_rules
from app.queries.hours import Claimed
from app.rules.reading import Source
from app.services import happenings
from app.treatment.minutes import week_of
from app.treatment.reckoning import Case, reckon
from app.treatment.week import mid_week, next_mid_week, span_of

KIND = "hours"
"""The kind of source of what a standing brings about."""
_WEEK = 7


async def look(db: Db, enrollment_id: UUID, now: datetime) -> bool:
    """Reckon the running week of a stay whose moment has passed, and set the next moment.

    False when there is nothing to do, or somebody else does it. How the week stands is kept, and the rules
    look at it. Nothing is kept of a week that the stay began or ends in, of one with a leave, and of one in
    which the program has no session at all: then its sessions are not kept here.
    """
    claimed = await stored.claim(db, enrollment_id, now)
    if claimed is None:
        return False
    if not claimed.is_running:
        stored.set_due(db, enrollment_id, None, claimed.due_at)
        return True
    due = next_mid_week(now, claimed.week_starts_on, claimed.zone)
    stored.set_due(db, enrollment_id, due, claimed.due_at)
    if standing := await _standing(db, enrollment_id, claimed, now):
        await db.add(standing)
        await happenings.watch(db, claimed.patient_id, Source(KIND, standing.id), at=now, now=now)
    return True


async def _standing(db: Db, enrollment_id: UUID, claimed: Claimed, now: datetime) -> HoursStanding | None:
    zone = claimed.zone
    today = now.astimezone(zone).date()
    first = week_of(today, claimed.week_starts_on)
    week, stay = span_of(first, _WEEK, zone), claimed.stay
    if (
        now < mid_week(first, zone)
        or not stay.fills(first)
        or not await stored.takes_place(db, claimed, week)
    ):
        return None
    if await stored.stood(db, enrollment_id, first):
        return None
    own = await payer_rules.of_payers(db, {stay.care.payer} if stay.care.payer else ())
    parts = await stored.parts(db, claimed.patient_id, week)
    (reckoned,) = reckon([first], Case([stay], claimed.born_on, own, parts), zone, now)
    assert reckoned.requirement is not None
    required, projected = reckoned.requirement.minimum_minutes, reckoned.week.projected
    return HoursStanding(
        organization_id=db.organization_id, id=uuid7(), enrollment_id=enrollment_id,
        patient_id=claimed.patient_id, program_id=claimed.program_id, week_of=first, at=now,
        local_date=today, required_minutes=required, projected_minutes=projected,
        shortfall_minutes=max(0, required - projected),
    )  # fmt: skip
