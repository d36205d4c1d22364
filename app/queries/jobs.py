"""Put jobs into the queue as part of a unit of work: they exist when it commits, and not otherwise."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from app.database import Db

DEFAULT, SWEEPS, PAGES, WEBHOOKS, WATCH = "default", "sweeps", "pages", "webhooks", "watch"
"""The queues. The watcher works on its own alone, and everybody else on the others."""

_DEFER: LiteralString = (
    "select procrastinate_defer_jobs_v1(array[row(%s, %s, 0, null, null, %s, null)"
    "::procrastinate_job_to_defer_v1])"
)
_DEFER_UNTIL: LiteralString = _DEFER.replace("%s, null)", "%s, %s)")


def deliver_page(db: Db, page_id: UUID) -> None:
    """Have a worker send this page, at once.

    The job may be lost: the page itself knows when a sweep must look for it.
    """
    args = {"organization_id": str(db.organization_id), "page_id": str(page_id)}
    db.at_commit(_DEFER, (PAGES, "deliver_page", Jsonb(args)))


def follow_feed(db: Db) -> None:
    """Have a worker bring to the webhook endpoints what this unit of work tells the feed; nothing where there
    are none. However many events it tells, it is one statement.

    The job may be lost: an endpoint knows how far it has followed.
    """
    args = Jsonb({"organization_id": str(db.organization_id)})
    db.at_commit(
        _DEFER + " where exists (select from webhook_endpoint where organization_id = %s"
        " and status = 'enabled' and purpose = 'events')",
        (WEBHOOKS, "follow_feed", args, db.organization_id),
        once=True,
    )


def serve_endpoint(db: Db, endpoint_id: UUID, at: datetime | None = None) -> None:
    """Have a worker send what is due to this webhook endpoint, at once or at that moment.

    The job may be lost: the deliveries themselves know when they are due.
    """
    if at is None:
        db.at_commit(_DEFER, (WEBHOOKS, "serve_endpoint", _of_endpoint(db, endpoint_id)))
    else:
        db.at_commit(_DEFER_UNTIL, (WEBHOOKS, "serve_endpoint", _of_endpoint(db, endpoint_id), at))


async def serve_endpoint_again(db: Db, endpoint_id: UUID) -> None:
    """As `serve_endpoint`, unless a job for it waits already: sweeps come often."""
    args = _of_endpoint(db, endpoint_id)
    waiting = await (await db.driver()).execute(
        "select 1 from procrastinate_jobs where queue_name = %s and status = 'todo' and args = %s"
        " and coalesce(scheduled_at, now()) <= now() limit 1",
        (WEBHOOKS, args),
    )
    if await waiting.fetchone() is None:
        serve_endpoint(db, endpoint_id)


def tell_of_disabled_endpoint(db: Db, endpoint_id: UUID) -> None:
    """Have the administrators told that nothing is sent to this webhook endpoint any more.

    The job may be lost: the endpoint knows that they are still to be told.
    """
    db.at_commit(_DEFER, (PAGES, "tell_of_disabled_endpoint", _of_endpoint(db, endpoint_id)))


def _of_endpoint(db: Db, endpoint_id: UUID) -> Jsonb:
    return Jsonb({"organization_id": str(db.organization_id), "endpoint_id": str(endpoint_id)})


def apply_telehealth(db: Db, event_id: UUID) -> None:
    """Have a worker see what an event of a telehealth platform changes, at once.

    The job may be lost: the event itself knows when a sweep must look for it.
    """
    args = {"organization_id": str(db.organization_id), "event_id": str(event_id)}
    db.at_commit(_DEFER, (DEFAULT, "apply_telehealth", Jsonb(args)))
