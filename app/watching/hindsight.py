"""Which findings an answer must have led to when it came, told from what is stored now. Pure.

The same evaluator as then, over the readings that were known then. What cannot be known for certain is not
expected: a false alarm teaches the operator to ignore the watcher.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from app.rules.conditions import Leaf, leaves
from app.rules.evaluate import Finding, findings_from
from app.rules.history import History
from app.rules.reading import Reading
from app.rules.replay_case import Answer
from app.rules.rule import RuleSet, is_rule_error
from app.rules.signals import kind_of

RIVALS = timedelta(seconds=5)
"""Two requests so close to each other may have been kept in either order: longer than one may take."""
PUBLISHING = timedelta(seconds=10)
"""So long around its publication it is not certain whether a version was in force."""

Remember = Callable[[Sequence[Reading]], History]
"""The history of one patient with these readings."""


def owed(
    answer: Answer, answers: Sequence[Answer], rule_sets: Sequence[RuleSet], remember: Remember
) -> list[Finding]:
    """What an answer brought to light, whichever of these rule sets was in force, and whichever of two
    answers that came at the same moment was first. `answers` are the patient's, in the order in which they
    came.

    A rule that could not be evaluated is left out: that is about the rule, and is found elsewhere.
    """
    worlds = [
        findings_from(rule_set, remember(known), answer.source, answer.at, answer.received_at)
        for rule_set in rule_sets
        for known in _known(answer, answers)
    ]
    certain = set.intersection(*({finding.rule.code for finding in found} for found in worlds))
    return [
        finding
        for finding in worlds[0]
        if finding.rule.code in certain
        and not is_rule_error(finding.rule.code)
        and not any(map(_needs_what_is_not_known, leaves(finding.rule.condition)))
    ]


def versions_in_force(published: Sequence[tuple[datetime, int]], moment: datetime) -> list[int]:
    """The versions that may have been in force at a moment: one, unless another was just being published.

    Before the first there was none: an answer that was imported from then was judged by the first.
    """
    begun = [version for at, version in published if at <= moment - PUBLISHING] or [published[0][1]]
    just_now = [version for at, version in published if abs(at - moment) < PUBLISHING]
    return list(dict.fromkeys([begun[-1], *just_now]))


def _known(answer: Answer, answers: Sequence[Answer]) -> Iterator[Sequence[Reading]]:
    """The readings that were known with an answer: those that came before, without and with its rivals."""
    sure, rivals = list[Answer](), list[Answer]()
    place = answers.index(answer)
    for number, other in enumerate(answers):
        if _are_rivals(answer, other):
            rivals.append(other)
        elif number <= place:
            sure.append(other)
    yield _readings(sure)
    if rivals:
        yield _readings([*sure, *rivals])


def _are_rivals(one: Answer, other: Answer) -> bool:
    """Whether it is uncertain which of two was kept first. Of two revisions it is not; and of one batch of
    check-ins only where they count as lived at the same moment."""
    if one.source[:2] == other.source[:2]:
        return False
    apart = abs(one.received_at - other.received_at)
    is_batch = {one.source.kind, other.source.kind} == {"check_in"} and apart == timedelta()
    return one.at == other.at if is_batch else apart <= RIVALS


def _readings(answers: Sequence[Answer]) -> Sequence[Reading]:
    return [reading for answer in answers for reading in answer.readings]


def _needs_what_is_not_known(leaf: Leaf) -> bool:
    """Whether the first reading ever counts, of a series of which an answer finds only a part loaded; or what
    was planned then."""
    is_first = leaf.kind == "change" and leaf.against == "baseline" and kind_of(leaf.signal) != "assessment"
    return is_first or (leaf.kind == "total" and leaf.project)
