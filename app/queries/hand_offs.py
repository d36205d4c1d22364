"""Hand-offs to an outside crisis service, and the endpoint that it is reached at."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from app.access import Actor, visible
from app.database import Db
from app.models import Alert, HandOff, Page, WebhookEndpoint


async def endpoint(db: Db) -> WebhookEndpoint | None:
    """Where the organization's crisis service takes hand-offs; None where it takes none."""
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.organization_id == db.organization_id,
        WebhookEndpoint.purpose == "hand_off",
        WebhookEndpoint.status == "enabled",
    )
    found: WebhookEndpoint | None = await db.scalar(statement)
    return found


async def of_page(db: Db, page_id: UUID) -> HandOff | None:
    """The hand-off that a page asks for, if it was asked for before."""
    statement = select(HandOff).where(
        HandOff.organization_id == db.organization_id, HandOff.page_id == page_id
    )
    found: HandOff | None = await db.scalar(statement)
    return found


class Signed(NamedTuple):
    """A hand-off, and the endpoint whose secrets prove that it is the service that answers."""

    hand_off: HandOff
    endpoint: WebhookEndpoint


async def signed(db: Db, hand_off_id: UUID) -> Signed | None:
    """None for what there is not, and when the service has been taken leave of."""
    statement = (
        select(HandOff, WebhookEndpoint)
        .join(
            WebhookEndpoint,
            and_(
                WebhookEndpoint.organization_id == HandOff.organization_id,
                WebhookEndpoint.id == HandOff.endpoint_id,
            ),
        )
        .where(
            HandOff.organization_id == db.organization_id,
            HandOff.id == hand_off_id,
            WebhookEndpoint.status != "deleted",
        )
    )
    row = (await db.execute(statement)).one_or_none()
    return Signed._make(row) if row else None


class ToAnswer(NamedTuple):
    """A hand-off, its page and its alert; alert and hand-off are locked until the commit."""

    hand_off: HandOff
    page: Page
    alert: Alert


async def to_answer(db: Db, hand_off_id: UUID) -> ToAnswer:
    """A hand-off that is there. The alert is locked first, as everybody does who changes one."""
    pages = and_(Page.organization_id == HandOff.organization_id, Page.id == HandOff.page_id)
    of_alert = and_(Alert.organization_id == HandOff.organization_id, Alert.id == HandOff.alert_id)
    mine = and_(HandOff.organization_id == db.organization_id, HandOff.id == hand_off_id)
    both = (
        select(Alert, Page)
        .select_from(HandOff)
        .join(Alert, of_alert)
        .join(Page, pages)
        .where(mine)
        .with_for_update(of=Alert)
    )
    row = (await db.execute(both)).one()
    hand_off = (await db.scalars(select(HandOff).where(mine).with_for_update())).one()
    return ToAnswer(hand_off, row.Page, row.Alert)


async def listed(db: Db, actor: Actor, alert_id: UUID) -> Sequence[HandOff]:
    """Those of an alert that are visible, the newest first."""
    statement = (
        select(HandOff)
        .where(visible(HandOff, actor), HandOff.alert_id == alert_id)
        .order_by(HandOff.requested_at.desc(), HandOff.id.desc())
        .limit(200)
    )
    return (await db.scalars(statement)).all()
