"""What a backtest counts: alerts of replayed findings, how two rule sets' overlap, and examples of nobody."""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from time import process_time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.backtest import backtest, rules_of, without_days
from app.rules.conditions import Silence, Threshold
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import Finding
from app.rules.evidence import Evidence
from app.rules.reading import Source
from app.rules.replay import Compared, Found
from app.rules.replay_alerts import Opened, earlier, opened, without_counterpart
from app.rules.replay_case import Case, Stay
from app.rules.replay_tally import MOST_EXAMPLES, Tally, spread
from app.rules.rule import Rule, RuleSet
from tests.rules.arbitrary import unhurried
from tests.rules.making import IN_UTC, NEW_YORK, NOW, reading, rule, rule_set, series
from tests.rules.replaying import PATIENT, answers_of, in_a_day, ordinary, span_of

HOUR = timedelta(hours=1)
SPAN = span_of(NOW.date() - timedelta(days=30), NOW.date())
EMPTY = Case(PATIENT, [], [], NEW_YORK)
ANY = rule(Threshold(signal="craving", op=">=", value=8), "craving.any")
CRAVING_DAYS = 10_000


def found(hours: float) -> Found:
    """A finding so many hours after NOW."""
    at = NOW + hours * HOUR
    finding = Finding(ANY, 1, "", Evidence((), (), "", at, IN_UTC))
    return Found(at, finding, Source("check_in", UUID(int=1)), by_live=True, by_draft=True)


def alerts(*hours: float, lasting: float = 4) -> list[Opened]:
    """Alerts that were opened so many hours after NOW, and open for so long."""
    made = opened(EMPTY, map(found, hours), lambda _rule, at: at + lasting * HOUR)
    return list(made.get("craving.any", ()))


def test_a_finding_while_an_alert_is_open_is_an_occurrence() -> None:
    assert [each.opened_at for each in alerts(0, 1, 3.9, 4, 9)] == [NOW, NOW + 4 * HOUR, NOW + 9 * HOUR]


def test_alerts_are_due_as_their_rule_says() -> None:
    asked: list[tuple[Rule, datetime]] = []

    def due(rule: Rule, at: datetime) -> datetime:
        asked.append((rule, at))
        return at + HOUR

    opened(EMPTY, [found(0), found(0.5), found(2)], due)
    assert asked == [(ANY, NOW), (ANY, NOW + 2 * HOUR)]


# NOW is noon in UTC, seven in New York: 16.9 hours later it is still the same day there.
@pytest.mark.parametrize(
    ("draft", "live", "only_draft", "only_live"),
    [
        ([0], [0], 0, 0),
        ([0], [16.9], 0, 0),
        ([0], [17.1], 1, 1),
        ([16], [19.9], 0, 0),  # another day, and the first is still open
        ([16], [20], 1, 1),
        ([19.9], [16], 0, 0),
        ([0, 24, 48], [24], 2, 0),
        ([24], [0, 24, 48], 0, 2),
        ([], [0, 24], 0, 2),
        ([0], [], 1, 0),
    ],
)
def test_what_has_no_counterpart(
    draft: list[float], live: list[float], only_draft: int, only_live: int
) -> None:
    mine, theirs = alerts(*draft), alerts(*live)
    assert len(without_counterpart(mine, theirs)) == only_draft
    assert len(without_counterpart(theirs, mine)) == only_live


hours = st.lists(st.integers(0, 400), max_size=12).map(sorted)


@unhurried
@given(hours, hours, st.integers(1, 60), st.integers(1, 60))
def test_counterparts_are_those_that_a_comparison_of_all_pairs_finds(
    draft: list[int], live: list[int], lasting: int, as_long: int
) -> None:
    mine, theirs = alerts(*draft, lasting=lasting), alerts(*live, lasting=as_long)

    def are_counterparts(one: Opened, other: Opened) -> bool:
        return (
            one.day == other.day
            or one.opened_at <= other.opened_at < one.resolved_at
            or other.opened_at <= one.opened_at < other.resolved_at
        )

    alone = [one for one in mine if not any(are_counterparts(one, other) for other in theirs)]
    assert without_counterpart(mine, theirs) == alone


