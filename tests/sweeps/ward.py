"""Patients who fall silent, in a database of their own, and a clock that the test moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app import sweeps
from app.access import Actor, Role
from app.database import unit_of_work
from app.errors import KeptConflict
from app.instruments.catalogue import CATALOGUE
from app.models import ProgramStaff
from app.queries import rule_sets as stored_rule_sets
from app.rules.rule import Rule
from app.services import (
    alerts,
    assessments,
    check_ins,
    enrollments,
    leaves,
    patients,
    programs,
    rule_sets,
)
from tests.people import Clinic, Person

NEW_YORK = "America/New_York"
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MONDAY = date(2026, 11, 2)
"""The first day of most stays; on the day before, clocks in New York were put back."""
MISSED = "checkin.missed_3_days"
ITEMS = {
    "phq-9": [f"phq9-{number}" for number in range(1, 10)],
    "gad-7": [f"gad7-{number}" for number in range(1, 8)],
    "craving-nrs": ["craving-now"],
}


class Resident(NamedTuple):
    """A patient and their first stay."""

    id: UUID
    stay_id: UUID
    zone: ZoneInfo


class Told(NamedTuple):
    """An alert that nobody's answer raised."""

    rule: str
    severity: str
    opened_at: datetime
    occurrences: int = 1


