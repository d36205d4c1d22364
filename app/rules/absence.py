"""What nobody answered: which rules time alone makes hold, when to look next, and what is the same news.

An answer is evaluated when it comes. Nobody sends silence, so somebody has to look, and `next_look` says
when: a sweep visits only those whose moment has passed. `episode` keeps it from telling the same twice.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from app.rules.conditions import Condition, Leaf, Silence, Total, leaves, tells_of_absence
from app.rules.evaluate import Finding, findings_of
from app.rules.floor import FLOOR_CODES
from app.rules.history import History
from app.rules.judge import Outcome, judge, length_of, silent_since, window_of
from app.rules.rule import Rule, RuleSet, is_about_absence, is_rule_error

__all__ = ["absence_rules", "episode", "evaluate_absence", "first_look", "is_about_absence", "next_look"]

_EPISODES: Final = UUID("6f1d8a52-0d0c-5b0e-9d43-5a3f0f5d7c11")
_WEEK = 7
_BROKEN = "broken"


def absence_rules(rule_set: RuleSet) -> tuple[Rule, ...]:
    """The rules of a set that the passing of time may make hold, as far as they are in force."""
    return tuple(rule for rule in rule_set.about_absence if rule.code not in FLOOR_CODES)


def evaluate_absence(rule_set: RuleSet, history: History, now: datetime) -> list[Finding]:
    """What is lacking at `now`.

    A rule that asks for an answer or for silence is left out while only the answer makes it hold: that was
    told when it came. A rule that raises is a finding itself, as everywhere.
    """
    found = findings_of(absence_rules(rule_set), rule_set.version, history.until(now), now)
    return [finding for finding in found if _news_of(finding, now) is not None]


def episode(finding: Finding, patient_id: UUID, now: datetime) -> UUID:
    """What makes a finding the same news as another, whenever it is looked at.

    One silence is one episode until somebody is heard again or another stay begins. A low total is a new one
    in every block of as many days as its window has, the first of them being the first window of the stay, so
    that a resolved one is not raised again at once. A rule that raises is one episode a version.
    """
    news = _news_of(finding, now) or ""
    return uuid5(_EPISODES, f"{patient_id} {finding.rule.code} {news}")


def next_look(rules: Iterable[Rule], history: History, now: datetime) -> datetime | None:
    """The first moment after `now` at which one of `rules` has news that it does not have now, in UTC.

    That is so if nothing more is written, and as far as `history` knows the pauses and plans to come. None
    when nothing will come of waiting.
    """
    first, seen = None, history.until(now)
    for rule in rules:
        standing = _news(rule, seen, now)
        for moment in _moments(rule.condition, history, now):
            if first is not None and moment >= first:
                break
            if _news(rule, history.until(moment), moment) not in (None, standing):
                first = moment
                break
    return first


def first_look(rules: Iterable[Rule], history: History, now: datetime) -> datetime | None:
    """When to look after something was written: at once where something is lacking, else as `next_look`.

    An answer can make a low total known, and raises none: nobody has told of it yet.
    """
    rules, seen = tuple(rules), history.until(now)
    if any(_news(rule, seen, now) is not None for rule in rules):
        return now.astimezone(UTC)
    return next_look(rules, history, now)


def _news_of(finding: Finding, now: datetime) -> str | None:
    if is_rule_error(finding.rule.code):
        return f"{_BROKEN} {finding.version}"
    return _news(finding.rule, finding.evidence.history().until(now), now)


def _news(rule: Rule, seen: History, now: datetime) -> str | None:
    """What is lacking by this rule, over a history that ends at `now`: None unless that makes it hold."""
    try:
        outcome = judge(rule.condition, seen, now)
        return _lacking(rule.condition, outcome, seen, now) if outcome.truth else None
    except Exception:  # noqa: BLE001 - the evaluator reports it when somebody looks
        return _BROKEN


def _lacking(condition: Condition, outcome: Outcome, seen: History, now: datetime) -> str | None:
    """The silences and low totals that make a condition as true, or as false, as it is."""
    match condition.kind:
        case "silence" if outcome.truth:
            return f"silence {condition.signal} {silent_since(condition, seen)}"
        case "total" if outcome.truth and tells_of_absence(condition):
            return f"total {condition.signal} {_block(condition, seen, now)}"
        case "all" | "any" | "not":
            agreeing = [p for p in outcome.parts if condition.kind == "not" or p[1].truth is outcome.truth]
            lacking = [news for part in agreeing if (news := _lacking(*part, seen, now))]
            one_suffices = outcome.truth is (condition.kind == "any")
            return " ".join(lacking[:1] if one_suffices else lacking) or None
        case _:
            return None


def _block(total: Total, seen: History, now: datetime) -> str:
    first, today = window_of(total, seen, now)
    if total.window_days is None:
        return f"week {first}"
    since = seen.local_day(seen.enrolled_at).toordinal() if seen.enrolled_at else 0
    return f"{total.window_days} {since} {(today.toordinal() - since + 1) // total.window_days}"


def _moments(condition: Condition, history: History, now: datetime) -> Sequence[datetime]:
    """When a plain test of the condition may change its truth, or a low total its block, soonest first."""
    moments: set[datetime] = set()
    for leaf in leaves(condition):
        ahead = [reading.at for reading in history.of(leaf.signal) if reading.at > now]
        moments.update(ahead)
        if leaf.kind == "silence":
            sinces = (silent_since(leaf, history.until(moment)) for moment in (now, *ahead))
            reached = (_reached(leaf, history, since) for since in sinces if since is not None)
            moments.update(moment for moment in reached if moment is not None)
        elif leaf.kind == "total" and leaf.project:
            moments.update(reading.at for reading in history.scheduled(leaf.signal))
    moments.update(map(history.midnight, _days(list(leaves(condition)), history, now)))
    return sorted(moment for moment in moments if moment > now)


def _reached(silence: Silence, history: History, since: datetime) -> datetime | None:
    """When the time since then, without the pauses, is as long as the silence asks for."""
    reached, counted_to = since + length_of(silence), since
    for pause in history.pauses_of(silence.signal, since):
        begins = max(pause.start, counted_to)
        if begins >= reached:
            break
        if pause.end is None:
            return None
        if pause.end > begins:
            reached += pause.end - begins
            counted_to = pause.end
    return reached


def _days(tests: Sequence[Leaf], history: History, now: datetime) -> set[date]:
    """The days at whose beginning a window may have changed.

    Within its length it changes by what is past, and then by what is known to come: readings, plans, pauses
    and the stay's first day. Twice its length also sees the next block begin; after that all stays as it is.
    """
    windowed = [leaf for leaf in tests if leaf.kind in ("count", "total")]
    if not windowed:
        return set()
    reach = 2 * max(map(_window, windowed)) + 2
    today = history.local_day(now)
    changes = {today, *(day for day in _known_days(windowed, history) if day > today)}
    return {day + timedelta(days=number) for day in changes for number in range(reach)}


def _window(leaf: Leaf) -> int:
    return (leaf.window_days if leaf.kind in ("count", "total") else None) or _WEEK


def _known_days(tests: Sequence[Leaf], history: History) -> set[date]:
    """The days on which something is written, planned, paused or begun."""
    signals = {leaf.signal for leaf in tests}
    lived = {reading.day for signal in signals for reading in history.of(signal)}
    planned = {reading.day for signal in signals for reading in history.scheduled(signal)}
    ends = {moment for pause in history.pauses for moment in (pause.start, pause.end) if moment}
    begun = {history.enrolled_at} if history.enrolled_at else set()
    return lived | planned | {history.local_day(moment) for moment in ends | begun}
