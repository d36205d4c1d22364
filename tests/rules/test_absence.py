"""What nobody answered: which rules, since when, when to look next, and what is the same news."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.rules import judge as judging
from app.rules.absence import (
    absence_rules,
    episode,
    evaluate_absence,
    first_look,
    is_about_absence,
    next_look,
)
from app.rules.conditions import AllOf, AnyOf, Condition, Count, Not, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR_CODES
from app.rules.history import History
from app.rules.judge import Outcome
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet
from tests.rules.making import NEW_YORK, NOW, history, leave, off, reading, rule, rule_set

ANA, BEN = UUID(int=1), UUID(int=2)
SILENT = Silence(signal="check_in", days=3)
FEW = Total(signal="check_in", op="<", value=4, window="rolling", window_days=7)
SHORT_WEEK = Total(signal="session.minutes", op="<", value=540, window="program_week", project=True)
STRONG = Threshold(signal="craving", op=">=", value=8)
MANY = Total(signal="used", op=">=", value=2, window="rolling", window_days=7)


@pytest.mark.parametrize(
    ("condition", "is_about"),
    [
        (SILENT, True),
        (FEW, True),
        (FEW.model_copy(update={"op": "<="}), True),
        (SHORT_WEEK, True),
        (MANY, False),
        (STRONG, False),
        (AnyOf(conditions=(STRONG, MANY)), False),
        (AllOf(conditions=(STRONG, AnyOf(conditions=(MANY, Not(condition=SILENT))))), True),
    ],
)
def test_is_about_absence(condition: Condition, is_about: bool) -> None:
    assert is_about_absence(rule(condition)) is is_about


def test_the_absence_rules_of_a_set_are_those_in_force() -> None:
    codes = {ruled.code for ruled in absence_rules(DEFAULT_PACK)}
    assert codes == {
        *("checkin.missed_3_days", "checkin.missed_7_days", "checkin.thinning"),
        *("phq9.overdue", "gad7.overdue"),
    }
    assert absence_rules(rule_set(rule(SILENT, min(FLOOR_CODES)))) == ()


def test_a_stored_rule_that_cannot_be_read_is_not_about_absence() -> None:
    unreadable = rule(SILENT).model_copy(update={"code": "old.rule", "condition": {"kind": "quiet"}})
    stored = RuleSet.model_construct(version=3, rules=(unreadable, rule(SILENT)))
    assert not is_about_absence(unreadable)
    assert absence_rules(stored) == (rule(SILENT),)
    assert absence_rules(stored)[0] is absence_rules(stored)[0]


def found(past: History, *conditions: Condition, now: datetime = NOW) -> list[str]:
    rules = rule_set(*(rule(condition, f"test.r{index}") for index, condition in enumerate(conditions)))
    return [finding.rule.code for finding in evaluate_absence(rules, past, now)]


def test_what_is_lacking_is_found_and_nothing_else() -> None:
    craving = [reading("craving", 9), reading("check_in", 1, 4)]
    assert found(history(craving, enrolled_days_ago=9), STRONG, SILENT, FEW) == ["test.r1", "test.r2"]


def test_what_an_answer_makes_hold_was_told_when_it_came() -> None:
    either = AnyOf(conditions=(STRONG, SILENT))
    heard = history([reading("craving", 9), reading("check_in", 1)])
    assert found(heard, either) == []
    assert found(heard, either, now=NOW + timedelta(days=3)) == ["test.r0"]
    assert found(heard, AllOf(conditions=(STRONG, Not(condition=SILENT)))) == []


def test_what_is_not_not_lacking_is_lacking() -> None:
    heard_or_calm = AnyOf(conditions=(Not(condition=SILENT), Threshold(signal="craving", op="<", value=8)))
    neither = history([reading("craving", 9, 4), reading("check_in", 1, 4)])
    assert found(neither, Not(condition=heard_or_calm)) == ["test.r0"]


def same(past: History, condition: Condition, *moments: datetime, patient: UUID = ANA) -> list[UUID]:
    """The episodes of a rule at these moments."""
    ids = []
    for moment in moments:
        [finding] = evaluate_absence(rule_set(rule(condition)), past, moment)
        ids.append(episode(finding, patient, moment))
    return ids


def later(*days: float) -> list[datetime]:
    return [NOW + timedelta(days=each) for each in days]


def test_one_silence_is_one_episode_whenever_it_is_looked_at() -> None:
    past = history([reading("check_in", 1, 3), reading("craving", 5, 2)], enrolled_days_ago=30)
    assert len(set(same(past, SILENT, *later(0, 0.01, 3, 50)))) == 1


def test_another_word_another_stay_another_person_and_another_rule_make_another_episode() -> None:
    last = reading("check_in", 1, 3)
    first = same(history([last], enrolled_days_ago=30), SILENT, NOW)
    since = same(history([last, reading("check_in", 1, -1)], enrolled_days_ago=30), SILENT, *later(4))
    stay = same(history([last], enrolled_days_ago=-0.5), SILENT, *later(4))
    ben = same(history([last], enrolled_days_ago=30), SILENT, NOW, patient=BEN)
    [finding] = evaluate_absence(rule_set(rule(SILENT, "test.other")), history([last]), NOW)
    assert len({*first, *since, *stay, *ben, episode(finding, ANA, NOW)}) == 5


def test_a_changed_threshold_does_not_tell_the_same_silence_again() -> None:
    past = history([reading("check_in", 1, 5)])
    assert same(past, SILENT, NOW) == same(past, Silence(signal="check_in", hours=80), NOW)


def test_a_low_total_is_news_once_in_as_many_days_as_its_window_has() -> None:
    # The first window of the stay ends six days after its first day; blocks of seven days follow.
    past = history([reading("check_in", 1, 20)], enrolled_days_ago=6)
    each_day = same(past, FEW, *later(*range(21)))
    assert [each_day.index(each) // 7 for each in each_day] == [0] * 7 + [1] * 7 + [2] * 7
    assert len(set(same(past, FEW, *later(0, 0.4, 6.4)))) == 1


def test_a_low_week_is_news_once_a_week() -> None:
    past = history(enrolled_days_ago=0, week_starts_on=0)
    each_day = same(past, SHORT_WEEK, *later(*range(14)))
    assert [each_day.index(each) // 7 for each in each_day] == [0] * 7 + [1] * 7


def test_of_any_the_first_news_is_the_episode_and_of_all_each() -> None:
    other = Silence(signal="phq9.total", days=5)
    past = history([reading("check_in", 1, 4)], enrolled_days_ago=4)
    assert len(set(same(past, AnyOf(conditions=(SILENT, other)), *later(0, 2)))) == 1
    assert len(set(same(past, AllOf(conditions=(SILENT, FEW)), *later(3, 9.4, 10)))) == 2


def broken(fails_on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(condition: Silence, past: History, now: datetime) -> Outcome:
        if condition.signal == fails_on:
            raise ZeroDivisionError("check-in of ana")
        return genuine(condition, past, now)

    genuine = judging._silence
    monkeypatch.setattr(judging, "_silence", raising)


def test_a_rule_that_raises_is_told_once_a_version_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    broken("check_in", monkeypatch)
    rules = rule(SILENT, "test.broken"), rule(Silence(signal="phq9.total", days=3), "test.sound")
    past = history(enrolled_days_ago=2)
    assert next_look(rules, past, NOW) == NOW + timedelta(days=1)
    ids = []
    for version, now in ((1, NOW), (1, NOW + timedelta(days=2)), (2, NOW)):
        error, *sound = evaluate_absence(rule_set(*rules, version=version), past, now)
        assert error.rule.code == "rule_error.test.broken"
        assert len(sound) == (now > NOW)
        ids.append(episode(error, ANA, now))
    assert [ids.index(each) for each in ids] == [0, 0, 2]


def look(past: History, *conditions: Condition, now: datetime = NOW) -> float | None:
    """The days until the next look."""
    moment = next_look([rule(condition) for condition in conditions], past, now)
    assert moment is None or (moment.tzinfo is UTC and moment > now)
    return None if moment is None else (moment - now) / timedelta(days=1)


WEEKLONG = Silence(signal="check_in", days=7)
OVERDUE = Silence(signal="phq9.total", days=3)
USED: Any = {"signal": "used", "op": ">=", "value": 1}
LOOKS: list[tuple[History, tuple[Condition, ...], float | None]] = [
    # Silence: its length after the last word, or after the start of the stay.
    (history([reading("check_in", 1)]), (SILENT,), 3),
    (history([reading("check_in", 1, 1)]), (SILENT, WEEKLONG), 2),
    (history([reading("check_in", 1, 4)]), (SILENT, WEEKLONG), 3),  # three days have been told
    (history([reading("check_in", 1, 9)]), (SILENT, WEEKLONG), None),
    (history(enrolled_days_ago=1), (SILENT,), 2),
    (history(enrolled_days_ago=-5), (SILENT,), 8),
    (history(), (SILENT,), None),  # nobody knows since when
    # Pauses put it off.
    (history([reading("check_in", 1, 1)], pauses=[leave(0.5, 0)]), (SILENT,), 2.5),
    (history([reading("check_in", 1, 1)], pauses=[leave(-1, -3)]), (SILENT,), 4),
    (history([reading("check_in", 1, 1)], pauses=[leave(-2, -9)]), (SILENT,), 2),  # begins as it is reached
    (history([reading("check_in", 1, 1)], pauses=[off(-1, -2), leave(-1.5, -3)]), (SILENT,), 4),
    (history([reading("check_in", 1, 1)], pauses=[off(-1, -2), off(-1.2, -1.4)]), (SILENT,), 3),
    (history([reading("check_in", 1, 1)], pauses=[leave(-1)]), (SILENT,), None),
    (history([reading("check_in", 1, 1)], pauses=[leave(-3)]), (SILENT,), 2),  # reached before it begins
    (
        history([reading("phq9.total", 9, 1)], pauses=[off(-1, -2)]),
        (OVERDUE,),
        2,
    ),
    # A word that is lived later today ends the silence that has begun.
    (history([reading("check_in", 1, 2.9), reading("check_in", 1, -0.01)]), (SILENT,), 3.01),
    # Windows change at midnight, half a day from now.
    (history([reading("check_in", 1, days) for days in range(7)], enrolled_days_ago=40), (FEW,), 3.5),
    (history([reading("check_in", 1, days) for days in range(4)], enrolled_days_ago=40), (FEW,), 3.5),
    (history([reading("check_in", 1, days) for days in (0, 2, 4, 6)], enrolled_days_ago=40), (FEW,), 0.5),
    (history([reading("check_in", 1, days) for days in range(4)], enrolled_days_ago=3), (FEW,), 3.5),
    (history(enrolled_days_ago=3), (FEW,), 2.5),  # the first window of the stay
    (history(enrolled_days_ago=-3), (FEW,), 8.5),
    (history(enrolled_days_ago=20, pauses=[leave(3, -2)]), (FEW,), 8.5),  # seven days after the leave
    (history(enrolled_days_ago=20, pauses=[leave(3)]), (FEW,), None),
    (history(enrolled_days_ago=20, pauses=[leave(-400, -700)]), (FEW,), 6.5),  # a block begins
    (history(enrolled_days_ago=19), (FEW,), 0.5),  # a block begins
    (history(), (FEW,), None),
    (
        history([reading("used", 1.0)]),
        (Count(at_least=1, window_days=5, **USED),),
        None,
    ),
    # A plan that has passed and was not kept.
    (
        history(
            [reading("session.minutes", 400)],
            enrolled_days_ago=9,
            scheduled=[reading("session.minutes", 180, -2)],
        ),
        (SHORT_WEEK,),
        2,
    ),
    (history([reading("session.minutes", 600)], enrolled_days_ago=9), (SHORT_WEEK,), 6.5),
    # Conditions of several parts.
    (
        history([reading("check_in", 1, 1), reading("craving", 9, 1)]),
        (AllOf(conditions=(SILENT, STRONG)),),
        2,
    ),
    (
        history([reading("check_in", 1, 1), reading("craving", 7, 1)]),
        (AllOf(conditions=(SILENT, STRONG)),),
        None,
    ),
    (
        history([reading("check_in", 1, 1), reading("craving", 9, -0.005)]),
        (AllOf(conditions=(Silence(signal="check_in", days=1), STRONG)),),
        0.005,
    ),
    (
        history([reading("check_in", 1, 3), reading("used", 1.0, 0), reading("used", 0.0, 3)]),
        (
            AllOf(
                conditions=(
                    Not(condition=Count(at_least=1, window_days=3, **USED)),
                    Count(at_least=1, window_days=9, **USED | {"op": "<"}),
                    SILENT,
                )
            ),
        ),
        None,  # when the window of three days is empty, nothing is known of it
    ),
]


@pytest.mark.parametrize(("past", "conditions", "days"), LOOKS)
def test_the_next_look(past: History, conditions: tuple[Condition, ...], days: float | None) -> None:
    assert look(past, *conditions) == (days if days is None else pytest.approx(days))


def test_a_day_begins_where_the_person_lives() -> None:
    # Midnight in New York is at five in the morning of UTC, seventeen hours from now.
    past = history(
        [reading("check_in", 1, days) for days in (0, 2, 4, 6)], enrolled_days_ago=40, zone=NEW_YORK
    )
    assert look(past, FEW) == pytest.approx(17 / 24)


def test_midnight_of_a_day_that_begins_at_one() -> None:
    """In Santiago the clocks go from 24:00 to 01:00 on 6 September 2026."""
    santiago = ZoneInfo("America/Santiago")
    days = [datetime(2026, 8, 30, 12, tzinfo=UTC) + timedelta(days=each) for each in (0, 1, 3, 5)]
    check_ins = [
        Reading("check_in", 1.0, at, at.date(), at, Source("check_in", UUID(int=number)))
        for number, at in enumerate(days)
    ]
    past = History(check_ins, enrolled_at=days[0] - timedelta(days=30), time_zone=santiago)
    moment = next_look([rule(FEW)], past, datetime(2026, 9, 5, 12, tzinfo=UTC))
    assert moment == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert moment.astimezone(santiago).hour == 1


def test_a_look_far_ahead_is_found_without_visiting_every_day() -> None:
    years = history(enrolled_days_ago=20, pauses=[leave(3, -3000)])
    assert look(years, FEW) == 3006.5


def test_the_first_look_after_an_answer_is_at_once_where_something_is_lacking_by_then() -> None:
    few_meetings = FEW.model_copy(update={"signal": "meetings_attended"})
    none, some = reading("meetings_attended", 0.0), reading("meetings_attended", 4.0)
    assert first_look([rule(few_meetings)], history([none], enrolled_days_ago=20), NOW) == NOW
    assert first_look([rule(few_meetings)], history([some], enrolled_days_ago=20), NOW) is None
    assert first_look([rule(SILENT)], history([reading("check_in", 1)]), NOW) == later(3)[0]


def test_no_rules_no_look() -> None:
    assert look(history(enrolled_days_ago=1)) is None
    assert next_look(absence_rules(DEFAULT_PACK), history(enrolled_days_ago=1), NOW) == later(2)[0]
