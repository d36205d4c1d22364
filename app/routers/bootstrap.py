"""What an app begins with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.crisis_resources import Resource, resources
from app.database import Db as UnitOfWork
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.ladders.cadence import DueInstrument, due_instruments
from app.ladders.reminders import upcoming
from app.models import Organization
from app.queries import audit, organizations, patients, programs, staff
from app.queries.enrollments import RUNNING
from app.queries.patients import Start
from app.routers.instruments import Instruments
from app.schemas.bootstrap import (
    Bootstrap,
    Due,
    DueCheckIn,
    InstrumentDue,
    InstrumentSummary,
    Me,
    ProgramSummary,
    ReminderRead,
    Stay,
    questions_of,
)
from app.schemas.help import CrisisResource
from app.sentences import sentence

MISSED = 2
"""From how many missed days on a reminder says that we have not heard from somebody. A design choice."""

router = strict_router("/v1/bootstrap", "start of the app")


@router.get("", operation_id="bootstrap")
async def bootstrap(
    actor: Annotated[Actor, requires(Permission.SELF_READ)], db: Db, now: Now, catalogue: Instruments
) -> Bootstrap:
    """Who is signed in, what is due, what to ask, whom to call."""
    instruments = [
        InstrumentSummary(
            code=each.code, version=each.version, title=each.title, has_text=all(i.texts for i in each.items)
        )
        for each in catalogue.current()
    ]
    if actor.role is Role.PATIENT:
        start = await patients.start(db, actor.id, now)
        audit.record(db, actor, now, Permission.SELF_READ, of="patient", id=actor.id, patient_id=actor.id)
        return _for_patient(start, instruments, now)
    return await _for_others(db, actor, instruments, now)


def _for_patient(start: Start, instruments: list[InstrumentSummary], now: datetime) -> Bootstrap:
    patient, program = start.patient, start.program
    own_questions, own_sentences = (program.questions, program.sentences) if program else ((), {})
    return Bootstrap(
        server_time=now,
        me=Me(
            id=patient.id,
            name=f"{patient.given_name} {patient.family_name}",
            role=Role.PATIENT,
            locale=patient.locale,
            time_zone=patient.time_zone,
        ),
        program=ProgramSummary.model_validate(program) if program else None,
        enrollment=Stay.model_validate(start.enrollment) if start.enrollment else None,
        programs=[],
        due=_due(start, now),
        reminders=_reminders(start, now),
        check_in_questions=questions_of(own_questions, patient.locale, own_sentences.get(patient.locale, {})),
        instruments=instruments,
        crisis_resources=_lines(start.organization, patient.locale, now),
    )


def _due(start: Start, now: datetime) -> Due:
    zone = ZoneInfo(start.patient.time_zone)
    today = now.astimezone(zone).date()
    stay, program = start.enrollment, start.program
    due: Sequence[DueInstrument] = ()
    if stay is not None and program is not None and stay.status in RUNNING:
        due = due_instruments(
            programs.cadence_of(program), now, zone, starts_on=stay.starts_on, ends_on=stay.ends_on,
            leaves=start.leaves, last_taken=start.last_taken,
        )  # fmt: skip
    return Due(
        check_in=DueCheckIn(local_date=today, done=start.last_check_in_day == today),
        instruments=[InstrumentDue.model_validate(each) for each in due],
    )


def _reminders(start: Start, now: datetime) -> list[ReminderRead]:
    patient, stay, program = start.patient, start.enrollment, start.program
    if stay is None or program is None or stay.status not in RUNNING:
        return []
    coming = upcoming(
        now, ZoneInfo(patient.time_zone), programs.calendar_of(program), starts_on=stay.starts_on,
        ends_on=stay.ends_on, leaves=start.leaves, last_check_in_day=start.last_check_in_day,
    )  # fmt: skip
    own = program.sentences.get(patient.locale, {})
    words = [sentence(key, patient.locale, overrides=own) for key in ("reminder.check_in", "reminder.missed")]
    return [
        ReminderRead(at=each.at, day=each.day, kind="check_in", sentence=words[each.missed_days >= MISSED])
        for each in coming
    ]


async def _for_others(
    db: UnitOfWork, actor: Actor, instruments: list[InstrumentSummary], now: datetime
) -> Bootstrap:
    organization = await organizations.current(db)
    me = Me(id=actor.id, name=None, role=actor.role, locale=None, time_zone=None)
    if actor.role is not Role.INTEGRATION:
        member = (await staff.find(db, actor, actor.id)).staff_member
        me = Me(
            id=actor.id, name=member.name, role=actor.role, locale=member.locale, time_zone=member.time_zone
        )
    return Bootstrap(
        server_time=now,
        me=me,
        program=None,
        enrollment=None,
        programs=[ProgramSummary.model_validate(each) for each in await programs.worked_in(db, actor)],
        due=None,
        reminders=[],
        check_in_questions=[],
        instruments=instruments,
        crisis_resources=_lines(organization, me.locale or organization.locale, now),
    )


def _lines(organization: Organization, locale: str, now: datetime) -> list[CrisisResource]:
    today = now.astimezone(ZoneInfo(organization.time_zone)).date()
    own = tuple(Resource(**line) for line in organization.crisis_lines)
    return [
        CrisisResource.model_validate(each) for each in resources(organization.country, today, locale, own)
    ]
