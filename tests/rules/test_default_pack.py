"""The rules that a program starts with, each at its edge."""

from collections.abc import Sequence

import pytest

from app.rules.absence import absence_rules
from app.rules.conditions import signals_of
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import Finding, evaluate, findings_from
from app.rules.lookback import lookback
from app.rules.reading import Reading
from app.rules.rule import Grade, Severity
from app.rules.signals import SIGNALS, kind_of
from tests.rules.making import NOW, history, leave, off, reading, rule_set, series


def found(readings: Sequence[Reading], **more: float) -> dict[str, Finding]:
    return {f.rule.code: f for f in evaluate(DEFAULT_PACK, history(readings, **more), NOW)}  # type: ignore[arg-type]


def at(signal: str, *pairs: tuple[float, float]) -> list[Reading]:
    return [reading(signal, value, days) for value, days in pairs]


HELD = [
    # readings, the codes that hold
    (series("phq9.total", 20), {"phq9.severe"}),
    (series("phq9.total", 19), set()),
    (at("phq9.total", (10, 14), (15, 0)), {"phq9.deterioration"}),  # 15 - 10
    (at("phq9.total", (10, 14), (14, 0)), set()),
    (
        at("phq9.total", (18, 21), (9, 14), (14, 0)),
        {"phq9.deterioration"},
    ),  # 5 above the best of the last three
    (at("phq9.total", (15, 14), (20, 0)), {"phq9.severe", "phq9.deterioration"}),
    (series("gad7.total", 15), {"gad7.severe"}),
    (series("gad7.total", 14), set()),
    (at("gad7.total", (5, 14), (9, 0)), {"gad7.deterioration"}),
    (at("gad7.total", (5, 14), (8, 0)), set()),
    (series("craving", 8), {"craving.high"}),
    (series("craving", 7), set()),
    (series("craving", 7, 0, 7), {"craving.high"}),
    (series("craving", 7, 5, 5, 7), set()),
    (series("craving", 2, 2, 2, 5), {"craving.spike"}),
    (series("craving", 2, 2, 2, 4), set()),
    (series("craving", 2, 2, 5), set()),  # two before make no median
    (series("used", 1.0), {"use.reported"}),
    (series("used", 0.0), set()),
    (series("used.opioids", 0.0, 0.0, 0.0, 0.0, 1.0), {"use.opioid_after_abstinence"}),
    (series("used.opioids", 0.0, 0.0, 0.0, 1.0), set()),  # three of seven days answered: too few to say
    (series("used.opioids", 1.0, 0.0, 0.0, 0.0, 0.0, 1.0), set()),
    (series("used.opioids", 1.0, *[0.0] * 6, 1.0), set()),  # the other one seven days ago
    (series("used.opioids", 1.0, *[0.0] * 7, 1.0), {"use.opioid_after_abstinence"}),
    (
        at("used.opioids", (0, 6), (0, 5), (0, 4), (0, 3), (0, 2), (1, 1)),
        set(),
    ),  # yesterday's, told yesterday
    (series("sleep_hours", 4.5, 8, 8, 4, 8, 8, 0), {"sleep.short"}),
    (series("sleep_hours", 4.5, 8, 8, 5, 8, 8, 0), set()),  # 5 is not under 5
    (series("sleep_hours", 4, 8, 8, 8, 8, 8, 4, 4), set()),  # the first is eight nights ago
    (at("check_in", *((1, days) for days in (3, 4, 5, 6))), {"checkin.missed_3_days"}),
    (at("check_in", *((1, days) for days in (2.9, 4, 5, 6))), set()),
    (at("check_in", (1, 7)), {"checkin.missed_3_days", "checkin.missed_7_days"}),
    (at("check_in", (1, 0), (1, 2), (1, 6)), {"checkin.thinning"}),  # 3 in 7 days
    (at("check_in", (1, 0), (1, 2), (1, 4), (1, 7)), {"checkin.thinning"}),  # the first is eight days ago
    (at("check_in", (1, 0), (1, 2), (1, 4), (1, 6)), set()),
    (at("phq9.total", (9, 10)), {"phq9.overdue"}),
    (at("phq9.total", (9, 9.9)), set()),
    (at("gad7.total", (9, 10)), {"gad7.overdue"}),
    (at("gad7.total", (9, 9.9)), set()),
    (series("session.missed", 1), {"session.missed"}),
    (series("session.missed", 1, 0), set()),  # came again since
    (at("session.missed", (1, 6), (0, 3), (1, 0)), {"session.missed", "session.missed_twice"}),
    (at("session.missed", (1, 7), (0, 3), (1, 0)), {"session.missed"}),
    (at("session.missed", (1, 9), (1, 0)), {"session.missed", "session.missed_twice"}),  # in a row
    (
        at("session.missed", (1, 20), (1, 10), (1, 0)),
        {"session.missed", "session.missed_twice", "session.missed_three"},
    ),
    (
        at("session.missed", (1, 3), (0, 2), (1, 1), (1, 0)),
        {"session.missed", "session.missed_twice"},
    ),
    (
        [*series("session.missed", 1), *at("phq9.item9", (1, 13), (0, 6))],
        {"session.missed", "session.missed_at_risk"},
    ),
    ([*series("session.missed", 1), *at("phq9.item9", (1, 14), (0, 6))], {"session.missed"}),
    (
        [*series("session.missed", 1), reading("cssrs.risk", "moderate", 3)],
        {"session.missed", "session.missed_at_risk"},
    ),
    (
        [*series("session.missed", 1), reading("cssrs.risk", "high", 13)],
        {"session.missed", "session.missed_at_risk"},
    ),
    ([*series("session.missed", 1), reading("cssrs.risk", "low", 3)], {"session.missed"}),
    # Of a session missed three days ago, a questionnaire of today says nothing new.
    ([*at("session.missed", (1, 3)), *series("phq9.item9", 1)], {"session.missed"}),
    ([*at("session.missed", (1, 1), (0, 0)), *series("phq9.item9", 1)], set()),  # came since
    (series("follow_up.overdue", 1), {"crisis.follow_up_overdue"}),
    (series("goal.behind", 1), {"goal.behind"}),
    (series("goal.behind", 1, 0), set()),
    (series("hours.shortfall", 0.5), {"hours.low"}),
    (series("hours.shortfall", 0), set()),
]


