"""Absences: a patient says ahead that they will not come."""

from typing import Annotated
from uuid import UUID

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import make_ups as stored
from app.schemas.absence import AbsenceBody, AbsenceRead, offered
from app.services import absence_notices
from app.services.absence_notices import Notice

router = strict_router("/v1/sessions/{session_id}", "attendance")


@router.post(
    "/absence",
    status_code=201,
    operation_id="report_absence",
    responses={200: {"model": AbsenceRead, "description": "Said before: the first result."}},
)
async def tell(
    *,
    session_id: UUID,
    body: AbsenceBody,
    actor: Annotated[Actor, requires(Permission.ABSENCE_REPORT)],
    db: Db,
    now: Now,
    once: OnlyOnce,
) -> AbsenceRead:
    """Say that somebody will not come, and why, until the session is over.

    Told in time, and of a kind that the program excuses, it is excused at once; else staff decide, and who is
    not excused by then is missing when the session is on. Sessions that would make up for it come along.
    """
    if first := await once.first(body, body.id):
        return AbsenceRead.model_validate(first)
    notice = Notice(body.kind, body.reason or None)
    sitting, row = await absence_notices.tell(db, actor, session_id, body.patient_id, notice, now)
    owed = await stored.owed(db, sitting, row)
    options = await stored.options(db, owed[0], row.patient_id, now) if owed else ()
    return once.keep(AbsenceRead.of(row, excused_by=row.excused_by, make_ups=offered(options)))
