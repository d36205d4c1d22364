"""Short ways to say a history and a rule: days are counted back from `NOW`, a Monday at noon."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from app.rules.conditions import Condition
from app.rules.history import History, Pause
from app.rules.judge import Outcome, judge
from app.rules.reading import Reading, Source
from app.rules.rule import Grade, Rule, RuleEvidence, RuleSet, Severity

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
IN_UTC = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")

_ids = count(1)


def reading(
    signal: str,
    value: float | str,
    days_ago: float = 0,
    *,
    source: Source | None = None,
    received: datetime | None = None,
) -> Reading:
    """Lived `days_ago` before NOW, received at once."""
    at = NOW - timedelta(days=days_ago)
    source = source or Source("check_in", UUID(int=next(_ids)))
    return Reading(signal, value, at, at.date(), received or at, source)


def series(signal: str, *values: float | str) -> list[Reading]:
    """One reading a day, the last of them NOW."""
    return [reading(signal, value, len(values) - 1 - index) for index, value in enumerate(values)]


def history(
    readings: Sequence[Reading] = (),
    *,
    enrolled_days_ago: float | None = None,
    zone: ZoneInfo = IN_UTC,
    week_starts_on: int = 0,
    scheduled: Sequence[Reading] = (),
    pauses: Sequence[Pause] = (),
) -> History:
    enrolled_at = None if enrolled_days_ago is None else NOW - timedelta(days=enrolled_days_ago)
    return History(
        readings,
        enrolled_at=enrolled_at,
        time_zone=zone,
        week_starts_on=week_starts_on,
        scheduled=scheduled,
        pauses=pauses,
    )


def leave(days_ago: float, until: float | None = None) -> Pause:
    """A leave from so many days ago until so many, or without an end."""
    return Pause(_ago(days_ago), None if until is None else _ago(until), is_leave=True)


def off(days_ago: float, until: float) -> Pause:
    """Days on which the program asks for no check-in."""
    return Pause(_ago(days_ago), _ago(until), is_leave=False)


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def judged(condition: Condition, readings: Sequence[Reading], **more: object) -> Outcome:
    return judge(condition, history(readings, **more), NOW)  # type: ignore[arg-type]


def rule(condition: Condition, code: str = "test.rule", sentence: str = "", **more: object) -> Rule:
    defaults = {
        "title": "A rule under test",
        "severity": Severity.ROUTINE,
        "evidence": RuleEvidence(grade=Grade.DESIGN, citation="made for a test"),
    }
    return Rule.model_validate({"code": code, "condition": condition, "sentence": sentence} | defaults | more)


def rule_set(*rules: Rule, version: int = 1) -> RuleSet:
    return RuleSet(version=version, rules=rules)