@pytest.mark.parametrize(("readings", "codes"), HELD)
def test_at_its_edge(readings: Sequence[Reading], codes: set[str]) -> None:
    floor = {"si.phq9_item9", "si.cssrs_low", "si.cssrs_moderate", "si.cssrs_high"}
    assert set(found(readings)) - floor == codes


@pytest.mark.parametrize(
    "later", [series("session.missed", 0), series("session.attended", 1), series("session.excused", 1)]
)
def test_coming_again_does_not_raise_what_was_missed_before(later: list[Reading]) -> None:
    past = [*at("session.missed", (1, 5), (1, 3), (1, 1)), *at("phq9.item9", (2, 4))]
    came = [each._replace(source=later[0].source) for each in series("session.missed", 0)]
    whole = history([*past, *later, *came])
    assert findings_from(DEFAULT_PACK, whole, later[0].source, NOW, NOW) == []


def test_a_miss_that_is_entered_late_counts_on_its_day() -> None:
    missed = reading("session.missed", 1, 2, received=NOW)
    whole = history([*at("session.missed", (1, 4), (0, 1)), missed])
    raised = findings_from(DEFAULT_PACK, whole, missed.source, missed.at, NOW)
    assert {finding.rule.code: finding.sentence for finding in raised} == {
        "session.missed": "Missed the session of Nov 21, 2026 without being excused "
        "(reported for Nov 21, 2026, received on Nov 23, 2026).",
        "session.missed_twice": "Missed at least two sessions, in a row or within seven days; the last on "
        "Nov 21, 2026 (reported for Nov 21, 2026, received on Nov 23, 2026).",
    }


def test_a_questionnaire_on_the_day_after_a_miss_makes_it_pressing() -> None:
    whole = history([*at("session.missed", (1, 1)), answer := reading("phq9.item9", 1)])
    codes = {each.rule.code for each in findings_from(DEFAULT_PACK, whole, answer.source, NOW, NOW)}
    assert codes == {"si.phq9_item9", "session.missed_at_risk"}


def test_more_than_19_hours_is_for_information_where_it_is_switched_on() -> None:
    [high] = [rule for rule in DEFAULT_PACK.rules if rule.code == "hours.high"]
    assert not high.enabled
    on = rule_set(high.model_copy(update={"enabled": True}))
    since_monday = at("session.minutes", (1000, 1), (1141, 0))  # NOW is a Monday
    [finding] = evaluate(on, history(since_monday), NOW)
    assert (
        finding.sentence
        == "Spent 1141 minutes in sessions in the program's week: level 2.1 ends at 19 hours."
    )
    assert evaluate(on, history(at("session.minutes", (1000, 1), (1140, 0))), NOW) == []


