"""Places in a series, and its waiting list: ask for one, list, give back."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission, Role
from app.database import Db as UnitOfWork
from app.dependencies import Db, Now, requires
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.errors import NotFound, Unacceptable
from app.queries import audit, patients
from app.queries import series_places as stored
from app.queries import session_series as stored_series
from app.queries.series_places import Ordered
from app.schemas.series_place import PlaceBody, PlaceList, PlaceRead
from app.services import series_places
from app.services.series_places import Draft

router = strict_router("/v1/session-series/{session_series_id}/places", "sessions")

Reader = Annotated[Actor, requires(Permission.PLACE_READ)]
Taker = Annotated[Actor, requires(Permission.PLACE_TAKE)]


@router.get("", operation_id="list_series_places")
async def many(session_series_id: UUID, actor: Reader, db: Db, now: Now) -> PlaceList:
    """Who has a place, then who waits for one, each in their order; a patient sees their own."""
    await stored_series.find(db, actor, session_series_id)
    found = await stored.held(db, actor, session_series_id)
    audit.record(
        db, actor, now, Permission.PLACE_READ, of="series_place", id=None,
        patient_ids=[each.place.patient_id for each in found],
    )  # fmt: skip
    return PlaceList(items=[_read(each) for each in found])


@router.post(
    "",
    status_code=201,
    operation_id="take_series_place",
    responses={200: {"model": PlaceRead, "description": "Asked before: the first result."}},
)
async def take(
    *,
    session_series_id: UUID,
    body: PlaceBody,
    actor: Taker,
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> PlaceRead:
    """Take a place while there is room, else one in the waiting list. Who has one keeps it (200)."""
    await stored_series.find(db, actor, session_series_id)
    patient_id = await _whose(db, actor, body)
    if first := await once.first(body, body.id):
        audit.record(db, actor, now, Permission.PLACE_READ, of="series_place", patient_id=patient_id)
        return PlaceRead.model_validate(first)
    draft = Draft(body.id or uuid7(), patient_id)
    ordered = await series_places.ask(db, actor, session_series_id, draft, now)
    if ordered.place.id != draft.id:
        response.status_code = 200
    return once.keep(_read(ordered))


@router.delete("/{series_place_id}", status_code=204, operation_id="leave_series_place")
async def leave(session_series_id: UUID, series_place_id: UUID, actor: Taker, db: Db, now: Now) -> None:
    """Give a place back, or wait no more. Whoever waits first gets it in the same moment."""
    if actor.role is not Role.PATIENT:
        actor.require(Permission.PLACE_MANAGE)
    await series_places.leave(db, actor, session_series_id, series_place_id, now)


async def _whose(db: UnitOfWork, actor: Actor, body: PlaceBody) -> UUID:
    """Who is to have the place. Raises `NotFound`, and `Unacceptable` for staff who name nobody."""
    if actor.role is Role.PATIENT:
        if body.patient_id not in {None, "me", actor.id}:
            raise NotFound
        return actor.id
    actor.require(Permission.PLACE_MANAGE)
    if not isinstance(body.patient_id, UUID):
        raise Unacceptable.at("/patient_id", "missing", "Say for whom.")
    return (await patients.find(db, actor, body.patient_id)).id


def _read(ordered: Ordered) -> PlaceRead:
    place = ordered.place
    columns = {name: getattr(place, name) for name in PlaceRead.model_fields.keys() - {"position"}}
    if place.status == "waiting":
        columns["first_day"] = None
    return PlaceRead.model_validate({**columns, "position": ordered.position})
