"""Single sessions: list, read, change, cancel."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from app.access import Actor, Permission, Role
from app.database import Db as UnitOfWork
from app.dependencies import CurrentPage, Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.newest_first import Position
from app.edge.strict_route import router as strict_router
from app.errors import NotFound, Unacceptable
from app.models import Attendance, TreatmentSession
from app.queries import audit, on_call, organizations, patients, rosters
from app.queries import treatment_sessions as stored
from app.routers.session_series import facilitators
from app.schemas.fields import Day
from app.schemas.treatment_session import (
    CancellationBody,
    OwnAttendance,
    SessionChange,
    SessionItem,
    SessionPage,
    SessionRead,
)
from app.services import treatment_sessions

router = strict_router("/v1/sessions", "sessions")
ONE = "/{session_id}"
MOST_DAYS = 100
COMING_DAYS = 14

Reader = Annotated[Actor, requires(Permission.SESSION_READ)]
Manager = Annotated[Actor, requires(Permission.SESSION_MANAGE)]


@router.get("", operation_id="list_sessions")
async def many(
    *,
    actor: Reader,
    db: Db,
    now: Now,
    page: CurrentPage,
    position: Position,
    response: Response,
    first_day: Annotated[
        Day | None,
        Query(alias="from", description="The first day, where a session takes place. Today if not said."),
    ] = None,
    last_day: Annotated[
        Day | None, Query(alias="to", description="The last day, of at most 100; of 14 if not said.")
    ] = None,
    patient_id: Annotated[
        Literal["me"] | UUID | None,
        Query(description="Only those of this patient, with what is known of them. A patient's own always."),
    ] = None,
    program_id: Annotated[UUID | None, Query(description="Only those of this program.")] = None,
) -> SessionPage:
    """Sessions, the earliest first: of the programs that the caller works in; a patient's are those in which
    they are expected, or would be if it had not been cancelled, or of which something is known of them."""
    whose = await _whose(db, actor, patient_id, now)
    first_day, last_day = await _days(db, first_day, last_day, now)
    found = await stored.listed(
        db, actor, first_day=first_day, last_day=last_day, program_id=program_id, patient_id=whose,
        limit=page.limit + 1, after=position,
    )  # fmt: skip
    shown = found[: page.limit]
    response.headers["Cache-Control"] = "private, no-store"
    keys = [key for each in shown[-1:] for key in (each.starts_at, each.id)]
    return SessionPage(
        items=await _items(db, actor, shown, whose),
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


@router.get(ONE, operation_id="read_session")
async def one(session_id: UUID, actor: Reader, db: Db, now: Now, response: Response) -> SessionRead:
    """One session."""
    found = await stored.find(db, actor, session_id)
    if actor.role is Role.PATIENT:
        audit.record(
            db, actor, now, Permission.SESSION_READ, of="treatment_session", id=session_id,
            patient_id=actor.id,
        )  # fmt: skip
    return tagged(response, await _read(db, actor, found))


@router.patch(ONE, operation_id="change_session")
async def change(
    *,
    session_id: UUID,
    body: SessionChange,
    actor: Manager,
    version: ExpectedVersion,
    db: Db,
    now: Now,
    response: Response,
) -> SessionRead:
    """Move a session that has not begun, or change where it is and who leads it until it is over."""
    changes = body.model_dump(exclude_unset=True)
    found = await treatment_sessions.change(db, actor, session_id, changes, version=version, now=now)
    return tagged(response, await _read(db, actor, found))


@router.post(ONE + "/cancellation", operation_id="cancel_session")
async def cancel(
    *, session_id: UUID, body: CancellationBody, actor: Manager, db: Db, now: Now, response: Response
) -> SessionRead:
    """Let a session not take place, by the program: nobody has missed it, and nobody has to make it up. One
    that is running is broken off. Again changes nothing."""
    found = await treatment_sessions.cancel(db, actor, session_id, body.reason, now)
    return tagged(response, await _read(db, actor, found))


async def _whose(
    db: UnitOfWork, actor: Actor, patient_id: Literal["me"] | UUID | None, now: datetime
) -> UUID | None:
    """The patient who is asked about, if any. Raises `NotFound`, and `Forbidden` for who must not know where
    a patient goes."""
    if actor.role is Role.PATIENT:
        if patient_id not in {None, "me", actor.id}:
            raise NotFound
        patient_id = actor.id
    elif patient_id == "me":
        raise NotFound
    if patient_id is None:
        return None
    assert isinstance(patient_id, UUID)
    await patients.find(db, actor, patient_id)
    actor.require(Permission.ATTENDANCE_READ)
    audit.record(db, actor, now, Permission.SESSION_READ, of="treatment_session", patient_id=patient_id)
    return patient_id


async def _days(
    db: UnitOfWork, first_day: date | None, last_day: date | None, now: datetime
) -> tuple[date, date]:
    if first_day is None:
        zone = ZoneInfo((await organizations.current(db)).time_zone)
        first_day = now.astimezone(zone).date()
    last_day = last_day or first_day + timedelta(days=COMING_DAYS - 1)
    if last_day < first_day:
        raise Unacceptable.at("/to", "too_early", "Not before `from`.")
    if last_day - first_day >= timedelta(days=MOST_DAYS):
        raise Unacceptable.at("/to", "too_large", f"At most {MOST_DAYS} days.")
    return first_day, last_day


async def _items(
    db: UnitOfWork, actor: Actor, found: Sequence[TreatmentSession], patient_id: UUID | None
) -> list[SessionItem]:
    ids = [each.id for each in found]
    names = await on_call.names(db, actor, [UUID(each) for row in found for each in row.facilitator_ids])
    counts = {} if actor.role is Role.PATIENT else await rosters.counts(db, ids)
    known = await stored.attendances(db, actor, patient_id, ids) if patient_id else {}
    of_row = SessionItem.model_fields.keys() - {"facilitators", "expected", "attendance"}
    return [
        SessionItem.model_validate(
            {
                **{name: getattr(row, name) for name in of_row},
                "facilitators": facilitators(row.facilitator_ids, names),
                "expected": None if actor.role is Role.PATIENT else counts.get(row.id, 0),
                "attendance": _attendance(known.get(row.id)),
            }
        )
        for row in found
    ]


def _attendance(known: Attendance | None) -> OwnAttendance | None:
    return None if known is None else OwnAttendance.model_validate(known)


async def _read(db: UnitOfWork, actor: Actor, found: TreatmentSession) -> SessionRead:
    is_patient = actor.role is Role.PATIENT
    (item,) = await _items(db, actor, [found], actor.id if is_patient else None)
    is_full_to = item.capacity is not None and item.expected is not None
    return SessionRead(
        **item.__dict__,
        free_places=max(0, (item.capacity or 0) - (item.expected or 0)) if is_full_to else None,
        arrival_code=found.arrival_code if actor.may(Permission.ATTENDANCE_RECORD) else None,
        cancelled_at=found.cancelled_at,
        cancel_reason=None if is_patient else found.cancel_reason,
    )
