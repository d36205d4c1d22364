"""What the real answers should bring about, counted a second time from the texts of the rules.

Nothing of the application is used here. `rows` are answers by item, None where there is none.

- PHQ-9 item 9, on thoughts of death or self-harm, answered 1 or more.
- PHQ-9 at 20 or more. GAD-7 at 15 or more.
- PHQ-9 at least 5 (GAD-7: 4) above the first total, or above the best of the three totals before.
- Up to two items missing: the mean of the others times the number of items, rounded half up. More: no total.
- A finding on a rule that has an unresolved alert is one occurrence more on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

Row = Mapping[str, int | None]


def total_of(row: Row) -> int | None:
    known = [value for value in row.values() if value is not None]
    if len(row) - len(known) > 2:
        return None
    return int((Decimal(sum(known)) / len(known) * len(row)).quantize(Decimal(1), ROUND_HALF_UP))


def got_worse(total: int, earlier: list[int], by: int) -> bool:
    return bool(earlier) and (total >= earlier[0] + by or total >= min(earlier[-3:]) + by)


@dataclass
class Recount:
    """One person's alerts: of each rule the numbers of occurrences, the oldest alert first."""

    alerts: dict[str, list[int]] = field(default_factory=dict)
    unresolved: set[str] = field(default_factory=set)
    phq9: list[int] = field(default_factory=list)
    gad7: list[int] = field(default_factory=list)

    def take_phq9(self, row: Row) -> set[str]:
        """The rules that this row finds."""
        rules = set()
        if (row["phq9-9"] or 0) >= 1:
            rules.add("si.phq9_item9")
        if (total := total_of(row)) is not None:
            if total >= 20:
                rules.add("phq9.severe")
            if got_worse(total, self.phq9, 5):
                rules.add("phq9.deterioration")
            self.phq9.append(total)
        return self._count(rules)

    def take_gad7(self, row: Row) -> set[str]:
        """The rules that this row finds."""
        rules = set()
        if (total := total_of(row)) is not None:
            if total >= 15:
                rules.add("gad7.severe")
            if got_worse(total, self.gad7, 4):
                rules.add("gad7.deterioration")
            self.gad7.append(total)
        return self._count(rules)

    def resolve_all(self) -> None:
        """Somebody closed every alert: the next finding opens a new one."""
        self.unresolved.clear()

    def _count(self, rules: set[str]) -> set[str]:
        for rule in rules:
            opened = self.alerts.setdefault(rule, [])
            if rule in self.unresolved:
                opened[-1] += 1
            else:
                opened.append(1)
        self.unresolved |= rules
        return rules
