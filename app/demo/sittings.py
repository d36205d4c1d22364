"""The demonstration's treatment sessions: when each of a series is, and everything of it as rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.cast import id_at, id_of
from app.demo.rows import Row
from app.demo.timetable import Held
from app.ladders.wall import moment_of
from app.treatment.attendance import no_show_at
from app.treatment.minutes import Span
from app.treatment.policy import AttendancePolicy

POLICY: Final = AttendancePolicy()
"""What the demonstration's programs make of arrivals and absences: what a program begins with."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One treatment session of a series: its date on the wall, when it is, and its id."""

    held: Held
    day: date
    span: Span
    id: UUID

    @property
    def no_show_at(self) -> datetime:
        """From when on who has not come is missing."""
        return no_show_at(self.span, POLICY)

    def is_for(self, patient: str) -> bool:
        """Whether this patient of the program is expected."""
        return not self.held.places or patient in self.held.places


def sittings(held: Held, zone: ZoneInfo, since: date, until: date) -> Sequence[Sitting]:
    """The sessions of a series on the days from `since` until before `until`."""
    return [_sitting(held, day, zone) for day in held.dates(since, until)]


def _sitting(held: Held, day: date, zone: ZoneInfo) -> Sitting:
    starts_at = moment_of(day, held.starts, zone)
    span = Span(starts_at, starts_at + timedelta(minutes=held.minutes))
    return Sitting(held, day, span, id_at(starts_at, "session", held.key))


class Series:
    """One series of an organization, as rows."""

    def __init__(
        self, organization_id: UUID, held: Held, zone: ZoneInfo, planned: Sequence[Sitting], by: UUID,
        at: datetime,
    ) -> None:  # fmt: skip
        self._tenant = {"organization_id": organization_id}
        self.held, self._zone, self._planned = held, zone, planned
        self._by, self._at = by, at
        self.id = id_of("series", held.key)

    def row(self, planned_until: date, extend_at: datetime) -> Row:
        """The series itself, planned until a day, and to be planned further from `extend_at` on."""
        held, first = self.held, self._planned[0]
        return dict(
            **self._tenant, id=self.id, **self._described(), starts_local=self._wall(first),
            minutes=held.minutes, recurrence=held.recurrence, last_day=None,
            audience="places" if held.places else "program", planned_until=planned_until,
            extend_at=extend_at, created_by=self._by,
        )  # fmt: skip

    def planned(self, reckon_at: Callable[[Sitting], datetime | None]) -> Iterator[Row]:
        """Its sessions, and when the sweep looks at each of them next."""
        described = self._described()
        for each in self._planned:
            yield dict(
                **self._tenant, id=each.id, series_id=self.id, **described, slot=self._wall(each),
                starts_at=each.span.start, ends_at=each.span.end, local_date=each.day,
                arrival_code=_arrival_code(each.id), is_exception=False, status="planned",
                cancelled_at=None, cancelled_by=None, cancel_reason=None,
                reckon_at=reckon_at(each),
            )  # fmt: skip

    def places(self) -> Iterator[Row]:
        """Who has a place in it, in the order in which they asked, and who waits for one."""
        asked = [(key, "placed") for key in self.held.places]
        asked += [(key, "waiting") for key in self.held.waiting]
        for number, (key, status) in enumerate(asked):
            at = self._at + timedelta(minutes=number)
            yield dict(
                **self._tenant, id=id_of("place", self.held.key, key), series_id=self.id,
                patient_id=id_of("patient", key), status=status, first_day=self._planned[0].day, left_on=None,
                asked_at=at, asked_by=self._by, placed_at=at if status == "placed" else None,
            )  # fmt: skip

    def _described(self) -> dict[str, object]:
        """What a series and its sessions have in common."""
        held = self.held
        return {
            "program_id": id_of("program", held.program), "kind": held.kind, "title": held.title,
            "time_zone": self._zone.key, "capacity": held.capacity, "room": held.room,
            "telehealth_url": held.telehealth_url, "created_at": self._at, "row_version": 1,
            "facilitator_ids": [id_of("staff", key) for key in held.facilitators],
        }  # fmt: skip

    def _wall(self, sitting: Sitting) -> datetime:
        return datetime.combine(sitting.day, self.held.starts)


def _arrival_code(session_id: UUID) -> str:
    return f"{int.from_bytes(sha256(session_id.bytes).digest()[:4], 'big') % 1_000_000:06}"
