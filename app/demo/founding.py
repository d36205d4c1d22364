"""Found one organization of the demonstration in a single transaction: whole, or not at all."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from app.access import Actor, Role
from app.database import Db, Driver
from app.demo import contacts, credentials, duty, partners, people
from app.demo.cast import Organization, id_of
from app.demo.living import DAYS, Living
from app.demo.sign_ins import SignIns
from app.queries import rule_sets
from app.sealing import Sealer
from app.settings import Settings


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
        living = Living(db, organization, supervisor, now)
        await living.write()
        await living.steps.play(db.settle)
        await credentials.give(db, organization, sign_ins, await hashing, now)
        await partners.add(db, organization, sign_ins, sealer, own, now)
        for program in organization.programs:  # the first sweep looks for absence: nobody has yet
            await rule_sets.look_again(db, id_of("program", program.key), now)
        await db.commit()
    finally:
        hashing.cancel()
        await db.close()


def _supervisor(organization: Organization) -> Actor:
    key = next(member.key for member in organization.staff if member.role == Role.SUPERVISOR)
    return Actor(organization.id, "staff", id_of("staff", key), Role.SUPERVISOR, id_of("credential", key))
