"""What one version of a program's rules has and another has not."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.rules.rule import Rule
from app.rules.telling import reworded


class Change(NamedTuple):
    """One part of a rule that differs: a JSON pointer into the rule, and the part as JSON in each version.

    Setting `after` at the pointer makes the older rule the newer one.
    """

    pointer: str
    before: Any
    after: Any


class ChangedRule(NamedTuple):
    """A rule that is in both versions and differs, with the newer title and all changes in plain words."""

    code: str
    title: str
    changes: tuple[Change, ...]
    sentence: str


class Difference(NamedTuple):
    """What came, what went, and what differs. Rules are the same by their code; their order says nothing."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[ChangedRule, ...]


def difference(older: Sequence[Rule], newer: Sequence[Rule]) -> Difference:
    """From the rules of one version to those of another."""
    before, after = ({rule.code: rule for rule in rules} for rules in (older, newer))
    return Difference(
        added=tuple(rule for code, rule in after.items() if code not in before),
        removed=tuple(rule for code, rule in before.items() if code not in after),
        changed=tuple(
            ChangedRule(code, rule.title, changes(before[code], rule), reworded(before[code], rule))
            for code, rule in after.items()
            if code in before and before[code] != rule
        ),
    )


def changes(before: Rule, after: Rule) -> tuple[Change, ...]:
    """Every part that differs, as deep as both are built alike."""
    return tuple(_changes("", before.model_dump(mode="json"), after.model_dump(mode="json")))


def _changes(pointer: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    for name in (keys := _parts_in_common(before, after)):
        yield from _changes(f"{pointer}/{name}", before[name], after[name])
    if not keys:
        yield Change(pointer, before, after)


def _parts_in_common(before: Any, after: Any) -> Sequence[Any]:
    """The members or places to go on with; none when the two can only be shown whole."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return tuple(before)
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return range(len(before))
    return ()
