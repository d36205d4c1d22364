"""Who may do what: roles, permissions, one grants table, and which rows somebody may see."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, true
from sqlalchemy.orm import aliased

from app.errors import Forbidden
from app.models import (
    CrisisFlag,
    Enrollment,
    Patient,
    ProgramStaff,
    SafetyPlan,
    SessionSeries,
    StaffMember,
    Supporter,
    TreatmentSession,
)


class Role(StrEnum):
    """What somebody is to the organization."""

    PATIENT = "patient"
    SUPPORTER = "supporter"
    COUNSELOR = "counselor"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


class Permission(StrEnum):
    """One verb on one noun. Every route of the API names the one it needs."""

    ABSENCE_REPORT = "absence:report"
    ALERT_ACKNOWLEDGE = "alert:acknowledge"
    ALERT_ANNOTATE = "alert:annotate"
    ALERT_ASSIGN = "alert:assign"
    ALERT_READ = "alert:read"
    ALERT_RESOLVE = "alert:resolve"
    ALERT_SNOOZE = "alert:snooze"
    ARRIVAL_REPORT = "arrival:report"
    ASSESSMENT_READ = "assessment:read"
    ASSESSMENT_SUBMIT = "assessment:submit"
    ATTENDANCE_READ = "attendance:read"
    ATTENDANCE_RECORD = "attendance:record"
    AUDIT_READ = "audit:read"
    CALENDAR_FEED_MANAGE = "calendar_feed:manage"
    CARE_TEAM_MANAGE = "care_team:manage"
    CARE_TEAM_READ = "care_team:read"
    CASELOAD_READ = "caseload:read"
    CHECK_IN_READ = "check_in:read"
    CHECK_IN_SUBMIT = "check_in:submit"
    CONTACT_ATTEMPT_RECORD = "contact_attempt:record"
    CONTACT_METHOD_MANAGE = "contact_method:manage"
    CRISIS_FLAG_READ = "crisis_flag:read"
    CRISIS_FLAG_RAISE = "crisis_flag:raise"
    CRISIS_LINE_MANAGE = "crisis_line:manage"
    DEVICE_MANAGE = "device:manage"
    ENROLLMENT_MANAGE = "enrollment:manage"
    ENROLLMENT_READ = "enrollment:read"
    ESCALATION_POLICY_MANAGE = "escalation_policy:manage"
    ESCALATION_POLICY_READ = "escalation_policy:read"
    FOLLOW_UP_COMPLETE = "follow_up:complete"
    FOLLOW_UP_READ = "follow_up:read"
    GATEWAY_MANAGE = "gateway:manage"
    GOAL_AGREE = "goal:agree"
    GOAL_CLOSE = "goal:close"
    GOAL_READ = "goal:read"
    GOAL_REPORT = "goal:report"
    GOAL_REVIEW = "goal:review"
    GOAL_WRITE = "goal:write"
    HAND_OFF_READ = "hand_off:read"
    HOURS_READ = "hours:read"
    INSTRUMENT_READ = "instrument:read"
    INVITATION_CREATE = "invitation:create"
    ON_CALL_MANAGE = "on_call:manage"
    ON_CALL_READ = "on_call:read"
    PATIENT_MANAGE = "patient:manage"
    PATIENT_READ = "patient:read"
    PAYER_RULE_MANAGE = "payer_rule:manage"
    PAYER_RULE_READ = "payer_rule:read"
    PLACE_MANAGE = "place:manage"
    PLACE_READ = "place:read"
    PLACE_TAKE = "place:take"
    PROGRAM_MANAGE = "program:manage"
    PROGRAM_READ = "program:read"
    RULE_BURDEN_READ = "rule_burden:read"
    RULE_SET_BACKTEST = "rule_set:backtest"
    RULE_SET_PUBLISH = "rule_set:publish"
    RULE_SET_READ = "rule_set:read"
    SAFETY_PLAN_READ = "safety_plan:read"
    SAFETY_PLAN_WRITE = "safety_plan:write"
    SELF_READ = "self:read"
    SESSION_MANAGE = "session:manage"
    SESSION_READ = "session:read"
    STAFF_MANAGE = "staff:manage"
    STAFF_READ = "staff:read"
    SUPPORTER_MANAGE = "supporter:manage"
    SUPPORTER_READ = "supporter:read"
    TELEHEALTH_MANAGE = "telehealth:manage"
    TELEHEALTH_MATCH = "telehealth:match"
    WEBHOOK_MANAGE = "webhook:manage"


_P = Permission
_EVERYBODY = {_P.DEVICE_MANAGE, _P.INSTRUMENT_READ, _P.PROGRAM_READ, _P.SELF_READ}
_CLINICAL_READING = {
    _P.ALERT_READ, _P.ASSESSMENT_READ, _P.ATTENDANCE_READ, _P.CARE_TEAM_READ, _P.CASELOAD_READ,
    _P.CHECK_IN_READ, _P.CRISIS_FLAG_READ, _P.ENROLLMENT_READ, _P.ESCALATION_POLICY_READ, _P.FOLLOW_UP_READ,
    _P.GOAL_READ, _P.HAND_OFF_READ, _P.HOURS_READ, _P.ON_CALL_READ, _P.PATIENT_READ, _P.PAYER_RULE_READ,
    _P.PLACE_READ, _P.RULE_SET_READ, _P.SAFETY_PLAN_READ, _P.SESSION_READ, _P.STAFF_READ, _P.SUPPORTER_READ,
}  # fmt: skip
_CARE = _CLINICAL_READING | {
    _P.ABSENCE_REPORT, _P.ALERT_ACKNOWLEDGE, _P.ALERT_ANNOTATE, _P.ALERT_ASSIGN, _P.ALERT_RESOLVE,
    _P.ALERT_SNOOZE, _P.ASSESSMENT_SUBMIT, _P.ATTENDANCE_RECORD, _P.CALENDAR_FEED_MANAGE,
    _P.CONTACT_ATTEMPT_RECORD, _P.CONTACT_METHOD_MANAGE, _P.CRISIS_FLAG_RAISE, _P.FOLLOW_UP_COMPLETE,
    _P.GOAL_AGREE, _P.GOAL_CLOSE, _P.GOAL_REPORT, _P.GOAL_REVIEW, _P.GOAL_WRITE, _P.INVITATION_CREATE,
    _P.PLACE_MANAGE, _P.PLACE_TAKE, _P.SAFETY_PLAN_WRITE, _P.SESSION_MANAGE, _P.TELEHEALTH_MATCH,
}  # fmt: skip

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.PATIENT: frozenset(
        _EVERYBODY
        | {_P.ABSENCE_REPORT, _P.ARRIVAL_REPORT, _P.ASSESSMENT_READ, _P.ASSESSMENT_SUBMIT}
        | {_P.ATTENDANCE_READ, _P.CALENDAR_FEED_MANAGE, _P.CARE_TEAM_READ, _P.CHECK_IN_READ}
        | {_P.CHECK_IN_SUBMIT, _P.ENROLLMENT_READ, _P.GOAL_AGREE, _P.GOAL_CLOSE, _P.GOAL_READ}
        | {_P.GOAL_REPORT, _P.GOAL_WRITE, _P.HOURS_READ, _P.PATIENT_READ, _P.PLACE_READ, _P.PLACE_TAKE}
        | {_P.CRISIS_FLAG_RAISE, _P.CRISIS_FLAG_READ, _P.SAFETY_PLAN_READ, _P.SAFETY_PLAN_WRITE}
        | {_P.SESSION_READ, _P.SUPPORTER_MANAGE, _P.SUPPORTER_READ}
    ),
    Role.SUPPORTER: frozenset(
        {_P.CRISIS_FLAG_RAISE, _P.CRISIS_FLAG_READ, _P.DEVICE_MANAGE, _P.SAFETY_PLAN_READ, _P.SELF_READ}
    ),
    Role.COUNSELOR: frozenset(_EVERYBODY | _CARE),
    Role.SUPERVISOR: frozenset(
        _EVERYBODY
        | _CARE
        | {_P.CARE_TEAM_MANAGE, _P.CRISIS_LINE_MANAGE, _P.ENROLLMENT_MANAGE, _P.ESCALATION_POLICY_MANAGE}
        | {_P.ON_CALL_MANAGE, _P.PATIENT_MANAGE, _P.RULE_BURDEN_READ, _P.RULE_SET_BACKTEST}
        | {_P.RULE_SET_PUBLISH}
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERYBODY
        | {_P.CARE_TEAM_MANAGE, _P.CARE_TEAM_READ, _P.CONTACT_METHOD_MANAGE, _P.ENROLLMENT_MANAGE}
        | {_P.ENROLLMENT_READ, _P.ESCALATION_POLICY_MANAGE, _P.ESCALATION_POLICY_READ, _P.GATEWAY_MANAGE}
        | {_P.INVITATION_CREATE, _P.ON_CALL_MANAGE, _P.ON_CALL_READ, _P.PATIENT_MANAGE, _P.PATIENT_READ}
        | {_P.PAYER_RULE_MANAGE, _P.PAYER_RULE_READ, _P.PROGRAM_MANAGE, _P.RULE_SET_READ}
        | {_P.SESSION_MANAGE, _P.SESSION_READ, _P.STAFF_MANAGE, _P.STAFF_READ, _P.TELEHEALTH_MANAGE}
        | {_P.CRISIS_LINE_MANAGE, _P.WEBHOOK_MANAGE}
    ),
    Role.AUDITOR: frozenset(_EVERYBODY | {_P.AUDIT_READ, _P.PATIENT_READ, _P.STAFF_READ}),
    Role.INTEGRATION: frozenset(
        _CLINICAL_READING | {_P.INSTRUMENT_READ, _P.PROGRAM_READ, _P.SELF_READ}
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and from where. `id` is the patient's, the staff member's or the integration's."""

    organization_id: UUID
    kind: str
    id: UUID
    role: Role
    credential_id: UUID
    device_id: UUID | None = None
    scope: frozenset[str] = field(default_factory=frozenset)
    address: str | None = None
    request_id: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the role holds the permission and, for an integration, its scope names it too."""
        granted = permission in GRANTS[self.role]
        return granted and (self.role is not Role.INTEGRATION or permission in self.scope)

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the actor may."""
        if not self.may(permission):
            raise Forbidden


