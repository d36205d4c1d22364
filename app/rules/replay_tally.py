"""What a backtest counts: of one patient, and added up over all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from statistics import median
from typing import Final, Literal, NamedTuple

MOST_EXAMPLES: Final = 20

Kind = Literal["only_draft", "only_live", "earlier"]


class Example(NamedTuple):
    """One alert that makes a difference: on which day of the stay, and what was compared with what."""

    rule: str
    kind: Kind
    stay_day: int | None
    comparison: str
    hours_earlier: float | None = None


@dataclass(slots=True)
class RuleCount:
    """What was counted of one rule."""

    alerts: int = 0
    patients: int = 0
    live_alerts: int = 0
    only_draft: int = 0
    only_live: int = 0
    hours_earlier: list[float] = field(default_factory=list)

    def add(self, other: "RuleCount") -> None:
        """Count these, too."""
        self.alerts += other.alerts
        self.patients += other.patients
        self.live_alerts += other.live_alerts
        self.only_draft += other.only_draft
        self.only_live += other.only_live
        self.hours_earlier += other.hours_earlier

    @property
    def also_live(self) -> int:
        """The draft's alerts that have a counterpart."""
        return self.alerts - self.only_draft

    @property
    def earlier(self) -> int:
        """The episodes that the draft would have told of sooner."""
        return len(self.hours_earlier)

    @property
    def median_hours_earlier(self) -> float | None:
        """By how much, as a rule; None where nothing came sooner."""
        return round(median(self.hours_earlier), 1) if self.hours_earlier else None


@dataclass(slots=True)
class Tally:
    """What was counted of some cases. Tallies of different patients add up."""

    check_ins: int = 0
    assessments: int = 0
    patients: int = 0
    patient_days: int = 0
    by_rule: defaultdict[str, RuleCount] = field(default_factory=lambda: defaultdict(RuleCount))
    titles: dict[str, str] = field(default_factory=dict)
    examples: defaultdict[tuple[str, Kind], list[Example]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Tally") -> None:
        """Count these, too."""
        self.check_ins += other.check_ins
        self.assessments += other.assessments
        self.patients += other.patients
        self.patient_days += other.patient_days
        self.titles |= other.titles
        for code, count in other.by_rule.items():
            self.by_rule[code].add(count)
        for key, examples in other.examples.items():
            self.examples[key] = (self.examples[key] + examples)[:MOST_EXAMPLES]

    @property
    def patient_weeks(self) -> float:
        """Weeks that the patients spent in the program."""
        return self.patient_days / 7

    @property
    def alerts(self) -> int:
        """The draft's alerts."""
        return sum(count.alerts for count in self.by_rule.values())

    @property
    def live_alerts(self) -> int:
        """The alerts of the rules in force."""
        return sum(count.live_alerts for count in self.by_rule.values())


def spread(tally: Tally, order: Sequence[str]) -> list[Example]:
    """At most `MOST_EXAMPLES`: one of each rule and kind, then another of each, and so on."""
    kinds: tuple[Kind, ...] = ("only_draft", "only_live", "earlier")
    stacks = [
        tally.examples[code, kind] for code in order for kind in kinds if (code, kind) in tally.examples
    ]
    dealt = [each for round_ in zip_longest(*stacks) for each in round_ if each is not None]
    return dealt[:MOST_EXAMPLES]
