"""The `webhooks` of the OpenAPI document: what a receiver is sent, and that it is what is sent."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from app.schemas.webhook_message import EventName
from app.webhooks import body
from app.webhooks.catalogue import EVENTS, HANDED_OFF, TEST, EventType
from tests.api.test_openapi_examples import DOCUMENT

WEBHOOKS = DOCUMENT["webhooks"]


def shown(type: EventType) -> Any:
    return WEBHOOKS[type]["post"]["requestBody"]["content"]["application/json"]


def sent(type: EventType, of: Any) -> bytes:
    """What would be sent for what the document shows."""
    at, data = datetime.fromisoformat(of["timestamp"]), of["data"]
    ids = {name: UUID(value) for name, value in data.items() if name.endswith("_id")}
    if type is TEST:
        return body.test(at)
    if type is HANDED_OFF:
        answer_by = datetime.fromisoformat(data["answer_by"])
        return body.hand_off(at, **ids, answer_by=answer_by, answer_url=data["answer_url"])
    return body.event(type, at, **ids, sequence=data["sequence"], position=data["position"])


def test_every_type_is_there_and_what_can_be_chosen_is_what_there_is() -> None:
    assert set(WEBHOOKS) == set(EventType)
    assert set(EventName.__args__) == set(EVENTS)


@pytest.mark.parametrize("type", EventType)
def test_what_is_shown_is_what_is_sent(type: EventType) -> None:
    media = shown(type)
    assert json.loads(sent(type, media["example"])) == media["example"]
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [error.message for error in accepts.iter_errors(media["example"])] == []
    assert list(accepts.iter_errors({**media["example"], "type": "other"}))


@pytest.mark.parametrize("type", EventType)
def test_a_receiver_learns_how_to_verify_and_to_answer(type: EventType) -> None:
    operation = WEBHOOKS[type]["post"]
    assert {each["name"] for each in operation["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    assert operation["responses"].keys() == {"200", "4XX", "410", "503"}
    assert operation["summary"]


def test_none_of_them_is_served() -> None:
    assert not [path for path in DOCUMENT["paths"] if "alert.opened" in path or "webhook.test" in path]
