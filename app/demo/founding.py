"""Found one organization of the demonstration in a single transaction: whole, or not at all."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from app.access import Actor, Role
from app.database import Db, Driver
from app.demo import contacts, credentials, duty, hours, people, rows, silence
from app.demo.bygone import Bygone
from app.demo.cast import Organization, Patient, id_of
from app.demo.course import Course, course
from app.demo.past import Past, past
from app.demo.recent import Recent
from app.demo.scenes import SCENES
from app.demo.sequence import Sequence
from app.demo.sign_ins import SignIns
from app.models import Assessment, CheckIn
from app.queries import rule_sets
from app.rules.default_pack import DEFAULT_PACK
from app.rules.history import Pause
from app.rules.replay import ABSENCE, Compared, Found, replay
from app.rules.replay_case import Case, Stay
from app.sealing import Sealer
from app.settings import Settings

DAYS: Final = 90
WATCHED: Final = timedelta(days=3)
"""How far back the answers went through the rules as they came, and the care team through their alerts."""
_SCENE_ALONE: Final = timedelta(hours=30)
_RULES: Final = Compared(DEFAULT_PACK, DEFAULT_PACK)


class Founding(Db):
    """A unit of work that holds many submissions, each of which takes it for its own.

    What they leave for the commit is sent when each is done (`settle`), so that the next one sees it; only
    the organization's feed is written at the end. Its time is not limited: no client waits for it.
    """

    async def settle(self) -> None:
        """Send what waits for the commit."""
        waiting, self._at_commit = self._at_commit, []
        driver = await self.driver()
        async with driver.pipeline():
            for statement, values in waiting:
                await driver.execute(statement, values)

    async def _take(self) -> Driver:
        if self._driver is None:
            await super()._take()
            if self._deadline is not None:
                self._deadline.cancel()
        assert self._driver is not None
        return self._driver


async def found(
    engine: AsyncEngine, organization: Organization, sign_ins: SignIns, sealer: Sealer, own: Settings,
    now: datetime,
) -> None:  # fmt: skip
    """The organization, its people with their sign-ins, and their ninety days that end at `now`."""
    hashing = asyncio.create_task(credentials.hashes(sign_ins, organization))
    db = Founding(engine, organization.id)
    try:
        admitted = now - timedelta(days=DAYS)
        supervisor = _supervisor(organization)
        await people.add(db, organization, admitted.date(), admitted)
        await contacts.give(db, organization, sealer, own, admitted)
        await duty.add(db, organization, supervisor, admitted, now)
        await db.settle()
        await _live(db, organization, supervisor, now)
        await credentials.give(db, organization, sign_ins, await hashing, now)
        for program in organization.programs:  # the first sweep looks for absence: nobody has yet
            await rule_sets.look_again(db, id_of("program", program.key), now)
        await db.commit()
    finally:
        hashing.cancel()
        await db.close()


async def _live(db: Founding, organization: Organization, supervisor: Actor, now: datetime) -> None:
    sequence, bygone = Sequence(now), Bygone(organization, now - WATCHED)
    recent = Recent(db, organization, supervisor, sequence)
    programs = {program.key: program for program in organization.programs}
    for patient in organization.patients:
        zone = ZoneInfo(programs[patient.program].time_zone)
        lived = _lived(patient, zone, now)
        told = past(organization, patient, lived, zone)
        await _keep(db, told.before(now - WATCHED))
        found = _found(patient, told, zone, now)
        old = [each for each in found if each.at < now - WATCHED]
        bygone.add(patient, old, hours.work_calendar(programs[patient.program], now.date()))
        _expect(recent, patient, lived, found[len(old) :], zone, now)
    await bygone.write(db)
    await sequence.play(db.settle)


def _lived(patient: Patient, zone: ZoneInfo, now: datetime) -> Course:
    lived = course(patient, now.astimezone(zone).date(), DAYS, zone)
    has_scene = any(scene.patient == patient.key for scene in SCENES)
    return silence.told_by(patient.key, lived.until(now - _SCENE_ALONE if has_scene else now), now, zone)


async def _keep(db: Db, told: Past) -> None:
    await rows.insert(db, CheckIn, told.check_ins)
    await rows.insert(db, Assessment, told.assessments)


def _found(patient: Patient, told: Past, zone: ZoneInfo, now: datetime) -> list[Found]:
    """What the rules find in a course, in order."""
    leave = Pause(now - silence.AWAY_SINCE, None, True)
    case = Case(
        id_of("patient", patient.key), told.answers(), [Stay((now - timedelta(days=DAYS)).date())], zone,
        pauses=[leave] if patient.key == silence.ON_LEAVE else [],
    )  # fmt: skip
    return replay(case, _RULES, now - timedelta(days=DAYS), now)


def _expect(
    recent: Recent, patient: Patient, lived: Course, found: list[Found], zone: ZoneInfo, now: datetime
) -> None:
    """The last days: what is told, and when it is missed. One silence is left to the sweep."""
    scene = next((scene for scene in SCENES if scene.patient == patient.key), None)
    recent.expect(patient, lived.since(now - WATCHED), scene, zone)
    if patient.key == silence.ON_LEAVE:
        recent.expect_leave(patient, now - silence.AWAY_SINCE, zone)
    silent_since = now - silence.LAST_HEARD if patient.key == silence.SILENT else now
    recent.expect_absences(
        patient,
        ((each.at, each.source) for each in found if each.source.kind == ABSENCE and each.at < silent_since),
    )


def _supervisor(organization: Organization) -> Actor:
    key = next(member.key for member in organization.staff if member.role == Role.SUPERVISOR)
    return Actor(organization.id, "staff", id_of("staff", key), Role.SUPERVISOR, id_of("credential", key))
