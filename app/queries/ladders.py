"""What a ladder must know: the program's policies and calendar, who may be told, and how they are reached."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, select

from app.access import Role, caring_for
from app.database import Db
from app.ladders.calendar import ProgramCalendar, WorkCalendar
from app.ladders.ladder import DEFAULTS, Ladder, Tell
from app.ladders.on_call import Override, Rotation, Schedule, on_call
from app.models import Alert, ContactMethod, StaffMember
from app.public_holidays import public_holidays
from app.rules.rule import Severity

_SITUATION: LiteralString = """
    select coalesce(g.time_zone, p.time_zone), g.calendar,
      (select jsonb_object_agg(severity, ladder) from escalation_policy
        where organization_id = p.organization_id and program_id = g.id),
      s.time_zone, s.rotation,
      (select jsonb_agg(jsonb_build_array(starts_at, ends_at, staff_member_id) order by created_at, id)
        from on_call_override where organization_id = p.organization_id and schedule_id = s.id
          and starts_at <= %(now)s and ends_at > %(now)s),
      (select staff_member_id from care_team_member where organization_id = p.organization_id
        and patient_id = p.id and function = 'primary_counselor'),
      exists (select from gateway where organization_id = p.organization_id and channel = 'crisis_service')
        or exists (select from webhook_endpoint where organization_id = p.organization_id
          and purpose = 'hand_off' and status = 'enabled')
    from patient p
    left join program g on g.organization_id = p.organization_id and g.id = %(program)s
    left join on_call_schedule s on s.organization_id = p.organization_id and s.id = g.on_call_schedule_id
    where p.organization_id = %(org)s and p.id = %(patient)s
