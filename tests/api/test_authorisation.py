"""Who gets past which door: every operation, asked for by everybody.

What is asked for is ana's, or of her organization: she is a patient, ben is another, clara is her counselor,
sam supervises, adele administers, olga audits, dmitri is a counselor of another organization, nora one of
this organization who works in another program; the integration has every scope; nobody has no token. 401,
403 and 404 are closed doors. Behind an open one stands what the request finds: 200 to 204, or a refusal that
changes nothing, so that the next one finds the same (409 for a state, 412 for a version, 422 for a body).

A new operation needs a row here and, when an empty request does not do, an entry in `REQUESTS`.
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import AsyncClient
from uuid_utils.compat import uuid7

from app import clock
from app.access import GRANTS, Role
from app.database import unit_of_work
from app.dependencies.permissions import names
from app.models import Device
from app.routers import PUBLIC_ROUTES
from tests.api.conftest import add_nora
from tests.api.scheduling import attended, series
from tests.api.test_add_patient import patient, stay
from tests.api.test_add_program import program
from tests.api.test_add_staff_member import staff_member
from tests.api.test_escalation_policies import ladder
from tests.api.test_on_call_overrides import override
from tests.api.test_on_call_schedules import schedule
from tests.api.test_payer_rules import payer_rule
from tests.goals.agreeing import closed_goal, just_before
from tests.people import Clinic, client_for, open_clinics, token_for
from tests.supporting import plan, rosa

WHO = ("ana", "ben", "clara", "sam", "adele", "olga", "dmitri", "nora", "integration", "nobody")

TABLE = """
                        ana ben clara sam adele olga dmitri nora integration nobody