@pytest.mark.parametrize(
    ("draft", "live", "sooner"),
    [
        ([0], [24], [24]),
        ([0, 24], [24], [24]),
        ([0], [0], []),
        ([24], [0], []),  # later is not earlier
        ([0], [], []),  # nobody sees it but the draft
        ([0, 24, 48, 72], [72], [72]),  # one episode, each day
        ([0], [52], [52]),  # two days after the first is over
        ([0], [52.1], []),
        ([0, 200], [24, 200], [24]),
        ([0, 200], [24, 230], [24, 30]),
    ],
)
def test_how_much_sooner_an_episode_is_told(
    draft: list[float], live: list[float], sooner: list[float]
) -> None:
    assert [each.sooner / HOUR for each in earlier(alerts(*draft), alerts(*live))] == sooner


def at_least(value: int, **more: object) -> RuleSet:
    return rule_set(rule(Threshold(signal="craving", op=">=", value=value), "craving.high", **more))


def case(*cravings: int, patient: int = 1) -> Case:
    """A craving a day, the last of them today; in the program for twenty days."""
    read = answers_of(series("craving", *cravings))
    return Case(UUID(int=patient), read, [Stay(NOW.date() - timedelta(days=19))], IN_UTC)


def test_a_lower_threshold() -> None:
    """Two people: one climbs to eight over seven, one has a single seven."""
    cases = [case(1, 7, 8, 2), case(7, 1, 1, 1, patient=2)]
    tally = backtest(cases, Compared(at_least(8), at_least(7)), SPAN, in_a_day)
    count = tally.by_rule["craving.high"]
    assert (tally.check_ins, tally.assessments, tally.patients, tally.patient_weeks) == (8, 0, 2, 40 / 7)
    assert (tally.alerts, tally.live_alerts) == (3, 1)
    assert (count.alerts, count.patients, count.live_alerts) == (3, 2, 1)
    assert (count.also_live, count.only_draft, count.only_live) == (1, 2, 0)
    assert (count.earlier, count.median_hours_earlier) == (1, 24.0)
    shown = spread(tally, ["craving.high"])
    assert [(each.kind, each.stay_day, each.comparison, each.hours_earlier) for each in shown] == [
        ("only_draft", 18, "Craving was 7; the rule asks for 7 or more.", None),
        ("earlier", 18, "Craving was 7; the rule asks for 7 or more.", 24.0),
        ("only_draft", 17, "Craving was 7; the rule asks for 7 or more.", None),
    ]


def test_a_higher_threshold_misses() -> None:
    tally = backtest([case(1, 8, 1)], Compared(at_least(8), at_least(9)), SPAN, in_a_day)
    count = tally.by_rule["craving.high"]
    assert (count.alerts, count.live_alerts, count.only_live, count.patients) == (0, 1, 1, 0)
    assert [(each.kind, each.comparison) for each in spread(tally, ["craving.high"])] == [
        ("only_live", "Craving was 8; the rule asks for 8 or more.")
    ]


def test_rules_are_listed_as_the_draft_has_them_then_what_only_the_live_ones_have() -> None:
    off = at_least(8, enabled=False)
    rules = Compared(at_least(8), rule_set(rule(Silence(signal="craving", days=2), "craving.unknown")))
    tally = backtest([case(1)], rules, SPAN, in_a_day)
    own = [code for code in rules_of(rules, tally) if not code.startswith("si.")]
    assert own == ["craving.unknown", "craving.high"]
    assert "craving.high" not in rules_of(Compared(off, off), Tally())


def test_only_days_of_the_span_count() -> None:
    span = span_of(NOW.date() - timedelta(days=1), NOW.date())
    tally = backtest([case(8, 1, 1, 8)], Compared(at_least(8), at_least(8)), span, in_a_day)
    assert (tally.check_ins, tally.alerts, tally.patient_days) == (2, 1, 2)


def test_of_a_stay_that_ended_only_its_days_count() -> None:
    ended = Case(
        PATIENT, [], [Stay(NOW.date() - timedelta(days=40), NOW.date() - timedelta(days=28))], IN_UTC
    )
    rules = Compared(at_least(8), at_least(8))
    assert backtest([ended], rules, SPAN, in_a_day).patient_days == 3


