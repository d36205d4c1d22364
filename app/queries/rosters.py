"""Who is expected in which treatment session: from enrollments, from places, and booked to make up a miss."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from app.database import Db

# A stay that ends on the day of a session does so before it. Of somebody on leave nothing is expected, and
# nothing in a session that is cancelled. `%(org)s` is bound by the caller, who narrows it by its columns.
EXPECTED: Final[LiteralString] = """
    select distinct s.id as session_id, e.patient_id, s.program_id, s.starts_at, s.ends_at
    from treatment_session s
    join session_series r on r.organization_id = s.organization_id and r.id = s.series_id
    join enrollment e on e.organization_id = s.organization_id and e.program_id = s.program_id
      and e.starts_on <= s.local_date
      and (e.ends_on > s.local_date
           or e.status in ('active', 'on_leave') and coalesce(e.ends_on, s.local_date) >= s.local_date)
    where s.organization_id = %(org)s and s.status = 'planned'
      and (r.audience = 'program' or exists (
        select 1 from series_place p
        where p.organization_id = s.organization_id and p.series_id = s.series_id
          and p.patient_id = e.patient_id and p.placed_at is not null and p.first_day <= s.local_date
          and (p.left_on is null or p.left_on > s.local_date)) or exists (
        select 1 from attendance a
        where a.organization_id = s.organization_id and a.session_id = s.id
          and a.patient_id = e.patient_id and a.makes_up_id is not null and a.status <> 'cancelled'))
      and not exists (
        select 1 from leave_of_absence l
        where l.organization_id = s.organization_id and l.patient_id = e.patient_id
          and l.starts_at <= s.starts_at and (l.ends_at is null or l.ends_at > s.starts_at))
"""
INVITED: Final[LiteralString] = EXPECTED.replace("s.status = 'planned'", "true")
"""Who is expected, or would be if the session had not been cancelled."""

_IN: Final[LiteralString] = (
    f"select patient_id from ({EXPECTED}) x where session_id = %(session)s order by patient_id"  # noqa: S608 - a constant
)
_OF: Final[LiteralString] = f"""
    select session_id, program_id, starts_at, ends_at from ({EXPECTED}) x
    where patient_id = %(patient)s and ends_at > %(since)s and starts_at < %(until)s
    order by starts_at, session_id
"""  # noqa: S608 - the parts are constants, and the rest is bound
_COUNTS: Final[LiteralString] = f"""
    select session_id, count(*) from ({EXPECTED}) x where session_id = any(%(sessions)s) group by session_id
"""  # noqa: S608 - a constant
_CONCERNS: Final[LiteralString] = f"""
    select session_id from ({INVITED}) x
    where patient_id = %(patient)s and ends_at > %(since)s and starts_at < %(until)s
    union
    select a.session_id from attendance a
    join treatment_session s on s.organization_id = a.organization_id and s.id = a.session_id
    where a.organization_id = %(org)s and a.patient_id = %(patient)s and a.revision > 0
      and s.ends_at > %(since)s and s.starts_at < %(until)s
"""  # noqa: S608 - the parts are constants, and the rest is bound


class Expected(NamedTuple):
    """A session in which somebody is expected."""

    session_id: UUID
    program_id: UUID
    starts_at: datetime
    ends_at: datetime


async def expected_in(db: Db, session_id: UUID) -> Sequence[UUID]:
    """The patients who are expected in a session, those booked to make up another among them."""
    cursor = await (await db.driver()).execute(_IN, {"org": db.organization_id, "session": session_id})
    return [patient_id for (patient_id,) in await cursor.fetchall()]


async def expected_of(db: Db, patient_id: UUID, since: datetime, until: datetime) -> Sequence[Expected]:
    """The sessions in which a patient is expected that touch this time, the first first."""
    values = {"org": db.organization_id, "patient": patient_id, "since": since, "until": until}
    cursor = await (await db.driver()).execute(_OF, values)
    return [Expected(*row) for row in await cursor.fetchall()]


async def counts(db: Db, session_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many patients are expected in each of these sessions; where nobody is, it is left out."""
    if not session_ids:
        return {}
    values = {"org": db.organization_id, "sessions": list(session_ids)}
    cursor = await (await db.driver()).execute(_COUNTS, values)
    return dict(await cursor.fetchall())


async def concerning(db: Db, patient_id: UUID, since: datetime, until: datetime) -> Collection[UUID]:
    """The sessions that touch this time and are a patient's: they are expected, or would be if it had not
    been cancelled, or something is known of them there."""
    values = {"org": db.organization_id, "patient": patient_id, "since": since, "until": until}
    cursor = await (await db.driver()).execute(_CONCERNS, values)
    return {session_id for (session_id,) in await cursor.fetchall()}
