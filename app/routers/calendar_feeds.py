"""Secret addresses of one's own sessions; and what a calendar program reads there."""

import asyncio
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Request, Response

from app import calendars
from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.conditional import UNCHANGED, IfNoneMatch
from app.dependencies.etag import unless_known
from app.dependencies.strangers import AnyWorks, CurrentOrigin
from app.edge.strict_route import router as strict_router
from app.errors import NotFound
from app.queries import appointments, audit
from app.queries import calendar_feeds as stored
from app.queries.calendar_feeds import Address
from app.schemas.calendar_feed import (
    CALENDAR,
    CalendarFeedBody,
    CalendarFeedList,
    CalendarFeedRead,
    CalendarFeedReply,
)
from app.sentences import sentence
from app.services import calendar_feeds

router = strict_router("/v1", "sessions")
FEEDS = "/calendar-feeds"
BACK: Final = timedelta(weeks=4)
"""How long a session that is over stays in the calendar."""

ICALENDAR = "text/calendar; charset=utf-8"
# A calendar program may keep it, and asks each time whether it is still the same.
PRIVATE = {"Cache-Control": "private, no-cache"}

Owner = Annotated[Actor, requires(Permission.CALENDAR_FEED_MANAGE)]


@router.get(FEEDS, operation_id="list_calendar_feeds")
async def many(actor: Owner, db: Db, now: Now) -> CalendarFeedList:
    """The caller's own addresses, without what is secret in them."""
    found = await stored.own(db, actor)
    audit.record(db, actor, now, Permission.CALENDAR_FEED_MANAGE, of="calendar_feed")
    return CalendarFeedList(items=[CalendarFeedRead.model_validate(each) for each in found])


@router.post(FEEDS, status_code=201, operation_id="add_calendar_feed")
async def add(
    *, request: Request, body: CalendarFeedBody, actor: Owner, db: Db, now: Now
) -> CalendarFeedReply:
    """Make an address at which a calendar program reads the caller's sessions. It is shown only here."""
    made = await calendar_feeds.add(db, actor, now, shows_place=body.shows_place)
    read = CalendarFeedRead.model_validate(made.feed)
    dashboard = request.app.state.settings.dashboard
    return CalendarFeedReply(**read.model_dump(), url=f"{dashboard}/v1/calendars/{made.address.text()}.ics")


@router.delete(FEEDS + "/{calendar_feed_id}", status_code=204, operation_id="revoke_calendar_feed")
async def revoke(calendar_feed_id: UUID, actor: Owner, db: Db, now: Now) -> None:
    """Take an address of the caller's own back: nobody reads anything there any more."""
    await calendar_feeds.revoke(db, actor, calendar_feed_id, now)


@router.get(
    "/calendars/{secret}.ics",
    operation_id="read_calendar",
    response_class=Response,
    responses={
        200: {
            "description": "An iCalendar object (RFC 5545).",
            "content": {"text/calendar": {"schema": {"type": "string"}, "example": CALENDAR}},
        },
        **UNCHANGED,
    },
)
async def read(
    secret: str, works: AnyWorks, origin: CurrentOrigin, now: Now, if_none_match: IfNoneMatch = None
) -> Response:
    """The sessions of whoever made this address, from four weeks back to what is planned.

    Needs no sign-in: the address is the secret. Every entry has the same neutral title.
    """
    address = Address.read(secret)
    if address is None:
        raise NotFound
    async with works(address.organization_id) as db:
        opened = await calendar_feeds.read(db, address, origin, now)
        found = await appointments.of_feed(db, opened.feed, now - BACK)
    name, title = (sentence(key, opened.locale) for key in ("calendar.name", "calendar.title"))
    # A full calendar takes a moment to write: others are answered meanwhile.
    body = await asyncio.to_thread(calendars.render, address.feed_id, name, title, found)
    return unless_known(body, ICALENDAR, if_none_match, PRIVATE)