def test_a_revision_is_evaluated_and_counted_once_as_an_answer() -> None:
    first = reading("craving", 2, 1, source=Source("check_in", UUID(int=5)))
    again = reading("craving", 9, 1, source=Source("check_in", UUID(int=5), 1))
    told = Case(PATIENT, answers_of([first, again]), [], IN_UTC)
    tally = backtest([told], Compared(at_least(8), at_least(8)), SPAN, in_a_day)
    assert (tally.check_ins, tally.alerts) == (1, 1)


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_slices_add_up(parts: int) -> None:
    cases = [ordinary(patient, 40) for patient in range(10)]
    rules = Compared(DEFAULT_PACK, lowered())
    span = span_of(cases[0].stays[0].starts_on, cases[0].stays[0].starts_on + timedelta(days=39))
    total = Tally()
    for part in range(parts):
        total.add(backtest(cases[part::parts], rules, span, in_a_day))
    whole = backtest(cases, rules, span, in_a_day)
    assert {code: (*asdict(count).values(),)[:-1] for code, count in total.by_rule.items()} == {
        code: (*asdict(count).values(),)[:-1] for code, count in whole.by_rule.items()
    }
    assert (total.check_ins, total.patient_days) == (whole.check_ins, whole.patient_days)


def lowered() -> RuleSet:
    """The default pack, but for a craving of seven."""
    rules = [each.model_dump(mode="json") for each in DEFAULT_PACK.rules]
    high = next(each for each in rules if each["code"] == "craving.high")
    assert high["condition"]["conditions"][0]["value"] == 8
    high["condition"]["conditions"][0]["value"] = 7
    return RuleSet.model_validate({"version": 2, "rules": rules})


def test_examples_are_few_and_spread_over_rules_and_people() -> None:
    cases = [ordinary(patient, 60) for patient in range(30)]
    span = span_of(cases[0].stays[0].starts_on, cases[0].stays[0].starts_on + timedelta(days=59))
    draft = rule_set(
        rule(Threshold(signal="craving", op=">=", value=3), "craving.some"),
        rule(Threshold(signal="mood", op="<=", value=5), "mood.low"),
    )
    rules = Compared(DEFAULT_PACK, draft)
    tally = backtest(cases, rules, span, in_a_day)
    shown = spread(tally, list(rules_of(rules, tally)))
    assert len(shown) == MOST_EXAMPLES
    assert {"craving.some", "mood.low", "craving.high"} <= {each.rule for each in shown}
    assert {"only_draft", "only_live"} <= {each.kind for each in shown}
    assert all(1 <= (each.stay_day or 0) <= 60 for each in shown)
    assert not re.search(r"20[0-9]{2}|\b(on|since) [A-Z]", " ".join(each.comparison for each in shown))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Craving was 7 on Nov 3, 2026; the rule asks for 7 or more.",
         "Craving was 7; the rule asks for 7 or more."),
        ("Sleep was less than 5 hours 3 times in a row, last on Nov 13, 2026.",
         "Sleep was less than 5 hours 3 times in a row."),
        ("No check-in for 3 days or longer, since Nov 3, 2026.", "No check-in for 3 days or longer."),
        ("Sleep was less than 5 hours on 3 of the last 5 days; the rule asks for 3.",
         "Sleep was less than 5 hours on 3 of the last 5 days; the rule asks for 3."),
        ("Craving was 7 on Nov 3, 2026; and mood was 2 on Nov 4, 2026.", "Craving was 7; and mood was 2."),
    ],
)  # fmt: skip
def test_an_example_leaves_days_out(said: str, shown: str) -> None:
    assert without_days(said) == shown


def test_ten_thousand_check_ins_are_soon_replayed() -> None:
    """It takes some two seconds of a processor; the bound leaves room for a slow and busy one."""
    cases = [ordinary(patient, 90) for patient in range(125)]
    span = span_of(cases[0].stays[0].starts_on, cases[0].stays[0].starts_on + timedelta(days=89))
    began = process_time()
    tally = backtest(cases, Compared(DEFAULT_PACK, lowered()), span, in_a_day)
    assert process_time() - began < 12
    assert tally.check_ins > CRAVING_DAYS
    assert tally.alerts > tally.live_alerts
