"""Two clinics, and their service in processes that die at one point: what they are told to do, and what is
there at the end, in words that are the same for every run.

At Riverside ana's cry for help pages clara. At Lakeside ben's is handed over to a crisis service, which
answers that it has it. Both tell somebody else's system of it.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from httpx import AsyncClient, HTTPError
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app import clock, embedded
from app.access import Role
from app.database import unit_of_work
from app.main import create_app
from app.models import CareTeamMember, ContactMethod
from app.post_office import contact_place
from app.settings import Settings
from app.spool import Store
from tests.chaos.dying import DIED
from tests.chaos.receiver import Receiver
from tests.chaos.service import ROOT
from tests.demo.serving import free_port
from tests.people import Person, add_organization, add_person, client_for, token_for

PATIENCE = 60.0
LONGEST_SILENCE = 10
PEOPLE = (("Riverside", "ana", "clara"), ("Lakeside", "ben", "dmitri"))
EVENTS = ["alert.opened", "alert.repeated", "alert.acknowledged", "alert.escalated"]


@dataclass
class Mortals:
    """The clinics, and the processes that serve them."""

    folder: Path
    server: embedded.Server
    url: str
    receiver: Receiver
    programs: dict[str, Sequence[str]]
    port: int = field(default_factory=free_port)
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    replies: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def died(self) -> Path:
        """Is there when a process has died where it was to."""
        return self.folder / "died"

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.receiver.port}/{path}"

    async def prepare(self) -> None:
        """Everybody and everything that the story needs."""
        app = create_app(self._settings(), self.url)
        async with app.router.lifespan_context(app):
            for organization, patient, carer in PEOPLE:
                ids = await add_organization(app, organization)
                adele = f"adele of {organization}"
                roles = {patient: Role.PATIENT, carer: Role.COUNSELOR, adele: Role.ADMINISTRATOR}
                for name, role in roles.items():
                    self.people[name] = await add_person(app, *ids, role, name)
            for _, patient, carer in PEOPLE:
                await self._cares(app, self.people[carer], self.people[patient])
            self.tokens = {
                name: token_for(
                    app, organization_id=each.organization_id, id=each.id, role=each.role,
                    credential_id=each.credential_id,
                )
                for name, each in self.people.items()
            }  # fmt: skip
            await self._connect(app)
            for each in self.people.values():
                await each.client.aclose()

    async def _cares(self, app: Any, carer: Person, patient: Person) -> None:
        organization_id, now = carer.organization_id, datetime(2026, 1, 5, tzinfo=UTC)
        address = f"json://127.0.0.1:{self.receiver.port}/pager"
        place = contact_place(organization_id, carer.id, "pager")
        async with unit_of_work(app.state.engine, organization_id) as db:
            await db.add(
                CareTeamMember(
                    organization_id=organization_id, patient_id=patient.id, staff_member_id=carer.id,
                    function="primary_counselor", since=now,
                ),
                ContactMethod(
                    organization_id=organization_id, staff_member_id=carer.id, channel="pager", position=0,
                    severities=["critical"], address=app.state.office.sealer.seal(address, place=place),
                    hint="a receiver", changed_at=now,
                ),
            )  # fmt: skip

    async def _connect(self, app: Any) -> None:
        """Both have an endpoint of events, Lakeside one of hand-offs and a ladder that begins there."""
        lakeside = self.people["adele of Lakeside"]
        ladder = {
            "steps": [{"tell": "crisis_service", "wait_minutes": 5}, {"tell": "primary", "wait_minutes": 5}],
            "rounds": None, "hold_minutes": 15, "quiet_hours": False, "working_days": False, "digest": False,
        }  # fmt: skip
        async with client_for(app, self.tokens["adele of Lakeside"]) as adele:
            path = f"/v1/programs/{lakeside.program_id}/escalation-policies/critical"
            put = await adele.put(path, json=ladder, headers={"If-Match": '"0"'})
            assert put.status_code == 200, put.text
            body = {"url": self.at("hand-offs"), "purpose": "hand_off"}
            made = await adele.post("/v1/webhook-endpoints", json=body)
            assert made.status_code == 201, made.text
            self.secret = made.json()["secret"]
        for name in ("adele of Riverside", "adele of Lakeside"):
            async with client_for(app, self.tokens[name]) as adele:
                body = {"url": self.at("events"), "event_types": EVENTS}
                made = await adele.post("/v1/webhook-endpoints", json=body)
                assert made.status_code == 201, made.text

    def _settings(self) -> Settings:
        return Settings(data_dir=self.folder, webhook_private_hosts="127.0.0.1", port=self.port)

    def start(self, *names: str) -> None:
        """Have these programs run from now on: one that dies is started again."""
        self.wanted.update(names)
        for name in self.wanted:
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                self.processes[name] = self._started(name)

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        others = {key: value for key, value in os.environ.items() if not key.startswith("HANDRAIL_")}
        own = {
            "HANDRAIL_DATA_DIR": str(self.folder), "HANDRAIL_DATABASE_URL": self.url, DIED: str(self.died),
            "HANDRAIL_PORT": str(self.port), "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
            "HANDRAIL_FALLBACK_PAGER": f"json://127.0.0.1:{self.receiver.port}/fallback",
        }  # fmt: skip
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.dying", name, *self.programs[name]]
            return subprocess.Popen(command, env=others | own, cwd=ROOT, stdout=log, stderr=log)

    @contextlib.asynccontextmanager
    async def supervised(self) -> AsyncIterator[None]:
        """As an operator's supervisor does it, until the end of the block."""

        async def keep() -> None:
            while True:
                self.start()
                await asyncio.sleep(0.05)

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
            for process in self.processes.values():
                process.kill()
                process.wait()

    async def cries(self, name: str, flag_id: UUID) -> None:
        """Somebody's phone asks for help until it is told that this is kept."""
        body = {"id": str(flag_id), "occurred_at": clock.now().isoformat()}
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        async with (
            asyncio.timeout(PATIENCE),
            AsyncClient(headers=headers, timeout=8, trust_env=False) as phone,
        ):
            while name not in self.replies:
                with contextlib.suppress(HTTPError):
                    reply = await phone.post(f"{self.base}/v1/patients/me/crisis-flags", json=body)
                    if reply.status_code < 300:
                        self.replies[name] = reply.status_code
                        return
                    assert reply.status_code >= 500, reply.text
                await asyncio.sleep(0.1)

    async def answered(self) -> None:
        """The crisis service says that it has it, signed anew each time, until that is kept."""
        asked = self.arrived("hand-offs")
        if not asked:
            return  # it has nothing to answer, and the reckoning will say so
        data = asked[-1]["data"]
        raw = json.dumps({"hand_off_id": data["hand_off_id"], "answer": "acknowledged"})
        async with asyncio.timeout(PATIENCE), AsyncClient(timeout=8, trust_env=False) as service:
            while True:
                moment = clock.now()
                message_id = f"answer-{uuid7().hex}"
                headers = {
                    "webhook-id": message_id, "webhook-timestamp": str(int(moment.timestamp())),
                    "webhook-signature": Webhook(self.secret).sign(message_id, moment, raw),
                    "content-type": "application/json",
                }  # fmt: skip
                with contextlib.suppress(HTTPError):
                    reply = await service.post(data["answer_url"], headers=headers, content=raw)
                    if reply.status_code in {200, 409}:
                        return
                    assert reply.status_code >= 500, reply.text
                await asyncio.sleep(0.5)

    def arrived(self, path: str) -> list[Any]:
        """What has come to this address so far."""
        came = zip(self.receiver.arrived, self.receiver.bodies, strict=True)
        return [json.loads(body) for (to, _), body in came if to == path]

    async def is_up(self) -> None:
        """Wait until the API answers."""
        async with asyncio.timeout(PATIENCE), AsyncClient(trust_env=False) as client:
            while True:
                with contextlib.suppress(HTTPError):
                    await client.get(f"{self.base}/livez")
                    return
                await asyncio.sleep(0.1)

    async def has_paged(self, *names: str) -> None:
        """Wait until the fallback receiver has heard of them, or ought to have."""
        ids = [str(self.people[name].id) for name in names]
        for _ in range(LONGEST_SILENCE * 10):
            heard = " ".join(body["message"] for body in self.arrived("fallback"))
            if all(each in heard for each in ids):
                return
            await asyncio.sleep(0.1)

    async def all_is_sent(self) -> None:
        """Wait until nothing waits any more to be told outside."""
        await self.until("select id from page where status = 'waiting'")
        await self.until(
            "select e.id from webhook_endpoint e join feed_head h on h.organization_id = e.organization_id"
            " where e.purpose = 'events' and e.cursor < h.position"
        )
        await self.until("select id from webhook_delivery where status = 'waiting'")

    async def until(self, what: str, *values: Any) -> None:
        """Wait until this statement finds nothing any more."""
        begun = time.monotonic()
        while (left := self.rows(what, *values)) != []:
            assert time.monotonic() - begun < PATIENCE, f"{what}: {left}"
            await asyncio.sleep(0.2)

    async def drained(self) -> None:
        """Wait until the spool is empty."""
        store, begun = Store(self.folder / "spool", 16), time.monotonic()
        while (tally := store.tally()).waiting:
            assert tally.parked == 0
            assert time.monotonic() - begun < PATIENCE, f"{tally}"
            await asyncio.sleep(0.2)
        store.close()

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url, autocommit=True) as superuser:
            return superuser.execute(statement, values).fetchall()