@dataclass
class Ward:
    """Riverside's evening program; sam admits, and what there is to change he or adele changes."""

    clinic: Clinic
    psql: psycopg.Connection

    @property
    def engine(self) -> AsyncEngine:
        engine: AsyncEngine = self.clinic.app.state.engine
        return engine

    @property
    def organization_id(self) -> UUID:
        return self.clinic.organization_id

    def actor(self, person: Person | Resident) -> Actor:
        if isinstance(person, Resident):
            return Actor(self.organization_id, "patient", person.id, Role.PATIENT, uuid7())
        return Actor(person.organization_id, "staff", person.id, person.role, person.credential_id)

    async def admit(
        self, starts_on: date = MONDAY, zone: str = NEW_YORK, *, now: datetime | None = None,
        program_id: UUID | None = None,
    ) -> Resident:  # fmt: skip
        """Somebody new, admitted at nine in the morning of their first day unless it is said when."""
        resident = Resident(uuid7(), uuid7(), ZoneInfo(zone))
        draft = patients.Draft(resident.id, "Nora", "Example", None, None, None, "en", zone)
        stay = enrollments.Draft(resident.stay_id, program_id or self.clinic.program_id, starts_on)
        async with unit_of_work(self.engine, self.organization_id) as db:
            sam = self.actor(self.clinic.sam)
            await patients.add(db, sam, draft, stay, now or local(resident, starts_on, 9))
        return resident

    async def admit_again(self, resident: Resident, starts_on: date, now: datetime) -> UUID:
        """Another stay, the last one being over. Its id."""
        draft = enrollments.Draft(uuid7(), self.clinic.program_id, starts_on)
        async with unit_of_work(self.engine, self.organization_id) as db:
            await enrollments.enroll(db, self.actor(self.clinic.adele), resident.id, draft, now)
        return draft.id

    async def checks_in(
        self, resident: Resident, at: datetime, *, lived: datetime | None = None, id: UUID | None = None,
        engine: AsyncEngine | None = None, **answers: Any,
    ) -> UUID:  # fmt: skip
        """A check-in that comes in at this moment, of this moment unless it was lived before. Its id."""
        draft = check_ins.Draft(
            id or uuid7(), lived or at, resident.zone.key, answers or {"mood": 6}, None, None
        )
        try:
            async with unit_of_work(engine or self.engine, self.organization_id) as db:
                await check_ins.submit(
                    db, self.actor(resident), resident.id, draft, accept_language=None, now=at
                )
        except KeptConflict:
            assert id is not None, "only a repeated id can bring other content"
        return draft.id

    async def scores(
        self, resident: Resident, instrument: str, value: int, at: datetime, lived: datetime | None = None
    ) -> int:
        """An assessment, with the same value for each item but PHQ-9's last, which is 0. The total."""
        answers = {code: 0 if code == "phq9-9" else value for code in ITEMS[instrument]}
        draft = assessments.Draft(uuid7(), instrument, None, lived or at, resident.zone.key, answers, None)
        async with unit_of_work(self.engine, self.organization_id) as db:
            await assessments.submit(
                db, self.actor(resident), resident.id, draft, catalogue=CATALOGUE, accept_language=None,
                now=at,
            )  # fmt: skip
        return sum(answers.values())

    async def is_away(
        self, resident: Resident, first_day: date, back_on: date | None, now: datetime,
        stay_id: UUID | None = None,
    ) -> UUID:  # fmt: skip
        """Plan a leave of absence. Its id."""
        draft = leaves.Draft(uuid7(), first_day, back_on)
        async with unit_of_work(self.engine, self.organization_id) as db:
            sam = self.actor(self.clinic.sam)
            await leaves.plan(db, sam, stay_id or resident.stay_id, draft, now)
        return draft.id

    async def is_back(
        self, resident: Resident, leave_id: UUID, now: datetime, stay_id: UUID | None = None
    ) -> None:
        """Call a leave off, or end it now."""
        async with unit_of_work(self.engine, self.organization_id) as db:
            sam = self.actor(self.clinic.sam)
            await leaves.end(db, sam, stay_id or resident.stay_id, leave_id, now)

    async def changes_stay(
        self, resident: Resident, now: datetime, stay_id: UUID | None = None, **changes: Any
    ) -> None:
        stay_id = stay_id or resident.stay_id
        version = self.value("select row_version from enrollment where id = %s", stay_id)
        async with unit_of_work(self.engine, self.organization_id) as db:
            sam = self.actor(self.clinic.sam)
            await enrollments.change(db, sam, stay_id, changes, version=version, now=now)

    async def moves(self, resident: Resident, zone: str, now: datetime) -> Resident:
        """The patient lives elsewhere from now on."""
        version = self.value("select row_version from patient where id = %s", resident.id)
        async with unit_of_work(self.engine, self.organization_id) as db:
            await patients.change(
                db, self.actor(resident), resident.id, {"time_zone": zone}, version=version, now=now
            )
        return resident._replace(zone=ZoneInfo(zone))

    async def asks_on(self, weekdays: Sequence[int], now: datetime) -> None:
        """The program asks for check-ins on these days from now on."""
        program_id = self.clinic.program_id
        version, calendar = self.rows("select row_version, calendar from program where id = %s", program_id)[
            0
        ]
        changes = {"calendar": {**calendar, "check_in_days": list(weekdays)}}
        async with unit_of_work(self.engine, self.organization_id) as db:
            adele = self.actor(self.clinic.adele)
            await programs.change(db, adele, program_id, changes, version=version, now=now)

    async def publishes(self, rules: Sequence[Rule], now: datetime, engine: AsyncEngine | None = None) -> int:
        """A new version of the program's rules. Its number."""
        base: int = self.value("select rule_set_version from program where id = %s", self.clinic.program_id)
        edition = rule_sets.Edition(base, "For a test.", rules)
        async with unit_of_work(engine or self.engine, self.organization_id) as db:
            await rule_sets.publish(db, self.actor(self.clinic.sam), self.clinic.program_id, edition, now)
        return base + 1

    async def opens_a_program(self) -> UUID:
        """Another one, in which sam works, too. Its id."""
        program_id, now = uuid7(), datetime(2026, 1, 5, tzinfo=UTC)
        draft = programs.Draft(
            id=program_id, name="Day IOP", level_of_care="2.1", population="adults", minimum_weekly_hours=9,
            maximum_weekly_hours=19, time_zone=NEW_YORK, week_starts_on=0, questions=[], sentences={},
        )  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await programs.add(db, None, draft, now)
            await db.add(
                ProgramStaff(
                    organization_id=self.organization_id, program_id=program_id, since=now,
                    staff_member_id=self.clinic.sam.id,
                )
            )  # fmt: skip
        return program_id

    async def rules(self) -> list[Rule]:
        """The program's rules in force, the floor's left out."""
        version = self.value("select rule_set_version from program where id = %s", self.clinic.program_id)
        async with unit_of_work(self.engine, self.organization_id) as db:
            kept = await stored_rule_sets.in_version(db, self.clinic.program_id, version)
        return list(kept.rules)

    async def resolves(self, resident: Resident, rule: str, now: datetime) -> None:
        """sam closes the unresolved alert by this rule."""
        ((alert_id, occurrences),) = self.rows(
            "select id, occurrences from alert where patient_id = %s and rule = %s and status <> 'resolved'",
            resident.id, rule,
        )  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await alerts.resolve(
                db, self.actor(self.clinic.sam), alert_id, outcome="contacted", note=None,
                occurrences_seen=occurrences, now=now,
            )  # fmt: skip

    async def sweep(self, now: datetime, engine: AsyncEngine | None = None) -> Mapping[str, Any]:
        """What the worker does now and then. What its pulse says."""
        await sweeps.sweep(engine or self.engine, now)
        at, facts = self.rows("select at, facts from pulse where name = 'sweep'")[0]
        assert at == now
        return dict(facts)

    async def sweeps_until(self, first: datetime, last: datetime, every: timedelta = 6 * HOUR) -> None:
        while first <= last:
            await self.sweep(first)
            first += every

    async def just_in_time(self, moment: datetime, resident: Resident, *rules: str) -> None:
        """A sweep a second before the moment tells nothing new; one at the moment opens these alerts."""
        before = self.told(resident)
        await self.sweep(moment - SECOND)
        assert self.told(resident) == before, "too early"
        await self.sweep(moment)
        new = [each for each in self.told(resident) if each not in before]
        assert [each.rule for each in new] == list(rules)
        assert {each.opened_at for each in new} <= {moment}

    def told(self, resident: Resident) -> list[Told]:
        """The alerts of a patient's silences, in the order in which they were opened."""
        rows = self.rows(
            "select rule, severity, opened_at, occurrences from alert where patient_id = %s and id in"
            " (select alert_id from alert_occurrence where source_kind = 'absence')"
            " order by opened_at, rule",
            resident.id,
        )
        return [Told(*row) for row in rows]

    def due(self, resident: Resident) -> datetime | None:
        """When the next sweep will look at a patient's first stay."""
        due: datetime | None = self.value(
            "select absence_due_at from enrollment where id = %s", resident.stay_id
        )
        return due

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.psql.execute(statement, values).fetchall()

    def value(self, statement: str, *values: Any) -> Any:
        ((value,),) = self.rows(statement, *values)
        return value


def local(resident: Resident, day: date, hour: float = 0) -> datetime:
    """When the clocks where the patient lives show this hour, in UTC."""
    wall = datetime(day.year, day.month, day.day, int(hour), int(hour % 1 * 60), tzinfo=resident.zone)
    return wall.astimezone(UTC)


def day(number: int) -> date:
    """Of November 2026; the 2nd is a Monday."""
    return date(2026, 11, number)


async def is_heard_weekly(ward: Ward, resident: Resident, *days: int) -> None:
    """By PHQ-9 and GAD-7, at noon of these days."""
    for each in days:
        for instrument in ("phq-9", "gad-7"):
            await ward.scores(resident, instrument, 1, local(resident, day(each), 12))


async def checks_in_daily(
    ward: Ward, resident: Resident, first: int, last: int, hour: float = 18
) -> datetime:
    """The moment of the last."""
    for each in range(first, last + 1):
        await ward.checks_in(resident, local(resident, day(each), hour))
    return local(resident, day(last), hour)