RUNNING = ("active", "on_leave")


_TIMETABLE = (SessionSeries, TreatmentSession)


def visible(model: type[Any], actor: Actor) -> ColumnElement[bool]:
    """The rows of `model` that exist for `actor`, as a condition for its query.

    `model` has an `organization_id`; with a `patient_id` (or being `Patient`) it is a person's. A patient
    sees their own. A supporter sees whom they stand by, the flags that they raised, and what the patient
    shares with them. Counselors and supervisors, while they are active, see the patients of the programs they
    work in: those whose stay there runs or, without a running stay anywhere, once was. Supervisors also see
    the patients whom nobody else would: an alert that nobody can see has told nobody. Of the timetable both
    see the programs that they work in. The first of two walls; PostgreSQL's row-level security is the second.
    """
    mine: ColumnElement[bool] = model.organization_id == actor.organization_id
    whose = model.id if model is Patient else getattr(model, "patient_id", None)
    if whose is None:
        return and_(mine, _of_their_programs(model, actor)) if model in _TIMETABLE else mine
    if actor.role is Role.PATIENT:
        return and_(mine, whose == actor.id)
    if actor.role is Role.SUPPORTER:
        return and_(mine, _shared_with(actor, model, whose))
    if actor.role not in {Role.COUNSELOR, Role.SUPERVISOR}:
        return mine
    theirs: ColumnElement[bool] = whose.in_(
        _cared_for(actor.organization_id, ProgramStaff.staff_member_id == actor.id)
    )
    if actor.role is Role.SUPERVISOR:
        theirs = or_(theirs, and_(_is_active(actor), whose.not_in(_cared_for(actor.organization_id, true()))))
    return and_(mine, theirs)


