"""Whatever was lived, nothing is missing as long as nobody deletes it; and what was deleted comes back, the
same and nothing else. The live evaluation is the oracle of the one in hindsight."""

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.access import Actor
from app.database import unit_of_work
from app.errors import KeptConflict
from app.instruments.catalogue import CATALOGUE
from app.queries import programs, rule_sets
from app.rules.conditions import AllOf, AnyOf, Change, Count, Run, Threshold, Total
from app.rules.rule import Rule
from app.services import assessments, check_ins
from app.services import rule_sets as rule_set_services
from tests.people import Person
from tests.rules.making import rule
from tests.watcher.conftest import World

DAYS = 8
Found = set[tuple[str, Any, int, str]]


def found(world: World) -> Found:
    columns = "source_kind, source_id, source_revision, rule"
    return set(world.rows(f"select {columns} from alert_occurrence where source_kind <> 'absence'"))


def uncertain(world: World) -> set[Any]:
    """Answers that came in one batch and count as lived at the same moment: which was first, nobody knows."""
    tied = world.rows(
        "select one.id from check_in one, check_in other where one.patient_id = other.patient_id"
        " and one.id <> other.id and one.received_at = other.received_at and one.filed_at = other.filed_at"
    )
    return {answer_id for (answer_id,) in tied}


def actor(person: Person) -> Actor:
    kind = "patient" if person.role.value == "patient" else "staff"
    return Actor(person.organization_id, kind, person.id, person.role, person.credential_id)


class Life:
    """What somebody sends over some days: alone and in batches, late, revised, by a clock that is wrong."""

    def __init__(self, world: World, person: Person, chance: random.Random) -> None:
        self.world, self.person, self.chance = world, person, chance
        self.sent: list[tuple[Any, datetime]] = []
        self.sessions: list[UUID] = []

    async def send(self, now: datetime) -> None:
        kinds = ["one", "batch", "revision", "assessment", "session"]
        kind = self.chance.choices(kinds, [5, 2, 2, 3, 4])[0]
        if kind == "one":
            await self.check_in(self.lived_before(now), now)
        elif kind == "batch":
            items = [(self.lived_before(now), self.answers()) for _ in range(self.chance.randint(2, 4))]
            # as the batch's handler does
            for at, answers in sorted(
                items, key=lambda each: (each[1].get("feels_safe") is not False, each[0])
            ):
                await self.check_in(at, now, answers=answers)
        elif kind == "revision" and self.sent:
            known, at = self.chance.choice(self.sent)
            await self.check_in(at, now, known)
        elif kind == "session":
            await self.session(now)
        else:
            await self.assess(self.lived_before(now), now)

    def lived_before(self, now: datetime) -> datetime:
        late = self.chance.choices([timedelta(), timedelta(hours=5), timedelta(days=3), timedelta(days=500)],
                                   [6, 3, 2, 1])[0]  # fmt: skip
        return now - late * self.chance.random()

    def answers(self) -> dict[str, Any]:
        answers: dict[str, Any] = {"craving": self.chance.randint(4, 10), "mood": self.chance.randint(0, 10)}
        if self.chance.random() < 0.6:
            answers["sleep_hours"] = float(self.chance.randint(2, 9))
        if self.chance.random() < 0.1:
            answers["feels_safe"] = self.chance.random() < 0.5
        return answers

    async def check_in(
        self, at: datetime, now: datetime, known: UUID | None = None, answers: dict[str, Any] | None = None
    ) -> None:
        check_in_id = known or uuid7()
        draft = check_ins.Draft(check_in_id, at, "America/New_York", answers or self.answers(), None, None)
        with suppress(KeptConflict):
            async with unit_of_work(self.world.app.state.engine, self.person.organization_id) as db:
                await check_ins.submit(
                    db, actor(self.person), self.person.id, draft, accept_language=None, now=now
                )
        self.sent.append((check_in_id, at))

    async def session(self, now: datetime) -> None:
        """Of one yet to come, of one just begun, of one long over; or another word of one that is known."""
        ahead = self.chance.choice([-70, -20, -2, -1, 30])
        if not self.sessions or self.chance.random() < 0.7:
            self.sessions.append(await self.world.room.plan(now + timedelta(hours=ahead), 60))
        session_id = self.chance.choice(self.sessions)
        words = ["unexcused", "attended", "excused", "cancelled", "expected", "arrived"]
        status = self.chance.choices(words, [6, 2, 2, 1, 1, 1])[0]
        await self.world.room.record(self.person.id, session_id, status, now)

    async def assess(self, at: datetime, now: datetime) -> None:
        code = self.chance.choice(["phq-9", "gad-7", "craving-nrs"])
        items = {"phq-9": 9, "gad-7": 7}.get(code)
        names = (
            [f"{code.replace('-', '')}-{number + 1}" for number in range(items)] if items else ["craving-now"]
        )
        answers = {name: self.chance.choice([0, 1, 2, 3, 3]) for name in names}
        draft = assessments.Draft(uuid7(), code, None, at, "America/New_York", answers, None)
        async with unit_of_work(self.world.app.state.engine, self.person.organization_id) as db:
            await assessments.submit(
                db, actor(self.person), self.person.id, draft, catalogue=CATALOGUE, accept_language=None,
                now=now,
            )  # fmt: skip


