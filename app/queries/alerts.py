"""Alerts, as found by those who read them and by those who change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, and_, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import Alert, AlertEntry, AlertOccurrence, Patient, StaffMember

UNRESOLVED = ("open", "acknowledged")
NEWEST = 200
"""How many log entries and occurrences of one alert are shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a list is to show; None and empty stand for all."""

    statuses: Sequence[str] = UNRESOLVED
    severities: Sequence[str] = ()
    patient_id: UUID | None = None
    assignee_id: UUID | None = None
    program_id: UUID | None = None

    @property
    def newest_first(self) -> bool:
        """Resolved alerts are due to nobody: the newest is asked for first."""
        return set(self.statuses) == {"resolved"}


class Named(NamedTuple):
    """An alert with the name of its patient."""

    alert: Alert
    patient_name: str


async def listed(
    db: Db, actor: Actor, wanted: Wanted, *, limit: int, after: tuple[datetime, UUID] | None
) -> Sequence[Named]:
    """The alerts that are wanted and visible: what is due first, or the newest resolved first.

    `after` is `due_at` (`resolved_at`) and id of the last one seen.
    """
    moment = Alert.resolved_at if wanted.newest_first else Alert.due_at
    keys = tuple_(moment, Alert.id)
    statement = _named(actor).where(Alert.status.in_(wanted.statuses)).limit(limit)
    if "resolved" not in wanted.statuses:
        # Says the same again, as a literal: so the planner knows that the index of unresolved ones is enough.
        statement = statement.where(Alert.status != literal_column("'resolved'"))
    if wanted.newest_first:
        statement = statement.where(Alert.status == literal_column("'resolved'"))
        statement = statement.order_by(moment.desc(), Alert.id.desc())
    else:
        statement = statement.order_by(moment, Alert.id)
    if after is not None:
        statement = statement.where(keys < after if wanted.newest_first else keys > after)
    if wanted.severities:
        statement = statement.where(Alert.severity.in_(wanted.severities))
    for column, value in (
        (Alert.patient_id, wanted.patient_id),
        (Alert.assignee_id, wanted.assignee_id),
        (Alert.program_id, wanted.program_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return [Named._make(row) for row in await db.execute(statement)]


async def one(db: Db, actor: Actor, alert_id: UUID) -> Named:
    """One alert. Raises `NotFound` when it is not visible."""
    row = (await db.execute(_named(actor).where(Alert.id == alert_id))).one_or_none()
    if row is None:
        raise NotFound
    return Named._make(row)


def _named(actor: Actor) -> Select[Alert, str]:
    name = Patient.given_name + " " + Patient.family_name
    of_alert = and_(Patient.organization_id == Alert.organization_id, Patient.id == Alert.patient_id)
    return select(Alert, name).join(Patient, of_alert).where(visible(Alert, actor))


async def log(db: Db, alert: Alert) -> Sequence[Row[Any]]:
    """What happened to an alert, the newest entries, oldest first, with the names of their authors."""
    author = and_(
        StaffMember.organization_id == AlertEntry.organization_id, StaffMember.id == AlertEntry.author_id
    )
    statement = (
        select(*AlertEntry.__table__.columns, StaffMember.name.label("author_name"))
        .join(StaffMember, author, isouter=True)
        .where(AlertEntry.organization_id == db.organization_id, AlertEntry.alert_id == alert.id)
        .order_by(AlertEntry.at.desc(), AlertEntry.id.desc())
        .limit(NEWEST)
    )
    return (await db.execute(statement)).all()[::-1]


async def occurrences(db: Db, alert: Alert) -> Sequence[AlertOccurrence]:
    """The newest occurrences of an alert, oldest first."""
    statement = (
        select(AlertOccurrence)
        .where(AlertOccurrence.organization_id == db.organization_id, AlertOccurrence.alert_id == alert.id)
        .order_by(AlertOccurrence.number.desc())
        .limit(NEWEST)
    )
    return (await db.scalars(statement)).all()[::-1]


async def occurrence(
    db: Db, actor: Actor, alert_id: UUID, number: int | None
) -> tuple[Alert, AlertOccurrence]:
    """One occurrence of an alert, the newest unless `number` says which. Raises `NotFound`."""
    of_alert = and_(
        AlertOccurrence.organization_id == Alert.organization_id, AlertOccurrence.alert_id == Alert.id
    )
    statement = (
        select(Alert, AlertOccurrence)
        .join(AlertOccurrence, of_alert)
        .where(visible(Alert, actor), Alert.id == alert_id)
        .order_by(AlertOccurrence.number.desc())
        .limit(1)
    )
    if number is not None:
        statement = statement.where(AlertOccurrence.number == number)
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row.Alert, row.AlertOccurrence


async def unresolved(db: Db, patient_id: UUID, rules: Sequence[str]) -> dict[str, Alert]:
    """The unresolved alerts of a patient for these rules, by rule, locked until the commit."""
    statement = (
        select(Alert)
        .where(
            Alert.organization_id == db.organization_id,
            Alert.patient_id == patient_id,
            Alert.rule.in_(rules),
            Alert.status != "resolved",
        )
        .with_for_update()
    )
    return {alert.rule: alert for alert in await db.scalars(statement)}


async def to_change(db: Db, actor: Actor, alert_id: UUID) -> Alert:
    """One alert, locked until the commit. Raises `NotFound` when it is not visible."""
    statement = select(Alert).where(visible(Alert, actor), Alert.id == alert_id).with_for_update()
    alert: Alert | None = await db.scalar(statement)
    if alert is None:
        raise NotFound
    return alert


async def resolution(db: Db, alert: Alert) -> AlertEntry | None:
    """The log entry with which a resolved alert was closed."""
    statement = (
        select(AlertEntry)
        .where(
            AlertEntry.organization_id == db.organization_id,
            AlertEntry.alert_id == alert.id,
            AlertEntry.kind == "resolved",
        )
        .limit(1)
    )
    entry: AlertEntry | None = await db.scalar(statement)
    return entry


async def keep_entry(db: Db, entry: AlertEntry) -> AlertEntry | None:
    """Insert a log entry whose id its author chose; when the id is taken, the entry that has it."""
    values = {column.key: getattr(entry, column.key) for column in AlertEntry.__table__.columns}
    inserted = insert(AlertEntry).values(values).on_conflict_do_nothing().returning(AlertEntry.id)
    if await db.scalar(inserted) is not None:
        return None
    taken = select(AlertEntry).where(
        AlertEntry.organization_id == db.organization_id, AlertEntry.id == entry.id
    )
    there: AlertEntry = (await db.scalars(taken)).one()
    return there


async def opened_by(db: Db, source_kind: str, source_id: UUID, revision: int) -> Sequence[Alert]:
    """The alerts on which an answer is an occurrence: what its first submission brought about."""
    statement = (
        select(Alert)
        .join(
            AlertOccurrence,
            (AlertOccurrence.organization_id == Alert.organization_id)
            & (AlertOccurrence.alert_id == Alert.id),
        )
        .where(
            Alert.organization_id == db.organization_id,
            AlertOccurrence.source_id == source_id,
            AlertOccurrence.source_kind == source_kind,
            AlertOccurrence.source_revision == revision,
        )
    )
    return (await db.scalars(statement)).all()
