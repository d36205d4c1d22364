"""One thing that happened, in the feed: ids only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers, rooted


class Event(Tenanted, Table):
    """One entry of an organization's feed. Positions have no gaps and follow the order of commits.

    So does `sequence`, which counts the events of one alert from 1.
    """

    __tablename__ = "event"
    __table_args__ = (
        refers("alert_id", "alert"),
        Index("uq_event_sequence", "organization_id", "alert_id", "sequence", unique=True),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str]
    alert_id: Mapped[UUID]
    sequence: Mapped[int]
    patient_id: Mapped[UUID]
    occurred_at: Mapped[datetime]


class FeedHead(Tenanted, Table):
    """The newest position of an organization's feed, and how often it changed who sees what.

    Both are incremented as the last statement of a transaction.
    """

    __tablename__ = "feed_head"
    __table_args__ = (rooted(),)

    position: Mapped[int] = mapped_column(BigInteger)
    access_version: Mapped[int] = mapped_column(BigInteger)