accept_invitation       422 422 422   422 422   422  422    422  422         422
acknowledge_alert       403 404 200   200 403   403  404    404  403         401
add_calendar_feed       201 201 201   201 403   403  201    201  403         401
add_goal                201 404 201   201 403   403  404    404  403         401
add_goal_progress       201 404 201   201 403   403  404    404  403         401
add_leave               403 404 403   201 409   403  404    404  403         401
add_on_call_override    403 403 403   201 201   403  404    403  403         401
add_on_call_schedule    403 403 403   201 201   403  403    403  403         401
add_patient             403 403 403   201 201   403  403    403  403         401
add_payer_rule          403 403 403   403 201   403  403    403  403         401
add_program             403 403 403   403 201   403  403    403  403         401
add_session_series      403 403 201   201 201   403  404    404  403         401
add_staff_member        403 403 403   403 201   403  403    403  403         401
add_supporter           201 404 403   403 403   403  404    404  403         401
add_telehealth_integration 403 403 403   403 422   403  403    403  403         401
add_webhook_endpoint    403 403 403   403 422   403  403    403  403         401
agree_on_goal           409 404 409   409 403   403  404    404  403         401
annotate_alert          403 404 201   201 403   403  404    404  403         401
answer_hand_off         401 401 401   401 401   401  401    401  401         401
assign_alert            403 404 200   200 403   403  404    404  403         401
backtest_rule_set       403 403 403   200 403   403  403    403  403         401
book_make_up            422 422 422   422 403   403  404    404  403         401
bootstrap               200 200 200   200 200   200  200    200  200         401
cancel_session          403 403 409   409 409   403  404    404  403         401
change_enrollment       403 404 403   412 412   403  404    404  403         401
change_goal             412 404 412   412 403   403  404    404  403         401
change_on_call_schedule 403 403 403   412 412   403  404    403  403         401
change_patient          412 404 403   412 412   403  404    404  403         401
change_program          403 403 403   403 412   403  404    403  403         401
change_session          403 403 412   412 412   403  404    404  403         401
change_session_series   403 403 412   412 412   403  404    404  403         401
change_staff_member     403 403 403   403 412   403  404    403  403         401
change_supporter        404 404 403   403 403   403  404    404  403         401
change_telehealth_integration 403 403 403   403 412   403  404    403  403         401
change_webhook_endpoint 403 403 403   403 412   403  404    403  403         401
compare_rule_sets       403 403 200   200 200   403  404    200  200         401
complete_follow_up      403 404 409   409 403   403  404    404  403         401
create_invitation       403 403 201   201 201   403  404    404  403         401
create_token            400 400 400   400 400   400  400    400  400         400
disable_webhook_endpoint 403 403 403   403 200   403  404    403  403         401
enable_webhook_endpoint 403 403 403   403 200   403  404    403  403         401
end_leave               403 404 403   404 404   403  404    404  403         401
end_supporter           404 404 403   403 403   403  404    404  403         401
enroll_patient          403 404 403   409 409   403  404    404  403         401
explain_alert           403 404 200   200 403   403  404    404  200         401
get_alert               403 404 200   200 403   403  404    404  200         401
invite_supporter        404 404 403   403 403   403  404    404  403         401
leave_series_place      404 404 404   404 403   403  404    404  403         401
list_alerts             403 403 200   200 403   403  200    200  200         401
list_assessments        200 404 200   200 403   403  404    404  200         401
list_attendance         200 404 200   200 403   403  404    404  200         401
list_calendar_feeds     200 200 200   200 403   403  200    200  403         401
list_check_ins          200 404 200   200 403   403  404    404  200         401
list_contact_methods    403 403 200   403 200   403  404    403  403         401
list_crisis_flags       200 404 200   200 403   403  404    404  200         401
list_crisis_lines       403 403 403   200 200   403  403    403  403         401
list_crisis_resources   200 200 200   200 200   200  200    200  200         200
list_devices            200 200 200   200 200   200  200    200  403         401
list_enrollments        200 404 200   200 200   403  404    404  200         401
list_escalation_policies 403 403 200   200 200   403  404    200  200         401
list_follow_ups         403 403 200   200 403   403  200    200  200         401
list_gateways           403 403 403   403 200   403  403    403  403         401
list_goal_progress      200 404 200   200 403   403  404    404  200         401
list_goal_reviews       200 404 200   200 403   403  404    404  200         401
list_goal_versions      200 404 200   200 403   403  404    404  200         401
list_goals              200 200 200   200 403   403  200    200  200         401
list_hand_offs          403 404 200   200 403   403  404    404  200         401
list_holes              403 403 200   200 200   403  404    200  200         401
list_instruments        200 200 200   200 200   200  200    200  200         401
list_make_ups           200 422 200   200 403   403  404    404  403         401
list_on_call_overrides  403 403 200   200 200   403  404    200  200         401
list_on_call_schedules  403 403 200   200 200   403  200    200  200         401
list_patient_goals      200 404 200   200 403   403  404    404  200         401
list_patients           200 200 200   200 200   200  200    200  200         401
list_payer_rules        403 403 200   200 200   403  200    200  200         401
list_programs           200 200 200   200 200   200  200    200  200         401
list_rule_sets          403 403 200   200 200   403  404    200  200         401
list_safety_plan_versions 200 404 200 200 403   403  404    404  200         401
list_series_places      200 200 200   200 403   403  404    404  200         401
list_session_series     200 200 200   200 200   403  200    200  200         401
list_sessions           200 200 200   200 200   403  200    200  200         401
list_shifts             403 403 200   200 200   403  404    200  200         401
list_staff              403 403 200   200 200   200  200    200  200         401
list_supporters         200 404 200   200 403   403  404    404  200         401
list_telehealth_integrations 403 403 403   403 200   403  403    403  403         401
list_telehealth_meetings 403 403 403   403 200   403  404    403  403         401
list_telehealth_participants 403 403 200   200 403   403  404    404  403         401
list_webhook_deliveries 403 403 403   403 200   403  404    403  403         401
list_webhook_endpoints  403 403 403   403 200   403  403    403  403         401
live                    200 200 200   200 200   200  200    200  200         200
match_telehealth_participant 403 403 404   404 403   403  404    404  403         401
metrics                 200 200 200   200 200   200  200    200  200         200
publish_rule_set        403 403 403   422 403   403  403    403  403         401
put_care_team           403 404 403   200 200   403  404    404  403         401
put_contact_methods     403 403 200   403 200   403  404    403  403         401
put_crisis_lines        403 403 403   412 412   403  403    403  403         401
put_escalation_policy   403 403 403   412 412   403  404    403  403         401
put_gateway             403 403 403   403 422   403  403    403  403         401
put_safety_plan         412 404 412   412 403   403  404    404  403         401
put_telehealth_meeting  403 403 403   403 422   403  404    403  403         401
put_telehealth_participant 403 404 403   403 200   403  404    404  403         401
raise_crisis_flag       201 404 201   201 403   403  404    404  403         401
read_alert_feed         403 403 200   200 403   403  200    200  200         401
read_alert_timeline     403 404 200   200 403   403  404    404  200         401
read_attendance         200 404 200   200 403   403  404    404  200         401
read_calendar           200 200 200   200 200   200  200    200  200         200
read_care_team          200 404 200   200 200   403  404    404  200         401
read_caseload           403 403 200   200 403   403  200    200  200         401
read_crisis_flag        200 404 200   200 403   403  404    404  200         401
read_escalation_policy  403 403 200   200 200   403  404    200  200         401
read_goal               200 404 200   200 403   403  404    404  200         401
read_hours              200 404 200   200 403   403  404    404  200         401
read_instrument         200 200 200   200 200   200  200    200  200         401
read_jwks               200 200 200   200 200   200  200    200  200         200
read_on_call            403 403 200   200 200   403  200    200  200         401
read_on_call_schedule   403 403 200   200 200   403  404    200  200         401
read_patient            200 404 200   200 200   200  404    404  200         401
read_program            200 200 200   200 200   200  404    200  200         401
read_program_attendance 403 403 200   200 403   403  404    404  200         401
read_roster             200 404 200   200 403   403  404    404  200         401
read_rule_burden        403 403 403   200 403   403  403    403  403         401
read_rule_set           403 403 200   200 200   403  404    200  200         401
read_rule_set_schema    403 403 200   200 200   403  404    200  200         401
read_rule_set_version   403 403 200   200 200   403  404    200  200         401
read_safety_plan        200 404 200   200 403   403  404    404  200         401
read_session            200 404 200   200 200   403  404    404  200         401
read_session_series     200 200 200   200 200   403  404    404  200         401
read_staff_member       403 403 200   200 200   200  404    200  200         401
read_telehealth_integration 403 403 403   403 200   403  404    403  403         401
read_webhook_delivery   403 403 403   403 404   403  404    403  403         401
read_webhook_endpoint   403 403 403   403 200   403  404    403  403         401
ready                   503 503 503   503 503   503  503    503  503         503
receive_telehealth_event 401 401 401   401 401   401  401    401  401         401
record_attendance       403 404 422   422 403   403  404    404  403         401
record_contact_attempt  403 404 201   201 403   403  404    404  403         401
record_roster           403 403 422   422 403   403  404    404  403         401
remove_gateway          403 403 403   403 404   403  403    403  403         401
remove_on_call_override 403 403 403   404 404   403  404    403  403         401
remove_webhook_endpoint 403 403 403   403 204   403  404    403  403         401
replay_webhook_deliveries 403 403 403 403 202   403  404    403  403         401
report_absence          409 422 409   409 403   403  404    404  403         401
report_arrival          422 422 403   403 403   403  404    404  403         401
resolve_alert           403 404 409   409 403   403  404    404  403         401
retire_goal             409 404 409   409 403   403  404    404  403         401
review_goal             403 404 409   409 403   403  404    404  403         401
revoke_calendar_feed    204 404 404   404 403   403  404    404  403         401
revoke_token            200 200 200   200 200   200  200    200  200         200
rotate_telehealth_secret 403 403 403   403 412   403  404    403  403         401
rotate_webhook_secret   403 403 403   403 412   403  404    403  403         401
settle_goal             200 404 200   200 403   403  404    404  403         401
sign_out_device         204 404 404   404 404   404  404    404  403         401
snooze_alert            403 404 200   200 403   403  404    404  403         401
stream_alert_feed       403 403 422   422 403   403  422    422  422         401
submit_assessment       201 404 201   201 403   403  404    404  403         401
submit_check_in         201 404 403   403 403   403  404    404  403         401
submit_check_in_batch   200 404 403   403 403   403  404    404  403         401
take_series_place       200 404 200   200 403   403  404    404  403         401
test_contact_method     403 403 200   403 200   403  404    403  403         401
test_webhook_endpoint   403 403 403   403 201   403  404    403  403         401
withdraw_goal_progress  204 404 204   204 403   403  404    404  403         401
withdraw_make_up        404 422 404   404 403   403  404    404  403         401
"""


def read(table: str) -> dict[str, dict[str, int]]:
    """The expected status by operation and by who asks."""
    header, *rows = (line.split() for line in table.strip().splitlines())
    assert tuple(header) == WHO
    return {name: dict(zip(WHO, map(int, statuses), strict=True)) for name, *statuses in rows}


EXPECTED = read(TABLE)


class Case:
    """The clinic, and what hangs on ana: the ids that stand in paths."""

    def __init__(
        self, clinic: Clinic, others: dict[str, AsyncClient], alert_id: str, enrollment_id: str,
        schedule_id: str, feeds: dict[str, str],
    ) -> None:  # fmt: skip
        self.clinic = clinic
        self.clients = {who: getattr(clinic, who).client for who in WHO[:7]}
        self.clients |= {**others, "nobody": clinic.nobody}
        self.ids = {
            "patient_id": str(clinic.ana.id),
            "alert_id": alert_id,
            "enrollment_id": enrollment_id,
            "program_id": str(clinic.program_id),
            "organization_id": str(clinic.organization_id),
            "delivery_id": str(uuid7()),
            "hand_off_id": str(uuid7()),
            "staff_member_id": str(clinic.clara.id),
            "channel": "email",
            "code": "phq-9",
            "version": "1",
            "leave_of_absence_id": str(uuid7()),
            "severity": "high",
            "supporter_id": str(uuid7()),
            "on_call_schedule_id": schedule_id,
            "on_call_override_id": str(uuid7()),
            **feeds,
        }

    async def new_device(self) -> UUID:
        """One more phone of ana's: an open door takes it away."""
        now, device_id = datetime.now(UTC), uuid7()
        async with unit_of_work(self.clinic.app.state.engine, self.clinic.organization_id) as db:
            await db.add(
                Device(
                    organization_id=self.clinic.organization_id, id=device_id, name="phone", created_at=now,
                    credential_id=self.clinic.ana.credential_id, last_seen_at=now,
                )
            )  # fmt: skip
        return device_id


