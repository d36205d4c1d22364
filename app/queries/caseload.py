"""The caseload: one row a patient with a running stay, in one statement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from app.access import Actor, visible
from app.database import Db
from app.models import (
    Alert,
    Assessment,
    CareTeamMember,
    CheckIn,
    Enrollment,
    FollowUp,
    Patient,
    Program,
    StaffMember,
)

SEVERITIES = ("critical", "urgent", "high", "routine")
INSTRUMENTS = {"phq9": "phq-9", "gad7": "gad-7"}
NOTHING_DUE = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
LONGEST_STREAK = 366
"""How many days back a streak is counted."""

Place = tuple[int, datetime, UUID]
"""Where a row stands: rank of the most severe alert, when it is due, patient."""


async def rows(
    db: Db, actor: Actor, *, program_id: UUID | None, limit: int, after: Place | None, now: datetime
) -> Sequence[Row[Any]]:
    """The patients whom the actor sees and who have a running stay, the most pressing first.

    Who is on the page is found first; only for them is the rest looked up.
    """
    page = _page(actor, program_id, limit, after, now).subquery("page")
    details = [
        _last_check_in(page),
        _streak(page, now),
        _follow_ups(page),
        *(_last_result(page, code, name) for name, code in INSTRUMENTS.items()),
    ]
    statement: Select[*tuple[Any, ...]] = select(
        page, *(column for each in details for column in each.c)
    ).select_from(page)
    for each in details:
        statement = statement.join(each, true(), isouter=True)
    keys = page.c.rank, page.c.next_due_at, page.c.patient_id
    return (await db.execute(statement.order_by(*keys))).all()


def _page(
    actor: Actor, program_id: UUID | None, limit: int, after: Place | None, now: datetime
) -> Select[*tuple[Any, ...]]:
    alerts = _alerts()
    moment = literal(now, DateTime(timezone=True))
    columns = select(
        Patient.organization_id,
        Patient.id.label("patient_id"),
        (Patient.given_name + " " + Patient.family_name).label("patient_name"),
        cast(func.timezone(Patient.time_zone, moment), Date).label("today"),
        Program.id.label("program_id"),
        Program.name.label("program_name"),
        Enrollment.status.label("enrollment_status"),
        Enrollment.starts_on.label("enrolled_on"),
        StaffMember.id.label("counselor_id"),
        StaffMember.name.label("counselor_name"),
        *alerts.c,
    )
    keys = alerts.c.rank, alerts.c.next_due_at, Patient.id
    wanted = [visible(Patient, actor), Enrollment.status.in_(("active", "on_leave"))]
    if program_id is not None:
        wanted.append(Enrollment.program_id == program_id)
    if after is not None:
        wanted.append(tuple_(*keys) > after)
    return _people(columns).join(alerts, true()).where(*wanted).order_by(*keys).limit(limit)


def _people(columns: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    org = Patient.organization_id
    primary = and_(
        CareTeamMember.organization_id == org,
        CareTeamMember.patient_id == Patient.id,
        CareTeamMember.function == "primary_counselor",
    )
    counselor = and_(StaffMember.organization_id == org, StaffMember.id == CareTeamMember.staff_member_id)
    return (
        columns.select_from(Patient)
        .join(Enrollment, and_(Enrollment.organization_id == org, Enrollment.patient_id == Patient.id))
        .join(Program, and_(Program.organization_id == org, Program.id == Enrollment.program_id))
        .join(CareTeamMember, primary, isouter=True)
        .join(StaffMember, counselor, isouter=True)
    )


def _alerts() -> LateralFromClause:
    """How many are open and acknowledged by severity, how pressing the worst is, and when it is due.

    Whom nobody has answered comes before those whose alerts somebody has, whatever their severity.
    """
    is_open = Alert.status == "open"
    severity = case({name: rank for rank, name in enumerate(SEVERITIES)}, value=Alert.severity)
    rank = severity + case((is_open, 0), else_=len(SEVERITIES))
    due = func.coalesce(func.min(Alert.due_at).filter(is_open), func.min(Alert.due_at))
    counts = (
        func.count().filter(Alert.status == status, Alert.severity == name).label(f"{status}_{name}")
        for status in ("open", "acknowledged")
        for name in SEVERITIES
    )
    return (
        select(
            *counts,
            func.coalesce(func.min(rank), 2 * len(SEVERITIES)).label("rank"),
            func.coalesce(due, literal(NOTHING_DUE, DateTime(timezone=True))).label("next_due_at"),
        )
        .where(
            Alert.organization_id == Patient.organization_id,
            Alert.patient_id == Patient.id,
            Alert.status != literal_column("'resolved'"),
        )
        .lateral("alerts")
    )


def _last_check_in(page: Subquery) -> LateralFromClause:
    return (
        select(
            CheckIn.local_date.label("check_in_date"), CheckIn.answers.label("check_in_answers")
        )
        .where(*_of(CheckIn, page), _is_newest(CheckIn))
        .order_by(CheckIn.filed_at.desc())
        .limit(1)
        .lateral("check_in")
    )  # fmt: skip


def _last_result(page: Subquery, instrument: str, name: str) -> LateralFromClause:
    """The latest assessment with a total, and its difference from the one before; newest revisions only."""
    total = cast(Assessment.score["total"].astext, Numeric)
    order = (Assessment.filed_at.desc(),)
    two = (
        select(
            Assessment.local_date,
            total.label("total"),
            Assessment.score["severity"].astext.label("severity"),
            func.row_number().over(order_by=order).label("number"),
        )
        .where(
            *_of(Assessment, page),
            Assessment.instrument == instrument,
            total.is_not(None),
            _is_newest(Assessment),
        )
        .order_by(*order)
        .limit(2)
        .correlate(page)
        .subquery("two")
    )
    return (
        select(
            two.c.local_date.label(f"{name}_date"),
            two.c.total.label(f"{name}_total"),
            two.c.severity.label(f"{name}_severity"),
            (two.c.total - func.lead(two.c.total).over(order_by=two.c.number)).label(f"{name}_change"),
        )
        .order_by(two.c.number)
        .limit(1)
        .correlate(page)
        .lateral(name)
    )


def _streak(page: Subquery, now: datetime) -> LateralFromClause:
    """Days in a row with a check-in, up to today or yesterday where the patient lives.

    Counted back from the newest day: as long as none is missing, the n-th lies n - 1 days before it.
    """
    number = func.row_number().over(order_by=CheckIn.local_date.desc())
    days = (
        select(
            CheckIn.local_date.label("day"),
            func.max(CheckIn.local_date).over().label("newest"),
            cast(number, Integer).label("number"),
        )
        .where(
            *_of(CheckIn, page),
            CheckIn.filed_at > now - timedelta(days=LONGEST_STREAK),
        )
        .group_by(CheckIn.local_date)
        .correlate(page)
        .subquery("days")
    )
    unbroken = days.c.newest - days.c.day == days.c.number - 1
    return (
        select(func.count().label("streak"))
        .select_from(days)
        .where(unbroken, days.c.newest >= page.c.today - 1)
        .correlate(page)
        .lateral("streak")
    )


def _follow_ups(page: Subquery) -> LateralFromClause:
    """With how many crises of theirs nobody has spoken with them again."""
    return (
        select(func.count().label("follow_ups_due"))
        .where(*_of(FollowUp, page), FollowUp.status == literal_column("'due'"))
        .correlate(page)
        .lateral("follow_ups")
    )


def _of(
    model: type[CheckIn | Assessment | FollowUp], page: Subquery
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return model.organization_id == page.c.organization_id, model.patient_id == page.c.patient_id


def _is_newest(model: type[CheckIn | Assessment]) -> ColumnElement[bool]:
    """Whether no later revision of the same answer was kept."""
    newer = aliased(model)
    return ~exists().where(
        newer.organization_id == model.organization_id, newer.id == model.id, newer.revision > model.revision
    )


def place_of(row: Row[Any]) -> Place:
    """Where a row stands in the list."""
    return row.rank, row.next_due_at, row.patient_id
