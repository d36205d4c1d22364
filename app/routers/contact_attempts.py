"""Record who tried to reach somebody after their cry for help."""

from typing import Annotated
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import on_call
from app.schemas.contact_attempt import ContactAttemptBody, ContactAttemptRead
from app.services import contact_attempts
from app.services.contact_attempts import Attempt

router = strict_router("/v1/crisis-flags/{crisis_flag_id}/contact-attempts", "crisis")


@router.post(
    "",
    status_code=201,
    operation_id="record_contact_attempt",
    responses={200: {"model": ContactAttemptRead, "description": "Recorded before: the first result."}},
)
async def record(
    *,
    crisis_flag_id: UUID,
    body: ContactAttemptBody,
    actor: Annotated[Actor, requires(Permission.CONTACT_ATTEMPT_RECORD)],
    db: Db,
    now: Now,
    once: OnlyOnce,
) -> ContactAttemptRead:
    """Say that somebody tried to reach the person, and whether it did.

    Whoever has acknowledged the flag's alert keeps it by this: it is taken back when nothing follows.
    """
    if first := await once.first(body, body.id):
        return ContactAttemptRead.model_validate(first)
    attempt = Attempt(body.id or uuid7(), body.at or now, body.way, body.outcome, body.note or None)
    kept = await contact_attempts.record(db, actor, crisis_flag_id, attempt, now)
    names = await on_call.names(db, actor, [kept.staff_member_id])
    return once.keep(ContactAttemptRead.of(kept, names[kept.staff_member_id]))
