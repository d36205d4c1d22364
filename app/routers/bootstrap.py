"""What an app begins with."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.crisis_resources import Resource, resources
from app.database import Db as UnitOfWork
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.models import Organization
from app.queries import audit, organizations, patients, programs, staff
from app.queries.patients import Start
from app.routers.instruments import Instruments
from app.schemas.bootstrap import (
    Bootstrap,
    Due,
    DueCheckIn,
    InstrumentSummary,
    Me,
    ProgramSummary,
    Stay,
    questions_of,
)
from app.schemas.help import CrisisResource

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
    today = now.astimezone(ZoneInfo(patient.time_zone)).date()
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
        due=Due(check_in=DueCheckIn(local_date=today, done=start.is_checked_in)),
        check_in_questions=questions_of(own_questions, patient.locale, own_sentences.get(patient.locale, {})),
        instruments=instruments,
        crisis_resources=_lines(start.organization, patient.locale, now),
    )


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
