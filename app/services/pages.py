"""Write down whom an alert is to reach, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from app.database import Db
from app.ladders.ladder import Step
from app.models import Alert, Page
from app.queries import jobs
from app.queries import pages as stored
from app.queries.ladders import Situation

LOST_AFTER = timedelta(minutes=1)
"""After so long a sweep takes a page's job for lost, or the worker that was sending it for dead."""


async def write(
    db: Db, alert: Alert, step: Step, number: int, situation: Situation, now: datetime
) -> Sequence[UUID]:
    """Tell whom a step names, each by the channel that they like best. The recipients; empty for nobody."""
    recipients = situation.recipients(step.tell, alert.assignee_id)
    for recipient_id in recipients:
        channel = situation.channels(recipient_id, alert.severity)[0]
        due_at = situation.calendar.digest_from(now) if alert.ladder["digest"] else now
        await intend(
            db, alert, tell=step.tell, step=number, recipient_id=recipient_id, channel=channel, due_at=due_at,
            now=now,
        )  # fmt: skip
    return recipients


async def intend(
    db: Db, alert: Alert, *, tell: str, step: int, recipient_id: UUID, channel: str, due_at: datetime,
    now: datetime, cycle: int | None = None,
) -> bool:  # fmt: skip
    """One page, and its job. False when this very page is intended already.

    It is of the alert's running cycle unless another is named. One of a digest has no job of its own: it goes
    out with others, when a sweep finds it due.
    """
    page_id, is_digest = uuid7(), alert.ladder["digest"]
    statement = (
        insert(Page)
        .values(
            organization_id=db.organization_id, id=page_id, alert_id=alert.id, patient_id=alert.patient_id,
            cycle=cycle or alert.cycle, step=step, tell=tell, recipient_id=recipient_id, channel=channel,
            severity=alert.severity, digest=is_digest, status="waiting", created_at=now, due_at=due_at,
            look_at=due_at if is_digest else now + LOST_AFTER, attempts=0,
        )
        .on_conflict_do_nothing()
        .returning(Page.id)
    )  # fmt: skip
    if await db.scalar(statement) is None:
        return False
    if not is_digest:
        jobs.deliver_page(db, page_id)
    return True


async def queue_again(db: Db, page_id: UUID, now: datetime) -> bool:
    """Give a page a new job: its own was lost, or its moment has come. False when somebody else does it."""
    page = await stored.claim_to_queue(db, page_id, now)
    if page is None:
        return False
    page.look_at = now + LOST_AFTER
    await db.flush()
    jobs.deliver_page(db, page_id)
    return True
