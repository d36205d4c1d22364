"""Reads the stories of attendance, and plays them on the real services, sweeps and rules, with a clock that
the stories move."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app import sweeps
from app.access import Actor, Role
from app.database import unit_of_work
from app.instruments.catalogue import CATALOGUE
from app.queries import hours
from app.services import (
    absence_notices,
    alerts,
    arrivals,
    assessments,
    enrollments,
    leaves,
    make_ups,
    rosters,
    treatment_sessions,
)
from app.services.absence_notices import Notice
from app.services.rosters import Item
from app.treatment.recording import Said
from app.treatment.week import report, span_of, times
from tests.people import add_organization, add_person
from tests.treatment.sessions import CODE, NEW_YORK, Timetable

STORIES = Path(__file__).with_suffix(".txt")
ZONE = ZoneInfo(NEW_YORK)
MONTHS = {"": 11, "Nov": 11, "Oct": 10, "Mar": 3}
DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+(?: Oct| Mar)?"
REF = rf"the ({DAY} [a-z][a-z-]*(?: check-in)?)"
CLOCK = r"(\d\d:\d\d)"
TIMES = rf"(?:, (?:from {CLOCK} ?)?(?:until {CLOCK})?)?"
KINDS = {"telehealth check-in": "telehealth_check_in"}

SESSION = re.compile(rf"([A-Z][a-z]+(?: check-in)?) ({DAY}), (\d\d:\d\d)-(\d\d:\d\d)(?:, (.+))?")
EVENT = re.compile(rf"({DAY}) (\d\d:\d\d)  (.+)")
EXPECTED = re.compile(r"=> (.+)")


class Story(NamedTuple):
    """What happened, line by line, under a title that says what it is about."""

    title: str
    lines: Sequence[str]


def stories() -> list[Story]:
    """Every story of the file, in its order."""
    blocks = STORIES.read_text("utf-8").split("\n\n")
    told = [block.strip("\n").splitlines() for block in blocks if "\n  " in block]
    return [Story(title, [line.strip() for line in lines]) for title, *lines in told]


def day_of(words: str) -> date:
    """`Mon 2` is the second of November 2026; the weekday must be right."""
    weekday, number, *month = words.split()
    day = date(2026, MONTHS[month[0] if month else ""], int(number))
    assert day.strftime("%a") == weekday, f"{words} is a {day:%A}"
    return day


def moment_of(day: date, clock: str) -> datetime:
    """When the clock on the wall shows this. Of an hour that comes twice it is the first."""
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@dataclass
class Stage:
    """One organization in which one story takes place."""

    app: FastAPI
    psql: psycopg.Connection
    organization_id: UUID
    program_id: UUID
    ana: Actor
    clara: Actor
    sessions: dict[str, UUID] = field(default_factory=dict)
    now: datetime = datetime(2026, 2, 1, tzinfo=UTC)

    @classmethod
    async def empty(cls, app: FastAPI, psql: psycopg.Connection) -> "Stage":
        """Ana in her program, and clara, her counselor."""
        organization_id, program_id = await add_organization(app, "Riverside")
        people = [
            await add_person(app, organization_id, program_id, role, role.value)
            for role in (Role.PATIENT, Role.COUNSELOR)
        ]
        for person in people:
            await person.client.aclose()
        ana, clara = (
            Actor(organization_id, kind, person.id, person.role, person.credential_id)
            for kind, person in zip(("patient", "staff"), people, strict=True)
        )
        return cls(app, psql, organization_id, program_id, ana, clara)

    async def play(self, story: Story) -> None:
        """Everything in its order; what is expected last is looked at when every session is over."""
        last = max(at for at, line in enumerate(story.lines) if not EXPECTED.fullmatch(line))
        for at, line in enumerate(story.lines):
            if found := EXPECTED.fullmatch(line):
                await self._check(found[1])
            else:
                await self._tell(line)
            if at == last:
                await self._sweep_until(max(self.now, self._end_of_all()))

    async def _tell(self, line: str) -> None:
        if found := SESSION.fullmatch(line):
            await self._plan(*found.groups())
        elif found := re.fullmatch(rf"Ana's stay begins on ({DAY})", line):
            self._write(
                "update enrollment set starts_on = %s where patient_id = %s", day_of(found[1]), self.ana.id
            )
        else:
            found = EVENT.fullmatch(line)
            assert found, line
            await self._sweep_until(moment_of(day_of(found[1]), found[2]))
            await self._happen(found[3])

    async def _plan(self, kind: str, day: str, begins: str, ends: str, who: str | None) -> None:
        starts_at, ends_at = (moment_of(day_of(day), clock) for clock in (begins, ends))
        if ends_at <= starts_at:
            ends_at = moment_of(day_of(day) + timedelta(days=1), ends)
        assert who in {None, "in which Ana has no place", "Ana waits for a place"}
        table = Timetable(self.app.state.engine, self.organization_id, self.program_id)
        self.sessions[f"{day} {kind.lower()}"] = await table.group(
            starts_at, int((ends_at - starts_at) / timedelta(minutes=1)),
            kind=KINDS.get(kind.lower(), kind.lower()), places=() if who else (self.ana.id,),
            waiting=(self.ana.id,) if who == "Ana waits for a place" else (),
        )  # fmt: skip

    async def _happen(self, words: str) -> None:
        for pattern, act in EVENTS:
            if found := re.fullmatch(pattern, words):
                return await act(self, *found.groups())
        raise AssertionError(words)

    async def _sweep_until(self, moment: datetime) -> None:
        """Every sweep of sessions that was due until then, each at its own moment."""
        assert moment >= self.now, "a story goes forwards"
        find, act = sweeps.KINDS["treatment_session"]
        while (due := self._next_due()) is not None and due <= moment:
            async with unit_of_work(self.app.state.engine, self.organization_id) as db:
                for session_id in await find(db, due, 100):
                    assert await act(db, session_id, due)
        self.now = moment

    def _next_due(self) -> datetime | None:
        ((due,),) = self._rows(
            "select min(reckon_at) from treatment_session where organization_id = %s", self.organization_id
        )
        return None if due is None else due.astimezone(UTC)

    def _end_of_all(self) -> datetime:
        ((end,),) = self._rows(
            "select max(ends_at) from treatment_session where organization_id = %s", self.organization_id
        )
        return end.astimezone(UTC)

    async def _check(self, words: str) -> None:
        if found := re.fullmatch(
            rf"({DAY} [a-z][a-z-]*(?: check-in)?): (?:nothing is known|(\w+), (\d+) minutes)", words
        ):
            expected = [(found[2], int(found[3]))] if found[2] else []
            assert self._known(found[1]) == expected, words
        elif found := re.fullmatch(r"no alert|alerts: (.+)", words):
            assert self._alerts() == sorted((found[1] or "").split(", ") if found[1] else []), words
        else:
            found = re.fullmatch(rf"week of ({DAY}): (\d+) minutes", words)
            assert found, words
            assert await self._attended(day_of(found[1])) == int(found[2]), words

    def _known(self, name: str) -> list[tuple[str, int]]:
        return [
            (status, minutes)
            for status, minutes in self._rows(
                "select status, minutes from attendance where session_id = %s and patient_id = %s"
                " and revision > 0", self.sessions[name], self.ana.id,
            )
        ]  # fmt: skip

    def _alerts(self) -> list[str]:
        rows = self._rows(
            "select rule, severity, case status when 'resolved' then outcome else status end, resolved_by"
            " from alert where patient_id = %s and rule like 'session.%%'", self.ana.id,
        )  # fmt: skip
        for _, _, outcome, resolved_by in rows:
            assert (resolved_by is None) == (outcome in {"open", "made_up", "corrected"})
        return sorted(f"{rule} {severity} {outcome}" for rule, severity, outcome, _ in rows)

    async def _attended(self, week_of: date) -> int:
        """As the report on hours has it."""
        async with unit_of_work(self.app.state.engine, self.organization_id) as db:
            parts = await hours.parts(db, self.ana.id, span_of(week_of, 7, ZONE))
        (week,) = report([week_of], times(parts, self.now), ZONE)
        return week.attended

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.psql.execute(statement, values).fetchall()  # type: ignore[arg-type]  # fixed text

    def _write(self, statement: str, *values: Any) -> None:
        self.psql.execute(statement, values)  # type: ignore[arg-type]  # fixed text


Act = Callable[..., Awaitable[None]]


async def it_is_late(_: Stage) -> None:
    """Nothing but time has gone by."""


async def arrives(stage: Stage, name: str, day: str | None = None, clock: str | None = None) -> None:
    lived = moment_of(day_of(day), clock) if day and clock else stage.now
    engine, session_id = stage.app.state.engine, stage.sessions[name]
    async with unit_of_work(engine, stage.organization_id) as db:
        checked = await arrivals.check_code(db, stage.ana, session_id, CODE, None, stage.now)
    checked.require_right()
    async with unit_of_work(engine, stage.organization_id) as db:
        await arrivals.arrive(db, stage.ana, session_id, lived, locale="en", now=stage.now)


async def writes(
    stage: Stage, status: Any, name: str, begins: str | None, ends: str | None, platform: str | None
) -> None:
    session_id = stage.sessions[name]
    ((day,),) = stage._rows("select local_date from treatment_session where id = %s", session_id)
    given = {"arrived_at": begins, "left_at": ends}
    said = Said(status, **{name: moment_of(day, clock) for name, clock in given.items() if clock})
    item = Item(stage.ana.id, said, "telehealth" if platform else "staff")
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        result = await rosters.record_one(db, stage.clara, session_id, item, stage.now)
    assert result.attendance.source == item.source


async def will_not_come(stage: Stage, name: str, kind: Any) -> None:
    notice = Notice(kind, "Something came up.")
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await absence_notices.tell(db, stage.ana, stage.sessions[name], None, notice, stage.now)


async def books(stage: Stage, chosen: str, missed: str) -> None:
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await make_ups.book(db, stage.ana, stage.sessions[missed], None, stage.sessions[chosen], stage.now)


async def lets_count(stage: Stage, chosen: str, missed: str) -> None:
    ids = stage.sessions[missed], stage.ana.id, stage.sessions[chosen]
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await make_ups.book(db, stage.clara, *ids, stage.now)


async def gives_back(stage: Stage, missed: str) -> None:
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await make_ups.withdraw(db, stage.ana, stage.sessions[missed], None, stage.now)


async def is_cancelled(stage: Stage, name: str) -> None:
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await treatment_sessions.cancel(db, stage.clara, stage.sessions[name], "Fire alarm.", stage.now)


async def goes_on_leave(stage: Stage, first_day: str, back_on: str) -> None:
    draft = leaves.Draft(uuid7(), day_of(first_day), day_of(back_on))
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await leaves.plan(db, stage.clara, _stay(stage), draft, stage.now)


async def is_discharged(stage: Stage) -> None:
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await enrollments.change(
            db, stage.clara, _stay(stage), {"status": "discharged"}, version=1, now=stage.now
        )


async def answers_item_9(stage: Stage, value: str) -> None:
    given = {f"phq9-{item}": 0 for item in range(1, 9)} | {"phq9-9": int(value)}
    draft = assessments.Draft(uuid7(), "phq-9", None, stage.now, NEW_YORK, given, None)
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await assessments.submit(
            db, stage.ana, stage.ana.id, draft, catalogue=CATALOGUE, accept_language=None, now=stage.now
        )


async def resolves(stage: Stage, rule: str) -> None:
    ((alert_id, seen),) = stage._rows(
        "select id, occurrences from alert where patient_id = %s and rule = %s and status <> 'resolved'",
        stage.ana.id, rule,
    )  # fmt: skip
    async with unit_of_work(stage.app.state.engine, stage.organization_id) as db:
        await alerts.resolve(
            db, stage.clara, alert_id, outcome="contacted", note=None, occurrences_seen=seen, now=stage.now
        )


def _stay(stage: Stage) -> UUID:
    ((stay_id,),) = stage._rows("select id from enrollment where patient_id = %s", stage.ana.id)
    return UUID(str(stay_id))


EVENTS: Sequence[tuple[str, Act]] = (
    ("it is this late", it_is_late),
    (rf"Ana arrives at {REF}", arrives),
    (rf"Ana's phone tells that she arrived at {REF} on ({DAY}) at {CLOCK}", arrives),
    (rf'Clara writes "(\w+)" for {REF}{TIMES}(, as telehealth reports)?', writes),
    (rf"Ana tells that she will not come to {REF}: (\w+)", will_not_come),
    (rf"Ana books {REF} for {REF}", books),
    (rf"Clara counts {REF} for {REF}", lets_count),
    (rf"Ana gives back her chair for {REF}", gives_back),
    (rf"the program cancels {REF}", is_cancelled),
    (rf"Ana goes on leave from ({DAY}) until ({DAY})", goes_on_leave),
    ("Ana is discharged", is_discharged),
    (r"Ana answers PHQ-9 item 9 with (\d)", answers_item_9),
    (r"Clara resolves ([a-z_.]+)", resolves),
)