async def endpoint_of(clinic: Clinic) -> dict[str, str]:
    """A webhook endpoint of the organization's."""
    body = {"url": "https://8.8.8.8/hook", "event_types": ["alert.opened"]}
    made = await clinic.adele.client.post("/v1/webhook-endpoints", json=body)
    return {"webhook_endpoint_id": made.json()["id"]}


async def platform_of(clinic: Clinic) -> dict[str, str]:
    """An account at a telehealth platform; of whose meetings and participants nobody has heard."""
    body = {"platform": "generic", "name": "Video rooms"}
    made = await clinic.adele.client.post("/v1/telehealth-integrations", json=body)
    return {
        "telehealth_integration_id": made.json()["id"], "meeting_id": "m",
        "telehealth_participant_id": str(uuid7()),
    }  # fmt: skip


async def crisis_of(clinic: Clinic) -> dict[str, str]:
    """A flag of ana's that is over, and its follow-up, which clara has done."""
    flag = (await clinic.ana.client.post("/v1/patients/me/crisis-flags")).json()
    over = {"outcome": "contacted", "occurrences_seen": 1}
    path = f"/v1/alerts/{flag['alert_id']}/resolution"
    assert (await clinic.clara.client.post(path, json=over)).status_code == 200
    (due,) = (await clinic.clara.client.get("/v1/follow-ups")).json()["items"]
    path = f"/v1/follow-ups/{due['id']}/completion"
    assert (await clinic.clara.client.post(path, json={"outcome": "contacted"})).status_code == 200
    return {"crisis_flag_id": flag["id"], "follow_up_id": due["id"]}