OF = " join patient p on p.organization_id = x.organization_id and p.id = x.patient_id"
SAID = {
    "flags": "select p.given_name, raised_by_kind, rule, status, token_expired from crisis_flag x" + OF,
    "alerts": "select p.given_name, rule, severity, status, occurrences, cycle, step, timer_at is null"
    " from alert x" + OF,
    "log": "select p.given_name, x.rule, e.kind, e.cycle, e.step, e.tell from alert_entry e"
    " join alert x on x.organization_id = e.organization_id and x.id = e.alert_id" + OF,
    "occurrences": "select p.given_name, x.rule, o.number, o.source_kind from alert_occurrence o"
    " join alert x on x.organization_id = o.organization_id and x.id = o.alert_id" + OF,
    "pages": "select p.given_name, cycle, step, tell, channel, status from page x" + OF,
    "hand-offs": "select p.given_name, answer from hand_off x" + OF,
    "events": "select p.given_name, type, sequence from event x" + OF,
    "deliveries": "select p.given_name, type, sequence, status from webhook_delivery x" + OF,
    "trail": "select distinct p.given_name, action, resource, outcome from audit_entry x" + OF,
}
"""What is there, in words of the story: each of these lines as often as it is there."""


def there(mortals: Mortals) -> dict[str, list[Any]]:
    """What is in the database."""
    return {name: sorted(mortals.rows(statement), key=repr) for name, statement in SAID.items()}


def told(mortals: Mortals) -> dict[str, set[Any]]:
    """What has arrived outside: each once, however often it came."""
    names = {str(each.id): name for name, each in mortals.people.items()}
    alerts = {
        str(alert): (names[str(patient)], rule)
        for alert, patient, rule in mortals.rows("select id, patient_id, rule from alert")
    }
    pages = {alerts.get(alert) for to, alert in mortals.receiver.arrived if to == "pager"}
    handed = {names[each["data"]["patient_id"]] for each in mortals.arrived("hand-offs")}
    events = {
        (each["type"], names[each["data"]["patient_id"]], each["data"]["sequence"])
        for each in mortals.arrived("events")
    }
    fallback = {
        name for each in mortals.arrived("fallback") for key, name in names.items() if key in each["message"]
    }
    return {"pages": pages, "hand-offs": handed, "events": events, "fallback": fallback}
