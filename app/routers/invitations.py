"""Invite people to sign in, and accept an invitation."""

from typing import Annotated

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.strangers import AnyWorks, CurrentOrigin
from app.edge.strict_route import router as strict_router
from app.schemas.invitation import AcceptanceBody, InvitationBody, InvitationReply
from app.services import invitations

router = strict_router("/v1/invitations", "sign-in")


@router.post("", status_code=201, operation_id="create_invitation")
async def invite(
    body: InvitationBody, actor: Annotated[Actor, requires(Permission.INVITATION_CREATE)], db: Db, now: Now
) -> InvitationReply:
    """A code with which a person sets a user name and a password, the first or a new one, within seven days.

    It ends the codes that the person had before. Only an administrator invites staff.
    """
    invited = await invitations.invite(
        db, actor, patient_id=body.patient_id, staff_member_id=body.staff_member_id, now=now
    )
    return InvitationReply.model_validate(invited)


@router.post("/acceptance", status_code=204, operation_id="accept_invitation")
async def accept(body: AcceptanceBody, works: AnyWorks, origin: CurrentOrigin, now: Now) -> None:
    """Set the user name and password of the invited person, and sign them out wherever they were.

    404 for a code that is not good (any more), 409 when somebody else has the user name, 422 for a password
    that the first guesses would find, 429 after too many attempts.
    """
    password = body.password.get_secret_value()
    await invitations.accept(works, origin, body.code, body.username, password, now=now)
