"""What goes with a refusal: its audit, whether it may say more than "not found", and whom to call."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request

from app.access import Actor, Permission
from app.crisis_resources import danger_now, resources
from app.database import unit_of_work
from app.dependencies import moment_of
from app.models import (
    Alert,
    CrisisFlag,
    Enrollment,
    FollowUp,
    Goal,
    OnCallSchedule,
    Patient,
    Program,
    SessionSeries,
    StaffMember,
    TelehealthIntegration,
    TreatmentSession,
    WebhookEndpoint,
)
from app.queries import audit, existence
from app.sentences import negotiate

NAMED_IN_PATHS = {
    "patient_id": Patient,
    "alert_id": Alert,
    "crisis_flag_id": CrisisFlag,
    "enrollment_id": Enrollment,
    "follow_up_id": FollowUp,
    "goal_id": Goal,
    "on_call_schedule_id": OnCallSchedule,
    "program_id": Program,
    "session_id": TreatmentSession,
    "session_series_id": SessionSeries,
    "staff_member_id": StaffMember,
    "telehealth_integration_id": TelehealthIntegration,
    "webhook_endpoint_id": WebhookEndpoint,
}
CRISIS_PATHS = ("/check-ins", "/assessments", "/crisis-flags")


async def audit_refusal(request: Request) -> None:
    """Keep that a signed-in actor was refused, in a transaction of its own: the request's was rolled back."""
    actor: Actor | None = getattr(request.state, "actor", None)
    permission: Permission | None = getattr(request.state, "permission", None)
    if actor is None or permission is None:
        return
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        noun = permission.split(":")[0]
        audit.record(db, actor, moment_of(request), permission, of=noun, outcome="refused")


async def sees_what_it_asks_about(request: Request) -> bool:
    """Whether everything that the path names by its id is visible to the actor."""
    actor: Actor | None = getattr(request.state, "actor", None)
    named = [(NAMED_IN_PATHS[name], key) for name, key in _ids(request) if name in NAMED_IN_PATHS]
    if actor is None or not named:
        return True
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        return all([await existence.is_visible(db, actor, model, key) for model, key in named])


def crisis_help(request: Request) -> Mapping[str, object]:
    """On the routes that may carry a cry for help, every refusal brings whom to call."""
    if not any(part in request.url.path for part in CRISIS_PATHS):
        return {}
    country = request.app.state.settings.country
    locale = negotiate(None, request.headers.get("accept-language"))
    today = moment_of(request).date()
    return {
        "help": {
            "message": danger_now(country, today, locale),
            "resources": resources(country, today, locale),
            "safety_plan": None,
        }
    }


def _ids(request: Request) -> list[tuple[str, UUID]]:
    found = []
    for name, value in request.path_params.items():
        try:
            found.append((name, UUID(str(value))))
        except ValueError:  # `me`, a code
            continue
    return found
