"""Write down who was there: for a whole roster at once, or for one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Fault, NotFound, Unacceptable
from app.models import Attendance
from app.queries import attendances as stored
from app.queries import audit
from app.queries import rosters as expected
from app.queries.attendances import Sitting
from app.services import attendances
from app.services.attendance_entries import Word, blank, state_of
from app.treatment.attendance import MISSED, State
from app.treatment.recording import Said, recorded


@dataclass(frozen=True, slots=True)
class Item:
    """What staff write down of one patient. `revision` is the one that they have seen, None for whatever."""

    patient_id: UUID
    said: Said
    source: Literal["staff", "telehealth"] = "staff"
    reason: str | None = None
    revision: int | None = None


class Result(NamedTuple):
    """What is known of one patient now, and whether this has changed it."""

    attendance: Attendance
    changed: bool


class _Step(NamedTuple):
    """An item, what is known of its patient, and the state that follows."""

    item: Item
    attendance: Attendance
    state: State


async def record_one(db: Db, actor: Actor, session_id: UUID, item: Item, now: datetime) -> Result:
    """As `record`, of one patient who is named by the path. Raises `NotFound` for one who is not visible."""
    if not await stored.seen(db, actor, [item.patient_id]):
        raise NotFound
    (result,) = await _record(db, actor, session_id, {"": item}, now)
    return result


async def record(
    db: Db, actor: Actor, session_id: UUID, items: Sequence[Item], now: datetime
) -> Sequence[Result]:
    """Write down a roster, all of it or nothing. What is known already is no change, and so may come again.

    Raises `NotFound` for the session, `Conflict` when it is cancelled or when somebody has changed what was
    seen, and `Unacceptable` with everything that is wrong, at `/items/…`.
    """
    return await _record(db, actor, session_id, {f"/items/{at}": each for at, each in enumerate(items)}, now)


async def _record(
    db: Db, actor: Actor, session_id: UUID, items: Mapping[str, Item], now: datetime
) -> Sequence[Result]:
    sitting = await stored.sitting(db, actor, session_id, "presence")
    if sitting.treatment_session.status == "cancelled":
        raise Conflict("session_cancelled", "This session is cancelled.")
    steps = await _steps(db, actor, sitting, items, now)
    _require_seen(steps)
    results = [await _take(db, actor, sitting, step, now) for step in steps.values()]
    audit.record(
        db, actor, now, Permission.ATTENDANCE_RECORD, of="treatment_session", id=session_id,
        patient_ids=[step.item.patient_id for step in steps.values()],
    )  # fmt: skip
    return results


async def _steps(
    db: Db, actor: Actor, sitting: Sitting, items: Mapping[str, Item], now: datetime
) -> Mapping[str, _Step]:
    treatment_session, ids = sitting.treatment_session, {item.patient_id for item in items.values()}
    seen = await stored.seen(db, actor, ids)
    known = await stored.held(db, treatment_session, seen)
    allowed = {*known, *await stored.enrolled(db, treatment_session, seen)}
    awaited = {*known, *await expected.expected_in(db, treatment_session.id)}
    faults = [*_faults_of_names(items, seen, allowed), *_faults_of_absence(items, allowed - awaited)]
    steps: dict[str, _Step] = {}
    for place, item in items.items():
        row = known.get(item.patient_id) or blank(treatment_session, item.patient_id, now)
        state = recorded(sitting.span, sitting.policy, item.said, state_of(row), now)
        if isinstance(state, State):
            steps[place] = _Step(item, row, state)
        else:
            faults += [Fault(f"{place}/{slip.member}", slip.code, slip.message) for slip in state]
    if faults:
        raise Unacceptable(faults)
    return steps


def _faults_of_names(
    items: Mapping[str, Item], seen: Collection[UUID], allowed: Collection[UUID]
) -> Iterator[Fault]:
    named: set[UUID] = set()
    for place, item in items.items():
        pointer = f"{place}/patient_id" if place else ""
        if item.patient_id in named:
            yield Fault(pointer, "twice", "This patient is named twice.")
        elif item.patient_id not in seen:
            yield Fault(pointer, "unknown_patient", "There is no such patient here.")
        elif item.patient_id not in allowed:
            yield Fault(pointer, "not_enrolled", "This patient has no stay in the program on that day.")
        named.add(item.patient_id)


def _faults_of_absence(items: Mapping[str, Item], unexpected: Collection[UUID]) -> Iterator[Fault]:
    for place, item in items.items():
        if item.said.status in MISSED and item.patient_id in unexpected:
            yield Fault(f"{place}/status", "not_expected", "Nobody expected them in this session.")


def _require_seen(steps: Mapping[str, _Step]) -> None:
    """Raise `Conflict` when something else would be changed than was seen; `stale` are its places."""
    stale = [
        index
        for index, step in enumerate(steps.values())
        if step.item.revision not in {None, step.attendance.revision} and _changes(step)
    ]
    if stale:
        raise Conflict(
            "attendance_changed",
            "Somebody has changed this meanwhile; read the roster again.",
            {"stale": stale},
        )


def _changes(step: _Step) -> bool:
    return step.attendance.revision == 0 or step.state != state_of(step.attendance)


async def _take(db: Db, actor: Actor, sitting: Sitting, step: _Step, now: datetime) -> Result:
    item, row, state = step
    if not _changes(step) and not await _says_more(db, step):
        return Result(row, changed=False)
    if state.status == "excused":
        row.excused_by = "staff"
    await attendances.keep(db, sitting, row, state, Word(item.source, actor.id, item.reason), now)
    return Result(row, changed=True)


async def _says_more(db: Db, step: _Step) -> bool:
    """Whether there is a reason that was not given before."""
    if step.item.reason is None:
        return False
    newest, *_ = await stored.newest_entries(db, step.attendance)
    return newest.reason != step.item.reason
