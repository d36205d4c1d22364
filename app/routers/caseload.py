"""The caseload: everybody in treatment at a glance, the most pressing first."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, Page, requires
from app.dependencies.conditional import PRIVATE, UNCHANGED, IfNoneMatch
from app.dependencies.etag import unless_known
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.queries import audit, caseload
from app.queries.caseload import Place
from app.schemas.caseload import CaseloadItem, CaseloadPage

router = strict_router("/v1/caseload", "alerts")


async def place(page: CurrentPage) -> Place | None:
    """Behind which row the page begins. Raises `Unacceptable` for the cursor of another list."""
    if page.after is None:
        return None
    try:
        rank, moment, key = page.after
        found = int(rank), datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        found = None
    if found is None or found[1].tzinfo is None or not 0 <= found[0] < 100:
        raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.")
    return found


@router.get("", operation_id="read_caseload", response_model=CaseloadPage, responses=UNCHANGED)
async def read_caseload(
    *,
    actor: Annotated[Actor, requires(Permission.CASELOAD_READ)],
    db: Db,
    now: Now,
    page: CurrentPage,
    after: Annotated[Place | None, Depends(place)],
    program_id: UUID | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Your patients with a running stay: whose worst alert nobody has answered first, then who is due."""
    found = await caseload.rows(db, actor, program_id=program_id, limit=page.limit + 1, after=after, now=now)
    shown = found[: page.limit]
    cursor = _cursor(page, caseload.place_of(shown[-1])) if len(found) > len(shown) else None
    body = CaseloadPage(items=[CaseloadItem.of(row) for row in shown], next_cursor=cursor)
    reply = unless_known(body.model_dump_json().encode(), "application/json", if_none_match, PRIVATE)
    if reply.status_code == 200:  # a 304 tells nothing but that what was disclosed before still holds
        of = [row.patient_id for row in shown]
        audit.record(db, actor, now, Permission.CASELOAD_READ, of="patient", patient_ids=of)
    return reply


def _cursor(page: Page, last: Place) -> str | None:
    return page.next_cursor(True, *last)
