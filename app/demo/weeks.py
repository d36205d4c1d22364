"""How the weeks of the demonstration's patients stood in their middle, when there was time to act."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo import people, silence
from app.demo.cast import Organization, Patient, Program, id_at, id_of
from app.demo.presence import Part
from app.demo.rows import Row
from app.demo.sittings import Sitting
from app.queries.histories import readings
from app.rules.reading import Source
from app.rules.replay_case import Answer
from app.treatment import week as reckoned
from app.treatment.minutes import Span, week_of
from app.treatment.requirement import Care, required
from app.treatment.week import mid_week, report, span_of, times

_WEEK = timedelta(weeks=1)


class Standing(NamedTuple):
    """A week of a patient's, and how it stood at its middle."""

    patient: Patient
    week_of: date
    at: datetime
    day: date
    minimum: int
    projected: int

    @property
    def shortfall(self) -> int:
        """Minutes that are required and were not to be expected any more."""
        return max(0, self.minimum - self.projected)

    def row(self, organization: Organization) -> Row:
        """The same as it is kept."""
        return {
            "organization_id": organization.id, "id": self._id,
            "enrollment_id": id_of("enrollment", self.patient.key),
            "patient_id": id_of("patient", self.patient.key),
            "program_id": id_of("program", self.patient.program), "week_of": self.week_of, "at": self.at,
            "local_date": self.day, "required_minutes": self.minimum,
            "projected_minutes": self.projected, "shortfall_minutes": self.shortfall,
        }  # fmt: skip

    def answer(self) -> Answer:
        """The same as the rules see it."""
        source = Source("hours", self._id)
        stored = (*source, self.at, self.day, self.at, {"shortfall_minutes": self.shortfall})
        return Answer(source, self.at, self.at, tuple(readings([stored])), evaluated=self.shortfall > 0)

    @property
    def _id(self) -> UUID:
        return id_at(self.at, "hours", self.patient.key)


def standings(
    patient: Patient, program: Program, admitted: datetime, expected: Sequence[Sitting],
    parts: Sequence[Part], now: datetime,
) -> Iterator[Standing]:  # fmt: skip
    """Every whole week of a patient's stay whose middle has come, the first first."""
    zone, starts_on = ZoneInfo(program.time_zone), admitted.date()
    lowest, highest = program.hours
    care = Care(
        program.name, people.LEVEL_OF_CARE, program.population, Decimal(lowest), Decimal(highest),
        people.PAYERS.get(patient.key),
    )  # fmt: skip
    born_on = people.born_on(patient, admitted)
    first = week_of(starts_on, 0) + _WEEK
    while (at := mid_week(first, zone)) <= now:
        week = span_of(first, 7, zone)
        if patient.key != silence.ON_LEAVE or week.end <= now - silence.AWAY_SINCE:
            seen = list(_seen(expected, parts, week, at))
            (stood,) = report([first], times(seen, at), zone)
            minimum = required(care, born_on, first, ()).minimum_minutes
            yield Standing(patient, first, at, at.astimezone(zone).date(), minimum, stood.projected)
        first += _WEEK


def _seen(
    expected: Sequence[Sitting], parts: Sequence[Part], week: Span, at: datetime
) -> Iterator[reckoned.Part]:
    """The sessions of a week, with what was known of them at a moment."""
    known = {part.sitting.id: part for part in parts if _is_in(part.sitting, week) and part.known_at <= at}
    yield from (_part(part.sitting, part) for part in known.values())
    yield from (_part(each, None) for each in expected if _is_in(each, week) and each.id not in known)


def _is_in(sitting: Sitting, week: Span) -> bool:
    return week.start <= sitting.span.start < week.end


def _part(sitting: Sitting, part: Part | None) -> reckoned.Part:
    state, is_make_up = (part.state, part.makes_up_id is not None) if part else (None, False)
    return reckoned.Part(
        sitting.span, sitting.held.kind, state and state.status, state and state.arrived_at,
        state and state.left_at, is_make_up, bool(part and part.notice), is_cancelled=False,
    )  # fmt: skip
