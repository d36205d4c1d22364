"""What is known before it is lived: seen by no rule before its moment, and by all from then on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.rules import signals
from app.rules.ahead import come_true, next_moment, waits
from app.rules.conditions import Count, Total
from app.rules.evaluate import findings_from
from app.rules.reading import Reading, Source
from app.rules.replay import Compared, Found, replay
from app.rules.replay_case import Answer, Case, Planned, Stay
from app.rules.rule import RuleSet
from tests.rules.making import IN_UTC, NOW, history, rule, rule_set

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EXCUSED_TWICE = rule(
    Count(signal="session.excused", op=">=", value=1, at_least=2, window_days=7, per="reading")
)
SHORT_WEEK = rule(Total(signal="session.minutes", op="<", value=540, window="program_week", project=True))


def session(number: int, revision: int = 1) -> Source:
    return Source("attendance", UUID(int=number), revision)


def said(source: Source, status: str, at: datetime, received_at: datetime, minutes: float = 0) -> Answer:
    read = signals.from_attendance(
        status, minutes, at=at, day=at.date(), received_at=received_at, source=source
    )
    return Answer(source, at, received_at, tuple(read))


def readings(*answers: Answer) -> list[Reading]:
    return [reading for answer in answers for reading in answer.readings]


AHEAD = said(session(1), "excused", NOW + DAY, NOW - DAY)
SOONER = said(session(2), "excused", NOW + 2 * HOUR, NOW)
LIVED = said(session(3), "attended", NOW - HOUR, NOW)


def test_only_a_session_waits_for_its_time() -> None:
    assert waits(session(1), NOW + HOUR, NOW)
    assert not waits(session(1), NOW, NOW)
    assert not waits(Source("check_in", UUID(int=1)), NOW + HOUR, NOW)


def test_the_next_moment_is_that_of_the_soonest_session_to_come() -> None:
    assert next_moment(history(readings(AHEAD, SOONER, LIVED)), NOW) == SOONER.at
    assert next_moment(history(readings(AHEAD, LIVED)), NOW) == AHEAD.at
    assert next_moment(history(readings(LIVED)), NOW) is None


def test_a_withdrawn_notice_is_waited_for_no_longer() -> None:
    withdrawn = said(session(1, 2), "expected", AHEAD.at, NOW)
    assert next_moment(history(readings(AHEAD, withdrawn)), NOW) is None


def test_what_came_true_is_what_was_known_before() -> None:
    later = history(readings(AHEAD, SOONER, LIVED))
    moment = AHEAD.at + HOUR
    assert [each.source for each in come_true(later, NOW - DAY, moment)] == [SOONER.source, AHEAD.source]
    assert [each.source for each in come_true(later, SOONER.at, moment)] == [SOONER.source, AHEAD.source]
    assert [each.source for each in come_true(later, SOONER.at + HOUR, moment)] == [AHEAD.source]
    assert come_true(later, NOW - DAY, NOW) == []


def test_what_was_corrected_in_the_last_moment_comes_true_as_it_stands() -> None:
    corrected = said(session(1, 2), "unexcused", AHEAD.at, AHEAD.at + timedelta(seconds=5))
    later = history(readings(AHEAD, corrected))
    assert [each.source for each in come_true(later, NOW, AHEAD.at + HOUR)] == [corrected.source]


def replayed(rules: RuleSet, *answers: Answer, planned: Sequence[Planned] = ()) -> list[Found]:
    case = Case(
        UUID(int=9), sorted(answers, key=lambda each: each.received_at),
        [Stay(datetime(2026, 11, 2, tzinfo=UTC).date())], IN_UTC, planned=planned,
    )  # fmt: skip
    return replay(case, Compared(rules, rules), NOW - 3 * DAY, NOW + 7 * DAY)


def test_a_replay_finds_it_when_it_is_lived_and_not_when_it_is_said() -> None:
    rules = rule_set(EXCUSED_TWICE)
    found = replayed(rules, AHEAD, SOONER)  # the later of the two was said first
    assert [(each.at, each.source) for each in found] == [(AHEAD.at, AHEAD.source)]


def test_what_comes_between_counts_when_it_is_lived() -> None:
    between = said(session(4), "excused", AHEAD.at - HOUR, AHEAD.at - HOUR)
    found = replayed(rule_set(EXCUSED_TWICE), AHEAD, between)
    assert [(each.at, each.source) for each in found] == [(AHEAD.at, AHEAD.source)]


def test_a_replay_leaves_out_what_was_withdrawn_what_is_after_it_and_what_is_after_the_stay() -> None:
    rules = rule_set(EXCUSED_TWICE)
    withdrawn = said(session(1, 2), "expected", AHEAD.at, NOW + HOUR)
    assert replayed(rules, AHEAD, SOONER, withdrawn) == []
    far = said(session(5), "excused", NOW + 7 * DAY, NOW)
    near = said(session(6), "excused", NOW + 6 * DAY, NOW)
    assert [each.source for each in replayed(rules, near, far)] == []
    assert [each.source for each in replayed(rules, near, SOONER)] == [near.source]
    ended = Case(UUID(int=9), [AHEAD, SOONER], [Stay(NOW.date() - 9 * DAY, NOW.date())], IN_UTC)
    assert replay(ended, Compared(rules, rules), NOW - 3 * DAY, NOW + 7 * DAY) == []


def test_an_answer_by_a_clock_that_is_ahead_counts_at_once() -> None:
    """Unlike a session: it was lived."""
    early = Source("check_in", UUID(int=8))
    answer = Reading("session.excused", 1.0, NOW + 5 * timedelta(minutes=1), NOW.date(), NOW, early)
    one = rule(Count(signal="session.excused", op=">=", value=1, at_least=1, window_days=1))
    assert findings_from(rule_set(one), history([answer]), early, answer.at, NOW) != []


def plan(number: int, at: datetime, attendance: int | None = None) -> Planned:
    source = Source("treatment_session", UUID(int=number))
    reading = Reading("session.minutes", 180.0, at, at.date(), at, source)
    return Planned(reading, UUID(int=attendance) if attendance else None)


def test_a_replay_adds_what_is_planned_and_still_open() -> None:
    """NOW is a Monday; three sessions of three hours make nine."""
    week = [plan(11, NOW + DAY, 1), plan(12, NOW + 2 * DAY, 2), plan(13, NOW + 3 * DAY)]
    week += [plan(20 + number, NOW + (7 + number) * DAY) for number in range(3)]
    rules = rule_set(SHORT_WEEK)
    came = said(session(1), "attended", NOW + DAY - 3 * HOUR, NOW + DAY, 180)
    missed = said(session(2), "unexcused", NOW + 2 * DAY - 3 * HOUR, NOW + 2 * DAY - 2 * HOUR)
    assert replayed(rules, planned=week)[0].at == week[0].reading.at  # nobody came
    found = replayed(rules, came, missed, planned=week)
    assert [each.at for each in found] == [missed.received_at]
    assert replayed(rules, came, planned=week)[0].at == week[1].reading.at
