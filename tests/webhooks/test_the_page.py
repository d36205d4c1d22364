"""What docs/webhooks.md shows is what is sent, and the official package believes it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import time_machine
from standardwebhooks import Webhook

from app.webhooks import body, schedule
from app.webhooks.client import MOST_BYTES, SECONDS, Code

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()


def shown(pattern: str) -> str:
    found = re.search(pattern, PAGE, re.MULTILINE)
    assert found, pattern
    return found[1]


def test_the_message_verifies_with_the_secret_beside_it() -> None:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {name: shown(rf"^{name}: (.*)$") for name in names}
    raw, secret = shown(r'^(\{"type".*\})$').encode(), shown(r"`(whsec_[^`]{20,})`")
    said = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    with time_machine.travel(said, tick=False):
        message = Webhook(secret).verify(raw, headers)
    data = message["data"]
    assert raw == body.event(
        message["type"], datetime.fromisoformat(message["timestamp"]), alert_id=UUID(data["alert_id"]),
        patient_id=UUID(data["patient_id"]), sequence=data["sequence"], position=data["position"],
    )  # fmt: skip
    assert json.loads(raw) == message


def test_the_numbers_are_those_of_the_code() -> None:
    waits = ["5 s", "5 min", "30 min", "2 h", "5 h", "10 h", "14 h", "20 h", "24 h"]
    text = " ".join(PAGE.split())
    assert f"after about {', '.join(waits[:-1])} and {waits[-1]}" in text
    units = {"s": 1, "min": 60, "h": 3600}
    seconds = [int(number) * units[unit] for number, unit in map(str.split, waits)]
    assert [each.total_seconds() for each in schedule.WAITS] == [0, *seconds]
    assert (SECONDS, MOST_BYTES) == (15, 64 * 1024)


def test_every_code_of_an_attempt_is_explained() -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)) == set(Code.__args__)