def _shared_with(actor: Actor, model: Any, whose: Any) -> ColumnElement[bool]:
    """What a supporter sees: nothing but what is named here."""
    stands_by = select(Supporter.patient_id).where(
        Supporter.organization_id == actor.organization_id,
        Supporter.id == actor.id,
        Supporter.ended_at.is_(None),
    )
    if model is SafetyPlan:
        stands_by = stands_by.where(Supporter.shares.contains(["safety_plan"]))
    elif model is CrisisFlag:
        return and_(whose.in_(stands_by), CrisisFlag.raised_by == actor.id)
    elif model is Supporter:
        return and_(whose.in_(stands_by), Supporter.id == actor.id)
    elif model is not Patient:
        return false()
    theirs: ColumnElement[bool] = whose.in_(stands_by)
    return theirs


def _of_their_programs(model: Any, actor: Actor) -> ColumnElement[bool]:
    """Of the timetable, the programs in which a counselor or a supervisor works."""
    if actor.role not in {Role.COUNSELOR, Role.SUPERVISOR}:
        return true()
    in_theirs: ColumnElement[bool] = model.program_id.in_(worked_in(actor))
    return in_theirs


def worked_in(actor: Actor) -> Select[UUID]:
    """The programs that a staff member works in."""
    return select(ProgramStaff.program_id).where(
        ProgramStaff.organization_id == actor.organization_id, ProgramStaff.staff_member_id == actor.id
    )


def caring_for(organization_id: UUID, patient_id: UUID) -> Select[tuple[UUID]]:
    """The active counselors and supervisors who work in the program that has the patient now."""
    return _care(organization_id, ProgramStaff.staff_member_id).where(Enrollment.patient_id == patient_id)


def _cared_for(organization_id: UUID, by: ColumnElement[bool]) -> Select[tuple[UUID]]:
    return _care(organization_id, Enrollment.patient_id).where(by)


def _care(organization_id: UUID, column: Any) -> Select[tuple[UUID]]:
    other = aliased(Enrollment)
    elsewhere = exists().where(
        other.organization_id == organization_id,
        other.patient_id == Enrollment.patient_id,
        other.status.in_(RUNNING),
    )
    return (
        select(column)
        .select_from(Enrollment)
        .join(
            ProgramStaff,
            and_(
                ProgramStaff.organization_id == Enrollment.organization_id,
                ProgramStaff.program_id == Enrollment.program_id,
            ),
        )
        .join(
            StaffMember,
            and_(
                StaffMember.organization_id == ProgramStaff.organization_id,
                StaffMember.id == ProgramStaff.staff_member_id,
            ),
        )
        .where(
            Enrollment.organization_id == organization_id,
            or_(Enrollment.status.in_(RUNNING), not_(elsewhere)),
            StaffMember.active,
            StaffMember.role.in_((Role.COUNSELOR, Role.SUPERVISOR)),
        )
    )


def _is_active(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        StaffMember.organization_id == actor.organization_id, StaffMember.id == actor.id, StaffMember.active
    )
