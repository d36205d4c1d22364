"""Say who is told of a program's alerts, after how long."""

from datetime import datetime
from uuid import UUID

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Fault, Forbidden, Unacceptable
from app.ladders.ladder import Ladder, faults
from app.queries import audit, programs, staff
from app.queries import escalation_policies as stored
from app.rules.rule import Severity


async def put(
    db: Db, actor: Actor, program_id: UUID, severity: Severity, ladder: Ladder, *, version: int, now: datetime
) -> None:
    """Make this the ladder of the alerts of this severity that open from now on.

    `version` is the one that was read, 0 where the program had none of its own. Raises `NotFound`,
    `Forbidden` for a supervisor of other programs, `PreconditionFailed`, and `Unacceptable` for what the
    severity forbids.
    """
    await programs.find(db, actor, program_id)
    if actor.role is Role.SUPERVISOR and not await staff.works_in(db, actor.id, program_id):
        raise Forbidden("not_your_program", "You do not work in this program.")
    if found := faults(ladder, severity):
        raise Unacceptable(Fault(*each) for each in found)
    await stored.write(db, actor, program_id, severity, ladder, version=version, now=now)
    audit.record(db, actor, now, Permission.ESCALATION_POLICY_MANAGE, of="escalation_policy", id=program_id)