def drawn(chance: random.Random) -> Sequence[Rule]:
    """Rules of every kind that an answer can bring to light, beside those of the default pack."""
    value = float(chance.randint(5, 9))
    return [
        rule(Run(signal="craving", op=">=", value=value, n=3), "own.run"),
        rule(Count(signal="mood", op="<=", value=5, at_least=3, window_days=4), "own.count"),
        rule(Total(signal="sleep_hours", window="program_week", op=">=", value=30.0), "own.week"),
        rule(Change(signal="mood", against="median", window_days=5, direction="fall", by=3), "own.median"),
        rule(
            AnyOf(
                conditions=(
                    Threshold(signal="phq9.total", op=">=", value=15),
                    Change(signal="craving", against="previous", direction="rise", by=4),
                )
            ),
            "own.mixed",
        ),
        rule(
            AllOf(
                conditions=(
                    Threshold(signal="craving", op=">=", value=7),
                    Count(
                        signal="session.missed", op=">=", value=1, at_least=1, window_days=5, per="reading"
                    ),
                )
            ),
            "own.missed",
        ),
        rule(Run(signal="session.attended", op="<", value=1, n=chance.randint(1, 3)), "own.away"),
    ]


async def publish(world: World, rules: Sequence[Rule], now: datetime) -> None:
    sam = actor(world.clinic.sam)
    async with unit_of_work(world.app.state.engine, world.clinic.organization_id) as db:
        program = await programs.find(db, sam, world.clinic.program_id)
        current = await rule_sets.in_version(db, program.id, program.rule_set_version)
        kept = [each for each in current.rules if not each.code.startswith("own.")]
        edition = rule_set_services.Edition(program.rule_set_version, "Another try.", [*kept, *rules])
        await rule_set_services.publish(db, sam, program.id, edition, now)


@pytest.mark.parametrize("seed", range(3))
async def test_live_and_hindsight_agree(world: World, seed: int) -> None:
    chance = random.Random(seed)
    lives = [Life(world, person, chance) for person in (world.clinic.ana, world.clinic.ben)]
    begun = world.now - timedelta(days=DAYS) + timedelta(hours=1)
    world.superuser.execute("update rule_set set published_at = %s", [begun])
    moments = sorted(begun + chance.random() * timedelta(days=DAYS - 0.1) for _ in range(70))
    publications = set(chance.sample(range(70), 4))
    for number, moment in enumerate(moments):
        if number in publications:
            await publish(world, drawn(chance), moment - timedelta(seconds=30))
        await chance.choice(lives).send(moment)
    world.superuser.execute("update enrollment set absence_due_at = %s", [world.now])

    before = found(world)
    assert len(before) > 60
    assert {"attendance", "check_in", "assessment"} == {kind for kind, *_ in before}
    assert {trouble.fault.value for trouble in await world.pass_by()} <= {"nobody_reached", "ladder_late"}
    assert found(world) == before

    world.delete_alerts(*(alert_id for (alert_id,) in world.rows("select id from alert")))
    await world.pass_by()
    assert found(world) <= before
    assert {source_id for _, source_id, _, _ in before - found(world)} <= uncertain(world)
