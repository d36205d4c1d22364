"""Riverside as the walk finds it: one program in Chicago, its staff, and four patients of a few days."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.access import Actor, Role
from app.database import unit_of_work
from app.models import CareTeamMember, ProgramStaff, StaffMember
from app.services import credentials, enrollments, organizations, patients, programs
from tests.people import client_for, token_for
from tests.phones import PASSWORD

CHICAGO: Final = ZoneInfo("America/Chicago")
ADMITTED: Final = date(2026, 11, 8)
START: Final = datetime(2026, 11, 8, 9, tzinfo=CHICAGO).astimezone(UTC)
ANA_IS_SHOWN: Final = {date(2026, 11, day) for day in (9, 11, 13, 15)}
PATIENTS: Final = {
    "ana": ("Ana", date(1991, 3, 4)), "ben": ("Ben", date(1984, 7, 19)), "dora": ("Dora", date(1998, 1, 30)),
    "emil": ("Emil", date(1975, 12, 2)),
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """Who is there, with the credentials of those who sign in behind the scenes."""

    app: FastAPI
    organization_id: UUID
    program_id: UUID
    ids: dict[str, UUID]
    credential_ids: dict[str, UUID]

    def names(self) -> dict[str, str]:
        """By which the document may call them: `$program_id`, `$ana_id`."""
        return {"program_id": str(self.program_id)} | {f"{who}_id": str(of) for who, of in self.ids.items()}

    def next_aside(self, after: datetime) -> datetime:
        """When the others next do something that the walk does not tell of: at seven every morning."""
        day = after.astimezone(CHICAGO).date()
        mornings = (_morning(day + timedelta(days=more)) for more in range(2))
        return next(each for each in mornings if each > after)

    async def aside(self, moment: datetime) -> None:
        """They check in, and Ana on the days on which the walk shows nothing of it."""
        is_shown = moment.astimezone(CHICAGO).date() in ANA_IS_SHOWN
        for who in ("ben", "dora", "emil") if is_shown else PATIENTS:
            await self._checks_in(who, moment)

    async def _checks_in(self, who: str, moment: datetime) -> None:
        token = token_for(
            self.app, organization_id=self.organization_id, id=self.ids[who], role=Role.PATIENT,
            credential_id=self.credential_ids[who], now=moment,
        )  # fmt: skip
        self.app.state.clock = lambda: moment
        body = {
            "id": str(uuid7()), "occurred_at": moment.isoformat(), "time_zone": CHICAGO.key,
            "answers": {"mood": 6, "craving": 2},
        }  # fmt: skip
        async with client_for(self.app, token) as client:
            reply = await client.post("/v1/patients/me/check-ins", json=body)
        assert reply.status_code == 201, reply.text


@asynccontextmanager
async def staged(app: FastAPI) -> AsyncIterator[Stage]:
    """The clinic on the morning on which the walk begins."""
    app.state.clock = lambda: START
    stage = Stage(app, uuid7(), uuid7(), {who: uuid7() for who in (*PATIENTS, "clara", "sam")}, {})
    async with unit_of_work(app.state.engine, stage.organization_id) as db:
        await organizations.found(
            db, organizations.Draft(stage.organization_id, "Riverside", "US", "en", CHICAGO.key), START
        )
        await programs.add(db, None, _program(stage.program_id), START)
        await db.add(_staff(stage, "clara", Role.COUNSELOR), _staff(stage, "sam", Role.SUPERVISOR))
        await db.add(*(_works(stage, who) for who in ("clara", "sam")))
    async with unit_of_work(app.state.engine, stage.organization_id) as db:
        sam = Actor(stage.organization_id, "staff", stage.ids["sam"], Role.SUPERVISOR, uuid7())
        for who in PATIENTS:
            stay = enrollments.Draft(uuid7(), stage.program_id, ADMITTED)
            await patients.add(db, sam, _patient(stage, who), stay, START)
        await db.add(*(_cared_for(stage, who) for who in PATIENTS))
    for who in stage.ids:
        await _give_password(stage, who)
    yield stage


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, tzinfo=CHICAGO).astimezone(UTC)


def _program(program_id: UUID) -> programs.Draft:
    return programs.Draft(
        id=program_id, name="Evening IOP", level_of_care="2.1", population="adults", minimum_weekly_hours=9,
        maximum_weekly_hours=19, time_zone=CHICAGO.key, week_starts_on=0, questions=[], sentences={},
    )  # fmt: skip


def _staff(stage: Stage, who: str, role: Role) -> StaffMember:
    return StaffMember(
        organization_id=stage.organization_id, id=stage.ids[who], name=f"{who.title()} Example",
        role=role.value, active=True, locale="en", time_zone=CHICAGO.key, created_at=START,
    )  # fmt: skip


def _works(stage: Stage, who: str) -> ProgramStaff:
    tenant: dict[str, Any] = {"organization_id": stage.organization_id, "program_id": stage.program_id}
    return ProgramStaff(staff_member_id=stage.ids[who], since=START, **tenant)


def _patient(stage: Stage, who: str) -> patients.Draft:
    name, born_on = PATIENTS[who]
    return patients.Draft(stage.ids[who], name, "Example", born_on, None, None, "en", CHICAGO.key)


def _cared_for(stage: Stage, who: str) -> CareTeamMember:
    return CareTeamMember(
        organization_id=stage.organization_id, patient_id=stage.ids[who], since=START,
        staff_member_id=stage.ids["clara"], function="primary_counselor",
    )  # fmt: skip


async def _give_password(stage: Stage, who: str) -> None:
    owner = "patient_id" if who in PATIENTS else "staff_member_id"
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        kept = await credentials.add_credential(
            db, username=f"{who}@example.org", password=PASSWORD, now=START, **{owner: stage.ids[who]}
        )
    stage.credential_ids[who] = kept.id
