"""Tables, one file a noun. Importing the package fills the metadata."""

from app.models.alert import Alert, AlertEntry, AlertOccurrence
from app.models.assessment import Assessment
from app.models.attendance import Attendance, AttendanceEntry
from app.models.audit_entry import AuditEntry
from app.models.calendar_feed import CalendarFeed
from app.models.care_team import CareTeamMember
from app.models.check_in import CheckIn
from app.models.contact_method import ContactMethod, Gateway
from app.models.credential import Credential, SignInAttempt, SignInName
from app.models.crisis_flag import ContactAttempt, CrisisFlag, FollowUp
from app.models.device import Device, RefreshToken
from app.models.enrollment import Enrollment, LeaveOfAbsence
from app.models.escalation_policy import EscalationPolicy
from app.models.event import Event, FeedHead
from app.models.goal import Goal, GoalProgress, GoalReview, GoalSignature, GoalStanding, GoalVersion
from app.models.hand_off import HandOff
from app.models.hours import HoursStanding, PayerRule
from app.models.idempotency_key import IdempotencyKey
from app.models.invitation import Invitation
from app.models.on_call import OnCallOverride, OnCallSchedule
from app.models.organization import Organization, Tenant
from app.models.page import Page, PageAttempt
from app.models.patient import Patient
from app.models.program import Program, ProgramStaff
from app.models.pulse import Pulse
from app.models.rule_set import RuleSetVersion
from app.models.safety_plan import SafetyPlan
from app.models.staff_member import StaffMember
from app.models.supporter import Supporter
from app.models.tables import Table
from app.models.telehealth import (
    TelehealthEvent,
    TelehealthIntegration,
    TelehealthMeeting,
    TelehealthParticipant,
)
from app.models.treatment_session import SeriesPlace, SessionSeries, TreatmentSession
from app.models.webhook_delivery import WebhookAttempt, WebhookDelivery
from app.models.webhook_endpoint import WebhookEndpoint

__all__ = [
    "Alert", "AlertEntry", "AlertOccurrence", "Assessment", "Attendance", "AttendanceEntry", "AuditEntry",
    "CalendarFeed", "CareTeamMember", "CheckIn", "ContactAttempt", "ContactMethod", "Credential",
    "CrisisFlag", "Device", "Enrollment", "EscalationPolicy", "Event", "FeedHead", "FollowUp", "Gateway",
    "Goal", "GoalProgress", "GoalReview", "GoalSignature", "GoalStanding", "GoalVersion", "HandOff",
    "HoursStanding", "IdempotencyKey", "Invitation", "LeaveOfAbsence", "OnCallOverride", "OnCallSchedule",
    "Organization", "Page", "PageAttempt", "Patient", "PayerRule", "Program", "ProgramStaff", "Pulse",
    "RefreshToken", "RuleSetVersion", "SafetyPlan", "SeriesPlace", "SessionSeries", "SignInAttempt",
    "SignInName", "StaffMember", "Supporter", "Table", "TelehealthEvent", "TelehealthIntegration",
    "TelehealthMeeting", "TelehealthParticipant", "Tenant", "TreatmentSession", "WebhookAttempt",
    "WebhookDelivery", "WebhookEndpoint",
]  # fmt: skip
