"""The catalogue of signals, and the readings that an answer yields.

What was not answered yields no reading: it is unknown, never 0.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from app.rules.reading import Reading, Source

Kind = Literal["check_in", "assessment", "attendance", "goal", "hours", "crisis", "follow_up"]
"""What readings come from: the kind of their source, but for a crisis flag's."""

SUBSTANCES = ("alcohol", "opioids", "stimulants", "cannabis", "sedatives", "other")


class Signal(NamedTuple):
    """One named series: what it means, its unit and its bounds (a choice has codes instead).

    `name` is how a sentence calls it.
    """

    name: str
    unit: Literal["points", "hours", "minutes", "meetings", "yes/no", "choice"]
    minimum: float | None
    maximum: float | None
    description: str
    choices: tuple[str, ...] = ()


def _yes_no(name: str, description: str) -> Signal:
    return Signal(name, "yes/no", 0, 1, description)


def _points(name: str, maximum: float, description: str, minimum: float = 0) -> Signal:
    return Signal(name, "points", minimum, maximum, description)


SIGNALS: Mapping[str, Signal] = {
    "check_in": _yes_no("check-in", "A check-in was sent"),
    "mood": _points("mood", 10, "Mood today, 10 is best"),
    "craving": _points("craving", 10, "Strongest craving now, 10 is strongest"),
    "anxiety": _points("anxiety", 10, "Anxiety today, 10 is strongest"),
    "energy": _points("energy", 10, "Energy today, 10 is most"),
    "sleep_hours": Signal("sleep", "hours", 0, 24, "Hours slept last night"),
    "used": _yes_no("use of a substance", "Drank or used since the last check-in"),
    "used.alcohol": _yes_no("alcohol use", "Alcohol, when use was answered"),
    "used.opioids": _yes_no("opioid use", "Opioids, when use was answered"),
    "used.stimulants": _yes_no("stimulant use", "Stimulants, when use was answered"),
    "used.cannabis": _yes_no("cannabis use", "Cannabis, when use was answered"),
    "used.sedatives": _yes_no("sedative use", "Sedatives, when use was answered"),
    "used.other": _yes_no("use of another substance", "Anything else, when use was answered"),
    "medication_taken": _yes_no("medication taken", "Medication taken as agreed"),
    "meetings_attended": Signal(
        "meetings", "meetings", 0, 20, "Mutual-help meetings attended since the last check-in"
    ),
    "feels_safe": _yes_no("feeling safe", "Feels safe today"),
    "phq9.total": _points("PHQ-9", 27, "Depression over two weeks; none when too much is unanswered"),
    "phq9.item9": _points(
        "PHQ-9 item 9", 3, "Thoughts of being better off dead or of self-harm; only when answered"
    ),
    "phq2.total": _points("PHQ-2", 6, "The first two questions of the PHQ-9"),
    "gad7.total": _points("GAD-7", 21, "Anxiety over two weeks"),
    "gad2.total": _points("GAD-2", 6, "The first two questions of the GAD-7"),
    "pcl5.total": _points("PCL-5", 80, "Symptoms of post-traumatic stress over a month"),
    "audit.total": _points("AUDIT", 40, "Alcohol use over a year"),
    "auditc.total": _points("AUDIT-C", 12, "The first three questions of the AUDIT"),
    "dast10.total": _points("DAST-10", 10, "Drug use over a year"),
    "who5.total": _points("WHO-5", 100, "Well-being over two weeks, 100 is best"),
    "barc10.total": _points("BARC-10", 60, "Recovery capital now, 60 is most", minimum=10),
    "ders16.total": _points("DERS-16", 80, "Difficulty in regulating emotions", minimum=16),
    "pacs.total": _points("PACS", 30, "Alcohol craving over a week"),
    "cravingnrs.total": _points(
        "craving", 10, "The craving scale sent on its own; also a reading of craving"
    ),
    "cssrs.risk": Signal(
        "C-SSRS risk",
        "choice",
        None,
        None,
        "Suicide risk by the C-SSRS screener; begun and not finished is incomplete, never none",
        ("none", "low", "moderate", "high", "incomplete"),
    ),
    "session.attended": _yes_no("session attended", "Came to a session, late and leaving early included"),
    "session.missed": _yes_no("session missed", "Missed a session, and was not excused"),
    "session.excused": _yes_no("session excused", "Did not come to a session, and was excused"),
    "session.minutes": Signal(
        "time in sessions", "minutes", 0, 1440, "Minutes in a session; of a missed one it is 0"
    ),
    "goal.behind": _yes_no("goal behind its pace", "A goal fell behind its pace (yes) or caught up (no)"),
    "hours.shortfall": Signal(
        "shortfall of hours",
        "hours",
        0,
        168,
        "Hours by which a week of treatment falls short of what is required, with what is still scheduled",
    ),
    "crisis": _yes_no("crisis flag", "Somebody may be in danger"),
    "follow_up.overdue": _yes_no(
        "overdue follow-up", "Nobody spoke with the person again within 72 hours of their crisis"
    ),
}

WITHDRAWN = "session.withdrawn"
"""No signal that a rule can watch: what an attendance told before counts no more, and nothing else does."""

# Every happening is a reading, so that none is a known zero and not an answer that is missing.
COUNTED = frozenset({"check_in", "session.attended", "session.missed", "session.excused", "session.minutes"})

_PREFIXES = {"c-ssrs-screener": "cssrs"}
_KINDS: Mapping[str, Kind] = {
    "session": "attendance",
    "goal": "goal",
    "hours": "hours",
    "follow_up": "follow_up",
}
_ITEM9_CODES = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}  # LOINC answer codes


