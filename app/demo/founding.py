"""Found one organization of the demonstration in a single transaction: whole, or not at all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Db, Driver
from app.demo import credentials, past, people
from app.demo.cast import Organization
from app.demo.course import course
from app.demo.recent import Recent
from app.demo.scenes import SCENES
from app.demo.sign_ins import SignIns

DAYS = 90
WATCHED = timedelta(days=10)
"""How far back the answers went through the rules, and the care team through their alerts."""
_SCENE_ALONE = timedelta(hours=30)


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


async def found(engine: AsyncEngine, organization: Organization, sign_ins: SignIns, now: datetime) -> None:
    """The organization, its people with their sign-ins, and their ninety days that end at `now`."""
    hashes = await credentials.hashes(sign_ins, organization)
    db = Founding(engine, organization.id)
    try:
        admitted = now - timedelta(days=DAYS)
        await people.add(db, organization, admitted.date(), admitted)
        await credentials.give(db, organization, sign_ins, hashes, now)
        await db.settle()
        await _live(db, organization, now)
        await db.commit()
    finally:
        await db.close()


async def _live(db: Founding, organization: Organization, now: datetime) -> None:
    recent = Recent(db, organization, settle=db.settle, now=now)
    zones = {program.key: ZoneInfo(program.time_zone) for program in organization.programs}
    scenes = {scene.patient: scene for scene in SCENES}
    for patient in organization.patients:
        zone, scene = zones[patient.program], scenes.get(patient.key)
        lived = course(patient, now.astimezone(zone).date(), DAYS, zone)
        lived = lived.until(now - _SCENE_ALONE if scene else now)
        await past.add(db, organization, patient, lived.until(now - WATCHED), zone)
        recent.expect(patient, lived.since(now - WATCHED), scene, zone)
    await recent.play()