async def feeds_of(clinic: Clinic) -> dict[str, str]:
    """One that an open door revokes, again and again, and the secret of another, which stays."""
    made = [(await clinic.ana.client.post("/v1/calendar-feeds", json={})).json() for _ in range(2)]
    secret = made[1]["url"].rsplit("/", 1)[1].removesuffix(".ics")
    return {"calendar_feed_id": made[0]["id"], "secret": secret}


def lived(**members: Any) -> dict[str, Any]:
    moment = {"occurred_at": "2026-11-23T08:00:00-05:00", "time_zone": "America/New_York"}
    return {"id": str(uuid7()), **moment, **members}


def soon() -> dict[str, Any]:
    """When a new series begins, by the clock of the application."""
    return {"starts_local": f"{clock.now():%Y-%m-%dT18:00}"}


STALE = {"If-Match": '"0"'}
PHQ9 = {f"phq9-{item}": 0 for item in range(1, 10)}


def of_the_program(case: Case) -> dict[str, Any]:
    return {"params": {"program_id": case.ids["program_id"]}}


def of_ana(case: Case) -> dict[str, str]:
    return {"patient_id": case.ids["patient_id"]}


def unborn_rules(case: Case) -> dict[str, Any]:
    """Made from a version that there is not yet."""
    return {"json": {"program_id": case.ids["program_id"], "base_version": 9, "reason": "R", "rules": []}}


