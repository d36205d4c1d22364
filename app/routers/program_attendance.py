"""Who takes part in a program: for its counselors, at a glance."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from app.access import Actor, Permission, Role
from app.dependencies import Db, Now, requires
from app.dependencies.conditional import PRIVATE, UNCHANGED, IfNoneMatch
from app.dependencies.etag import unless_known
from app.edge.strict_route import router as strict_router
from app.errors import Forbidden
from app.models import Program
from app.queries import audit, programs
from app.queries import program_attendance as stored
from app.queries.program_attendance import Member, Seat
from app.schemas.program_attendance import Missing, Participation, ProgramAttendance, SessionNow
from app.treatment import participation
from app.treatment.engagement import DAYS, Plan, engagement, of_sessions
from app.treatment.minutes import Span
from app.treatment.week import Part, span_of

router = strict_router("/v1/programs/{program_id}/attendance", "sessions")


@router.get("", operation_id="read_program_attendance", response_model=ProgramAttendance, responses=UNCHANGED)
async def read_program_attendance(
    *,
    program_id: UUID,
    actor: Annotated[Actor, requires(Permission.ATTENDANCE_READ)],
    db: Db,
    now: Now,
    days: Annotated[int, Query(ge=1, le=31, description="How far back participation is looked at.")] = DAYS,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Who is missing now, the sessions of today, and how much everybody takes part. For who works there.

    Participation is of sessions that are over, minutes in two at once counted once. Engagement is of the
    last 14 days: check-ins on the program's days, sessions, and questionnaires that were due. Poll it with
    `If-None-Match`.
    """
    if actor.role is Role.PATIENT:
        raise Forbidden
    program = await stored.program(db, actor, program_id)
    members = await stored.members(db, actor, program_id, now)
    window = _window(program, max(days, DAYS), now)
    seats = await stored.seats(db, program_id, window)
    today = await stored.today(db, program_id, now, window.end)
    body = ProgramAttendance(
        program_id=program_id,
        days=days,
        missing=_missing(members, seats, now),
        today=[SessionNow.of(each, participation.turnout(_in(each.id, seats), now), now) for each in today],
        patients=_patients(program, members, seats, days, now),
    )
    reply = unless_known(body.model_dump_json().encode(), "application/json", if_none_match, PRIVATE)
    if reply.status_code == 200:  # a 304 tells nothing but that what was disclosed before still holds
        of = [each.patient_id for each in members]
        audit.record(db, actor, now, Permission.ATTENDANCE_READ, of="attendance", patient_ids=of)
    return reply


def _window(program: Program, days: int, now: datetime) -> Span:
    """So many local days up to and with today."""
    zone = ZoneInfo(program.time_zone)
    return span_of(now.astimezone(zone).date() - timedelta(days=days - 1), days, zone)


def _missing(members: Sequence[Member], seats: Sequence[Seat], now: datetime) -> list[Missing]:
    known = {each.patient_id: each for each in members}
    return [
        Missing.of(known[seat.patient_id], seat, now)
        for seat in seats
        if seat.patient_id in known and participation.is_missing(seat.part, now)
    ]


def _in(session_id: UUID, seats: Sequence[Seat]) -> list[Part]:
    return [seat.part for seat in seats if seat.session_id == session_id]


def _patients(
    program: Program, members: Sequence[Member], seats: Sequence[Seat], days: int, now: datetime
) -> list[Participation]:
    plan = Plan(programs.calendar_of(program).check_in_days, programs.cadence_of(program))
    wanted, lately = _window(program, days, now).start, _window(program, DAYS, now).start
    parts: defaultdict[UUID, list[Part]] = defaultdict(list)
    for seat in seats:
        parts[seat.patient_id].append(seat.part)
    rows = []
    for member in members:
        theirs = parts[member.patient_id]
        asked = [part for part in theirs if part.span.start >= wanted]
        recent = [part for part in theirs if part.span.start >= lately]
        rows.append(
            Participation.of(
                member, participation.minutes(asked, now), of_sessions(asked, now),
                engagement(plan, member.deeds, recent, now),
            )
        )  # fmt: skip
    return sorted(rows, key=_least_engaged_first)


def _least_engaged_first(row: Participation) -> tuple[bool, float]:
    share = row.engagement.share
    return share is None, share or 0.0
