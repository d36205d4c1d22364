"""Seed the demonstration: on an empty database, once, and whole or not at all."""

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.database import engine_for, unit_of_work
from app.demo import contacts, credentials, desk, founding, partners, sign_ins
from app.demo.cast import ORGANIZATIONS, Organization
from app.demo.sign_ins import SignIns
from app.post_office import PostOffice
from app.queries import tenants
from app.sealing import Sealer
from app.settings import Settings


class NotForADemonstration(Exception):
    """The database holds organizations that are not of the demonstration."""


def once(settings: Settings, url: str) -> None:
    """See to it that the demonstration is there, and `demo.json` with how to sign in.

    What is there is left as it is, but that pages go to where the pagers are now, and that nobody is missing
    from what was planned meanwhile; and a lost `demo.json` gets new passwords. The file is written before
    anything is kept: a crash may leave passwords without accounts, never accounts without passwords.
    Raises `NotForADemonstration`.
    """
    asyncio.run(_once(settings, url, clock.now()))


async def _once(settings: Settings, url: str, now: datetime) -> None:
    engine = engine_for(url, pool_size=2 * len(ORGANIZATIONS))
    try:
        standing = await _standing(engine)
        file = sign_ins.path(settings)
        known = sign_ins.read(file)
        current = known or sign_ins.invent()
        sealer = PostOffice.of(settings).sealer
        sign_ins.write(file, current.model_copy(update={"base_url": sign_ins.base_url(settings)}))
        async with asyncio.TaskGroup() as group:
            for organization in ORGANIZATIONS:
                if organization.id not in standing:
                    group.create_task(founding.found(engine, organization, current, sealer, settings, now))
                    continue
                group.create_task(_follow(engine, organization, current, sealer, settings, now))
                if known is None:
                    group.create_task(_renew(engine, organization, current, now))
    finally:
        await engine.dispose()


async def _renew(engine: AsyncEngine, organization: Organization, current: SignIns, now: datetime) -> None:
    hashes = await credentials.hashes(current, organization)
    async with unit_of_work(engine, organization.id) as db:
        await credentials.give(db, organization, current, hashes, now)


async def _follow(
    engine: AsyncEngine, organization: Organization, current: SignIns, sealer: Sealer, settings: Settings,
    now: datetime,
) -> None:  # fmt: skip
    async with unit_of_work(engine, organization.id) as db:
        await contacts.follow(db, organization, sealer, settings, now)
        await partners.follow(db, organization, current, sealer, settings)
        await desk.catch_up(db, organization, now)


async def _standing(engine: AsyncEngine) -> set[UUID]:
    async with unit_of_work(engine, None) as db:
        standing = set(await tenants.every(db))
    if standing - {organization.id for organization in ORGANIZATIONS}:
        raise NotForADemonstration
    return standing
