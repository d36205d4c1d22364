"""Series of sessions: list, add, read, change."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.database import Db as UnitOfWork
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.models import SessionSeries
from app.queries import on_call
from app.queries import session_series as stored
from app.queries.session_series import Taken
from app.schemas.on_call import StaffRef
from app.schemas.session_series import (
    SessionSeriesBody,
    SessionSeriesChange,
    SessionSeriesPage,
    SessionSeriesRead,
)
from app.services import session_series
from app.services.session_series import USUAL_GROUP, Draft, usual

router = strict_router("/v1/session-series", "sessions")
ONE = "/{session_series_id}"

Reader = Annotated[Actor, requires(Permission.SESSION_READ)]
Manager = Annotated[Actor, requires(Permission.SESSION_MANAGE)]


@router.get("", operation_id="list_session_series")
async def many(
    page: CurrentIdPage,
    actor: Reader,
    db: Db,
    program_id: Annotated[UUID | None, Query(description="Only those of this program.")] = None,
) -> SessionSeriesPage:
    """Series, oldest first: of the programs that the caller works in; a patient's are those of their program,
    and those in which they had a place."""
    found = await stored.listed(db, actor, program_id=program_id, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    return SessionSeriesPage(items=await _read(db, actor, shown), next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_session_series",
    responses={200: {"model": SessionSeriesRead, "description": "Added before: the first result."}},
)
async def add(
    *, body: SessionSeriesBody, actor: Manager, db: Db, now: Now, once: OnlyOnce, response: Response
) -> SessionSeriesRead:
    """Plan sessions that repeat in the wall time of a place, or a single one.

    A time that the clocks jump over in spring is as long after the change as it would have been; one that
    they show twice in autumn is the first. The sessions are listed for the coming 26 weeks, and day by day
    further ones.
    """
    await stored.program_to_schedule(db, actor, body.program_id)
    if first := await once.first(body, body.id):
        return tagged(response, SessionSeriesRead.model_validate(first))
    series = await session_series.add(db, actor, _draft(body), now)
    (read,) = await _read(db, actor, [series])
    return tagged(response, once.keep(read))


@router.get(ONE, operation_id="read_session_series")
async def one(session_series_id: UUID, actor: Reader, db: Db, response: Response) -> SessionSeriesRead:
    """One series."""
    (read,) = await _read(db, actor, [await stored.find(db, actor, session_series_id)])
    return tagged(response, read)


@router.patch(ONE, operation_id="change_session_series")
async def change(
    *,
    session_series_id: UUID,
    body: SessionSeriesChange,
    actor: Manager,
    version: ExpectedVersion,
    db: Db,
    now: Now,
    response: Response,
) -> SessionSeriesRead:
    """Change a series and its sessions that have not begun, but for those that were changed by hand.

    With an earlier last day the program cancels the later sessions; with a later one they take place after
    all. When there is more room, who waits moves up.
    """
    changes = body.model_dump(exclude_unset=True)
    series = await session_series.change(db, actor, session_series_id, changes, version=version, now=now)
    (read,) = await _read(db, actor, [series])
    return tagged(response, read)


def _draft(body: SessionSeriesBody) -> Draft:
    audience, capacity = usual(
        body.kind, body.audience, body.capacity, is_unsaid="capacity" not in body.model_fields_set
    )
    said = body.model_dump(exclude={"id", "audience", "capacity"})
    return Draft(id=body.id or uuid7(), audience=audience, capacity=capacity, **said)


async def _read(db: UnitOfWork, actor: Actor, found: Sequence[SessionSeries]) -> list[SessionSeriesRead]:
    names = await on_call.names(
        db, actor, [UUID(each) for series in found for each in series.facilitator_ids]
    )
    taken = await stored.taken(db, [series.id for series in found])
    return [_one(series, names, taken.get(series.id, Taken(0, 0))) for series in found]


def _one(series: SessionSeries, names: Mapping[UUID, str], taken: Taken) -> SessionSeriesRead:
    of_row = SessionSeriesRead.model_fields.keys() - {"facilitators", "placed", "waiting", "remarks"}
    is_unusual = series.kind == "group" and (series.capacity or USUAL_GROUP[0]) not in USUAL_GROUP
    return SessionSeriesRead.model_validate(
        {
            **{name: getattr(series, name) for name in of_row},
            "facilitators": facilitators(series.facilitator_ids, names),
            "placed": taken.placed,
            "waiting": taken.waiting,
            "remarks": ["capacity_unusual"] if is_unusual else [],
        }
    )


def facilitators(ids: Sequence[str], names: Mapping[UUID, str]) -> list[StaffRef]:
    """Who leads, by name."""
    return [StaffRef(id=UUID(each), name=names[UUID(each)]) for each in ids]
