"""Strategies: any condition, any history. Times lie on a grid, so that some fall together."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.rules.conditions import AllOf, AnyOf, Change, Condition, Count, Not, Run, Silence, Threshold, Total
from app.rules.history import History, Pause
from app.rules.reading import Reading, Source
from tests.rules.making import IN_UTC, NEW_YORK, NOW

# A busy machine is no failure, and the first text ever drawn builds a table of all characters.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

NUMBERS = st.integers(0, 20).map(lambda halves: halves / 2)
CODES = st.sampled_from(["none", "low", "high"])
SIGNALS = st.sampled_from(["craving", "mood", "check_in", "own.answer"])
ORDERINGS = st.sampled_from([">=", ">", "<=", "<"])
BY_NUMBER = {"signal": SIGNALS, "op": ORDERINGS, "value": NUMBERS}

DIRECTIONS = st.sampled_from(["rise", "fall"])

thresholds = st.builds(Threshold, **BY_NUMBER)
runs = st.builds(Run, n=st.integers(1, 4), **BY_NUMBER)
counts = st.builds(
    Count,
    at_least=st.integers(1, 3),
    window_days=st.integers(3, 10),
    per=st.sampled_from(["day", "reading"]),
    **BY_NUMBER,
)
changes = st.one_of(
    st.builds(Change, signal=SIGNALS, direction=DIRECTIONS, by=st.integers(1, 8), **own)
    for own in (
        {"against": st.just("baseline")},
        {"against": st.just("previous")},
        {"against": st.just("best_of_last"), "n": st.integers(1, 4)},
        {"against": st.just("median"), "window_days": st.integers(1, 20)},
    )
)
silences = st.one_of(
    st.builds(Silence, signal=SIGNALS, days=st.integers(1, 10)),
    st.builds(Silence, signal=SIGNALS, hours=st.integers(1, 200)),
)
rolling_totals = st.builds(Total, window=st.just("rolling"), window_days=st.integers(1, 10), **BY_NUMBER)
weekly_totals = st.builds(Total, window=st.just("program_week"), project=st.booleans(), **BY_NUMBER)
by_day = st.one_of(
    thresholds,
    st.builds(Threshold, signal=SIGNALS, op=st.sampled_from(["==", "!="]), value=CODES),
    runs,
    counts,
    changes,
    silences,
    rolling_totals,
)
leaves: st.SearchStrategy[Condition] = by_day | weekly_totals


def _combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(AllOf, conditions=several),
        st.builds(AnyOf, conditions=several),
        st.builds(Not, condition=parts),
    )


conditions: st.SearchStrategy[Condition] = st.one_of(leaves, _combined(leaves), _combined(_combined(leaves)))

MOMENTS = st.integers(-60, 6).map(lambda steps: NOW + timedelta(hours=8 * steps))
SOURCES = st.builds(
    Source, st.just("check_in"), st.integers(1, 12).map(lambda n: UUID(int=n)), st.integers(0, 1)
)


@st.composite
def readings(draw: st.DrawFn, values: st.SearchStrategy[float | str] = NUMBERS | CODES) -> list[Reading]:
    """Up to 25 readings; an answer gives a signal once, and has one time and one day."""
    times: dict[Source, tuple[datetime, datetime]] = {}
    made = {}
    for source, signal in draw(st.lists(st.tuples(SOURCES, SIGNALS), max_size=25, unique=True)):
        if source not in times:
            at = draw(MOMENTS)
            times[source] = at, at + timedelta(hours=draw(st.sampled_from([0, 0, 0, 60])))
        at, received_at = times[source]
        made[source, signal] = Reading(signal, draw(values), at, at.date(), received_at, source)
    return list(made.values())


pauses = st.lists(
    st.builds(
        lambda start, steps, is_leave: Pause(start, steps and start + timedelta(hours=8 * steps), is_leave),
        MOMENTS,
        st.none() | st.integers(1, 15),
        st.booleans(),
    ),
    max_size=3,
)


@st.composite
def histories(
    draw: st.DrawFn,
    values: st.SearchStrategy[float | str] = NUMBERS | CODES,
    zones: tuple[ZoneInfo, ...] = (IN_UTC, NEW_YORK),
) -> History:
    return History(
        draw(readings(values)),
        enrolled_at=draw(st.none() | MOMENTS),
        time_zone=draw(st.sampled_from(zones)),
        week_starts_on=draw(st.integers(0, 6)),
        scheduled=draw(readings(NUMBERS)),
        pauses=draw(pauses),
    )


def shifted(reading: Reading, days: int) -> Reading:
    by = timedelta(days=days)
    return reading._replace(at=reading.at + by, day=reading.day + by, received_at=reading.received_at + by)
