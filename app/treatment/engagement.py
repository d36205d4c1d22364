"""How much somebody does of what they are asked for: check-ins, sessions, questionnaires."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from app.ladders.cadence import InstrumentCadence
from app.ladders.reminders import Leave
from app.ladders.wall import moment_of
from app.treatment.attendance import ATTENDED
from app.treatment.week import Part

DAYS: Final = 14
LOW: Final = 0.5
"""Below half of it over fourteen days somebody is slipping away: a design choice (clinical.md, B,
"Engagement"; remote programs reached 80 to 86 % of their questionnaires, JMIR Form Res 2024 e58994)."""
_DAY = timedelta(days=1)


class Share(NamedTuple):
    """So many of these were asked for, and so many of them done."""

    asked: int
    done: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where nothing was asked for."""
        return self.done / self.asked if self.asked else None


class Engagement(NamedTuple):
    """What was asked for of one patient, by kind."""

    check_ins: Share
    attendance: Share
    instruments: Share

    @property
    def together(self) -> Share:
        """All of it, each thing as much as another."""
        return Share(sum(each.asked for each in self), sum(each.done for each in self))

    @property
    def is_low(self) -> bool:
        """Whether less than half of it was done."""
        rate = self.together.rate
        return rate is not None and rate < LOW


class Asked(NamedTuple):
    """Of whom something is asked, and since when: `zone` is theirs, `ends_on` the last day of their stay."""

    zone: ZoneInfo
    starts_on: date
    ends_on: date | None
    leaves: Sequence[Leave]

    def days(self, today: date) -> Iterator[date]:
        """Those of the fourteen days up to and with today that lie in the stay and in no leave."""
        for ago in range(DAYS - 1, -1, -1):
            day = today - ago * _DAY
            if (
                self.starts_on <= day
                and (self.ends_on is None or day <= self.ends_on)
                and not self._away(day)
            ):
                yield day

    def asked_on(self, day: date) -> date | None:
        """When something is asked that is due on this day: back from a leave, if there is a way back."""
        for start, end in sorted(self.leaves, key=lambda leave: leave[0]):
            midnight = moment_of(day, time(), self.zone)
            if start <= midnight and end is None:
                return None
            if end is not None and start <= midnight < end:
                day = end.astimezone(self.zone).date()
        return day

    def _away(self, day: date) -> bool:
        start, end = moment_of(day, time(), self.zone), moment_of(day + _DAY, time(), self.zone)
        return any(away < end and (back is None or start < back) for away, back in self.leaves)


class Plan(NamedTuple):
    """What a program asks for: check-ins on these weekdays (0 is Monday), and questionnaires."""

    check_in_days: Container[int]
    cadence: Sequence[InstrumentCadence]


class Deeds(NamedTuple):
    """What one patient did of what they were asked for: the days of their check-ins, and those of each
    questionnaire, further back than it may take to be due again."""

    asked: Asked
    check_ins: Collection[date]
    taken: Mapping[str, Collection[date]]


def engagement(plan: Plan, deeds: Deeds, parts: Iterable[Part], now: datetime) -> Engagement:
    """Of the last fourteen days; `parts` are the patient's in the sessions of that time."""
    return Engagement(
        of_check_ins(deeds.asked, plan.check_in_days, deeds.check_ins, now),
        of_sessions(parts, now),
        of_instruments(deeds.asked, plan.cadence, deeds.taken, now),
    )


def of_check_ins(of: Asked, weekdays: Container[int], given: Collection[date], now: datetime) -> Share:
    """Check-ins on the days on which the program asks for one. Today is asked for once it is given."""
    today = now.astimezone(of.zone).date()
    days = [day for day in of.days(today) if day.weekday() in weekdays and (day < today or day in given)]
    return Share(len(days), sum(day in given for day in days))


def of_sessions(parts: Iterable[Part], now: datetime) -> Share:
    """Sessions that are over, that the program did not cancel, and that no other made up for."""
    over = [p for p in parts if p.counts and p.span.end <= now and p.status != "made_up"]
    return Share(len(over), sum(part.status in ATTENDED for part in over))


def of_instruments(
    of: Asked, cadence: Sequence[InstrumentCadence], taken: Mapping[str, Collection[date]], now: datetime
) -> Share:
    """Questionnaires that were due at some time of the fourteen days; each is asked for until it is taken."""
    today = now.astimezone(of.zone).date()
    days = list(of.days(today))
    if not days:
        return Share(0, 0)
    asks = [ask for each in cadence for ask in _asks(of, each, sorted(taken.get(each.instrument, ())))]
    open_then = [
        (due, done)
        for due, done in asks
        if (due < today or done == today) and (done is None or days[0] <= done)
    ]
    return Share(len(open_then), sum(done is not None for _, done in open_then))


def _asks(of: Asked, cadence: InstrumentCadence, taken: Sequence[date]) -> Iterator[tuple[date, date | None]]:
    """When it was due and when it was then taken, from the first day of the stay on. Once too often is no
    answer to anything that was asked, and puts the next one off all the same."""
    due = of.asked_on(of.starts_on)
    for day in taken:
        if due is not None and due <= day:
            yield due, day
        due = of.asked_on(max(of.starts_on, day + timedelta(days=cadence.every_days)))
    if due is not None:
        yield due, None
