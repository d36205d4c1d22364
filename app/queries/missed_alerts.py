"""Alerts that a missed session is an occurrence of, and whether anything of them is still missed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select

from app.database import Db
from app.models import Alert, AlertOccurrence

KIND: Final = "attendance"
"""What stands as the source of an occurrence that an attendance brought about."""

_OCCURRENCES: Final[LiteralString] = """
    select o.source_kind, o.definition, a.status
    from alert_occurrence o
    left join attendance a on a.organization_id = o.organization_id and a.id = o.source_id
      and o.source_kind = 'attendance'
    where o.organization_id = %s and o.alert_id = %s
"""


class Occurrence(NamedTuple):
    """One finding of an alert: what it stems from, by which rule, and how that attendance stands by now."""

    source_kind: str
    definition: Mapping[str, Any]
    status: str | None


async def unresolved_about(db: Db, patient_id: UUID, attendance_id: UUID) -> Sequence[Alert]:
    """A patient's unresolved alerts that an attendance is an occurrence of, locked until the commit."""
    of_it = exists().where(
        AlertOccurrence.organization_id == Alert.organization_id,
        AlertOccurrence.alert_id == Alert.id,
        AlertOccurrence.source_kind == KIND,
        AlertOccurrence.source_id == attendance_id,
    )
    statement = (
        select(Alert)
        .where(
            Alert.organization_id == db.organization_id,
            Alert.patient_id == patient_id,
            Alert.status != "resolved",
            of_it,
        )
        .order_by(Alert.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()


async def occurrences(db: Db, alert: Alert) -> Sequence[Occurrence]:
    """All findings of an alert."""
    cursor = await (await db.driver()).execute(_OCCURRENCES, (db.organization_id, alert.id))
    return [Occurrence(*row) for row in await cursor.fetchall()]
