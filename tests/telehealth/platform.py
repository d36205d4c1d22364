"""A telehealth platform that tells what happens in the rooms of Riverside's evening group."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import Response
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app import sweeps
from app.database import unit_of_work
from tests.api.evenings import MONDAY, Evening, moment
from tests.moments import at
from tests.people import Clinic, Person, client_for

PATH = "/v1/telehealth-integrations"
ROOM = "evening-group"
ZOOM_SECRET = "dE2sXcVb7nM1kLpOiUyTrQ"


@dataclass
class Platform:
    """One account, which signs as its platform does."""

    clinic: Clinic
    name: str
    id: UUID
    secret: str
    version: int = 1
    keys: dict[UUID, str] = field(default_factory=dict)

    @classmethod
    async def connected(cls, clinic: Clinic, name: str = "generic") -> "Platform":
        """As adele connects it."""
        body: dict[str, Any] = {"platform": name, "name": "Video rooms", "id": str(uuid7())}
        if name == "zoom":
            body["secret"] = ZOOM_SECRET
        reply = await as_adele(clinic, "POST", PATH, body)
        assert reply.status_code == 201, reply.text
        return cls(clinic, name, UUID(reply.json()["id"]), reply.json()["secret"] or ZOOM_SECRET)

    @property
    def events(self) -> str:
        return f"/v1/telehealth/{self.id}/events"

    def path(self, rest: str = "") -> str:
        return f"{PATH}/{self.id}/{rest}".rstrip("/")

    async def bind(self, meeting: str = ROOM, *, clock: str = "12:00", **to: Any) -> Response:
        """adele says what a meeting is."""
        return await as_adele(self.clinic, "PUT", self.path(f"meetings/{meeting}"), to, clock)

    async def knows(self, person: Person) -> str:
        """The id that adele has for the platform, of a patient."""
        reply = await as_adele(self.clinic, "PUT", self.path(f"participants/{person.id}"))
        assert reply.status_code == 200, reply.text
        key: str = reply.json()["participant_id"]
        self.keys[person.id] = key
        return key

    def signed(
        self, body: bytes, now: datetime, *, id: str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers of a call, by a verifier's own implementation where there is one."""
        key = secret or self.secret
        stamp = str(int(now.timestamp()))
        if self.name == "zoom":
            digest = hmac.new(key.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
            made = {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={digest.hexdigest()}"}
        else:
            name = id or f"msg_{uuid7().hex}"
            signature = Webhook(key).sign(name, now, body.decode())
            made = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}
        return {"content-type": "application/json", **made}

    async def send(
        self, body: bytes, now: datetime, headers: dict[str, str] | None = None, *, id: str | None = None
    ) -> Response:
        """One call, which comes in at `now`; signed then unless it brings its headers."""
        async with at(self.clinic, self.clinic.adele, now), client_for(self.clinic.app) as stranger:
            sent = headers if headers is not None else self.signed(body, now, id=id)
            return await stranger.post(self.events, content=body, headers=sent)

    async def tell(
        self, kind: str, clock: datetime, now: datetime | None = None, *, who: Person | str | None = None,
        meeting: str = ROOM, id: str | None = None, **data: Any,
    ) -> Response:  # fmt: skip
        """An event of this time, told at once unless it is said when."""
        body = json.dumps(self.told(kind, clock, who=who, meeting=meeting, **data)).encode()
        return await self.send(body, now or clock, id=id)

    def told(
        self, kind: str, clock: datetime, *, who: Person | str | None = None, meeting: str = ROOM, **data: Any
    ) -> dict[str, Any]:
        when = clock.astimezone(UTC).isoformat().replace("+00:00", "Z")
        key = self.keys[who.id] if isinstance(who, Person) else who
        if self.name == "zoom":
            return _zoom(kind, when, meeting, key, data)
        types = {"joined": "participant.joined", "left": "participant.left", "no_show": "participant.no_show"}
        body: dict[str, Any] = {"meeting_id": meeting, **data}
        if key is not None:
            body["participant_id"] = key
        return {"type": types.get(kind, f"session.{kind}"), "timestamp": when, "data": body}


async def as_adele(
    clinic: Clinic, method: str, path: str, json: Any = None, clock: str = "12:00", **headers: str
) -> Response:
    """The administrator asks, at this time of the Monday."""
    async with at(clinic, clinic.adele, moment(clock)) as client:
        return await client.request(method, path, json=json, headers=headers)


def _zoom(kind: str, when: str, meeting: str, key: str | None, data: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {"id": meeting, "uuid": "4444AAAiAAAAAiAiAiiAii==", "topic": "A group", "type": 8}
    if kind in {"started", "ended"}:
        about["start_time" if kind == "started" else "end_time"] = when
        return {"event": f"meeting.{kind}", "event_ts": 1, "payload": {"account_id": "a", "object": about}}
    about["participant"] = {
        "user_id": "16778240", "user_name": "Somebody", "email": "", "registrant_id": "",
        "participant_user_id": "", "customer_key": key or "",
        "join_time" if kind == "joined" else "leave_time": when, **data,
    }  # fmt: skip
    return {
        "event": f"meeting.participant_{kind}", "event_ts": 1,
        "payload": {"account_id": "a", "object": about},
    }  # fmt: skip


async def applied(evening: Evening, clock: str, day: Any = MONDAY) -> int:
    """What a worker does with what was told, at this time. How many events."""
    find, act = sweeps.KINDS["telehealth"]
    now = evening.table.moment(day, clock)
    done = 0
    engine, organization_id = evening.clinic.app.state.engine, evening.clinic.organization_id
    async with unit_of_work(engine, organization_id) as db:
        due = await find(db, now, 500)
    for event_id in due:
        async with unit_of_work(engine, organization_id) as db:
            done += await act(db, event_id, now)
    return done
