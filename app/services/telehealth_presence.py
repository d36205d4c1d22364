"""Let attendance follow what telehealth platforms have told: all of it, whenever it came."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from app.database import Db
from app.errors import NotFound
from app.models import Attendance, AttendanceEntry, TelehealthEvent
from app.queries import attendances as known
from app.queries import rosters
from app.queries import telehealth_events as stored
from app.queries import telehealth_participants as participants
from app.queries.attendances import Sitting
from app.services import attendances
from app.services.attendance_entries import Word, blank, state_of
from app.telehealth.presence import LONGEST, Event, looks_again_at, stays
from app.telehealth.presence import state as come_to
from app.treatment.attendance import ATTENDED, State, no_show_at, opens_at, was_there
from app.treatment.away import read
from app.treatment.minutes import Span

MOST: Final = 40
"""How many patients one unit of work sees to: it holds their rows, and a check-in waits for it."""
TELEHEALTH: Final = Word("telehealth")


class _Past(NamedTuple):
    """What others have said of somebody in a session."""

    is_staffs: bool
    arrived_at: datetime | None
    before: AttendanceEntry | None
    is_ours: bool


async def apply(db: Db, event_id: UUID, now: datetime) -> bool:
    """See what an event changes, and what is due with it, in every session that it may say something about.

    False when it was applied already, or when there are more people than `MOST`: the next sweep goes on.
    """
    events = await stored.to_apply(db, event_id, now)
    if not events:
        return False
    sittings = await _held(db, await stored.sessions_about(db, events))
    open_now = [each for each in sittings if opens_at(each.span, each.policy) <= now]
    patient_ids = await _whose(db, events, [each.treatment_session.id for each in open_now])
    if not await follow(db, open_now, patient_ids, now):
        return False
    await stored.done(db, events, [_next_look(each, sittings, now) for each in events], now)
    return True


async def follow(db: Db, sittings: Sequence[Sitting], patient_ids: Collection[UUID], now: datetime) -> bool:
    """Let what is known of these patients in these sessions follow what was told. The caller holds the
    sessions. Whether that was everybody: no more than `MOST` are changed."""
    left = MOST
    for sitting in sittings if patient_ids else ():
        rows = await known.held(db, sitting.treatment_session, patient_ids)
        told = _by_patient(await stored.of_session(db, sitting.treatment_session))
        enrolled = await known.enrolled(db, sitting.treatment_session, patient_ids)
        for patient_id in sorted({*rows, *enrolled}):
            if left == 0:
                return False
            row = rows.get(patient_id) or blank(sitting.treatment_session, patient_id, now)
            left -= await _follow_one(db, sitting, row, told[patient_id], now)
    return True


async def _held(db: Db, session_ids: Sequence[UUID]) -> Sequence[Sitting]:
    found = []
    for session_id in session_ids:
        try:
            sitting = await known.any_sitting(db, session_id, "presence")
        except NotFound:  # pragma: no cover - sessions are not deleted
            continue
        if sitting.treatment_session.status == "planned":
            found.append(sitting)
    return found


async def _whose(db: Db, events: Sequence[TelehealthEvent], session_ids: Sequence[UUID]) -> Collection[UUID]:
    """Whom these events may change. What is applied anew may have been somebody else's before."""
    patient_ids: set[UUID] = set()
    participant_id = events[0].participant_id
    if participant_id is None:
        patient_ids |= set(await stored.patients_about(db, events))
    elif (patient_id := (await participants.find(db, participant_id)).patient_id) is not None:
        patient_ids.add(patient_id)
    if any(each.applied_at is not None for each in events):
        patient_ids |= set(await stored.told_of(db, session_ids))
    return patient_ids


def _by_patient(seen: Sequence[stored.Seen]) -> Mapping[UUID, list[Event]]:
    """The events of each patient; the end of a meeting is everybody's."""
    ended = [each.event for each in seen if each.event.kind == "ended"]
    found: dict[UUID, list[Event]] = defaultdict(lambda: list(ended))
    for each in seen:
        if each.patient_id is not None:
            found[each.patient_id].append(each.event)
    return found


async def _follow_one(
    db: Db, sitting: Sitting, row: Attendance, told: Sequence[Event], now: datetime
) -> bool:
    """Whether that has changed what is known. What staff have written stands."""
    past = await _past(db, row)
    if past.is_staffs:
        return False
    found = come_to(sitting.span, sitting.policy, stays(told), now, past.arrived_at)
    if found is None:
        found = await _without_presence(db, sitting, row, past, told, now)
    if found is None or found == state_of(row):
        return False
    if found.status == "excused":
        row.excused_by = "policy"
    await attendances.keep(db, sitting, row, found, TELEHEALTH, now)
    return True


async def _without_presence(
    db: Db, sitting: Sitting, row: Attendance, past: _Past, told: Sequence[Event], now: datetime
) -> State | None:
    """Of somebody whom no platform has seen: what was known before, or that they are missing. None: as is."""
    if past.is_ours:
        before = _before(sitting, past, now)
        if before.status != "expected":
            return before
        if row.patient_id not in await rosters.expected_in(db, sitting.treatment_session.id):
            return State("cancelled")
        return State("unexcused") if now >= _missing_from(sitting) else before
    if row.status != "expected" or now < _missing_from(sitting):
        return None
    if all(each.kind != "no_show" for each in told):
        return None
    is_expected = row.patient_id in await rosters.expected_in(db, sitting.treatment_session.id)
    return State("unexcused") if is_expected else None


async def _past(db: Db, row: Attendance) -> _Past:
    entries = await known.newest_entries(db, row) if row.revision > 0 else ()
    # Staff may copy what a platform shows them: it is their word all the same.
    told = [each.revision for each in entries if each.source == "telehealth" and each.changed_by is None]
    before = [each for each in entries if not told or each.revision < min(told)]
    came = [each.arrived_at for each in entries if each.source == "patient" and each.status in ATTENDED]
    return _Past(
        is_staffs=any(
            each.source == "staff" or (each.source == "telehealth" and each.changed_by is not None)
            for each in entries
        ),
        arrived_at=came[-1] if came else None,
        before=before[0] if before else None,
        is_ours=bool(told),
    )


def _before(sitting: Sitting, past: _Past, now: datetime) -> State:
    """What would be known if no platform had told anything."""
    if past.arrived_at is not None:
        return was_there(sitting.span, sitting.policy, past.arrived_at, None, now)
    if past.before is None or past.before.status == "unexcused":
        return State("expected")
    before = past.before
    return State(before.status, before.arrived_at, before.left_at, before.minutes, read(before.away))  # type: ignore[arg-type]  # the database holds the set of them


def _missing_from(sitting: Sitting) -> datetime:
    """As the sweep of a session sees it: of one that was entered late people know from then on."""
    treatment_session = sitting.treatment_session
    known_from = max(treatment_session.starts_at, treatment_session.created_at)
    return no_show_at(Span(known_from, treatment_session.ends_at), sitting.policy)


def _next_look(event: TelehealthEvent, sittings: Sequence[Sitting], now: datetime) -> datetime | None:
    """When whoever joined now may have come to the next session of the same meeting, by staying in it."""
    if event.kind != "joined":
        return None
    later = [
        looks_again_at(each.span, each.policy)
        for each in sittings
        if event.occurred_at < each.span.start < event.occurred_at + LONGEST
    ]
    return min((each for each in later if each > now), default=None)
