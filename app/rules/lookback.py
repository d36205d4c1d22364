"""How much history must be loaded before a condition, or a rule set, can be judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.rules.conditions import Condition, Leaf, leaves
from app.rules.floor import in_force
from app.rules.rule import RuleSet


@dataclass(frozen=True, slots=True)
class Lookback:
    """What to load, counted back from the earliest moment that is evaluated (a late answer's own).

    `days`: every reading of that many local days, the last being that moment's. `latest`: per signal, at
    least this many of its newest readings, however old. `first`: signals whose very first reading is needed
    as well. A median whose latest reading is older than that moment may then be over fewer days.
    """

    days: int = 0
    latest: Mapping[str, int] = field(default_factory=dict)
    first: frozenset[str] = frozenset()


def lookback(of: Condition | RuleSet) -> Lookback:
    """The history that a condition needs, or that a rule set and the safety floor need."""
    conditions = [rule.condition for rule in in_force(of)] if isinstance(of, RuleSet) else [of]
    tests = [leaf for condition in conditions for leaf in leaves(condition)]
    latest: dict[str, int] = {}
    for leaf in tests:
        latest[leaf.signal] = max(latest.get(leaf.signal, 0), _latest(leaf))
    return Lookback(
        days=max(map(_days, tests), default=0),
        latest={signal: number for signal, number in latest.items() if number},
        first=frozenset(
            leaf.signal for leaf in tests if leaf.kind == "change" and leaf.against == "baseline"
        ),
    )


def _days(leaf: Leaf) -> int:
    match leaf.kind:
        case "count":
            return leaf.window_days
        case "change":
            return (leaf.window_days or 0) + 1 if leaf.against == "median" else 0
        case "total":
            return leaf.window_days or 7
        case "threshold" | "run" | "silence":
            return 0


def _latest(leaf: Leaf) -> int:
    match leaf.kind:
        case "threshold" | "silence":
            return 1
        case "run":
            return leaf.n
        case "change":
            return 1 + (leaf.n or 1)
        case "count" | "total":
            return 0
