"""How staff are reached, and through what."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers, rooted


class ContactMethod(Tenanted, Table):
    """One way to reach a staff member, in the order that they prefer (`position`), for these severities.

    `address` is sealed (`app.sealing`): an e-mail address, a phone number, or a service's URL with its
    secrets. `hint` is what may be shown of it.
    """

    __tablename__ = "contact_method"
    __table_args__ = (
        refers("staff_member_id", "staff_member"),
        CheckConstraint("channel in ('email', 'sms', 'chat', 'pager')", name="channel"),
    )

    staff_member_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    severities: Mapped[list[str]] = mapped_column(ARRAY(String))
    address: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str]
    changed_at: Mapped[datetime]


class Gateway(Tenanted, Table):
    """The organization's own mail or SMS service, or where its outside crisis service is reached; sealed."""

    __tablename__ = "gateway"
    __table_args__ = (
        rooted(),
        CheckConstraint("channel in ('email', 'sms', 'crisis_service')", name="channel"),
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str]
    changed_at: Mapped[datetime]
