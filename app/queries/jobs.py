"""Put jobs into the queue as part of a unit of work: they exist when it commits, and not otherwise."""

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


def deliver_page(db: Db, page_id: UUID) -> None:
    """Have a worker send this page, at once.

    The job may be lost: the page itself knows when a sweep must look for it.
    """
    args = {"organization_id": str(db.organization_id), "page_id": str(page_id)}
    db.at_commit(_DEFER, (PAGES, "deliver_page", Jsonb(args)))
