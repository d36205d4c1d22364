"""Reading a feed to its end, and writing to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database import Db
from app.ladders.ladder import DEFAULTS
from app.models import Alert, AlertEntry
from app.queries import events
from app.rules.rule import Severity
from tests.people import Person


async def open_alert(db: Db, patient_id: UUID, program_id: UUID, now: datetime) -> UUID:
    """Open an alert with its log entry and its event, as the services do; the caller commits."""
    assert db.organization_id is not None
    alert = Alert(
        organization_id=db.organization_id, id=uuid7(), patient_id=patient_id, program_id=program_id,
        rule=f"test.{uuid7().hex[-20:]}", rule_set_version=1, severity="routine", floor=False, status="open",
        title="A test", sentence="A test.", opened_at=now, due_at=now, occurrences=1, last_found_at=now,
        lived_at=now, ladder=DEFAULTS[Severity.ROUTINE].model_dump(mode="json"), cycle=1, step=0,
    )  # fmt: skip
    await db.add(alert)
    await db.add(AlertEntry.about(alert, "opened", now))
    events.record(db, "alert.opened", alert_id=alert.id, patient_id=patient_id, now=now)
    return alert.id


async def page_after(reader: Person, cursor: str | None, limit: int = 200) -> dict[str, Any]:
    """One page of the feed."""
    params = {"limit": str(limit)} | ({} if cursor is None else {"after": cursor})
    reply = await reader.client.get("/v1/alerts/feed", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def all_after(reader: Person, cursor: str | None, limit: int = 200) -> tuple[list[dict[str, Any]], str]:
    """Every item behind a cursor, and the cursor at the end."""
    items: list[dict[str, Any]] = []
    while True:
        page = await page_after(reader, cursor, limit)
        items += page["items"]
        cursor = page["next"]
        if not page["more"]:
            return items, cursor
