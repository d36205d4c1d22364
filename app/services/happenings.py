"""What comes of an answer, and of what nobody was asked: a session, a goal's pace, a week's hours."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.database import Db
from app.models import Alert
from app.queries import everything, rule_sets
from app.queries.histories import Context, history
from app.rules.ahead import waits
from app.rules.evaluate import findings_from
from app.rules.reading import Reading, Source
from app.services import absences, alerts


async def watch(db: Db, patient_id: UUID, source: Source, *, at: datetime, now: datetime) -> list[Alert]:
    """Evaluate the rules over what was just written, and open or repeat the alerts that it raises.

    `at` is when it counts as lived. Its row was flushed in this unit of work. The patient's row is locked
    until the commit: as with an answer, two at once must see each other.
    """
    known = await everything.held(db, patient_id, min(at, now))
    if known is None:
        return []
    return await raised_by(db, known.context, patient_id, source, known.readings, at=at, now=now)


async def raised_by(
    db: Db, context: Context, patient_id: UUID, source: Source, read: Sequence[Reading], *, at: datetime,
    now: datetime,
) -> list[Alert]:  # fmt: skip
    """What `watch` does once the patient's readings are known, those from `source` among them. The patient's
    row is held.

    A session whose time has not come raises nothing yet: `absences.look` evaluates it then.
    """
    rule_set = await rule_sets.in_version(db, context.program_id, context.rule_set_version)
    is_everything_read = source.kind != "check_in" or context.mixes_sources
    planned = await everything.planned(db, context, patient_id, rule_set, now) if is_everything_read else ()
    seen = history(context, read, now, planned)
    absences.expect(db, context, rule_set, seen, source, now)
    if waits(source, at, now):
        return []
    findings = findings_from(rule_set, seen, source, at, now)
    assert db.organization_id is not None
    subject = alerts.Subject(db.organization_id, patient_id, context.program_id)
    return await alerts.open_or_repeat(db, subject, findings, source, now)