REQUESTS: dict[str, Callable[[Case], dict[str, Any]]] = {
    "add_goal_progress": lambda _: {"json": just_before(clock.now())},
    "add_leave": lambda _: {"json": {"from": "2027-12-20", "back_on": "2027-12-27"}},
    "add_on_call_override": lambda case: {"json": override(case.clinic.clara)},
    "add_on_call_schedule": lambda case: {"json": schedule(case.clinic.clara)},
    "add_patient": lambda case: {"json": patient(enrollment=stay(case.clinic))},
    "add_payer_rule": lambda _: {"json": payer_rule()},
    "add_program": lambda _: {"json": program()},
    "add_session_series": lambda case: {"json": series(case.clinic, audience="places", **soon())},
    "add_staff_member": lambda _: {"json": staff_member()},
    "add_supporter": lambda _: {"json": rosa()},
    "add_telehealth_integration": lambda _: {"json": {"platform": "zoom", "name": "Zoom"}},
    "add_webhook_endpoint": lambda _: {"json": {"url": "https://localhost/"}},
    "annotate_alert": lambda _: {"json": {"id": str(uuid7()), "text": "Called."}},
    "answer_hand_off": lambda case: {
        "json": {"hand_off_id": case.ids["hand_off_id"], "answer": "acknowledged"}
    },
    "assign_alert": lambda case: {"json": {"assignee_id": case.ids["staff_member_id"]}},
    "backtest_rule_set": lambda _: {"json": {"rules": [], "from": "2026-11-01", "to": "2026-11-23"}},
    "book_make_up": lambda case: {"json": {"session_id": str(uuid7()), **of_ana(case)}},
    "change_enrollment": lambda _: {"json": {"status": "on_leave"}, "headers": STALE},
    "change_goal": lambda _: {"json": {"confidence": 9}, "headers": STALE},
    "change_on_call_schedule": lambda _: {"json": {"name": "Another"}, "headers": STALE},
    "change_patient": lambda _: {"json": {"locale": "es"}, "headers": STALE},
    "change_program": lambda _: {"json": {"name": "Another"}, "headers": STALE},
    "change_session": lambda _: {"json": {"room": "Another"}, "headers": STALE},
    "change_session_series": lambda _: {"json": {"room": "Another"}, "headers": STALE},
    "change_staff_member": lambda _: {"json": {"name": "Another"}, "headers": STALE},
    "change_supporter": lambda _: {"json": {"shares": []}, "headers": STALE},
    "change_telehealth_integration": lambda _: {"json": {"name": "Another"}, "headers": STALE},
    "change_webhook_endpoint": lambda _: {"json": {"description": "Another"}, "headers": STALE},
    "compare_rule_sets": of_the_program,
    "complete_follow_up": lambda _: {"json": {"outcome": "unreachable"}},
    "create_invitation": lambda case: {"json": {"patient_id": case.ids["patient_id"]}},
    "create_token": lambda _: {"data": {"grant_type": "none"}},
    "enroll_patient": lambda case: {"json": stay(case.clinic)},
    "list_make_ups": lambda case: {"params": of_ana(case)},
    "list_rule_sets": of_the_program,
    "match_telehealth_participant": lambda _: {"json": {"patient_id": None}},
    "publish_rule_set": unborn_rules,
    "put_care_team": lambda _: {"json": []},
    "put_contact_methods": lambda _: {"json": {"items": []}},
    "put_crisis_lines": lambda _: {"json": {"items": []}, "headers": STALE},
    "put_escalation_policy": lambda _: {"json": ladder(), "headers": {"If-Match": '"9"'}},
    "put_gateway": lambda _: {"json": {"address": "none"}},
    "put_safety_plan": lambda _: {"json": plan(), "headers": {"If-Match": '"9"'}},
    "read_rule_set": of_the_program,
    "read_rule_set_schema": of_the_program,
    "read_rule_set_version": of_the_program,
    "record_contact_attempt": lambda _: {"json": {"way": "call", "outcome": "reached"}},
    "record_attendance": lambda _: {"json": {"status": "late"}},
    "record_roster": lambda case: {"json": {"items": [{"status": "late", **of_ana(case)}]}},
    "report_absence": lambda case: {"json": {"kind": "other", **of_ana(case)}},
    "report_arrival": lambda _: {"json": {"code": ""}},
    "resolve_alert": lambda _: {"json": {"outcome": "contacted", "occurrences_seen": 1}},
    "retire_goal": lambda _: {"json": {"reason": "No more."}},
    "revoke_token": lambda _: {"data": {"token": "none"}},
    "rotate_telehealth_secret": lambda _: {"json": {}, "headers": STALE},
    "rotate_webhook_secret": lambda _: {"json": {}, "headers": STALE},
    "snooze_alert": lambda _: {"json": {"minutes": 5}},
    # An open stream would go on: this cursor is refused behind the door.
    "stream_alert_feed": lambda _: {"params": {"after": "none"}},
    "submit_assessment": lambda _: {"json": lived(instrument="phq-9", answers=PHQ9)},
    "submit_check_in": lambda _: {"json": lived(answers={"mood": 6})},
    "submit_check_in_batch": lambda _: {"json": {"items": [lived(answers={"mood": 6})]}},
    "take_series_place": lambda case: {"json": {"patient_id": case.ids["patient_id"]}},
    "withdraw_make_up": lambda case: {"params": of_ana(case)},
}


