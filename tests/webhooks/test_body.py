"""Bodies are thin: what there is to know stands behind an id."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from app.webhooks import body
from app.webhooks.catalogue import EVENTS, HANDED_OFF, TEST, EventType

AT = datetime(2026, 11, 24, 8, 0, 0, 123456, tzinfo=ZoneInfo("America/New_York"))
ALERT = UUID("0192f0c1-2345-7678-9abc-def012345678")
PATIENT = UUID("0192f0c1-2345-7678-9abc-def012345679")
SERVICES = Path(__file__).parents[2] / "app"


def test_an_event_names_an_alert_and_counts() -> None:
    sent = body.event("alert.opened", AT, alert_id=ALERT, patient_id=PATIENT, sequence=1, position=41)
    assert json.loads(sent) == {
        "type": "alert.opened",
        "timestamp": "2026-11-24T13:00:00.123Z",
        "data": {"alert_id": str(ALERT), "patient_id": str(PATIENT), "sequence": 1, "position": 41},
    }


def test_the_same_event_has_the_same_bytes() -> None:
    one, other = (
        body.event("alert.noted", at, alert_id=ALERT, patient_id=PATIENT, sequence=2, position=42)
        for at in (AT, AT.astimezone(UTC))
    )
    assert one == other


def test_a_test_is_about_nobody() -> None:
    assert json.loads(body.test(AT)) == {
        "type": "webhook.test",
        "timestamp": "2026-11-24T13:00:00.123Z",
        "data": {},
    }


def test_a_hand_off_says_where_and_until_when_to_answer() -> None:
    sent = body.hand_off(
        AT, hand_off_id=ALERT, alert_id=ALERT, patient_id=PATIENT, answer_by=AT + timedelta(minutes=5),
        answer_url="https://handrail.example/v1/hand-offs/x",
    )  # fmt: skip
    assert json.loads(sent) == {
        "type": "alert.handed_off",
        "timestamp": "2026-11-24T13:00:00.123Z",
        "data": {
            "hand_off_id": str(ALERT),
            "alert_id": str(ALERT),
            "patient_id": str(PATIENT),
            "answer_by": "2026-11-24T13:05:00.123Z",
            "answer_url": "https://handrail.example/v1/hand-offs/x",
        },
    }


def test_a_message_keeps_its_id() -> None:
    assert body.message_id(ALERT) == "msg_0192f0c1234576789abcdef012345678"


def test_the_catalogue_knows_every_event_of_the_feed() -> None:
    text = "".join(
        path.read_text() for folder in ("services", "queries") for path in SERVICES.glob(f"{folder}/*.py")
    )
    recorded = set(re.findall(r"\"(alert\.[a-z_]+)\"", text)) - {"alert.handed_off"}
    logged = {"opened", "repeated", "reopened", "acknowledged", "resolved", "assigned", "noted", "snoozed"}
    assert recorded >= {"alert.escalated", "alert.woken"}
    assert recorded | {f"alert.{each}" for each in logged} == set(EVENTS)
    assert set(EventType) - set(EVENTS) == {TEST, HANDED_OFF}
