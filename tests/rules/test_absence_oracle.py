"""The next look against looking every half hour, for three weeks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.rules.absence import episode, evaluate_absence, is_about_absence, next_look
from app.rules.conditions import AllOf, AnyOf, Condition, Count, Not, Silence, Threshold, Total
from app.rules.history import History, Pause
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet
from tests.rules.arbitrary import unhurried
from tests.rules.making import rule, rule_set

ANA = UUID(int=1)
STEP = timedelta(minutes=30)  # everything below lies on it, and so do all midnights of these zones
LOOKS = 3 * 7 * 48
# Clocks that change at two, at midnight, by half an hour only, or never; all near the first of these days.
AUTUMN = [
    (ZoneInfo("America/New_York"), date(2026, 10, 31)),
    (ZoneInfo("Europe/London"), date(2026, 10, 24)),
    (ZoneInfo("America/Santiago"), date(2026, 9, 5)),
    (ZoneInfo("America/Santiago"), date(2027, 4, 3)),
    (ZoneInfo("America/Havana"), date(2026, 10, 31)),
    (ZoneInfo("Africa/Cairo"), date(2026, 4, 23)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 3)),
    (ZoneInfo("Asia/Kolkata"), date(2026, 10, 31)),
]
SIGNALS = st.sampled_from(["check_in", "session.minutes", "mood"])

silences = st.builds(Silence, signal=SIGNALS, hours=st.integers(1, 150)) | st.builds(
    Silence, signal=SIGNALS, days=st.integers(1, 6)
)
sums = {"signal": SIGNALS, "op": st.sampled_from(["<", "<=", ">="]), "value": st.integers(0, 6)}
totals = st.builds(Total, window=st.just("rolling"), window_days=st.integers(1, 5), **sums) | st.builds(
    Total, window=st.just("program_week"), project=st.booleans(), **sums
)
others = st.builds(Threshold, signal=SIGNALS, op=st.sampled_from(["<", ">="]), value=st.integers(0, 3)) | (
    st.builds(
        Count, signal=SIGNALS, op=st.just(">="), value=st.integers(0, 3), at_least=st.integers(1, 3),
        window_days=st.integers(3, 5), per=st.just("reading"),
    )
)  # fmt: skip
tests = silences | totals | others


def _combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    some = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return (
        st.builds(AllOf, conditions=some)
        | st.builds(AnyOf, conditions=some)
        | st.builds(Not, condition=parts)
    )


conditions = silences | totals | _combined(tests) | _combined(tests | _combined(tests))


@st.composite
def situations(draw: st.DrawFn) -> tuple[History, datetime]:
    """A history on the grid, with readings a little ahead, pauses and plans; and a moment off the grid."""
    zone, day = draw(st.sampled_from(AUTUMN))
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + draw(st.integers(-144, 48)) * STEP

    def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
        """So many half hours before and after now."""
        return st.integers(first, last).map(lambda steps: now + steps * STEP)

    def lived(number: int, signal: str, value: float, at: datetime) -> Reading:
        local = at.astimezone(zone).date()
        return Reading(signal, value, at, local, at, Source("check_in", UUID(int=number)))

    def readings(when: st.SearchStrategy[datetime], most: int) -> list[Reading]:
        drawn = draw(st.lists(st.tuples(SIGNALS, st.integers(0, 3), when), max_size=most))
        return [lived(number, signal, float(value), at) for number, (signal, value, at) in enumerate(drawn)]

    pauses = draw(
        st.lists(
            st.builds(
                lambda start, steps, is_leave: Pause(start, steps and start + steps * STEP, is_leave),
                moments(-300, 500),
                st.none() | st.integers(1, 200),
                st.booleans(),
            ),
            max_size=4,
        )
    )
    history = History(
        readings(moments(-400, 30), 12),
        enrolled_at=draw(st.none() | moments(-900, 100)),
        time_zone=zone,
        week_starts_on=draw(st.integers(0, 6)),
        scheduled=readings(moments(-100, 400), 4),
        pauses=pauses,
    )
    return history, now - draw(st.sampled_from([timedelta(), timedelta(minutes=7)]))


def news(rules: RuleSet, history: History, now: datetime) -> set[UUID]:
    return {episode(finding, ANA, now) for finding in evaluate_absence(rules, history, now)}


def first_news(rules: RuleSet, history: History, now: datetime, steps: Sequence[datetime]) -> datetime | None:
    """The first of these moments that finds what is not found now."""
    standing = news(rules, history, now)
    return next((moment for moment in steps if news(rules, history, moment) - standing), None)


@unhurried
@given(st.lists(conditions.map(rule).filter(is_about_absence), min_size=1, max_size=2), situations())
def test_no_news_comes_before_the_next_look_and_there_is_some_then(
    ruled: list[Condition], situation: tuple[History, datetime]
) -> None:
    history, now = situation
    rules = rule_set(
        *(each.model_copy(update={"code": f"test.r{index}"}) for index, each in enumerate(ruled))
    )
    grid = now + timedelta(minutes=7) if now.minute % 30 else now + STEP
    steps = [grid + number * STEP for number in range(LOOKS)]
    look = next_look(rules.rules, history, now)
    assert look is None or look > now
    assert first_news(rules, history, now, steps) == (look if look and look <= steps[-1] else None)
