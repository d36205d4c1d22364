"""The alerts that replayed findings would have opened, and how those of two rule sets overlap.

Nobody knows when a care team that never saw an alert would have resolved it. The replay takes it that each is
resolved when its answer is due, for both rule sets alike; so like is compared with like.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.rules.evaluate import Finding
from app.rules.replay import Found
from app.rules.replay_case import Case
from app.rules.rule import Rule

Due = Callable[[Rule, datetime], datetime]
"""By when an alert of a rule, opened at a moment, must be answered."""

STILL_THE_SAME_EPISODE = timedelta(days=2)
"""A design choice: somebody who checks in every day, at other hours, stays in one episode."""


class Opened(NamedTuple):
    """A replayed alert of one patient and one rule: from when until when it was open, and on what finding."""

    opened_at: datetime
    resolved_at: datetime
    day: date
    finding: Finding


class Earlier(NamedTuple):
    """The draft's first alert of an episode, and how much sooner it came than the first of the live rules."""

    alert: Opened
    sooner: timedelta


def opened(case: Case, found: Iterable[Found], due: Due) -> Mapping[str, Sequence[Opened]]:
    """The alerts by rule, in order. A finding opens one where none is open, else it is an occurrence."""
    alerts: defaultdict[str, list[Opened]] = defaultdict(list)
    for each in found:
        standing = alerts[each.finding.rule.code]
        if not standing or each.at >= standing[-1].resolved_at:
            resolved_at = due(each.finding.rule, each.at)
            standing.append(Opened(each.at, resolved_at, case.local_day(each.at), each.finding))
    return alerts


def without_counterpart(alerts: Sequence[Opened], others: Sequence[Opened]) -> list[Opened]:
    """Those of these alerts of a patient and rule that have no counterpart among the other rule set's.

    Counterparts were opened on the same local day, or one while the other was open. Both lists are in order,
    and within a list no two are open at once.
    """
    days = {other.day for other in others}
    openings = [other.opened_at for other in others]
    return [
        alert
        for alert in alerts
        if alert.day not in days and not _meets(alert, others, bisect_right(openings, alert.opened_at))
    ]


def _meets(alert: Opened, others: Sequence[Opened], place: int) -> bool:
    """Whether the last one opened until then was still open, or the next one opened before this was over."""
    before, after = others[max(place - 1, 0) : place], others[place : place + 1]
    return any(alert.opened_at < each.resolved_at for each in before) or any(
        each.opened_at < alert.resolved_at for each in after
    )


def earlier(draft: Sequence[Opened], live: Sequence[Opened]) -> list[Earlier]:
    """The episodes in which the draft's first alert was opened before the first of the live rules.

    An episode of one patient and rule goes on as long as an alert, of either rule set, is opened at most
    `STILL_THE_SAME_EPISODE` after all before it were resolved. Episodes that only one of the two sees are not
    earlier: they have no counterpart, or are missed.
    """
    return [
        Earlier(own[0], theirs[0].opened_at - own[0].opened_at)
        for own, theirs in _episodes(draft, live)
        if own and theirs and own[0].opened_at < theirs[0].opened_at
    ]


def _episodes(draft: Sequence[Opened], live: Sequence[Opened]) -> list[tuple[list[Opened], list[Opened]]]:
    episodes: list[tuple[list[Opened], list[Opened]]] = []
    over: datetime | None = None
    both = [(alert, 0) for alert in draft] + [(alert, 1) for alert in live]
    for alert, whose in sorted(both, key=lambda each: each[0].opened_at):
        if over is None or alert.opened_at > over + STILL_THE_SAME_EPISODE:
            episodes.append(([], []))
            over = alert.resolved_at
        episodes[-1][whose].append(alert)
        over = max(over, alert.resolved_at)
    return episodes
