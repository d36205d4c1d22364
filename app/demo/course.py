"""How ninety invented days go: a load that drifts, and the answers that somebody under it might give.

Pure: the same person and days give the same course. The load is a number from 0 (well) to 1 (very unwell)
that moves around the person's own trend, each day much like the one before.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from app.demo.answers import GAD7_ITEMS, PHQ9_ITEMS, ukm_rows
from app.demo.cast import Patient

WEEK = 7
_TRIGGERS = ("stress", "conflict", "loneliness", "boredom", "people", "places", "pain", "tiredness", "money")
_COPING = ("talked", "meeting", "breathing", "exercise", "distraction", "waited", "left")
_SUBSTANCES = ("alcohol", "alcohol", "opioids", "stimulants", "cannabis")
_NOTES = (
    (
        0.35,
        ("Slept well, went for a walk before work.", "Group was good today.", "Called my sister. It helped."),
    ),
    (0.55, ("Long day.", "A bit restless, otherwise fine.", "Work was a lot, but I went to my meeting.")),
    (1.01, ("Rough night, but I am here.", "Hard to get up today.", "I want to talk about last weekend.")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One check-in as it was lived: when, and what was answered."""

    at: datetime
    answers: dict[str, Any]
    note: str | None


@dataclass(frozen=True, slots=True)
class Filled:
    """One pair of weekly questionnaires: when, and the answers of one real person to both."""

    at: datetime
    phq9: dict[str, int]
    gad7: dict[str, int]


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that somebody told, in order."""

    check_ins: tuple[Told, ...]
    weekly: tuple[Filled, ...]

    def until(self, moment: datetime) -> "Course":
        """What came before `moment`."""
        return Course(
            tuple(told for told in self.check_ins if told.at < moment),
            tuple(filled for filled in self.weekly if filled.at < moment),
        )

    def since(self, moment: datetime) -> "Course":
        """What came at `moment` or later."""
        return Course(
            tuple(told for told in self.check_ins if told.at >= moment),
            tuple(filled for filled in self.weekly if filled.at >= moment),
        )


def course(patient: Patient, last: date, days: int, zone: ZoneInfo) -> Course:
    """The `days` days of a patient that end with the day `last`, both included."""
    chance = Random(f"{patient.key}/{last}")  # noqa: S311 - an invented life, no secret
    loads = _loads(chance, days)
    first = last - timedelta(days=days - 1)
    habits = _Habits(chance)
    told = [
        Told(_moment(first + timedelta(days=day), habits.hour, zone, chance), *_answers(load, habits, chance))
        for day, load in enumerate(loads)
        if not habits.forgets(load)
    ]
    filled = [
        _filled(loads[max(0, day - WEEK + 1) : day + 1], first + timedelta(days=day), zone, habits, chance)
        for day in range(habits.weekday, days, WEEK)
        if chance.random() > 0.05
    ]
    return Course(tuple(told), tuple(filled))


def any_day(chance: Random) -> tuple[dict[str, Any], str | None]:
    """The answers and the note of somebody, somewhere in their course; the hard days come more often."""
    return _answers(chance.betavariate(2, 2), _Habits(chance), chance)


def any_week(chance: Random, phq9_before: float | None) -> dict[str, dict[str, int]]:
    """Both weekly questionnaires as one real person answered them, by instrument; as a rule not far from
    the PHQ-9 total before."""
    rows = ukm_rows()
    if phq9_before is not None and chance.random() < 0.8:
        rows = tuple(row for row in rows if abs(_total(row, PHQ9_ITEMS) - phq9_before) <= 3) or rows
    row = chance.choice(rows)
    return {"phq-9": only(row, PHQ9_ITEMS), "gad-7": only(row, GAD7_ITEMS)}


def _loads(chance: Random, days: int) -> list[float]:
    kind = chance.choices(("better", "steady", "struggling", "lapse"), (45, 25, 12, 18))[0]
    own, bump, drift = chance.gauss(0, 0.05), chance.uniform(0.4, 0.95), 0.0
    loads = []
    for day in range(days):
        part = day / days
        trend = {"better": 0.62 - 0.4 * part, "steady": 0.3, "struggling": 0.52, "lapse": 0.34}[kind]
        if kind == "lapse":
            trend += 0.42 * exp(-(((part - bump) / 0.05) ** 2))
        drift = 0.75 * drift + chance.gauss(0, 0.055)
        loads.append(min(0.97, max(0.03, trend + own + drift)))
    return loads


class _Habits:
    """What stays the same about a person."""

    def __init__(self, chance: Random) -> None:
        self.hour = chance.choice((7.2, 8.0, 8.6, 12.5, 18.5, 19.6, 20.8))
        self.weekday = chance.randrange(WEEK)
        self.craves = chance.uniform(0.7, 1.2)
        self.sleeps = chance.uniform(6.8, 8.4)
        self.substance = chance.choice(_SUBSTANCES)
        self.medicated = self.substance in {"alcohol", "opioids"} and chance.random() < 0.6
        self.broods = chance.random() < 0.08
        self._chance = chance
        self._silent = 0

    def forgets(self, load: float) -> bool:
        """Whether there is no check-in today: now and then one is forgotten, and sometimes two or three."""
        if self._silent:
            self._silent -= 1
            return True
        if self._chance.random() < 0.05 + 0.1 * load:
            self._silent = self._chance.choices((0, 1, 2, 3), (77, 15, 6, 2))[0]
            return True
        return False


def _answers(load: float, habits: _Habits, chance: Random) -> tuple[dict[str, Any], str | None]:
    craving = _scale(9 * load * habits.craves + chance.gauss(0, 0.75))
    sleep = round(2 * min(11.0, max(2.0, habits.sleeps - 2.6 * load + chance.gauss(0, 0.7)))) / 2
    used = chance.random() < 0.16 * max(0.0, load - 0.25) ** 1.5
    answers: dict[str, Any] = {
        "mood": _scale(8.6 - 6.4 * load + chance.gauss(0, 0.7)),
        "craving": craving,
        "anxiety": _scale(1 + 7 * load + chance.gauss(0, 0.8)),
        "energy": _scale(7.4 - 5 * load + chance.gauss(0, 0.8)),
        "sleep_hours": sleep,
        "used": used,
        "meetings_attended": chance.choices((0, 1, 2), (62, 33, 5))[0],
        "feels_safe": True,
    }
    if used:
        answers["substances"] = [habits.substance]
    if habits.medicated:
        answers["medication_taken"] = chance.random() > 0.03 + 0.15 * load
    if craving >= 5:
        answers["triggers"] = sorted(chance.sample(_TRIGGERS, chance.choice((1, 1, 2))))
        answers["coping_used"] = sorted(chance.sample(_COPING, chance.choice((1, 2))))
    return answers, _note(load, chance)


def _note(load: float, chance: Random) -> str | None:
    if chance.random() > 0.12:
        return None
    return chance.choice(next(notes for below, notes in _NOTES if load < below))


def _scale(value: float) -> int:
    return min(10, max(0, round(value)))


def _moment(day: date, hour: float, zone: ZoneInfo, chance: Random) -> datetime:
    minutes = max(5.0, 60 * hour + chance.gauss(0, 18))
    seconds = timedelta(minutes=int(minutes), seconds=chance.randrange(60))
    return (datetime.combine(day, time(), zone) + seconds).astimezone(UTC)


def _filled(week: list[float], day: date, zone: ZoneInfo, habits: _Habits, chance: Random) -> Filled:
    """The questionnaires of a week: of the real rows near its load, the likeliest of a few."""
    rows = [row for row in ukm_rows() if row["phq9-9"] == 0 or habits.broods]
    load = sum(week) / len(week)
    place = round(min(1.0, 0.1 + 1.1 * load) * (len(rows) - 1))
    near = [rows[min(len(rows) - 1, max(0, place + chance.randint(-14, 14)))] for _ in range(9)]
    row = min(near, key=lambda row: abs(_total(row, GAD7_ITEMS) - 17 * load))
    return Filled(_moment(day, 17.5, zone, chance), only(row, PHQ9_ITEMS), only(row, GAD7_ITEMS))


def only(row: dict[str, int], items: tuple[str, ...]) -> dict[str, int]:
    """The answers to these items."""
    return {item: row[item] for item in items}


def _total(row: dict[str, int], items: tuple[str, ...]) -> int:
    return sum(row[item] for item in items)
