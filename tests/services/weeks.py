"""Some weeks of a clinic, told through the API as they went: on time, late, offline, twice, differently."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from uuid_utils.compat import uuid7

from tests.moments import at
from tests.people import Clinic, Person

FIRST = datetime(2026, 9, 1, 13, tzinfo=UTC)
CHECK_INS = "/v1/patients/me/check-ins"
ASSESSMENTS = "/v1/patients/me/assessments"


def told(lived: datetime, **members: Any) -> dict[str, Any]:
    """The body of an answer that was lived then."""
    return {
        "id": str(uuid7()), "occurred_at": lived.isoformat(), "time_zone": "America/New_York", **members,
    }  # fmt: skip


def answers(chance: Random) -> dict[str, Any]:
    """How somebody is, now and then badly."""
    used = chance.random() < 0.1
    return {
        "mood": chance.randint(1, 9), "craving": chance.choice((1, 3, 5, 7, 7, 8, 9)),
        "sleep_hours": chance.choice((3.5, 4.5, 6.0, 7.5)), "used": used,
        **({"substances": ["opioids"]} if used else {}), "feels_safe": chance.random() > 0.05,
    }  # fmt: skip


async def _nothing(day: int) -> None:
    pass


class Phone:
    """One person's phone. `before` is awaited ahead of each sending, with its moment, and `evening` at the
    end of each day, with its number."""

    def __init__(
        self,
        clinic: Clinic,
        person: Person,
        before: Callable[[datetime], Awaitable[None]],
        evening: Callable[[int], Awaitable[None]] = _nothing,
    ) -> None:
        self.clinic, self.person, self.before, self.evening = clinic, person, before, evening

    async def send(self, now: datetime, path: str, body: dict[str, Any]) -> None:
        """Send an answer at this moment."""
        await self.before(now)
        async with at(self.clinic, self.person, now) as client:
            reply = await client.post(path, json=body)
        assert reply.status_code in {200, 201, 409}, reply.text


async def live_through(phone: Phone, days: int, seed: int) -> None:
    """Most days bring a check-in, every fourth questionnaires; some come late, some again or otherwise."""
    chance, offline = Random(seed), list[dict[str, Any]]()
    for day in range(days):
        if day:
            await phone.evening(day - 1)
        now = FIRST + timedelta(days=day, minutes=chance.randint(0, 300))
        body = told(
            now - timedelta(minutes=chance.choice((0, 0, 0, 400, 2000, -10))), answers=answers(chance)
        )
        what_happens = chance.random()
        if what_happens < 0.15:
            continue
        if what_happens < 0.3:  # without a network
            offline.append(body)
            continue
        await phone.send(now, CHECK_INS, body)
        if what_happens < 0.4:
            again = {**body, "answers": answers(chance)} if what_happens < 0.35 else body
            await phone.send(now + timedelta(hours=1), CHECK_INS, again)
        if offline:
            await phone.send(now + timedelta(hours=2), f"{CHECK_INS}/batch", {"items": offline})
            offline.clear()
        if day % 4 == 0:
            await _questionnaires(phone, now + timedelta(hours=3), chance)


async def _questionnaires(phone: Phone, now: datetime, chance: Random) -> None:
    for code, items, prefix in (("phq-9", 9, "phq9"), ("gad-7", 7, "gad7")):
        given = {f"{prefix}-{item}": chance.choice((0, 1, 2, 3)) for item in range(1, items + 1)}
        if code == "phq-9" and chance.random() < 0.7:
            given["phq9-9"] = 0
        body = told(now, instrument=code, answers=given)
        await phone.send(now, ASSESSMENTS, body)
    craving = told(now, instrument="craving-nrs", answers={"craving-now": chance.randint(0, 10)})
    await phone.send(now + timedelta(minutes=1), ASSESSMENTS, craving)
