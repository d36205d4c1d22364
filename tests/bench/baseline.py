"""The ceiling: routes of the same application that do everything but the work. What Handrail's own routes
cost is read against these, within one run."""

from typing import Annotated

from fastapi import Response

from app.access import Actor, Permission
from app.dependencies import AcceptLanguage, Now, Whose, requires
from app.edge.strict_route import router as strict_router
from app.schemas.check_in import CheckInBody, CheckInReply

router = strict_router("/v1/bench", "bench")


@router.post("/{patient_id}/check-ins", status_code=201)
async def answer(
    patient_id: Whose,
    body: CheckInBody,
    actor: Annotated[Actor, requires(Permission.CHECK_IN_SUBMIT)],
    now: Now,
    accept_language: AcceptLanguage,
) -> CheckInReply:
    """Authenticates, authorises, validates a check-in, and answers with what it was sent."""
    return CheckInReply(
        id=body.id, patient_id=patient_id, local_date=now.date(), time_zone=body.time_zone,
        occurred_at=body.occurred_at, recorded_at=None, received_at=now, answers=body.answers.given(),
        note=body.note, care_team_told=False, help=None,
    )  # fmt: skip


@router.get("/poll")
async def poll(actor: Annotated[Actor, requires(Permission.ALERT_READ)]) -> Response:
    """Authenticates, authorises, and answers that nothing has changed."""
    return Response(status_code=304, headers={"ETag": '"x"', "Cache-Control": "private, no-store"})
