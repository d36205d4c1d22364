"""Staff members: list, take on, read, change."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import staff as stored
from app.queries.staff import Posted
from app.schemas.staff_member import StaffMemberBody, StaffMemberChange, StaffMemberRead, StaffPage
from app.services import staff
from app.services.staff import Draft

router = strict_router("/v1/staff", "people")


@router.get("", operation_id="list_staff")
async def many(
    page: CurrentIdPage, actor: Annotated[Actor, requires(Permission.STAFF_READ)], db: Db, now: Now
) -> StaffPage:
    """Everybody who works or worked here, the first come first."""
    found = await stored.listed(db, actor, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.staff_member.id)
    audit.record(db, actor, now, Permission.STAFF_READ, of="staff_member")
    return StaffPage(items=[read_of(each) for each in shown], next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_staff_member",
    responses={200: {"model": StaffMemberRead, "description": "Added before: the first result."}},
)
async def add(
    *,
    body: StaffMemberBody,
    actor: Annotated[Actor, requires(Permission.STAFF_MANAGE)],
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> StaffMemberRead:
    """Take somebody on. An invitation lets them set a password."""
    if first := await once.first(body, body.id):
        return tagged(response, StaffMemberRead.model_validate(first))
    draft = Draft(**{**body.model_dump(), "id": body.id or uuid7()})
    return tagged(response, once.keep(read_of(await staff.add(db, actor, draft, now))))


@router.get("/{staff_member_id}", operation_id="read_staff_member")
async def one(
    *,
    staff_member_id: UUID,
    actor: Annotated[Actor, requires(Permission.STAFF_READ)],
    db: Db,
    now: Now,
    response: Response,
) -> StaffMemberRead:
    """One staff member."""
    found = await stored.find(db, actor, staff_member_id)
    audit.record(db, actor, now, Permission.STAFF_READ, of="staff_member", id=staff_member_id)
    return tagged(response, read_of(found))


@router.patch("/{staff_member_id}", operation_id="change_staff_member")
async def change(
    *,
    staff_member_id: UUID,
    body: StaffMemberChange,
    version: ExpectedVersion,
    actor: Annotated[Actor, requires(Permission.STAFF_MANAGE)],
    db: Db,
    now: Now,
    response: Response,
) -> StaffMemberRead:
    """Change what somebody is here, where they work, or that they work here at all."""
    changes = body.model_dump(exclude_unset=True)
    changed = await staff.change(db, actor, staff_member_id, changes, version=version, now=now)
    return tagged(response, read_of(changed))


def read_of(posted: Posted) -> StaffMemberRead:
    """A staff member as they travel."""
    member = posted.staff_member
    columns = {name: getattr(member, name) for name in StaffMemberRead.model_fields if name != "program_ids"}
    return StaffMemberRead(**columns, program_ids=list(posted.program_ids))