@pytest.fixture(scope="module")
async def case(app: FastAPI) -> AsyncIterator[Case]:
    async with open_clinics(app) as clinic:
        for craving in (9, 10):  # two occurrences: who has seen one resolves nothing
            body = lived(answers={"craving": craving})
            assert (await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)).status_code == 201
        (alert,) = (await clinic.clara.client.get("/v1/alerts")).json()["items"]
        clara = f"/v1/staff/{clinic.clara.id}"  # has an address, and nothing is set up that would go there
        known = {"json": {"email": "clara@riverside.example"}, "headers": {"If-Match": '"1"'}}
        assert (await clinic.adele.client.patch(clara, **known)).status_code == 200
        assert (await clinic.ana.client.put("/v1/patients/me/safety-plan", json=plan())).is_success
        stays = (await clinic.ana.client.get("/v1/patients/me/enrollments")).json()["items"]
        token = token_for(
            app, organization_id=clinic.organization_id, id=uuid7(), role=Role.INTEGRATION,
            credential_id=uuid7(), scope=tuple(GRANTS[Role.INTEGRATION]),
        )  # fmt: skip
        nora = (await add_nora(app, clinic.organization_id)).client
        async with client_for(app, token) as integration, nora:
            others = {"integration": integration, "nora": nora}
            made = await clinic.sam.client.post("/v1/on-call-schedules", json=schedule(clinic.clara))
            hers = {**await feeds_of(clinic), **await closed_goal(clinic), **await attended(clinic)}
            hers |= await endpoint_of(clinic) | await crisis_of(clinic) | await platform_of(clinic)
            yield Case(clinic, others, alert["id"], stays[0]["id"], made.json()["id"], hers)


def operations(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Method and path of every operation. Raises when a route is none and is not known to be public."""
    found: dict[str, tuple[str, str]] = {}
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            (method,) = context.methods or ()
            assert context.operation_id is not None
            assert context.path_format is not None
            found[context.operation_id] = (method, context.path_format)
        else:
            assert set(names(context.methods, context.path)) <= PUBLIC_ROUTES, context.path
    return found


async def test_every_operation_has_a_row(app: FastAPI) -> None:
    found = operations(app)
    assert len(found) > 40
    assert sorted(EXPECTED) == sorted(found)


def test_a_new_route_without_a_row_is_found() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/v1/planted", lambda: None, operation_id="planted")
    assert operations(app).keys() - EXPECTED.keys() == {"planted"}
    app.add_route("/v1/hidden", lambda _: None)
    with pytest.raises(AssertionError):
        operations(app)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("operation", EXPECTED)
async def test_who_gets_past_the_door(case: Case, operation: str, who: str) -> None:
    method, path = operations(case.clinic.app)[operation]
    ids = case.ids | ({"device_id": str(await case.new_device())} if "{device_id}" in path else {})
    if operation == "remove_webhook_endpoint":
        ids |= await endpoint_of(case.clinic)
    made = REQUESTS.get(operation, lambda _: {} if method in {"GET", "DELETE"} else {"json": {}})(case)
    reply = await case.clients[who].request(method, path.format(**ids), **made)
    assert reply.status_code == EXPECTED[operation][who], reply.text
    if who in {"ben", "dmitri", "nora", "nobody"}:
        assert case.ids["patient_id"] not in reply.text
        assert case.ids["alert_id"] not in reply.text
