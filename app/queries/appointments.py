"""The sessions that stand in a calendar feed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from app.calendars import Appointment
from app.database import Db
from app.models import CalendarFeed
from app.queries.rosters import INVITED

MOST: Final = 500
"""So many sessions stand in one calendar, the earliest first."""

_COLUMNS: Final[LiteralString] = """
    s.id, s.starts_at, s.ends_at, s.status = 'cancelled', s.row_version, s.created_at, s.cancelled_at, s.room,
    s.telehealth_url
"""
# A row that says `expected` goes with an invitation or has outlived it.
_OF_PATIENT: Final[LiteralString] = f"""
    with mine as (
      select session_id from ({INVITED}) x where x.patient_id = %(owner)s
      union
      select session_id from attendance
      where organization_id = %(org)s and patient_id = %(owner)s and status <> 'expected')
    select {_COLUMNS}, a.status in ('excused', 'cancelled'), a.revision, a.changed_at
    from mine
    join treatment_session s on s.organization_id = %(org)s and s.id = mine.session_id
    left join attendance a
      on a.organization_id = %(org)s and a.session_id = s.id and a.patient_id = %(owner)s
    where s.ends_at > %(since)s
    order by s.starts_at, s.id limit %(most)s
"""  # noqa: S608 - the parts are constants, and the rest is bound
_OF_STAFF: Final[LiteralString] = f"""
    select {_COLUMNS}, false, 0, null
    from treatment_session s
    where s.organization_id = %(org)s and s.ends_at > %(since)s and s.facilitator_ids @> %(owner)s
    order by s.starts_at, s.id limit %(most)s
"""  # noqa: S608 - the part is a constant, and the rest is bound


async def of_feed(db: Db, feed: CalendarFeed, since: datetime) -> Sequence[Appointment]:
    """What stands in a feed: sessions that end after `since`, planned or cancelled.

    A patient's are those in which they are expected or booked, and those of which something is known; one
    that they are excused from is cancelled for them. A staff member's are those that they lead.
    """
    statement = _OF_STAFF if feed.patient_id is None else _OF_PATIENT
    owner = Jsonb([str(feed.staff_member_id)]) if feed.patient_id is None else feed.patient_id
    values = {"org": db.organization_id, "owner": owner, "since": since, "most": MOST}
    cursor = await (await db.driver()).execute(statement, values)
    return [_Row._make(row).appointment(feed.shows_place) for row in await cursor.fetchall()]


class _Row(NamedTuple):
    id: UUID
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    row_version: int
    created_at: datetime
    cancelled_at: datetime | None
    room: str | None
    telehealth_url: str | None
    is_excused: bool | None
    revision: int | None
    changed_at: datetime | None

    def appointment(self, shows_place: bool) -> Appointment:
        """A change of the session and one of the attendance in it both count on."""
        revised = (self.created_at, self.cancelled_at, self.changed_at)
        return Appointment(
            self.id, self.starts_at, self.ends_at, self.row_version - 1 + (self.revision or 0),
            max(each for each in revised if each), self.is_cancelled or bool(self.is_excused),
            self.room or self.telehealth_url if shows_place else None,
            self.telehealth_url if shows_place else None,
        )  # fmt: skip
