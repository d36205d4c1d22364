"""Arrivals: a patient says that they are in the room."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Actor, Permission
from app.dependencies import AcceptLanguage, Db, Now, requires
from app.dependencies.apart import CurrentApart
from app.edge.strict_route import router as strict_router
from app.schemas.absence import ArrivalBody, ArrivalRead
from app.services import arrivals
from app.treatment.attendance import is_late

router = strict_router("/v1/sessions/{session_id}", "attendance")


@router.post(
    "/arrival",
    status_code=201,
    operation_id="report_arrival",
    responses={200: {"model": ArrivalRead, "description": "They were there already."}},
)
async def arrive(
    *,
    session_id: UUID,
    body: ArrivalBody,
    actor: Annotated[Actor, requires(Permission.ARRIVAL_REPORT)],
    apart: CurrentApart,
    db: Db,
    now: Now,
    accept_language: AcceptLanguage,
    response: Response,
) -> ArrivalRead:
    """Say that the caller is there, who knows the code that is shown in the room.

    After five wrong codes it takes none for this session any more (429): staff add them. A phone without a
    network keeps the moment; it is believed until a day after the end. Saying so again changes nothing.
    """
    async with apart() as counting:
        checked = await arrivals.check_code(counting, actor, session_id, body.code, accept_language, now)
    checked.require_right()
    came = body.occurred_at or now
    found = await arrivals.arrive(db, actor, session_id, came, locale=checked.locale, now=now)
    response.status_code = 201 if found.is_new else 200
    at = found.attendance.arrived_at or now
    return ArrivalRead.of(found.attendance, is_late=is_late(found.sitting.span, found.sitting.policy, at))