def test_every_rule_of_the_pack_holds_somewhere_above() -> None:
    switched_on = {rule.code for rule in DEFAULT_PACK.rules if rule.enabled}
    assert {code for _, codes in HELD for code in codes} == switched_on


def test_two_days_without_a_check_in_are_staffs_only_where_a_clinical_lead_says_so() -> None:
    silent = history(at("check_in", *((1, days) for days in (2, 3, 4, 5))))
    [two_days] = [rule for rule in DEFAULT_PACK.rules if rule.code == "checkin.missed_2_days"]
    assert not two_days.enabled
    assert evaluate(DEFAULT_PACK, silent, NOW) == []
    [finding] = evaluate(rule_set(two_days.model_copy(update={"enabled": True})), silent, NOW)
    assert (finding.rule.code, finding.sentence) == (
        "checkin.missed_2_days",
        "No check-in for 2 days, since Nov 21, 2026.",
    )


def test_somebody_who_never_checked_in_is_missed_from_the_start_of_the_stay() -> None:
    assert set(found([], enrolled_days_ago=3)) == {"checkin.missed_3_days"}
    assert not found([], enrolled_days_ago=2)


def test_what_is_overdue_and_thin_counts_from_the_start_of_the_stay() -> None:
    assert set(found([], enrolled_days_ago=6)) == {"checkin.missed_3_days", "checkin.thinning"}
    later = {"checkin.missed_3_days", "checkin.missed_7_days", "checkin.thinning"}
    assert set(found([], enrolled_days_ago=9.9)) == later
    assert set(found([], enrolled_days_ago=10)) == later | {"phq9.overdue", "gad7.overdue"}


def test_on_a_leave_nothing_is_missed() -> None:
    away = history(at("check_in", (1, 12)), enrolled_days_ago=30, pauses=[leave(11)])
    assert {finding.rule.code for finding in evaluate(DEFAULT_PACK, away, NOW)} == {
        *("phq9.overdue", "gad7.overdue")  # these were overdue before
    }


def test_a_program_that_asks_on_three_days_a_week_finds_nobody_thin() -> None:
    weekdays = [off(days + 0.5, days - 0.5) for days in (6, 4, 2, 0)]
    rare = history(at("check_in", (1, 1), (1, 3)), enrolled_days_ago=9, pauses=weekdays)
    assert evaluate(DEFAULT_PACK, rare, NOW) == []
    assert set(found(at("check_in", (1, 1), (1, 3)), enrolled_days_ago=9)) == {"checkin.thinning"}


SENTENCES = [
    (
        series("phq9.total", 21),
        "phq9.severe",
        "PHQ-9 was 21 of 27 on Nov 23, 2026: severe depression begins at 20.",
    ),
    (
        at("phq9.total", (10, 14), (16, 0)),
        "phq9.deterioration",
        "PHQ-9 rose to 16 on Nov 23, 2026, 6 above the first (10).",
    ),
    (series("craving", 9), "craving.high", "Craving was 9 on Nov 23, 2026; the rule asks for 8 or more."),
    (
        series("craving", 7, 0, 7),
        "craving.high",
        "Craving was 7 or more on 2 of the last 3 days; the rule asks for 2.",
    ),
    (
        series("craving", 2, 2, 2, 5),
        "craving.spike",
        "Craving was 5 of 10 on Nov 23, 2026, 3 above the median of the 14 days before (2).",
    ),
    (series("used", 1.0), "use.reported", "Told us on Nov 23, 2026 about having used."),
    (
        series("sleep_hours", 4, 4, 4),
        "sleep.short",
        "Slept less than 5 hours on 3 of the last 7 days.",
    ),
    (at("check_in", (1, 3)), "checkin.missed_3_days", "No check-in for 3 days, since Nov 20, 2026."),
    (
        at("check_in", (1, 3)),
        "checkin.thinning",
        "Check-ins are thinning out: 1 in the last 7 days.",
    ),
    (at("phq9.total", (9, 12)), "phq9.overdue", "No scored PHQ-9 for 10 days, since Nov 11, 2026."),
    (at("gad7.total", (9, 12)), "gad7.overdue", "No scored GAD-7 for 10 days, since Nov 11, 2026."),
    (
        series("session.missed", 1),
        "session.missed",
        "Missed the session of Nov 23, 2026 without being excused.",
    ),
    (
        series("session.missed", 1, 1),
        "session.missed_twice",
        "Missed at least two sessions, in a row or within seven days; the last on Nov 23, 2026.",
    ),
    (
        series("session.missed", 1, 1, 1),
        "session.missed_three",
        "Missed 3 sessions in a row, the last on Nov 23, 2026.",
    ),
    (
        [*series("session.missed", 1), reading("phq9.item9", 1, 4)],
        "session.missed_at_risk",
        (
            "Missed the session of Nov 23, 2026, with thoughts of self-harm or a risk of suicide told in the "
            "last 14 days."
        ),
    ),
    (
        series("follow_up.overdue", 1),
        "crisis.follow_up_overdue",
        "Nobody had followed up 72 hours after a crisis, as of Nov 23, 2026.",
    ),
    (series("goal.behind", 1), "goal.behind", "A goal fell behind its pace on Nov 23, 2026."),
    (
        series("hours.shortfall", 2.5),
        "hours.low",
        (
            "With what is still scheduled, the week falls 2.5 hours short of the required time, as of "
            "Nov 23, 2026."
        ),
    ),
]


