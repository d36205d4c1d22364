"""Check-ins that raise alerts, for the tests of what comes after."""

from datetime import UTC, datetime
from typing import Any

from uuid_utils.compat import uuid7

from tests.people import Person


async def says(person: Person, *, at: datetime | None = None, **answers: Any) -> dict[str, Any]:
    """The reply to a check-in of the person's."""
    body = {
        "id": str(uuid7()),
        "occurred_at": (at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "time_zone": "America/New_York",
        "answers": answers,
    }
    reply = await person.client.post("/v1/patients/me/check-ins", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def craves(person: Person, craving: int = 9) -> dict[str, Any]:
    """Opens, or repeats, the `craving.high` alert."""
    return await says(person, craving=craving)


async def is_not_safe(person: Person) -> dict[str, Any]:
    """Opens, or repeats, the critical `si.not_safe` alert."""
    return await says(person, feels_safe=False)


async def alerts_of(staff: Person, query: str = "") -> list[dict[str, Any]]:
    """The alerts that this member of staff is shown."""
    reply = await staff.client.get(f"/v1/alerts{query}")
    assert reply.status_code == 200, reply.text
    return reply.json()["items"]


async def only_alert(staff: Person) -> dict[str, Any]:
    """The one alert that there is to be seen."""
    (alert,) = await alerts_of(staff)
    return alert
