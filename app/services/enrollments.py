"""Let a patient into a program; let their stay pause, end, or go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, NotFound, Unacceptable
from app.ladders.wall import moment_of
from app.models import Enrollment, Program
from app.queries import audit, events, idempotency, patients, payer_rules, programs, staff
from app.queries import enrollments as stored
from app.queries import leaves as stored_leaves
from app.queries.enrollments import RUNNING
from app.queries.leaves import Held
from app.services import leaves
from app.treatment.week import next_mid_week


@dataclass(frozen=True, slots=True)
class Draft:
    """A new stay, from a day on. `payer` is a code of the payer rules."""

    id: UUID
    program_id: UUID
    starts_on: date
    payer: str | None = None


async def enroll(
    db: Db, actor: Actor, patient_id: UUID, draft: Draft, now: datetime, *, pointer: str = "/program_id"
) -> Enrollment:
    """Begin a stay of a patient in a program; a supervisor's own program.

    Raises `NotFound` for a patient who is not visible, `Conflict` for one who is in a program already, and
    `Unacceptable` at `pointer` for a program that this actor cannot let anybody into, and beside it for a
    payer of whom there is no rule.
    """
    await patients.to_change(db, actor, patient_id)
    if await stored.running(db, patient_id) is not None:
        raise _in_a_program()
    return await begin(db, actor, patient_id, draft, now, pointer=pointer)


async def begin(
    db: Db, actor: Actor, patient_id: UUID, draft: Draft, now: datetime, *, pointer: str
) -> Enrollment:
    """`enroll`, of a patient whom this unit of work holds and who has no running stay."""
    program = await _enterable(db, actor, draft.program_id, pointer)
    if draft.payer is not None:
        await _require_payer(db, draft.payer, pointer.removesuffix("/program_id") + "/payer")
    enrollment = Enrollment(
        organization_id=db.organization_id, id=draft.id, patient_id=patient_id, program_id=draft.program_id,
        starts_on=draft.starts_on, status="active", payer=draft.payer, absence_due_at=now,
        hours_due_at=_first_reckoning(program, draft.starts_on, now), created_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, enrollment)
    _record(db, actor, enrollment, now)
    return enrollment


async def change(
    db: Db, actor: Actor, enrollment_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> Enrollment:
    """Set the status, the last day or the payer of a stay, and `back_on`, the day on which a leave is over.

    One that ends has today as its last day unless another is given; one that goes on has none. On leave, a
    leave of absence begins now; active, it ends now. Silence in a running stay is looked at anew. Raises
    `NotFound`, `PreconditionFailed`, `Conflict` when another stay is running or another leave is in the way,
    `Unacceptable` for a last day before the first, for a `back_on` that has begun or belongs to no leave, and
    for a payer of whom there is no rule.
    """
    held = await stored_leaves.hold(db, actor, enrollment_id, version)
    enrollment = held.enrollment
    was_running = enrollment.status in RUNNING
    if changes.get("payer") not in {None, enrollment.payer}:
        await _require_payer(db, changes["payer"], "/payer")
    for column in changes.keys() & {"status", "ends_on", "payer"}:
        setattr(enrollment, column, changes[column])
    is_running = enrollment.status in RUNNING
    if is_running and not was_running:
        await _go_on(db, actor, enrollment, changes, now)
    enrollment.absence_due_at = now if is_running else None
    enrollment.hours_due_at = enrollment.hours_due_at if is_running else None
    if not is_running and enrollment.ends_on is None:
        enrollment.ends_on = max(await _today(db, actor, enrollment, now), enrollment.starts_on)
    if enrollment.ends_on is not None and enrollment.ends_on < enrollment.starts_on:
        raise Unacceptable.at("/ends_on", "too_early", "A stay does not end before it starts.")
    await _change_leave(db, held, changes, now)
    await db.flush()
    _record(db, actor, enrollment, now)
    return enrollment


async def _change_leave(db: Db, held: Held, changes: Mapping[str, Any], now: datetime) -> None:
    status = held.enrollment.status
    if "back_on" in changes and status == "on_leave":
        await leaves.expect_back(db, held, changes["back_on"], now)
    elif changes.get("back_on") is not None:
        raise Unacceptable.at("/back_on", "not_on_leave", "Only of a patient who is on leave.")
    elif "status" in changes and status == "on_leave":
        await leaves.begin(db, held, now)
    elif "status" in changes:
        leaves.finish(held, now, withdraw=status not in RUNNING)


async def _go_on(
    db: Db, actor: Actor, enrollment: Enrollment, changes: Mapping[str, Any], now: datetime
) -> None:
    if await stored.running(db, enrollment.patient_id) is not None:
        raise _in_a_program()
    program = await programs.find(db, actor, enrollment.program_id)
    enrollment.hours_due_at = _first_reckoning(program, enrollment.starts_on, now)
    if "ends_on" not in changes:
        enrollment.ends_on = None


async def _today(db: Db, actor: Actor, enrollment: Enrollment, now: datetime) -> date:
    program = await programs.find(db, actor, enrollment.program_id)
    return now.astimezone(ZoneInfo(program.time_zone)).date()


def _first_reckoning(program: Program, starts_on: date, now: datetime) -> datetime:
    """The first middle of a week of the program in which the stay runs."""
    zone = ZoneInfo(program.time_zone)
    return next_mid_week(max(now, moment_of(starts_on, time(), zone)), program.week_starts_on, zone)


async def _require_payer(db: Db, payer: str, pointer: str) -> None:
    if not await payer_rules.is_known(db, payer):
        raise Unacceptable.at(pointer, "unknown_payer", "There is no rule of such a payer.")


async def _enterable(db: Db, actor: Actor, program_id: UUID, pointer: str) -> Program:
    """The program, if this actor may let somebody into it."""
    try:
        program = await programs.find(db, actor, program_id)
    except NotFound:
        raise Unacceptable.at(pointer, "unknown_program", "There is no such program.") from None
    if actor.role is Role.SUPERVISOR and not await staff.works_in(db, actor.id, program_id):
        raise Unacceptable.at(pointer, "not_your_program", "You do not work in this program.")
    return program


def _record(db: Db, actor: Actor, enrollment: Enrollment, now: datetime) -> None:
    events.record_access_change(db)
    audit.record(
        db, actor, now, Permission.ENROLLMENT_MANAGE, of="enrollment", id=enrollment.id,
        patient_id=enrollment.patient_id,
    )  # fmt: skip


def _in_a_program() -> Conflict:
    return Conflict("already_enrolled", "This patient is in a program now; end that stay first.")
