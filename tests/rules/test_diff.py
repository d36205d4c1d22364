"""What changed between two versions: the parts, and the words for them."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.conditions import AllOf, AnyOf, Change, Condition, Count, Not, Run, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.diff import changes, difference
from app.rules.rule import Grade, Rule, RuleEvidence, Severity
from app.rules.telling import told
from tests.rules.arbitrary import conditions, unhurried
from tests.rules.making import rule

STRONG = Threshold(signal="craving", op=">=", value=8)
OFTEN = Count(signal="craving", op=">=", value=7, at_least=2, window_days=3)
IN_ANSWERS = OFTEN.model_copy(update={"per": "reading"})
TODAY = OFTEN.model_copy(update={"at_least": 1, "window_days": 1})
TWICE = "at least 2 of the last"
LOW = Run(signal="mood", op="<=", value=2, n=3)
SILENT = Silence(signal="check_in", days=3)
RISEN = Change(signal="phq9.total", against="best_of_last", n=3, direction="rise", by=5)
FEW = Total(signal="meetings_attended", op="<", value=2, window="rolling", window_days=7)
SHORT = Total(signal="sleep_hours", op="<", value=40, window="program_week", project=True)
UNUSUAL = Change(signal="sleep_hours", against="median", window_days=14, direction="fall", by=2)

texts = st.sampled_from(["", "One.", "Another."])
rules = st.builds(
    rule,
    conditions,
    st.sampled_from(["own.first", "own.second", "own.third"]),
    title=st.sampled_from(["One", "Another"]),
    severity=st.sampled_from(Severity),
    enabled=st.booleans(),
    answer_within_minutes=st.none() | st.integers(1, 99),
    sentence=texts,
    next_step=texts,
)
versions = st.lists(rules, max_size=3, unique_by=lambda each: each.code)


def put(document: Any, pointer: str, value: Any) -> Any:
    """The document with the value at the pointer: RFC 6901, no members with slashes."""
    if not pointer:
        return value
    document = deepcopy(document)
    *path, last = pointer.split("/")[1:]
    place = document
    for part in path:
        place = place[int(part) if isinstance(place, list) else part]
    place[int(last) if isinstance(place, list) else last] = value
    return document


@unhurried
@given(older=rules, newer=rules)
def test_the_changes_make_the_older_rule_the_newer(older: Rule, newer: Rule) -> None:
    made = older.model_dump(mode="json")
    for change in changes(older, newer):
        assert change.before != change.after
        made = put(made, change.pointer, change.after)
    assert made == newer.model_dump(mode="json")


@unhurried
@given(older=versions, newer=versions)
def test_every_rule_is_in_one_place_and_what_changed_is_said(older: list[Rule], newer: list[Rule]) -> None:
    found = difference(older, newer)
    before, after = ({each.code: each for each in version} for version in (older, newer))
    assert {each.code for each in found.added} == after.keys() - before.keys()
    assert {each.code for each in found.removed} == before.keys() - after.keys()
    assert {each.code for each in found.changed} == {
        code for code in before.keys() & after.keys() if before[code] != after[code]
    }
    assert all(each.sentence.endswith(".") for each in found.changed)


@unhurried
@given(version=versions)
def test_a_version_does_not_differ_from_itself_in_another_order(version: list[Rule]) -> None:
    assert difference(version, version[::-1]) == ((), (), ())


def test_a_threshold_alone_is_one_change() -> None:
    lower = Threshold(signal="craving", op=">=", value=7)
    (found,) = difference(
        [rule(AnyOf(conditions=(STRONG, OFTEN)))], [rule(AnyOf(conditions=(lower, OFTEN)), title="Craving")]
    ).changed
    assert (found.code, found.title) == ("test.rule", "Craving")
    assert found.changes == (
        ("/title", "A rule under test", "Craving"),
        ("/condition/conditions/0/value", 8, 7),
    )
    assert found.sentence == "Craving: from 8 to 7. Title: from “A rule under test” to “Craving”."


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (STRONG, STRONG.model_copy(update={"op": ">"}), "Craving: from 8 or more to more than 8."),
        (
            OFTEN,
            OFTEN.model_copy(update={"window_days": 5}),
            f"Craving: from 7 or more on {TWICE} 3 days to 7 or more on {TWICE} 5 days.",
        ),
        (SILENT, Silence(signal="check_in", hours=36), "Check-in: from 3 days to 36 hours."),
        (
            Threshold(signal="used", op=">=", value=1),
            Threshold(signal="used", op="<", value=1),
            "Use of a substance: from yes to no.",
        ),
        (STRONG, LOW, "From “craving 8 or more” to “mood 2 or less 3 times in a row”."),
        (STRONG, Not(condition=STRONG), "From “craving 8 or more” to “not (craving 8 or more)”."),
        (
            Not(condition=STRONG),
            Not(condition=LOW),
            "Not: from “craving 8 or more” to “mood 2 or less 3 times in a row”.",
        ),
        (
            AnyOf(conditions=(STRONG, OFTEN)),
            AnyOf(conditions=(OFTEN, SILENT)),
            "No longer: craving 8 or more. New: no check-in for 3 days.",
        ),
        (
            AnyOf(conditions=(STRONG, OFTEN)),
            AllOf(conditions=(STRONG, OFTEN)),
            (
                f"From “craving 8 or more, or craving 7 or more on {TWICE} 3 days” to “craving 8 or more, and"
                f" craving 7 or more on {TWICE} 3 days”."
            ),
        ),
    ],
)  # fmt: skip
def test_a_condition_in_words(before: Condition, after: Condition, sentence: str) -> None:
    (found,) = difference([rule(before)], [rule(after)]).changed
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"enabled": False}, "Switched off."),
        ({"severity": Severity.URGENT}, "Severity: from routine to urgent."),
        ({"answer_within_minutes": 30}, "To be answered: from as its severity says to within 30 minutes."),
        ({"sentence": "Craving {value}."}, "The sentence for the care team was reworded."),
        ({"next_step": "Call."}, "The next step was reworded."),
        (
            {"evidence": RuleEvidence(grade=Grade.MEASURED, citation="Ours")},
            "What the rule rests on was changed.",
        ),
    ],
)
def test_every_other_part_in_words(update: dict[str, Any], sentence: str) -> None:
    before = rule(STRONG)
    (found,) = difference([before], [before.model_copy(update=update)]).changed
    assert found.sentence == sentence
    (back,) = difference([before.model_copy(update={"enabled": False})], [before]).changed
    assert back.sentence == "Switched on."


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (IN_ANSWERS, "craving 7 or more in at least 2 answers of the last 3 days"),
        (
            Count(signal="session.missed", op=">=", value=1, at_least=2, window_days=7, per="reading"),
            "session missed yes in at least 2 sessions of the last 7 days",
        ),
        (TODAY, "craving 7 or more today"),
        (RISEN, "PHQ-9 up by 5 or more from the best of the last 3"),
        (UNUSUAL, "sleep down by 2 or more from the median of the 14 days before"),
        (FEW, "meetings in the last 7 days less than 2"),
        (SHORT, "sleep in the program's week, with what is scheduled, less than 40 hours"),
        (
            AllOf(conditions=(AnyOf(conditions=(STRONG, LOW)), SILENT)),
            "(craving 8 or more, or mood 2 or less 3 times in a row), and no check-in for 3 days",
        ),
        (Threshold(signal="cssrs.risk", op="!=", value="none"), "C-SSRS risk other than none"),
    ],
)  # fmt: skip
def test_a_condition_told(condition: Condition, words: str) -> None:
    assert told(condition) == words


def test_every_rule_of_the_default_pack_can_be_told() -> None:
    for each in DEFAULT_PACK.rules:
        assert told(each.condition)
