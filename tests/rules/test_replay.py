"""A replay finds what the evaluator finds when it is asked anew for every answer, over everything so far."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.absence import absence_rules, episode, evaluate_absence, next_look
from app.rules.conditions import Condition, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import findings_from
from app.rules.history import History
from app.rules.reading import Reading, Source
from app.rules.replay import ABSENCE, Compared, Found, replay
from app.rules.replay_case import Case, Stay
from app.rules.rule import RuleSet
from tests.rules.arbitrary import conditions, unhurried
from tests.rules.making import IN_UTC, NOW, reading, rule, rule_set, series
from tests.rules.replaying import PATIENT, answers_of, cases, ordinary

SINCE, UNTIL = NOW - timedelta(days=15), NOW + timedelta(days=3)
Told = tuple[datetime, str, Source, str]
several = st.lists(conditions, min_size=1, max_size=3)


def ruled(tests: list[Condition], version: int = 1) -> RuleSet:
    return rule_set(*(rule(each, f"test.r{place}") for place, each in enumerate(tests)), version=version)


def told(found: list[Found]) -> list[Told]:
    return sorted((each.at, each.finding.rule.code, each.source, each.finding.sentence) for each in found)


def known(case: Case, count: int, moment: datetime) -> History:
    """Made from scratch of the first answers, as of the stay at that moment."""
    stay = case.stay_on(case.local_day(moment))
    start = datetime.combine(stay.starts_on, time(), case.time_zone).astimezone(UTC) if stay else None
    return History(
        [read for answer in case.answers[:count] for read in answer.readings],
        enrolled_at=start, time_zone=case.time_zone, week_starts_on=case.week_starts_on, pauses=case.pauses,
    )  # fmt: skip


def from_scratch(case: Case, rules: RuleSet) -> list[Told]:
    found: list[Told] = []
    looked, seen = SINCE, None
    come = [answer for answer in case.answers if answer.received_at < UNTIL]
    for count, answer in enumerate(come):
        now = answer.received_at
        if now < SINCE:
            continue
        seen = absences(case, rules, count, (looked, now), seen, found)
        looked = now
        if answer.evaluated:
            past = known(case, count + 1, now)
            fresh = findings_from(rules, past, answer.source, answer.at, now)
            found += [(now, each.rule.code, answer.source, each.sentence) for each in fresh]
    absences(case, rules, len(come), (looked, UNTIL), seen, found)
    return sorted(found)


def absences(
    case: Case, rules: RuleSet, count: int, between: tuple[datetime, datetime], seen: set[Source] | None,
    found: list[Told],
) -> set[Source]:  # fmt: skip
    """Look whenever `next_look` says so, and whenever a stay begins; the episodes that were seen."""
    after, until = between
    if seen is None:
        seen = {source for source, _ in lacking(case, rules, count, after)}
    midnights = [known(case, 0, after).midnight(stay.starts_on) for stay in case.stays]
    for end in [*(each for each in sorted(midnights) if after < each < until), until]:
        moment: datetime | None = after
        while moment is not None and moment < end:
            for source, each in lacking(case, rules, count, moment):
                if source not in seen:
                    seen.add(source)
                    found.append((moment, each.rule.code, source, each.sentence))
            moment = next_look(absence_rules(rules), known(case, count, moment), moment)
        after = end
    return seen


def lacking(case: Case, rules: RuleSet, count: int, now: datetime) -> list[tuple[Source, object]]:
    stay = case.stay_on(case.local_day(now))
    if stay is None or not stay.includes(case.local_day(now)):
        return []
    return [
        (Source(ABSENCE, episode(each, PATIENT, now)), each)
        for each in evaluate_absence(rules, known(case, count, now), now)
    ]


@unhurried
@given(cases(), several, several)
def test_it_finds_what_is_found_from_scratch(
    case: Case, live: list[Condition], draft: list[Condition]
) -> None:
    mine, theirs = ruled(draft, 2), ruled(live)
    found = replay(case, Compared(theirs, mine), SINCE, UNTIL)
    assert told([each for each in found if each.by_live]) == from_scratch(case, theirs)
    assert told([each for each in found if each.by_draft]) == from_scratch(case, mine)


@unhurried
@given(cases(), several, st.integers(0, 3))
def test_what_is_alike_in_both_is_found_by_both(case: Case, tests: list[Condition], place: int) -> None:
    """And what is alike is found once."""
    live = ruled(tests)
    draft = RuleSet(version=2, rules=[each for index, each in enumerate(live.rules) if index != place])
    found = replay(case, Compared(live, draft), SINCE, UNTIL)
    own = {each.code for each in draft.rules}
    assert told([each for each in found if each.by_live]) == from_scratch(case, live)
    assert told([each for each in found if each.by_draft]) == from_scratch(case, draft)
    if not absence_rules(live):
        assert all(each.by_live and each.by_draft == (each.finding.rule.code in own) for each in found)


def test_it_is_in_order() -> None:
    draft = ruled([Threshold(signal="mood", op="<=", value=9), Silence(signal="mood", days=2)], 2)
    rules = Compared(DEFAULT_PACK, draft)
    for patient in range(3):
        case = ordinary(patient, 60)
        last = case.answers[-1].received_at + timedelta(days=9)
        found = replay(case, rules, case.answers[0].at, last)
        assert [each.at for each in found] == sorted(each.at for each in found)
        assert {each.source.kind for each in found} == {"check_in", "assessment", ABSENCE}


def one_case(read: list[Reading], starts_days_ago: int = 30, ends_days_ago: int | None = None) -> Case:
    last = None if ends_days_ago is None else NOW.date() - timedelta(days=ends_days_ago)
    return Case(PATIENT, answers_of(read), [Stay(NOW.date() - timedelta(days=starts_days_ago), last)], IN_UTC)


def silent_for(days: int) -> Compared:
    rules = ruled([Silence(signal="check_in", days=days)])
    return Compared(rules, rules)


def test_a_silence_is_found_when_its_length_is_over() -> None:
    found = replay(one_case([reading("check_in", 1, 10)]), silent_for(3), SINCE, UNTIL)
    assert [(each.at, each.source.kind) for each in found] == [(NOW - timedelta(days=7), ABSENCE)]
    assert found[0].by_live and found[0].by_draft


def test_an_answer_puts_silence_off() -> None:
    told_on = [reading("check_in", 1, days) for days in (10, 8, 6, 2, 1, 0)]
    found = replay(one_case(told_on), silent_for(3), SINCE, NOW)
    assert [each.at for each in found] == [NOW - timedelta(days=3)]


def test_what_stood_when_the_replay_began_is_no_news() -> None:
    assert replay(one_case([reading("check_in", 1, 25)]), silent_for(3), SINCE, UNTIL) == []


def test_nobody_is_missed_after_the_stay() -> None:
    assert replay(one_case([reading("check_in", 1, 10)], ends_days_ago=8), silent_for(3), SINCE, UNTIL) == []
    assert replay(one_case([reading("check_in", 1, 10)], ends_days_ago=7), silent_for(3), SINCE, UNTIL) != []


def test_an_answer_is_judged_by_what_was_known_when_it_came() -> None:
    """The one that came late, though lived before, was not there yet."""
    late = reading("craving", 9, 5, received=NOW - timedelta(days=1))
    then = reading("craving", 2, 3)
    rules = ruled([Threshold(signal="craving", op=">=", value=8)])
    found = replay(one_case([late, then]), Compared(rules, rules), SINCE, UNTIL)
    assert [(each.at, each.source) for each in found] == [(NOW - timedelta(days=1), late.source)]


def test_answers_of_another_program_are_history_only() -> None:
    case = one_case(series("craving", 9, 9, 9))
    foreign = [each._replace(evaluated=place > 1) for place, each in enumerate(case.answers)]
    rules = ruled([Threshold(signal="craving", op=">=", value=8)])
    found = replay(Case(PATIENT, foreign, case.stays, IN_UTC), Compared(rules, rules), SINCE, UNTIL)
    assert [each.source for each in found] == [case.answers[2].source]


LACKING = st.one_of(
    st.builds(Silence, signal=st.just("check_in"), days=st.integers(1, 5)),
    st.builds(
        Total, signal=st.just("check_in"), window=st.just("rolling"), window_days=st.integers(1, 7),
        op=st.sampled_from(["<", "<="]), value=st.integers(1, 5),
    ),
)  # fmt: skip


@unhurried
@given(cases(values=st.just(1.0), only="check_in"), st.lists(LACKING, min_size=1, max_size=2))
def test_what_is_lacking_is_found_from_scratch(case: Case, tests: list[Condition]) -> None:
    rules = ruled(tests)
    assert told(replay(case, Compared(rules, rules), SINCE, UNTIL)) == from_scratch(case, rules)


def test_what_stood_before_is_not_told_beside_other_news() -> None:
    rules = ruled([Silence(signal="check_in", days=3), Silence(signal="check_in", days=14)])
    found = replay(one_case([reading("check_in", 1, 25)]), Compared(rules, rules), SINCE, UNTIL)
    assert [(each.at, each.finding.rule.code) for each in found] == [(NOW - timedelta(days=11), "test.r1")]


def test_the_floor_is_found_once_by_both() -> None:
    live = ruled([Threshold(signal="craving", op=">=", value=8)])
    draft = ruled([Threshold(signal="feels_safe", op="<=", value=1)], 2)
    found = replay(one_case([reading("feels_safe", 0.0, 1)]), Compared(live, draft), SINCE, UNTIL)
    assert [(each.finding.rule.code, each.by_live, each.by_draft) for each in found] == [
        ("si.not_safe", True, True),
        ("test.r0", False, True),
    ]


@pytest.mark.parametrize(
    ("read", "condition"),
    [
        # Low at midnight, and unknown, not low, when nothing of it is left in the window.
        ([reading("craving", 1.0, 1), reading("craving", 0.0, 0)],
         Total(signal="craving", op="<=", value=0, window="rolling", window_days=2)),
        # Low at midnight, and no longer when what a clock ahead had said comes to pass.
        ([reading("check_in", 1.0, 1), reading("check_in", 1.0, 0.25),
          reading("check_in", 1.0, -2.5, received=NOW - timedelta(hours=1))],
         Total(signal="check_in", op="<", value=1, window="rolling", window_days=2)),
    ],
)  # fmt: skip
def test_a_low_total_that_is_over_before_anybody_writes_is_found(
    read: list[Reading], condition: Condition
) -> None:
    rules, case = ruled([condition]), one_case(read, starts_days_ago=1)
    expected = from_scratch(case, rules)
    assert len(expected) == 1
    assert told(replay(case, Compared(rules, rules), SINCE, UNTIL)) == expected
