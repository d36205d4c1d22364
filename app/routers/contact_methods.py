"""How staff members are reached: read, say anew, try."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Path, Request

from app import pager
from app.access import Actor, Permission, Role
from app.database import unit_of_work
from app.dependencies import Db, Now, actor_of, requires
from app.dependencies.office import CurrentOffice
from app.edge.strict_route import router as strict_router
from app.errors import Forbidden
from app.models import ContactMethod
from app.pager import Kind
from app.queries import audit
from app.queries import contact_methods as stored
from app.schemas.contact_method import (
    Channel,
    ContactMethodRead,
    ContactMethods,
    ContactMethodsBody,
    Delivered,
)
from app.services import contact_methods
from app.services.contact_methods import Draft

router = strict_router("/v1/staff/{staff_member_id}/contact-methods", "ladders")

Manager = Annotated[Actor, requires(Permission.CONTACT_METHOD_MANAGE)]


async def whose(
    request: Request,
    staff_member_id: Annotated[Literal["me"] | UUID, Path(description="`me` is the caller.")],
) -> UUID:
    """Whose they are: one's own are everybody's business, those of others an administrator's."""
    actor = actor_of(request)
    if staff_member_id in {"me", actor.id}:
        return actor.id
    if actor.role is not Role.ADMINISTRATOR:
        raise Forbidden("not_yours", "Others' are an administrator's business.")
    assert isinstance(staff_member_id, UUID)
    return staff_member_id


Whose = Annotated[UUID, Depends(whose)]


@router.get("", operation_id="list_contact_methods")
async def many(actor: Manager, whose: Whose, db: Db, now: Now) -> ContactMethods:
    """How somebody is reached, what they like best first."""
    found = await stored.of(db, actor, whose)
    audit.record(db, actor, now, Permission.CONTACT_METHOD_MANAGE, of="contact_method", id=whose)
    return _read(found)


@router.put("", operation_id="put_contact_methods")
async def put(
    *, body: ContactMethodsBody, actor: Manager, whose: Whose, office: CurrentOffice, db: Db, now: Now
) -> ContactMethods:
    """Say anew how somebody is reached; what is not named is removed. Pages go there from now on."""
    drafts = [Draft(each.channel, each.severities, each.address) for each in body.items]
    faults = await contact_methods.faults_of_services(office, drafts)
    kept = await contact_methods.put(db, actor, whose, drafts, office=office, faults=faults, now=now)
    return _read(kept)


@router.post("/{channel}/test", operation_id="test_contact_method")
async def try_out(
    *, request: Request, channel: Channel, actor: Manager, whose: Whose, office: CurrentOffice, now: Now
) -> Delivered:
    """Send a test page, now. The reply says what became of it, after 20 seconds at the latest."""
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        whereto = await contact_methods.begin_test(db, actor, whose, channel, now)
    link = pager.list_link(office.dashboard)
    sent = await office.send(actor.organization_id, whose, channel, whereto, Kind.TEST, link)
    return Delivered.model_validate(sent._asdict())


def _read(methods: Sequence[ContactMethod]) -> ContactMethods:
    return ContactMethods(items=[ContactMethodRead.model_validate(each) for each in methods])
