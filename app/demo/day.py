"""One day in a program, played over HTTP: patients tell how they are, and a counselor sees who needs them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from statistics import median
from typing import Any, NamedTuple

import httpx
from uuid_utils.compat import uuid7

from app import clock
from app.demo import reach
from app.demo.course import any_day, any_week
from app.demo.ear import LISTEN_SECONDS, Ear
from app.demo.sign_ins import Person, SignIns
from app.demo.visitor import Visitor

WAKING_HOURS = 14
AT_ONCE = 4
"""Sign-ins at a time: each costs the server a password hash."""
LAST_WORD_SECONDS = 5.0
PAGED_SECONDS = 20.0
"""How long is waited for a page; a demonstration without its worker or its pagers sends none."""
NOT_SAFE: dict[str, Any] = {"mood": 1, "feels_safe": False}


class Row(NamedTuple):
    """An alert as the counselor saw it: when, and how many seconds after the answer was sent."""

    at: datetime
    patient: str
    severity: str
    sentence: str
    seconds: float | None


class Paged(NamedTuple):
    """Who was paged first because somebody is not safe, and how many seconds after they said so."""

    person: str
    seconds: float


@dataclass
class Score:
    """What happened during the day. `told` counts the answers whose replies said that somebody was told."""

    check_ins: int = 0
    assessments: int = 0
    told: int = 0
    refused: int = 0
    rows: list[Row] = field(default_factory=list)
    paged: Paged | None = None

    def latencies(self) -> list[float]:
        """Seconds from sending an answer to seeing what it raised, shortest first."""
        return sorted(row.seconds for row in self.rows if row.seconds is not None)

    def summary(self) -> str:
        """A sentence or two for the end of the day."""
        text = f"{self.check_ins} check-ins and {self.assessments} assessments; {len(self.rows)} alerts seen"
        if seconds := self.latencies():
            text += (
                f", {1000 * median(seconds):.0f} ms after the answer was sent (median; the slowest"
                f" {1000 * seconds[-1]:.0f} ms)"
            )
        text += f". {self.refused} answers were refused." if self.refused else "."
        if self.paged is None:
            return text + " Nobody's pager was heard."
        person, after = self.paged
        return text + f" One patient did not feel safe: {person} was paged {after:.1f} s later."


async def play(
    sign_ins: SignIns,
    base_url: str,
    *,
    patients: int,
    speed: float,
    show: Callable[[Score], None],
    chance: Random,
) -> Score:
    """Play the day, `speed` times as fast as life; `show` is called whenever something happened.

    Raises httpx.HTTPError when the service is away or refuses a sign-in.
    """
    limits = httpx.Limits(max_connections=40)
    async with httpx.AsyncClient(base_url=base_url, timeout=15, limits=limits, trust_env=False) as http:
        counselor = await Visitor.signed_in(http, sign_ins.of("counselor")[0])
        cursor = (await counselor.get("/v1/alerts/feed", after="latest"))["next"]
        guests = await _sign_in_patients(http, counselor, sign_ins, patients)
        ear = Ear(http, reach.url(base_url))
        day = _Day(speed, show, guests[-1].patient_id if guests else None)
        listening = asyncio.create_task(ear.listen())
        watching = asyncio.create_task(day.watch(counselor, cursor))
        try:
            async with asyncio.TaskGroup() as group:
                for guest in guests:
                    group.create_task(day.live(guest, Random(chance.random())))  # noqa: S311 - an invented day
            await day.last_word(watching)
            await day.hear(ear, {person.username: person.name for person in sign_ins.people})
        finally:
            watching.cancel()
            listening.cancel()
            await asyncio.wait({watching, listening})
        return day.score


class _Guest(NamedTuple):
    """A patient who takes part, and their latest PHQ-9 total."""

    patient_id: str
    phq9: float | None
    visitor: Visitor


async def _sign_in_patients(
    http: httpx.AsyncClient, counselor: Visitor, sign_ins: SignIns, patients: int
) -> list[_Guest]:
    """As many of the counselor's patients as asked for, if there are so many."""
    caseload = (await counselor.get("/v1/caseload", limit=200))["items"]
    phq9 = {item["patient_id"]: item["phq9"] and item["phq9"]["total"] for item in caseload}
    chosen = [person for person in sign_ins.of("patient") if person.patient_id in phq9][:patients]
    places = asyncio.Semaphore(AT_ONCE)

    async def enter(person: Person) -> _Guest:
        assert person.patient_id is not None
        async with places:
            visitor = await Visitor.signed_in(http, person)
        return _Guest(person.patient_id, phq9[person.patient_id], visitor)

    return await asyncio.gather(*(enter(person) for person in chosen))


