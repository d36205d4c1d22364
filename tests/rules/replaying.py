"""Cases for replays: arbitrary ones, and a program's worth of ordinary ones."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import strategies as st

from app.rules import signals
from app.rules.backtest import Span
from app.rules.history import Pause
from app.rules.reading import Reading, Source
from app.rules.replay_case import Answer, Case, Stay
from app.rules.rule import Rule
from tests.rules.arbitrary import CODES, MOMENTS, NUMBERS, readings
from tests.rules.making import IN_UTC, NEW_YORK, NOW

PATIENT = UUID(int=77)


def answers_of(read: list[Reading]) -> list[Answer]:
    """The readings as the answers that they came in, in the order in which those came."""
    by_source: defaultdict[Source, list[Reading]] = defaultdict(list)
    for each in read:
        by_source[each.source].append(each)
    made = [Answer(source, own[0].at, own[0].received_at, tuple(own)) for source, own in by_source.items()]
    return sorted(made, key=lambda each: (each.received_at, each.at, each.source.id, each.source.revision))


def _ahead(read: list[Reading], every: int) -> list[Reading]:
    """The answers of every second or third source came nine hours before they say that they were lived."""
    early = timedelta(hours=9)
    return [
        each._replace(received_at=each.at - early) if every and each.source.id.int % every == 0 else each
        for each in read
    ]


def _renamed(read: list[Reading], signal: str) -> list[Reading]:
    """All under one name: an answer then gives it once."""
    return list({each.source: each._replace(signal=signal) for each in read}.values())


DAYS = st.integers(-25, 3).map(lambda days: NOW.date() + timedelta(days=days))
STAYS = st.lists(DAYS, min_size=1, max_size=2, unique=True).map(
    lambda days: [Stay(day, day + timedelta(days=20)) for day in sorted(days)]
)


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    start = draw(MOMENTS)
    length = timedelta(hours=draw(st.integers(1, 100)))
    return draw(st.sampled_from([[], [], [Pause(start, start + length, draw(st.booleans()))]]))


@st.composite
def cases(
    draw: st.DrawFn,
    values: st.SearchStrategy[float | str] = NUMBERS | CODES,
    only: str | None = None,
) -> Case:
    """One patient with readings of these values, and of one signal only if it is named."""
    read = _ahead(draw(readings(values)), draw(st.sampled_from([0, 0, 2, 3])))
    told = answers_of(_renamed(read, only) if only else read)
    foreign = draw(st.sets(st.integers(0, 3), max_size=1))
    return Case(
        PATIENT,
        [each._replace(evaluated=place not in foreign) for place, each in enumerate(told)],
        draw(STAYS),
        draw(st.sampled_from([IN_UTC, NEW_YORK])),
        draw(st.integers(0, 6)),
        draw(pauses()),
    )


def in_a_day(rule: Rule, opened_at: datetime) -> datetime:
    """Every alert is due a day later."""
    return opened_at + timedelta(days=1)


def span_of(first: date, last: date) -> Span:
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    until = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return Span(first, last, since, until)


def ordinary(patient: int, days: int, first: date = date(2026, 8, 25)) -> Case:
    """Somebody who checks in on nine days of ten, with a PHQ-9 a week."""
    chance = Random(patient)
    told: list[Answer] = []
    for day in range(days):
        at = datetime(first.year, first.month, first.day, 13, tzinfo=UTC) + timedelta(
            days=day, hours=3 * chance.random()
        )
        if chance.random() < 0.9:
            told.append(_check_in(patient, day, at, chance))
        if day % 7 == 0:
            told.append(_phq9(patient, day, at + timedelta(minutes=5), chance))
    return Case(UUID(int=patient), told, [Stay(first)], NEW_YORK)


def _check_in(patient: int, day: int, at: datetime, chance: Random) -> Answer:
    source = Source("check_in", UUID(int=patient * 1000 + day))
    given = {
        "mood": chance.randint(2, 9), "craving": chance.choice((0, 1, 2, 3, 3, 4, 4, 5, 6, 7, 8)),
        "sleep_hours": chance.choice((5.5, 7, 7.5, 8)), "used": chance.random() < 0.02, "feels_safe": True,
        "medication_taken": True, "meetings_attended": 1, "anxiety": 4, "energy": 5,
    }  # fmt: skip
    received_at = at + timedelta(seconds=2)
    read = signals.from_check_in(given, at=at, day=at.date(), received_at=received_at, source=source)
    return Answer(source, at, received_at, tuple(read))


def _phq9(patient: int, day: int, at: datetime, chance: Random) -> Answer:
    source = Source("assessment", UUID(int=patient * 1000 + day))
    received_at = at + timedelta(seconds=2)
    total = float(chance.randint(4, 21))
    return Answer(
        source, at, received_at, (Reading("phq9.total", total, at, at.date(), received_at, source),)
    )
