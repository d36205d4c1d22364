"""What the routes ask for that people use before they are signed in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.database import CHECKOUT_SECONDS, Db, unit_of_work
from app.dependencies import AcceptLanguage, address_of
from app.errors import Unavailable
from app.queries.credentials import Origin
from app.services.sign_in import Works


def slots(database_pool: int) -> asyncio.Semaphore:
    """How many units of work all strangers may have at once: a quarter of the pool.

    Attempts from one address wait for each other's count. However many there are, the connections that
    patients check in on must not wait with them.
    """
    return asyncio.Semaphore(max(1, database_pool // 4))


@asynccontextmanager
async def bounded_work(request: Request, organization_id: UUID | None) -> AsyncIterator[Db]:
    """`unit_of_work` as soon as there is a slot. Raises `Unavailable` when that takes too long."""
    free: asyncio.Semaphore = request.app.state.slots_for_strangers
    try:
        async with asyncio.timeout(CHECKOUT_SECONDS):
            await free.acquire()
    except TimeoutError:
        raise Unavailable from None
    try:
        async with unit_of_work(request.app.state.engine, organization_id) as db:
            yield db
    finally:
        free.release()


async def works(request: Request) -> Works:
    """Opens units of work of any organization: who is asking is known only when it is found."""
    return partial(bounded_work, request)


async def origin(request: Request, accept_language: AcceptLanguage) -> Origin:
    """Where the request came from."""
    return Origin(address_of(request), getattr(request.state, "request_id", None), accept_language)


AnyWorks = Annotated[Works, Depends(works)]
CurrentOrigin = Annotated[Origin, Depends(origin)]
