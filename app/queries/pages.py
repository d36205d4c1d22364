"""Pages that wait, and the ways by which they go out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import and_, exists, func, literal, or_, select

from app.access import Role
from app.database import Db
from app.models import Alert, AlertEntry, ContactMethod, Gateway, Organization, Page, StaffMember
from app.models.alert import PAGING
from app.post_office import Whereto
from app.queries import staff

MOST_IN_A_DIGEST = 100
"""The others are left to the next one."""

_IN_THE_RECORD: Final[Mapping[str, Any]] = {"email": StaffMember.email, "sms": StaffMember.phone}


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The waiting pages that somebody must see to: their job was lost, or their moment has come."""
    statement = (
        select(Page.id)
        .where(Page.organization_id == db.organization_id, Page.status == "waiting", Page.look_at <= now)
        .order_by(Page.look_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim_to_queue(db: Db, page_id: UUID, now: datetime) -> Page | None:
    """A page that somebody must see to, locked until the commit; None when somebody else is at it."""
    statement = (
        select(Page)
        .where(
            Page.organization_id == db.organization_id,
            Page.id == page_id,
            Page.status == "waiting",
            Page.look_at <= now,
        )
        .with_for_update(skip_locked=True)
    )
    page: Page | None = await db.scalar(statement)
    return page


class ToSend(NamedTuple):
    """A page that is due, locked until the commit, and its alert."""

    page: Page
    alert: Alert


async def to_send(db: Db, page_id: UUID, now: datetime) -> Sequence[ToSend]:
    """A page that is to be sent now; of a digest all that go out in it, to this recipient by this channel.

    Empty when it is settled, not due, or with another worker. Not skipped when somebody else locks it: of two
    who ask at once the second waits, and then finds nothing left, instead of a part of the digest.
    """
    of = select(Page.recipient_id, Page.channel, Page.digest).where(
        Page.organization_id == db.organization_id, Page.id == page_id
    )
    asked = (await db.execute(of)).one_or_none()
    if asked is None:
        return []
    together = and_(Page.recipient_id == asked.recipient_id, Page.channel == asked.channel, Page.digest)
    statement = (
        select(Page, Alert)
        .join(Alert, and_(Alert.organization_id == Page.organization_id, Alert.id == Page.alert_id))
        .where(
            Page.organization_id == db.organization_id,
            together if asked.digest else Page.id == page_id,
            Page.status == "waiting",
            Page.due_at <= now,
            func.coalesce(Page.claimed_until, now) <= now,
        )
        .order_by(Page.due_at, Page.id)
        .limit(MOST_IN_A_DIGEST)
        .with_for_update(of=Page)
    )
    return [ToSend(row.Page, row.Alert) for row in await db.execute(statement)]


async def whereto(db: Db, recipient_id: UUID, channel: str) -> Whereto | None:
    """How somebody, or the organization's crisis service, is reached; None when there is nobody."""
    through = (
        select(Gateway.address)
        .where(Gateway.organization_id == db.organization_id, Gateway.channel == channel)
        .scalar_subquery()
    )
    if recipient_id == db.organization_id:
        own = select(Organization.locale, literal(None), literal(None), through.label("gateway")).where(
            Organization.organization_id == db.organization_id
        )
        row = (await db.execute(own)).one_or_none()
        return Whereto._make(row) if row else None
    statement = (
        select(
            StaffMember.locale,
            ContactMethod.address,
            _IN_THE_RECORD.get(channel, literal(None)).label("known"),
            through.label("gateway"),
        )
        .outerjoin(
            ContactMethod,
            and_(
                ContactMethod.organization_id == StaffMember.organization_id,
                ContactMethod.staff_member_id == StaffMember.id,
                ContactMethod.channel == channel,
            ),
        )
        .where(StaffMember.organization_id == db.organization_id, StaffMember.id == recipient_id)
    )
    row = (await db.execute(statement)).one_or_none()
    return Whereto._make(row) if row else None


async def told_of(db: Db, patient_id: UUID, alert_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these alerts of a patient that somebody knows of, or will in time: somebody has acknowledged
    it, or there is a page since people began to be told of it anew. What is not pressing is on the list of
    those who look after the patient, and that is in time.

    A resolved one is nobody's any more, and what nobody can see has told nobody.
    """
    assert db.organization_id is not None
    paged = exists().where(
        Page.organization_id == Alert.organization_id, Page.alert_id == Alert.id, Page.cycle == Alert.cycle
    )
    in_time = or_(paged, Alert.severity.not_in(PAGING))
    statement = select(Alert.id).where(
        Alert.organization_id == db.organization_id,
        Alert.id.in_(alert_ids),
        or_(Alert.status == "acknowledged", and_(Alert.status == "open", in_time)),
        staff.somebody_sees(db.organization_id, patient_id),
    )
    return set(await db.scalars(statement))


async def any_in_round(db: Db, alert: Alert, first: int) -> bool:
    """Whether there is a page of the running cycle, from this step on, that has not failed."""
    statement = select(
        exists().where(
            Page.organization_id == db.organization_id,
            Page.alert_id == alert.id,
            Page.cycle == alert.cycle,
            Page.step >= first,
            Page.status != "failed",
        )
    )
    return bool(await db.scalar(statement))


async def stands_in(db: Db, page: Page) -> bool:
    """Whether a page goes to a supervisor in the stead of a round that had told nobody."""
    skipped = exists().where(
        AlertEntry.organization_id == db.organization_id,
        AlertEntry.alert_id == page.alert_id,
        AlertEntry.kind == "skipped",
        AlertEntry.cycle == page.cycle,
        AlertEntry.step == page.step,
    )
    statement = select(StaffMember.id).where(
        StaffMember.organization_id == db.organization_id,
        StaffMember.id == page.recipient_id,
        StaffMember.role == Role.SUPERVISOR.value,
        StaffMember.active,
        skipped,
    )
    return await db.scalar(statement) is not None


async def locked(db: Db, page_ids: Iterable[UUID]) -> Sequence[Page]:
    """These pages, locked until the commit."""
    statement = (
        select(Page)
        .where(Page.organization_id == db.organization_id, Page.id.in_(list(page_ids)))
        .order_by(Page.due_at, Page.id)  # as `to_send`: two that lock the same must not wait for each other
        .with_for_update()
    )
    return (await db.scalars(statement)).all()


async def of_step(db: Db, page: Page) -> Sequence[Page]:
    """Every page of the same step of the same cycle of an alert."""
    statement = select(Page).where(
        Page.organization_id == db.organization_id,
        Page.alert_id == page.alert_id,
        Page.cycle == page.cycle,
        Page.step == page.step,
    )
    return (await db.scalars(statement)).all()


async def alert_of(db: Db, page: Page) -> Alert:
    """The alert of a page, locked until the commit."""
    statement = (
        select(Alert)
        .where(Alert.organization_id == db.organization_id, Alert.id == page.alert_id)
        .with_for_update()
    )
    alert: Alert = (await db.scalars(statement)).one()
    return alert