"""


class Method(NamedTuple):
    """One way to reach somebody, for alerts of these severities."""

    channel: str
    severities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """Who can be told of a patient's alerts at one moment, and when it may be done.

    `methods` are the channels of everybody who may be told, in the order that they prefer.
    """

    calendar: WorkCalendar
    ladders: Mapping[str, Ladder]
    primary: UUID | None
    on_call: UUID | None
    supervisors: Sequence[UUID]
    methods: Mapping[UUID, Sequence[Method]]
    crisis_service: UUID | None

    def recipients(self, tell: Tell, assignee_id: UUID | None) -> Sequence[UUID]:
        """Whom a step tells: only those who could open the alert. Nobody is an empty list.

        Whoever has taken the alert on stands in the place of the primary counselor.
        """
        if tell is Tell.CRISIS_SERVICE:
            return [self.crisis_service] if self.crisis_service else []
        wanted: Sequence[UUID | None] = self.supervisors
        if tell is Tell.PRIMARY:
            is_reached = assignee_id is not None and self.methods.get(assignee_id)
            wanted = [assignee_id if is_reached else self.primary]
        elif tell is Tell.ON_CALL:
            wanted = [self.on_call]
        return [each for each in wanted if each is not None and self.methods.get(each)]

    def channels(self, recipient_id: UUID, severity: str) -> Sequence[str]:
        """By what somebody is told of such an alert, the channel they like best first.

        Who has excluded a severity everywhere is told all the same: a page too many is better than none.
        """
        if recipient_id == self.crisis_service:
            return [Tell.CRISIS_SERVICE]
        methods = self.methods.get(recipient_id, ())
        liked = [each.channel for each in methods if severity in each.severities]
        return liked or [each.channel for each in methods]


async def situation(db: Db, patient_id: UUID, program_id: UUID | None, now: datetime) -> Situation:
    """Who can be told of an alert of this patient, as things stand at `now`."""
    values = {"org": db.organization_id, "program": program_id, "patient": patient_id, "now": now}
    cursor = await (await db.driver()).execute(_SITUATION, values)
    row = await cursor.fetchone()
    assert row is not None, "an alert has a patient"
    zone, calendar, policies, schedule_zone, rotation, overrides, primary, has_crisis_service = row
    staff = await _who_may_be_told(db, patient_id)
    return Situation(
        calendar=_calendar(calendar or {}, zone),
        ladders=_ladders(policies or {}),
        primary=primary,
        on_call=_on_call(schedule_zone, rotation, overrides or (), now),
        supervisors=[member_id for member_id, (role, _) in staff.items() if role == Role.SUPERVISOR],
        methods={member_id: methods for member_id, (_, methods) in staff.items()},
        crisis_service=db.organization_id if has_crisis_service else None,
    )


async def with_all_supervisors(db: Db, situation: Situation) -> Situation:
    """With every active supervisor of the organization, and nobody else of the staff."""
    found = await _reached(db, _supervises())
    return replace(
        situation,
        supervisors=list(found),
        methods={member_id: methods for member_id, (_, methods) in found.items()},
    )


def _supervises() -> ColumnElement[bool]:
    return and_(StaffMember.role == Role.SUPERVISOR.value, StaffMember.active)


def _calendar(stored: Mapping[str, Any], zone: str) -> WorkCalendar:
    try:
        settings = ProgramCalendar.model_validate(stored)
    except ValidationError:
        settings = ProgramCalendar()
    region = settings.holidays
    days = public_holidays(region.country, region.subdivision) if region else frozenset[date]()
    return WorkCalendar(ZoneInfo(zone), settings, days)


def _ladders(policies: Mapping[str, Any]) -> Mapping[str, Ladder]:
    return {severity.value: readable(severity, policies.get(severity)) for severity in Severity}


def readable(severity: Severity, stored: Mapping[str, Any] | None) -> Ladder:
    """A policy that this release cannot read must cost no answer: the default stands in for it."""
    if stored is None:
        return DEFAULTS[severity]
    try:
        return Ladder.model_validate(stored)
    except ValidationError:
        return DEFAULTS[severity]


def _on_call(
    zone: str | None, rotation: Mapping[str, Any] | None, overrides: Sequence[Sequence[Any]], now: datetime
) -> UUID | None:
    if zone is None or rotation is None:
        return None
    others = tuple(
        Override(
            starts_at=datetime.fromisoformat(starts_at),
            ends_at=datetime.fromisoformat(ends_at),
            member=UUID(member) if member else None,
        )
        for starts_at, ends_at, member in overrides
    )
    shift = on_call(Schedule(Rotation.model_validate(rotation), others, ZoneInfo(zone)), now)
    return shift.member if shift else None


async def _who_may_be_told(db: Db, patient_id: UUID) -> Mapping[UUID, tuple[str, Sequence[Method]]]:
    """Everybody who can see the patient's alerts, with their role and how they are reached.

    Where nobody works in the patient's program, the supervisors see them (`access.visible`).
    """
    assert db.organization_id is not None
    caring = await _reached(db, StaffMember.id.in_(caring_for(db.organization_id, patient_id)))
    if caring:
        return caring
    return await _reached(db, _supervises())


async def _reached(db: Db, who: ColumnElement[bool]) -> Mapping[UUID, tuple[str, Sequence[Method]]]:
    statement = (
        select(
            StaffMember.id, StaffMember.role, StaffMember.email, StaffMember.phone, ContactMethod.channel,
            ContactMethod.severities,
        )
        .outerjoin(
            ContactMethod,
            and_(
                ContactMethod.organization_id == StaffMember.organization_id,
                ContactMethod.staff_member_id == StaffMember.id,
            ),
        )
        .where(StaffMember.organization_id == db.organization_id, who)
        .order_by(StaffMember.id, ContactMethod.position)
    )  # fmt: skip
    roles: dict[UUID, str] = {}
    methods: defaultdict[UUID, list[Method]] = defaultdict(list)
    for row in await db.execute(statement):
        roles[row.id] = row.role
        if row.channel is not None:
            methods[row.id].append(Method(row.channel, frozenset(row.severities)))
            continue
        # Who has chosen nothing is written to, and where there is no address, texted.
        ways = (("email", row.email), ("sms", row.phone))
        methods[row.id] = [Method(way, frozenset(Severity)) for way, address in ways if address]
    return {member_id: (role, methods[member_id]) for member_id, role in roles.items()}


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The alerts whose timer is over, the longest waiting first."""
    statement = (
        select(Alert.id)
        .where(Alert.organization_id == db.organization_id, Alert.timer_at <= now)
        .order_by(Alert.timer_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, alert_id: UUID, now: datetime) -> Alert | None:
    """The alert, locked until the commit, if its timer is still over and nobody else is at it."""
    statement = (
        select(Alert)
        .where(
            Alert.organization_id == db.organization_id,
            Alert.id == alert_id,
            Alert.timer_at <= now,
            Alert.status != "resolved",
        )
        .with_for_update(skip_locked=True)
    )
    alert: Alert | None = await db.scalar(statement)
    return alert