class _Day:
    """One of the patients, if any, is not safe (`crisis_of`)."""

    def __init__(self, speed: float, show: Callable[[Score], None], crisis_of: str | None) -> None:
        self.score = Score()
        self._crisis_of = crisis_of
        self._crisis_sent: float | None = None
        self._crisis_alert: str | None = None
        self._hour = 3600 / speed
        self._show = show
        self._sent: dict[str, float] = {}  # when the latest answer of a patient was sent, by the stopwatch

    async def live(self, guest: _Guest, chance: Random) -> None:
        """One patient's day: a check-in, and for every third one the weekly questionnaires later on."""
        await asyncio.sleep(chance.uniform(0, 0.8 * WAKING_HOURS) * self._hour)
        answers, note = any_day(chance)
        if is_crisis := guest.patient_id == self._crisis_of:
            answers, note, self._crisis_sent = NOT_SAFE, None, clock.stopwatch()
        if await self._send(guest, "check-ins", {"answers": answers, "note": note}):
            self.score.check_ins += 1
        if not is_crisis and chance.random() < 1 / 3:
            await asyncio.sleep(chance.uniform(0.1, 0.2) * WAKING_HOURS * self._hour)
            for instrument, given in any_week(chance, guest.phq9).items():
                body = {"instrument": instrument, "answers": given}
                self.score.assessments += await self._send(guest, "assessments", body)
        self._show(self.score)

    async def _send(self, guest: _Guest, what: str, body: dict[str, Any]) -> bool:
        now = clock.now().isoformat(timespec="seconds")
        self._sent[guest.patient_id] = clock.stopwatch()
        try:
            reply = await guest.visitor.post(
                f"/v1/patients/me/{what}",
                {"id": str(uuid7()), "occurred_at": now, "time_zone": "UTC", **body},
            )
        except httpx.HTTPError:
            self.score.refused += 1
            return False
        self.score.told += reply["care_team_told"]
        return True

    async def watch(self, counselor: Visitor, cursor: str) -> None:
        """See every alert that is opened or repeated."""
        async for event in counselor.follow(cursor):
            seen, sent = clock.stopwatch(), self._sent.get(event["patient_id"])
            if event["type"] not in {"alert.opened", "alert.repeated", "alert.reopened"}:
                continue
            alert = await counselor.get(f"/v1/alerts/{event['alert_id']}")
            if event["patient_id"] == self._crisis_of and alert["severity"] == "critical":
                self._crisis_alert = event["alert_id"]
            words = (alert["patient_name"], alert["severity"], alert["sentence"])
            self.score.rows.append(Row(clock.now(), *words, None if sent is None else seen - sent))
            self._show(self.score)

    async def last_word(self, watching: asyncio.Task[None]) -> None:
        """Wait a little for what is on its way: an answer that told somebody brings one alert or more."""
        until = clock.stopwatch() + LAST_WORD_SECONDS
        seen = -1
        while clock.stopwatch() < until and (seen < self.score.told or seen < len(self.score.rows)):
            seen = len(self.score.rows)
            await asyncio.sleep(0.3)
        if watching.done():
            watching.result()

    async def hear(self, ear: Ear, names: Mapping[str, str]) -> None:
        """Wait until a pager is heard because somebody is not safe, if there are pagers at all."""
        until = clock.stopwatch() + PAGED_SECONDS
        while self._crisis_alert and self._crisis_sent and ear.is_there and clock.stopwatch() < until:
            if heard := ear.first_about(self._crisis_alert):
                person = names.get(heard.person, heard.person)
                self.score.paged = Paged(person, heard.at - self._crisis_sent)
                return
            await asyncio.sleep(LISTEN_SECONDS)