def from_check_in(
    answers: Mapping[str, object],
    *,
    at: datetime,
    day: date,
    received_at: datetime,
    source: Source,
    wanted: Collection[str] | None = None,
) -> list[Reading]:
    """One reading for every answer that is a number, a yes or no, or a choice, and `check_in` itself; of the
    `wanted` signals only, when they are named.

    `used` also gives one per substance, unless use was reported and no substance named: then it is not known
    which. Other lists (triggers, coping) give none.
    """
    at, received_at = at.astimezone(UTC), received_at.astimezone(UTC)
    values: list[tuple[str, float | str]] = []
    if wanted is None or "check_in" in wanted:
        values.append(("check_in", 1.0))
    for code, answer in answers.items():
        if (wanted is not None and code not in wanted) or code in _NO_ANSWERS:
            continue
        if isinstance(answer, str):
            values.append((code, answer))
        elif isinstance(answer, (int, float)):
            values.append((code, float(answer)))
    for signal, value in _substances(answers.get("used"), answers.get("substances")):
        if wanted is None or signal in wanted:
            values.append((signal, value))
    return [Reading(signal, value, at, day, received_at, source) for signal, value in values]


# Signals that no answer of a check-in may pass itself off as, whatever code it was sent under.
_NO_ANSWERS = frozenset(code for code in SIGNALS if "." in code) | {"check_in", "crisis"}


def _substances(used: object, named: object) -> list[tuple[str, float]]:
    names = named if isinstance(named, Collection) else ()
    if used is None or (used and not names):
        return []
    return [(f"used.{substance}", float(substance in names)) for substance in SUBSTANCES]


def from_assessment(
    instrument: str,
    answers: Mapping[str, int | str | None],
    *,
    total: float | None,
    subscales: Mapping[str, float],
    severity: str | None,
    at: datetime,
    day: date,
    received_at: datetime,
    source: Source,
) -> list[Reading]:
    """The total, the subscales, PHQ-9's item 9 and the C-SSRS risk, as far as each is known.

    The craving scale, sent on its own, is also a reading of the check-in's `craving`.
    """
    prefix = _PREFIXES.get(instrument, instrument.replace("-", ""))
    values: dict[str, float | str] = {f"{prefix}.{name}": value for name, value in subscales.items()}
    if total is not None:
        values[f"{prefix}.total"] = float(total)
        if instrument == "craving-nrs":
            values["craving"] = float(total)
    if instrument == "c-ssrs-screener":
        values["cssrs.risk"] = severity or "incomplete"
    if (item9 := _item9(answers.get("phq9-9"))) is not None:
        values["phq9.item9"] = float(item9)
    return _readings(values, at=at, day=day, received_at=received_at, source=source)


def _item9(answer: int | str | None) -> int | None:
    """The value of item 9, also when it came as a LOINC answer code."""
    return _ITEM9_CODES.get(answer) if isinstance(answer, str) else answer


def from_crisis_flag(*, at: datetime, day: date, received_at: datetime, source: Source) -> list[Reading]:
    """The one reading of a crisis flag."""
    return _readings({"crisis": 1.0}, at=at, day=day, received_at=received_at, source=source)


def from_overdue_follow_up(*, at: datetime, day: date, source: Source) -> list[Reading]:
    """That a follow-up was not done in time."""
    return _readings({"follow_up.overdue": 1.0}, at=at, day=day, received_at=at, source=source)


def from_attendance(
    status: str, minutes: float, *, at: datetime, day: date, received_at: datetime, source: Source
) -> list[Reading]:
    """What one entry of an attendance tells: whether the session was attended, missed, excused, and for how
    many minutes. `at` is the session's start and `day` its date.

    Somebody who is still in the room has come, for how long is not known yet. A session that is still
    expected, or that the program cancelled, was neither attended nor missed: between two that were missed it
    does not stand as one that was not.
    """
    values: dict[str, float] = {}
    if status in ("expected", "cancelled"):
        values[WITHDRAWN] = 1.0
    else:
        values["session.attended"] = float(status in _CAME)
        values["session.missed"] = float(status == "unexcused")
        values["session.excused"] = float(status == "excused")
        if status != "arrived":
            values["session.minutes"] = float(minutes)
    return _readings(values, at=at, day=day, received_at=received_at, source=source)


_CAME = frozenset({"arrived", "attended", "late", "left_early"})


def from_goal_standing(*, behind: bool, at: datetime, day: date, source: Source) -> list[Reading]:
    """That a goal fell behind its pace, or caught up."""
    return _readings({"goal.behind": float(behind)}, at=at, day=day, received_at=at, source=source)


def from_hours_standing(shortfall: float, *, at: datetime, day: date, source: Source) -> list[Reading]:
    """By how many hours a week of treatment falls short of what is required; 0 when it does not."""
    return _readings({"hours.shortfall": shortfall}, at=at, day=day, received_at=at, source=source)


def _readings(
    values: Mapping[str, float | str], *, at: datetime, day: date, received_at: datetime, source: Source
) -> list[Reading]:
    at, received_at = at.astimezone(UTC), received_at.astimezone(UTC)
    return [Reading(signal, value, at, day, received_at, source) for signal, value in values.items()]


def kind_of(signal: str) -> Kind:
    """What a signal is read from: `phq9.total` from assessments, `craving` and `used.opioids` from check-ins.

    The craving scale is an assessment that is a reading of `craving` as well.
    """
    if signal == "crisis":
        return "crisis"
    prefix, dot, _ = signal.partition(".")
    if not dot or prefix == "used":
        return "check_in"
    return _KINDS.get(prefix, "assessment")
