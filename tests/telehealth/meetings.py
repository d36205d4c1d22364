"""Meetings that somebody watches with a pencil: who was there in which minute, and what is told of it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from app.telehealth.presence import Event
from app.treatment.minutes import Span

SIX = datetime(2026, 11, 23, 23, tzinfo=UTC)
EVENING = Span(SIX, SIX + timedelta(hours=3))


class Visit(NamedTuple):
    """Somebody on one device in the meeting; who stays to its end is not always told to have left."""

    device: str
    start: datetime
    end: datetime
    is_told: bool = True


class Watched(NamedTuple):
    """One person in one meeting that ends when `ended` says."""

    visits: Sequence[Visit]
    ended: datetime

    def events(self) -> list[Event]:
        told = [Event("ended", self.ended, "meeting"), Event("started", self.visits[0].start, "meeting")]
        for visit in self.visits:
            told.append(Event("joined", visit.start, "meeting", visit.device))
            if visit.is_told:
                told.append(Event("left", visit.end, "meeting", visit.device))
        return told

    def minutes(self, span: Span) -> int:
        """Counted one by one, by the number that each has since 1970."""
        there: set[int] = set()
        for visit in self.visits:
            there.update(range(_number(visit.start), _number(visit.end)))
        return len(there & set(range(_number(span.start), _number(span.end))))


def watched(chance: Random, ended: datetime | None = None) -> Watched:
    """Three hours with one or two devices, of which each comes and goes."""
    ended = ended or EVENING.end + timedelta(seconds=chance.randrange(-600, 900))
    visits = [visit for device in "ab"[: chance.choice((1, 1, 2))] for visit in _of(device, ended, chance)]
    return Watched(visits, ended)


def _of(device: str, ended: datetime, chance: Random) -> Iterator[Visit]:
    at = EVENING.start + timedelta(seconds=chance.randrange(-800, 1500))
    for number in range(chance.randrange(1, 7)):
        until = at + timedelta(seconds=chance.randrange(20, 5400))
        connection = f"{device}{number}" if chance.random() < 0.5 else device
        if until >= ended:
            yield Visit(connection, at, ended, is_told=chance.random() < 0.5)
            return
        yield Visit(connection, at, until)
        at = until + timedelta(seconds=chance.choice((0, 1, 30, 90, 600)))
        if at >= ended:
            return


def _number(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
