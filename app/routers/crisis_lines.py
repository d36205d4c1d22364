"""Whom the people of this organization call first: read and replace."""

from typing import Annotated

from fastapi import Response

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.edge.strict_route import router as strict_router
from app.models import Organization
from app.queries import audit, organizations
from app.schemas.crisis_line import CrisisLineRead, CrisisLines, CrisisLinesBody
from app.services import crisis_lines

router = strict_router("/v1/crisis-lines", "crisis")

Manager = Annotated[Actor, requires(Permission.CRISIS_LINE_MANAGE)]


@router.get("", operation_id="list_crisis_lines")
async def many(actor: Manager, db: Db, now: Now, response: Response) -> CrisisLines:
    """The organization's own lines, also those that do not hold yet or any more."""
    found = await organizations.current(db)
    audit.record(db, actor, now, Permission.CRISIS_LINE_MANAGE, of="crisis_line")
    return tagged(response, _read(found))


@router.put("", operation_id="put_crisis_lines")
async def put(
    *, body: CrisisLinesBody, actor: Manager, version: ExpectedVersion, db: Db, now: Now, response: Response
) -> CrisisLines:
    """Replace them. They stand before the lines of the country wherever somebody is told whom to call; those
    of the patient's program stand first."""
    lines = [line.model_dump(mode="json", exclude_none=True) for line in body.items]
    return tagged(response, _read(await crisis_lines.put(db, actor, lines, version=version, now=now)))


def _read(organization: Organization) -> CrisisLines:
    items = [CrisisLineRead.model_validate(line) for line in organization.crisis_lines]
    return CrisisLines(row_version=organization.crisis_lines_version, items=items)
