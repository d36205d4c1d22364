"""Whose moment has passed? Looks at what is due, and at nothing else.

Every piece is a unit of work of its own, claimed by a lock on its row: any number of workers may sweep at
once, a dead one leaves nothing half done, and one that fails stops no other.
"""

import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Db, unit_of_work
from app.queries import absences as stored_absences
from app.queries import follow_ups as stored_follow_ups
from app.queries import goals as stored_goals
from app.queries import hours as stored_hours
from app.queries import ladders as stored_ladders
from app.queries import no_shows as stored_no_shows
from app.queries import pages as stored_pages
from app.queries import pulses, tenants
from app.queries import session_series as stored_session_series
from app.queries import telehealth_events as stored_telehealth_events
from app.queries import webhook_deliveries as stored_webhook_deliveries
from app.queries import webhook_endpoints as stored_webhook_endpoints
from app.services import (
    absences,
    follow_ups,
    goal_standings,
    hours,
    ladders,
    no_shows,
    pages,
    session_series,
    telehealth_presence,
    webhook_deliveries,
    webhook_endpoints,
)

log = structlog.get_logger()
AT_ONCE = 500
"""How many of a kind one look finds. More are found by the next look, until there are none."""

Find = Callable[[Db, datetime, int], Awaitable[Sequence[UUID]]]
Act = Callable[[Db, UUID, datetime], Awaitable[bool]]
Piece = tuple[str, UUID]
"""A kind, and which one."""

KINDS: dict[str, tuple[Find, Act]] = {
    "alert": (stored_ladders.due, ladders.ring),
    "absence": (stored_absences.due, absences.look),
    "page": (stored_pages.due, pages.queue_again),
    "goal": (stored_goals.due, goal_standings.look),
    # Before anybody is found missing: whoever a platform has seen is not.
    "telehealth": (stored_telehealth_events.due, telehealth_presence.apply),
    "treatment_session": (stored_no_shows.due, no_shows.reckon),
    "hours": (stored_hours.due, hours.look),
    "follow_up": (stored_follow_ups.due, follow_ups.look),
    "series": (stored_session_series.due, session_series.look),
    "webhook": (stored_webhook_deliveries.behind, webhook_deliveries.look),
    "webhook_endpoint": (stored_webhook_endpoints.untold, webhook_endpoints.look),
}
"""What is swept: how to find what is due, and what is then done with each."""


async def sweep(engine: AsyncEngine, now: datetime) -> None:
    """Do everything that is due in every organization, and say so."""
    async with unit_of_work(engine, None) as db:
        organizations = await tenants.every(db)
    failures = 0
    for organization_id in organizations:
        failures += await _sweep_one(engine, organization_id, now)
    async with unit_of_work(engine, None) as db:
        await pulses.beat(db, "sweep", now, failures=failures)


async def _sweep_one(engine: AsyncEngine, organization_id: UUID, now: datetime) -> int:
    """Do what is due in one organization. How many pieces could not be done.

    Those, and what somebody else is at, are left to the next sweep, however many they are.
    """
    left: set[Piece] = set()
    failures = 0
    while True:
        most = AT_ONCE + len(left)
        async with unit_of_work(engine, organization_id) as db:
            found = {kind: await find(db, now, most) for kind, (find, _) in KINDS.items()}
        todo = [piece for kind, ids in found.items() for each in ids if (piece := (kind, each)) not in left]
        for piece in _from_a_place_of_our_own(todo):
            is_done = await _do(engine, organization_id, piece, now)
            failures += is_done is None
            if not is_done:
                left.add(piece)
        if not todo or all(len(ids) < most for ids in found.values()):
            return failures


def _from_a_place_of_our_own(todo: list[Piece]) -> list[Piece]:
    """Several workers that find the same begin at different places, and meet less often."""
    start = os.getpid() * 7919 % len(todo) if todo else 0
    return todo[start:] + todo[:start]


async def _do(engine: AsyncEngine, organization_id: UUID, piece: Piece, now: datetime) -> bool | None:
    """Do one piece. False when there was nothing to do, or somebody else does it; None when it failed."""
    kind, each = piece
    try:
        async with unit_of_work(engine, organization_id) as db:
            return await KINDS[kind][1](db, each, now)
    except Exception:
        log.exception("sweep_failed", kind=kind, organization_id=organization_id)
        return None
