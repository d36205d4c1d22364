"""Appointments as calendar programs read them: RFC 5545 and RFC 7986, with the `icalendar` library."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from icalendar import CLASS, STATUS, Calendar, Event, vDuration

READ_AGAIN: Final = timedelta(hours=1)
"""How often a calendar program is asked to read the calendar. Most keep to a pace of their own."""

# Names neither the clinic nor what it does, and no version: an upgrade is no news to a calendar.
_MADE_BY: Final = "-//Appointments//Calendar//EN"


class Appointment(NamedTuple):
    """One entry. `sequence` grows with every change of it, and `revised_at` is when the last one was made."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int
    revised_at: datetime
    is_cancelled: bool
    place: str | None
    url: str | None


def render(id: UUID, name: str, title: str, appointments: Sequence[Appointment]) -> bytes:
    """A calendar of private entries that are all called `title`; the same bytes for the same appointments.

    Instants are written in UTC. Each entry is a single one and no rule, so that nothing is gained by a zone
    of its own, and a reader with other zone data cannot move it; people see their own wall time.
    """
    calendar = Calendar.new(
        uid=id, prodid=_MADE_BY, name=name, subcomponents=[_event(each, title) for each in appointments]
    )
    # RFC 7986, 5.7 demands the parameter; the other spelling is Outlook's.
    calendar.add("REFRESH-INTERVAL", vDuration(READ_AGAIN, params={"VALUE": "DURATION"}))
    calendar.add("X-PUBLISHED-TTL", vDuration(READ_AGAIN))
    written: bytes = calendar.to_ical()
    return written


def _event(of: Appointment, title: str) -> Event:
    return Event.new(
        uid=of.id,
        stamp=of.revised_at.astimezone(UTC),
        start=of.starts_at.astimezone(UTC),
        end=of.ends_at.astimezone(UTC),
        sequence=of.sequence,
        summary=title,
        classification=CLASS.PRIVATE,
        status=STATUS.CANCELLED if of.is_cancelled else STATUS.CONFIRMED,
        location=of.place,
        url=of.url,
    )
