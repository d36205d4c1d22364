"""A unit of work of its own: for what has to stay although the request is refused."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from app.database import Db, unit_of_work
from app.dependencies import actor_of

Apart = Callable[[], AbstractAsyncContextManager[Db]]
"""Opens a unit of work that commits when its block ends well. It is to end before the request's own begins:
whoever holds one connection must not wait for another."""


async def apart(request: Request) -> Apart:
    """Opens units of work of the actor's organization."""
    return partial(unit_of_work, request.app.state.engine, actor_of(request).organization_id)


CurrentApart = Annotated[Apart, Depends(apart)]
