"""What an app begins with."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.crisis_resources import own_lines, resources
from app.database import Db as UnitOfWork
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.ladders.cadence import DueInstrument, due_instruments
from app.ladders.reminders import upcoming
from app.models import Organization, Program
from app.queries import (
    audit,
    hours,
    organizations,
    patients,
    payer_rules,
    programs,
    safety_plans,
    staff,
    starts,
    supporters,
)
from app.queries.enrollments import RUNNING
from app.queries.hours import Home
from app.queries.patients import Start
from app.queries.safety_plans import Mark
from app.queries.starts import Own
from app.routers.instruments import Instruments
from app.schemas.bootstrap import (
    Bootstrap,
    Due,
    DueCheckIn,
    GoalNow,
    InstrumentDue,
    InstrumentSummary,
    Me,
    ProgramSummary,
    ReminderRead,
    SessionAhead,
    Stay,
    WeekNow,
    questions_of,
)
from app.schemas.help import CrisisResource
from app.schemas.safety_plan import SafetyPlanMark, steps_in
from app.schemas.supporter import StandsBy
from app.sentences import sentence
from app.treatment.minutes import Span, common, week_of
from app.treatment.reckoning import Case, reckon
from app.treatment.week import span_of

MISSED = 2
"""From how many missed days on a reminder says that we have not heard from somebody. A design choice."""

DAYS_AHEAD = 7
"""Of how many days after today the app is told the sessions: as many as it is reminded of check-ins."""
WEEK = 7

router = strict_router("/v1/bootstrap", "start of the app")


class Treatment(NamedTuple):
    """What a patient begins with of their treatment."""

    treatment_sessions: list[SessionAhead]
    goals: list[GoalNow]
    hours: WeekNow | None


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
        treatment = await _treatment(db, actor, start, now)
        audit.record(db, actor, now, Permission.SELF_READ, of="patient", id=actor.id, patient_id=actor.id)
        plan = await safety_plans.mark(db, actor, actor.id)
        return _for_patient(start, treatment, plan, instruments, now)
    if actor.role is Role.SUPPORTER:
        return await _for_supporter(db, actor, now)
    return await _for_others(db, actor, instruments, now)


def _for_patient(
    start: Start, treatment: Treatment, plan: Mark | None, instruments: list[InstrumentSummary], now: datetime
) -> Bootstrap:
    patient, program = start.patient, start.program
    own_questions, own_sentences = (program.questions, program.sentences) if program else ((), {})
    own_words = own_sentences.get(patient.locale, {})
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
        treatment_sessions=treatment.treatment_sessions,
        goals=treatment.goals,
        hours=treatment.hours,
        check_in_questions=questions_of(own_questions, patient.locale, own_words),
        safety_plan=SafetyPlanMark.model_validate(plan) if plan else None,
        safety_plan_steps=steps_in(patient.locale, own_words),
        stands_by=None,
        instruments=instruments,
        crisis_resources=_lines(start.organization, patient.locale, now, program),
    )


async def _treatment(db: UnitOfWork, actor: Actor, start: Start, now: datetime) -> Treatment:
    """The sessions of these days, the goals in force, and how the running week stands."""
    zone = ZoneInfo(start.patient.time_zone)
    today = now.astimezone(zone).date()
    home = await hours.home(db, actor, actor.id)
    ahead = span_of(today, 1 + DAYS_AHEAD, zone)
    week = span_of(*_week(home, now)) if home else ahead
    around = Span(min(ahead.start, week.start), max(ahead.end, week.end))
    own = await starts.treatment_sessions(db, actor.id, around)
    return Treatment(
        [SessionAhead.of(each) for each in own if common([each.part.span], [ahead])],
        [GoalNow.of(each) for each in await starts.goals(db, actor, today)],
        await _hours(db, start, home, own, now) if home else None,
    )


def _week(home: Home, now: datetime) -> tuple[date, int, ZoneInfo]:
    """First day, days and zone of the program's running week."""
    zone = ZoneInfo(home.program.time_zone)
    return week_of(now.astimezone(zone).date(), home.program.week_starts_on), WEEK, zone


async def _hours(
    db: UnitOfWork, start: Start, home: Home, own: Sequence[Own], now: datetime
) -> WeekNow | None:
    patient, (first, _, zone) = start.patient, _week(home, now)
    payers = {stay.care.payer for stay in home.stays if stay.care.payer}
    rules = await payer_rules.of_payers(db, payers)
    case = Case(home.stays, patient.born_on, rules, [each.part for each in own])
    (reckoned,) = reckon([first], case, zone, now)
    return WeekNow.of(reckoned, patient.locale, home.program.sentences.get(patient.locale, {}))


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


async def _for_supporter(db: UnitOfWork, actor: Actor, now: datetime) -> Bootstrap:
    """Whom they stand by, and whom to call: nothing else of the patient but what is shared."""
    stood_by = await supporters.stood_by(db, actor)
    supporter, patient = stood_by
    plan = await safety_plans.mark(db, actor, patient.id)
    audit.record(db, actor, now, Permission.SELF_READ, of="supporter", id=actor.id, patient_id=patient.id)
    organization = await organizations.current(db)
    return Bootstrap(
        server_time=now,
        me=Me(
            id=actor.id, name=supporter.name, role=actor.role, locale=supporter.locale, time_zone=None
        ),
        program=None,
        enrollment=None,
        programs=[],
        due=None,
        reminders=[],
        treatment_sessions=[],
        goals=[],
        hours=None,
        check_in_questions=[],
        safety_plan=SafetyPlanMark.model_validate(plan) if plan else None,
        safety_plan_steps=steps_in(supporter.locale),
        stands_by=StandsBy.of(stood_by),
        instruments=[],
        crisis_resources=_lines(organization, supporter.locale, now),
    )  # fmt: skip


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
        treatment_sessions=[],
        goals=[],
        hours=None,
        check_in_questions=[],
        safety_plan=None,
        safety_plan_steps=steps_in(me.locale or organization.locale),
        stands_by=None,
        instruments=instruments,
        crisis_resources=_lines(organization, me.locale or organization.locale, now),
    )


def _lines(
    organization: Organization, locale: str, now: datetime, program: Program | None = None
) -> list[CrisisResource]:
    today = now.astimezone(ZoneInfo(organization.time_zone)).date()
    own = own_lines(organization.crisis_lines, today, program.id if program else None)
    return [
        CrisisResource.model_validate(each) for each in resources(organization.country, today, locale, own)
    ]
