"""What telehealth platforms call: by their signature alone, without a token."""

from uuid import UUID

from fastapi import Request

from app.dependencies import Now
from app.dependencies.office import CurrentOffice
from app.dependencies.strangers import AnyWorks, CurrentOrigin
from app.edge.strict_json import read_json
from app.edge.strict_route import router as strict_router
from app.schemas.telehealth import CALL, TelehealthReceived, ZoomUrlValidated
from app.services import telehealth_calls
from app.services.telehealth_calls import Call

router = strict_router("/v1/telehealth", "telehealth")


@router.post(
    "/{telehealth_integration_id}/events",
    operation_id="receive_telehealth_event",
    response_model=TelehealthReceived | ZoomUrlValidated,
    openapi_extra=CALL,
)
async def receive(
    *,
    telehealth_integration_id: UUID,
    request: Request,
    works: AnyWorks,
    office: CurrentOffice,
    origin: CurrentOrigin,
    now: Now,
) -> TelehealthReceived | ZoomUrlValidated:
    """Keep an event of a platform: once, whenever and however often it comes. Attendance follows it.

    Needs no sign-in: the raw bytes are signed, by Standard Webhooks or as Zoom does. 401 for whatever is not,
    or is older than five minutes; 409 for a call that came before.
    """
    call = Call(request.headers, await request.body(), read_json, origin)
    answer = await telehealth_calls.receive(works, office, telehealth_integration_id, call, now)
    if answer.proof is not None:
        return ZoomUrlValidated.model_validate(answer.proof)
    return TelehealthReceived(status=answer.taken)
