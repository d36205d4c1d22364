"""Programs: list, add, read, change."""

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
from app.ladders.cadence import WEEKLY
from app.queries import programs as stored
from app.schemas.program import ProgramBody, ProgramChange, ProgramPage, ProgramRead
from app.services import programs
from app.services.programs import Draft

router = strict_router("/v1/programs", "people")


@router.get("", operation_id="list_programs")
async def many(
    page: CurrentIdPage, actor: Annotated[Actor, requires(Permission.PROGRAM_READ)], db: Db
) -> ProgramPage:
    """The organization's programs, oldest first."""
    found = await stored.listed(db, actor, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    return ProgramPage(items=[ProgramRead.model_validate(each) for each in shown], next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_program",
    responses={200: {"model": ProgramRead, "description": "Added before: the first result."}},
)
async def add(
    *,
    body: ProgramBody,
    actor: Annotated[Actor, requires(Permission.PROGRAM_MANAGE)],
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> ProgramRead:
    """Add a program, under the default rules."""
    if first := await once.first(body, body.id):
        return tagged(response, ProgramRead.model_validate(first))
    columns = body.model_dump(exclude={"id", "calendar", "cadence", "attendance_policy"})
    cadence = WEEKLY if body.cadence is None else body.cadence
    draft = Draft(
        id=body.id or uuid7(), calendar=body.calendar, cadence=cadence,
        attendance_policy=body.attendance_policy, **columns,
    )  # fmt: skip
    program = await programs.add(db, actor, draft, now)
    return tagged(response, once.keep(ProgramRead.model_validate(program)))


@router.get("/{program_id}", operation_id="read_program")
async def one(
    program_id: UUID, actor: Annotated[Actor, requires(Permission.PROGRAM_READ)], db: Db, response: Response
) -> ProgramRead:
    """One program."""
    return tagged(response, ProgramRead.model_validate(await stored.find(db, actor, program_id)))


@router.patch("/{program_id}", operation_id="change_program")
async def change(
    *,
    program_id: UUID,
    body: ProgramChange,
    version: ExpectedVersion,
    actor: Annotated[Actor, requires(Permission.PROGRAM_MANAGE)],
    db: Db,
    now: Now,
    response: Response,
) -> ProgramRead:
    """Change a program. Its rules are published elsewhere.

    Another calendar has every patient's silence counted anew. Another policy on attendance holds from now on:
    what was decided by the old one stays as it is.
    """
    changes = body.model_dump(exclude_unset=True)
    if "calendar" in changes:  # as it is stored, and also what it leaves to its defaults
        changes["calendar"] = body.calendar.model_dump(mode="json")
    if "attendance_policy" in changes:
        changes["attendance_policy"] = body.attendance_policy.model_dump(mode="json")
    program = await programs.change(db, actor, program_id, changes, version=version, now=now)
    return tagged(response, ProgramRead.model_validate(program))