@pytest.mark.parametrize(("readings", "code", "sentence"), SENTENCES)
def test_sentence(readings: Sequence[Reading], code: str, sentence: str) -> None:
    assert found(readings)[code].sentence == sentence


def test_every_rule_names_its_evidence_and_a_next_step() -> None:
    for rule in DEFAULT_PACK.rules:
        assert rule.evidence.citation, rule.code
        assert rule.next_step, rule.code
        assert not rule.floor
        assert signals_of(rule.condition) <= SIGNALS.keys()


def test_grades_and_severities() -> None:
    by_code = {rule.code: rule for rule in DEFAULT_PACK.rules}
    assert by_code["craving.high"].evidence.grade is Grade.DESIGN
    assert by_code["craving.high"].answer_within_minutes == 240
    assert by_code["use.reported"].evidence.grade is Grade.MEASURED
    assert by_code["use.opioid_after_abstinence"].severity is Severity.URGENT
    assert by_code["phq9.severe"].evidence.grade is Grade.PUBLISHED
    assert {rule.code for rule in DEFAULT_PACK.rules if rule.severity is Severity.ROUTINE} == {
        *("gad7.severe", "gad7.deterioration", "craving.spike", "sleep.short", "checkin.missed_2_days"),
        *("checkin.missed_3_days", "checkin.thinning", "phq9.overdue", "gad7.overdue"),
        *("session.missed", "goal.behind", "hours.low", "hours.high"),
    }
    assert by_code["session.missed"].evidence.grade is Grade.COMMON_PRACTICE
    assert by_code["session.missed_at_risk"].severity is Severity.URGENT
    assert by_code["session.missed_at_risk"].answer_within_minutes == 60
    assert {by_code[code].severity for code in ("session.missed_twice", "session.missed_three")} == {
        Severity.HIGH
    }
    assert by_code["hours.low"].evidence.grade is Grade.REGULATORY
    assert all(by_code[rule.code].evidence.grade is Grade.DESIGN for rule in absence_rules(DEFAULT_PACK))


def test_no_answer_brings_to_light_what_is_lacking() -> None:
    """Whoever comes back after two weeks is not greeted by what was missed: the sweep has told it."""
    codes = {rule.code for rule in absence_rules(DEFAULT_PACK)}
    for signal, value in (("check_in", 1), ("phq9.total", 12), ("gad7.total", 9)):
        past = [*at("check_in", (1, 14)), *at("phq9.total", (9, 14)), *at("gad7.total", (9, 14))]
        answer = reading(signal, value)
        whole = history([*past, answer], enrolled_days_ago=30)
        assert codes & {finding.rule.code for finding in evaluate(DEFAULT_PACK, whole, NOW)}
        assert findings_from(DEFAULT_PACK, whole, answer.source, NOW, NOW) == []


def test_no_check_in_must_load_more_because_of_the_default_rules() -> None:
    for rule in DEFAULT_PACK.rules:
        kinds = {kind_of(signal) for signal in signals_of(rule.condition)}
        assert "check_in" not in kinds or len(kinds) == 1, rule.code
    assert lookback(DEFAULT_PACK).days == 15


@pytest.mark.parametrize(
    "word", ["relapse", "fail", "dirty", "clean", "abuse", "admit", "non-compliant", "violat"]
)
def test_nobody_is_blamed(word: str) -> None:
    for rule in DEFAULT_PACK.rules:
        assert word not in f"{rule.title} {rule.sentence} {rule.next_step}".lower(), rule.code
