"""Say whom the people of an organization call first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, PreconditionFailed, Unacceptable
from app.models import Organization
from app.queries import audit, organizations, programs


async def put(
    db: Db, actor: Actor, lines: Sequence[dict[str, Any]], *, version: int, now: datetime
) -> Organization:
    """Replace all of them. `lines` are as `crisis_resources.own_lines` reads them.

    Raises `PreconditionFailed` when somebody else did meanwhile, `Unacceptable` for a program that there is
    not.
    """
    known = await programs.ids(db)
    strange = [
        Fault(f"/items/{index}/program_id", "unknown_program", "There is no such program.")
        for index, line in enumerate(lines)
        if (program_id := line.get("program_id")) is not None and UUID(program_id) not in known
    ]
    if strange:
        raise Unacceptable(strange)
    organization = await organizations.held(db)
    if organization.crisis_lines_version != version:
        raise PreconditionFailed
    organization.crisis_lines, organization.crisis_lines_version = list(lines), version + 1
    await db.flush()
    audit.record(db, actor, now, Permission.CRISIS_LINE_MANAGE, of="crisis_line")
    return organization
