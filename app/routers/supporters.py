"""Supporters: the people whom a patient lets in."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.conditional import PRIVATE
from app.dependencies.etag import tagged
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit, patients
from app.queries import supporters as stored
from app.queries.supporters import Known
from app.schemas.invitation import InvitationReply
from app.schemas.supporter import SupporterAdded, SupporterBody, SupporterChange, SupporterRead, Supporters
from app.services import supporters
from app.services.supporters import Draft

router = strict_router("/v1/patients/{patient_id}/supporters", "people")
ONE = "/{supporter_id}"

Reader = Annotated[Actor, requires(Permission.SUPPORTER_READ)]
Manager = Annotated[Actor, requires(Permission.SUPPORTER_MANAGE)]


@router.get("", operation_id="list_supporters")
async def many(patient_id: Whose, actor: Reader, db: Db, now: Now, response: Response) -> Supporters:
    """Whom the patient has let in, and what each of them may see."""
    await patients.find(db, actor, patient_id)
    found = await stored.of_patient(db, actor, patient_id)
    audit.record(db, actor, now, Permission.SUPPORTER_READ, of="supporter", patient_id=patient_id)
    response.headers.update(PRIVATE)
    return Supporters(items=[SupporterRead.of(each) for each in found])


@router.post(
    "",
    status_code=201,
    operation_id="add_supporter",
    responses={
        200: {"model": SupporterAdded, "description": "Added before: the first result, without its code."}
    },
)
async def add(
    *, patient_id: Whose, body: SupporterBody, actor: Manager, db: Db, now: Now, once: OnlyOnce,
    response: Response,
) -> SupporterAdded:  # fmt: skip
    """Let somebody in. The reply has the code that the patient hands them; it is good for seven days.

    With it they set a user name and a password (`POST /v1/invitations/acceptance`). Whoever is let in may
    say that the patient is in danger; what else they see is in `shares`.
    """
    response.headers.update(PRIVATE)
    if first := await once.first(body, body.id):
        return tagged(response, SupporterAdded.model_validate(first))
    draft = Draft(body.id or uuid7(), body.name, body.relation, body.locale, frozenset(body.shares))
    supporter, invited = await supporters.add(db, actor, patient_id, draft, now)
    read = SupporterRead.of(Known(supporter, has_joined=False)).model_dump()
    once.keep(SupporterAdded(**read, invitation=None))  # the code is kept nowhere
    return tagged(response, SupporterAdded(**read, invitation=InvitationReply.model_validate(invited)))


@router.patch(ONE, operation_id="change_supporter")
async def change(
    *, patient_id: Whose, supporter_id: UUID, body: SupporterChange, actor: Manager,
    version: ExpectedVersion, db: Db, now: Now, response: Response,
) -> SupporterRead:  # fmt: skip
    """Change what a supporter may see, or what they are called."""
    changes = body.model_dump(exclude_unset=True)
    await supporters.change(db, actor, patient_id, supporter_id, changes, version=version, now=now)
    response.headers.update(PRIVATE)
    return tagged(response, SupporterRead.of(await stored.find(db, actor, patient_id, supporter_id)))


@router.post(ONE + "/invitations", status_code=201, operation_id="invite_supporter")
async def invite(
    *, patient_id: Whose, supporter_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> InvitationReply:
    """A new code for a supporter who has lost the first one or forgot their password. It ends the one before,
    and with its acceptance they are signed out wherever they were."""
    invited = await supporters.invite(db, actor, patient_id, supporter_id, now)
    response.headers.update(PRIVATE)
    return InvitationReply.model_validate(invited)


@router.delete(ONE, status_code=204, operation_id="end_supporter")
async def end(patient_id: Whose, supporter_id: UUID, actor: Manager, db: Db, now: Now) -> None:
    """Let a supporter go: they see nothing any more, at once, and are signed out on all their devices."""
    await supporters.end(db, actor, patient_id, supporter_id, now)
