"""Close the alerts of a missed session that was made up for, or was not missed after all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import ValidationError

from app.database import Db
from app.models import Attendance
from app.queries import missed_alerts as stored
from app.queries.missed_alerts import Occurrence
from app.rules.conditions import signals_of
from app.rules.rule import Rule
from app.services import alerts

MISSED: Final = {"session.missed"}

Settled = Literal["made_up", "corrected"]


async def close_settled(db: Db, attendance: Attendance, outcome: Settled, now: datetime) -> None:
    """Close what this attendance has raised, if nothing that it tells of is missed any longer.

    An alert that looks at anything else as well, such as how endangered somebody is, stays for a person to
    close, and so does one to which anything else has contributed. The attendance is flushed, and its
    patient's row is held.
    """
    for alert in await stored.unresolved_about(db, attendance.patient_id, attendance.id):
        if _is_settled(await stored.occurrences(db, alert)):
            await alerts.close(db, alert, outcome, now)


def _is_settled(occurrences: Sequence[Occurrence]) -> bool:
    return all(
        each.source_kind == stored.KIND and each.status != "unexcused" and _reads_what_was_missed(each)
        for each in occurrences
    )


def _reads_what_was_missed(occurrence: Occurrence) -> bool:
    """Whether the rule, as it was then, asked for missed sessions and for nothing else."""
    try:
        rule = Rule.model_validate(occurrence.definition)
    except ValidationError:
        return False
    return set(signals_of(rule.condition)) == MISSED
