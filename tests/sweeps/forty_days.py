"""Many patients over many days, made up from a seed; and an oracle that visits every one at every sweep.

The oracle keeps its own notes of what was answered and builds each history from scratch. It knows neither
moments nor locks nor what the service reads: it asks the evaluator, and remembers the episodes.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.errors import Conflict, Unacceptable
from app.rules.absence import episode, evaluate_absence
from app.rules.conditions import AllOf, AnyOf, Condition, Count, Not, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.history import History, Pause
from app.rules.reading import Reading, Source
from app.rules.rule import Rule, RuleSet
from tests.rules.making import rule
from tests.sweeps.ward import DAY, HOUR, Resident, Ward, local

ZONES = ["America/New_York", "Pacific/Honolulu", "Asia/Tokyo", "Europe/London", "America/Havana"]
BEGIN = datetime(2026, 10, 12, 4, tzinfo=UTC)
"""Within three weeks clocks are put back in the zones that do."""
EACH_DAY = 1.0
"""How many things happen to one person in a day, on average."""

_SILENT = Silence(signal="check_in", hours=50)
_CRAVES = Threshold(signal="craving", op=">=", value=7)
_FEW = Total(signal="check_in", op="<=", value=3, window="rolling", window_days=5)
_LOW_WEEK = Total(signal="check_in", op="<", value=4, window="program_week")
OWN: list[Condition] = [
    _SILENT,
    _FEW,
    _LOW_WEEK,
    AllOf(conditions=(Silence(signal="check_in", days=1), _CRAVES)),
    AnyOf(conditions=(_CRAVES, Silence(signal="craving", days=4))),
    AllOf(conditions=(_FEW, Not(condition=_SILENT))),
    AllOf(
        conditions=(
            Silence(signal="check_in", hours=30),
            Count(signal="craving", op=">=", value=6, at_least=2, window_days=4),
        )
    ),
    AllOf(conditions=(_SILENT, Threshold(signal="phq9.total", op=">=", value=8))),
    AnyOf(conditions=(Silence(signal="gad7.total", days=6), Silence(signal="check_in", days=5))),
]


class Happened(NamedTuple):
    """That a sweep found something: of whom, by which rule in which version, when."""

    patient_id: UUID
    rule: str
    version: int
    at: datetime


@dataclass
class Notes:
    """What the oracle knows of one patient."""

    resident: Resident
    diligence: float
    stay_id: UUID
    starts_on: date
    is_running: bool = True
    readings: list[Reading] = field(default_factory=list)
    sent: list[UUID] = field(default_factory=list)


class Story:
    """What happens, and what should be told of it."""

    def __init__(self, ward: Ward, seed: int) -> None:
        self.ward, self.random = ward, random.Random(seed)
        self.people: list[Notes] = []
        self.rules = RuleSet(version=1, rules=DEFAULT_PACK.rules)
        self.weekdays = tuple(range(7))
        self.known: set[UUID] = set()
        self.expected: list[Happened] = []
        self.visits = 0
        self.did: Counter[str] = Counter()

    async def admit(self, now: datetime) -> None:
        zone = self.random.choice(ZONES)
        starts_on = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=self.random.randint(-2, 3))
        resident = await self.ward.admit(starts_on, zone, now=now)
        diligence = self.random.choice([0.0, 0.3, 0.6, 0.9, 1.0])
        self.people.append(Notes(resident, diligence, resident.stay_id, starts_on))

    async def something(self, now: datetime) -> None:
        """One thing that happens now, to one patient or to the program."""
        kinds = {
            self.answers: 60, self.scores: 14, self.craves_on_its_own: 4, self.goes_away: 3, self.is_back: 2,
            self.comes_or_goes: 3, self.resolves: 14, self.moves: 2, self.leaves_or_returns: 3,
            self.publishes: 1, self.changes_the_calendar: 0.4,
        }  # fmt: skip
        (what,) = self.random.choices(list(kinds), list(kinds.values()))
        try:
            await what(self.random.choice(self.people), now)
        except (Conflict, Unacceptable):
            self.did["refused"] += 1
        else:
            self.did[what.__name__] += 1

    async def answers(self, notes: Notes, now: datetime) -> None:
        """A check-in, now and then one of another day, or an old one that is put right."""
        if self.random.random() > notes.diligence:
            return
        late = self.random.random() < 0.15
        lived = now - self.random.uniform(0, 4) * DAY if late else now
        revises = bool(notes.sent) and self.random.random() < 0.06
        old = self.random.choice(notes.sent) if revises else None
        craving = self.random.choice([None, 2, 6, 7, 9])
        said: dict[str, Any] = {"mood": 5} if craving is None else {"craving": craving}
        sent = await self.ward.checks_in(notes.resident, now, lived=lived, id=old, **said)
        revision = sum(1 for each in notes.readings if each.source.id == sent and each.signal == "check_in")
        source = Source("check_in", sent, revision)
        notes.sent.append(sent)
        self._note(notes, "check_in", 1.0, lived, now, source)
        if craving is not None:
            self._note(notes, "craving", float(craving), lived, now, source)

    async def scores(self, notes: Notes, now: datetime) -> None:
        instrument, signal = self.random.choice([("phq-9", "phq9.total"), ("gad-7", "gad7.total")])
        total = await self.ward.scores(notes.resident, instrument, self.random.randint(0, 2), now)
        self._note(notes, signal, float(total), now, now, Source("assessment", _new(), 0))

    async def craves_on_its_own(self, notes: Notes, now: datetime) -> None:
        value = self.random.choice([2, 8])
        await self.ward.scores(notes.resident, "craving-nrs", value, now)
        self._note(notes, "craving", float(value), now, now, Source("assessment", _new(), 0))

    async def goes_away(self, notes: Notes, now: datetime) -> None:
        today = now.astimezone(notes.resident.zone).date()
        first = today + timedelta(days=self.random.randint(-3, 6))
        back = first + timedelta(days=self.random.randint(1, 8)) if self.random.random() < 0.8 else None
        await self.ward.is_away(notes.resident, first, back, now, notes.stay_id)

    async def is_back(self, notes: Notes, now: datetime) -> None:
        """One leave, of whatever time, is called off or ended."""
        planned = self.ward.rows(
            "select id from leave_of_absence where enrollment_id = %s"
            " and ends_at is distinct from starts_at order by id",
            notes.stay_id,
        )
        if planned:
            (leave_id,) = self.random.choice(planned)
            await self.ward.is_back(notes.resident, leave_id, now, notes.stay_id)

    async def comes_or_goes(self, notes: Notes, now: datetime) -> None:
        status = self.random.choice(["on_leave", "active", "active"])
        if notes.is_running:
            await self.ward.changes_stay(notes.resident, now, notes.stay_id, status=status)

    async def leaves_or_returns(self, notes: Notes, now: datetime) -> None:
        if notes.is_running:
            await self.ward.changes_stay(notes.resident, now, notes.stay_id, status="discharged")
            notes.is_running = False
        elif self.random.random() < 0.5:
            await self.ward.changes_stay(notes.resident, now, notes.stay_id, status="active")
            notes.is_running = True
        else:
            today = now.astimezone(notes.resident.zone).date()
            notes.stay_id = await self.ward.admit_again(notes.resident, today, now)
            notes.starts_on, notes.is_running = today, True

    async def resolves(self, notes: Notes, now: datetime) -> None:
        """Whatever stands of this patient's is closed."""
        standing = self.ward.rows(
            "select rule from alert where patient_id = %s and status <> 'resolved'", notes.resident.id
        )
        for (code,) in standing:
            await self.ward.resolves(notes.resident, code, now)

    async def moves(self, notes: Notes, now: datetime) -> None:
        notes.resident = await self.ward.moves(notes.resident, self.random.choice(ZONES), now)

    async def publishes(self, _: Notes, now: datetime) -> None:
        """Other rules: some of the default pack, some of one's own."""
        kept = [
            each.model_copy(update={"enabled": self.random.random() < 0.8})
            for each in DEFAULT_PACK.rules
            if self.random.random() < 0.9
        ]
        own: list[Rule] = [
            rule(condition, f"own.r{index}")
            for index, condition in enumerate(OWN)
            if self.random.random() < 0.5
        ]
        version = await self.ward.publishes([*kept, *own], now)
        self.rules = RuleSet(version=version, rules=(*kept, *own))

    async def changes_the_calendar(self, _: Notes, now: datetime) -> None:
        weekdays = self.random.choice([(0, 1, 2, 3, 4), (0, 2, 4), tuple(range(7))])
        await self.ward.asks_on(weekdays, now)
        self.weekdays = weekdays

    def foresee(self, now: datetime) -> None:
        """Visit everybody: what a sweep at this moment is to find."""
        for notes in self.people:
            if not notes.is_running:
                continue
            self.visits += 1
            for finding in evaluate_absence(self.rules, self._history(notes, now), now):
                news = episode(finding, notes.resident.id, now)
                if news not in self.known:
                    self.known.add(news)
                    self.expected.append(Happened(notes.resident.id, finding.rule.code, finding.version, now))

    def found(self) -> list[Happened]:
        """What the sweeps have found."""
        rows = self.ward.rows(
            "select a.patient_id, o.rule, o.rule_set_version, o.found_at from alert_occurrence o"
            " join alert a on a.organization_id = o.organization_id and a.id = o.alert_id"
            " where o.source_kind = 'absence' and a.patient_id = any(%s)",
            [notes.resident.id for notes in self.people],
        )
        return [Happened(*row) for row in rows]

    def _history(self, notes: Notes, now: datetime) -> History:
        leaves = self.ward.rows(
            "select starts_at, ends_at from leave_of_absence where enrollment_id = %s", notes.stay_id
        )
        zone = notes.resident.zone
        today = now.astimezone(zone).date()
        pauses = [Pause(start, end, is_leave=True) for start, end in leaves]
        for ahead in range(-60, 20):
            day = today + timedelta(days=ahead)
            if day.weekday() not in self.weekdays:
                begins, ends = (datetime.combine(each, time(), zone) for each in (day, day + DAY))
                pauses.append(Pause(begins, ends, is_leave=False))
        return History(
            notes.readings, enrolled_at=local(notes.resident, notes.starts_on), time_zone=zone, pauses=pauses
        )

    def _note(
        self, notes: Notes, signal: str, value: float, lived: datetime, now: datetime, source: Source
    ) -> None:
        day = lived.astimezone(notes.resident.zone).date()
        notes.readings.append(Reading(signal, value, lived.astimezone(UTC), day, now, source))


def _new() -> UUID:
    return UUID(int=random.getrandbits(128))


async def live(story: Story, sweep: Callable[[datetime], Awaitable[None]], *, people: int, days: int) -> int:
    """Let it all happen. A sweep comes when it comes: on average every two hours. How many there were."""
    now, end, swept = BEGIN, BEGIN + days * DAY, 0
    next_sweep = now
    admissions = sorted(BEGIN + story.random.uniform(0, days / 2) * DAY for _ in range(people))
    while now < end:
        now += story.random.expovariate(EACH_DAY * people) * DAY
        while admissions and admissions[0] <= now:
            await story.admit(admissions.pop(0))
        if now >= next_sweep:
            story.foresee(now)
            await sweep(now)
            swept += 1
            next_sweep = now + story.random.expovariate(1 / 2) * HOUR
        elif story.people:
            await story.something(now)
    return swept
