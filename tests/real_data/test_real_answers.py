"""Every real answer to PHQ-9 and GAD-7 that we have is scored and evaluated, and finds exactly what a second
count finds. Those of every eighth patient go through the API, and open exactly its alerts; those of all
patients do in tests/chaos.

The rows are of different people; here each of 240 patients gives two dozen of them, two weeks apart, so that
changes, occurrences and resolved alerts matter as they would in a long stay.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from uuid_utils.compat import uuid7

from app.access import Role
from app.demo.answers import gad7_rows, phq9_rows
from app.instruments.catalogue import CATALOGUE
from app.instruments.scoring import score
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import findings_from
from app.rules.history import History
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet
from app.rules.signals import from_assessment
from tests.api.test_on_call_schedules import reach
from tests.people import Clinic, Person, add_person
from tests.real_data.recount import Recount, Row, total_of

NHANES = 5533
PATIENTS_OF_NHANES, PATIENTS_OF_UKM = 230, 10
EVERY = timedelta(days=14)
RESOLVED_AFTER = 5  # rows, of every second patient
AT_ONCE = 4

Visit = tuple[Row, Row | None]  # PHQ-9, and GAD-7 where the same person answered both


def stays() -> list[list[Visit]]:
    """The rows of each patient in their order. Every row is somebody's."""
    phq9, gad7 = phq9_rows(), gad7_rows()
    nhanes: list[Visit] = [(row, None) for row in phq9[:NHANES]]
    ukm: list[Visit] = list(zip(phq9[NHANES:], gad7, strict=True))
    found = [nhanes[number::PATIENTS_OF_NHANES] for number in range(PATIENTS_OF_NHANES)]
    return found + [ukm[number::PATIENTS_OF_UKM] for number in range(PATIENTS_OF_UKM)]


class Stay:
    """One patient's answers on their way through the API, beside the second count."""

    def __init__(self, clinic: Clinic, patient: Person, visits: list[Visit], is_resolved: bool) -> None:
        self.clinic = clinic
        self.patient = patient
        self.visits = visits
        self.is_resolved = is_resolved
        self.recount = Recount()
        self.occurrences: set[tuple[UUID, str]] = set()

    async def live(self) -> None:
        start = datetime.now(UTC) - EVERY * len(self.visits)
        for number, (phq9, gad7) in enumerate(self.visits):
            at = start + EVERY * number
            await self.answer("phq-9", phq9, at, self.recount.take_phq9(phq9))
            if gad7 is not None:
                await self.answer("gad-7", gad7, at + timedelta(minutes=5), self.recount.take_gad7(gad7))
            if self.is_resolved and number % RESOLVED_AFTER == RESOLVED_AFTER - 1:
                await self.resolve_all()

    async def answer(self, instrument: str, row: Row, at: datetime, rules: set[str]) -> None:
        assessment_id = uuid7()
        body = {
            "id": str(assessment_id), "instrument": instrument, "occurred_at": at.isoformat(),
            "time_zone": "America/Chicago", "answers": row,
        }  # fmt: skip
        reply = await self.patient.client.post("/v1/patients/me/assessments", json=body)
        assert reply.status_code == 201, reply.text
        kept = reply.json()
        assert kept["score"]["total"] == total_of(row)
        assert kept["care_team_told"] is bool(rules)
        assert (kept["help"] is not None) is ("si.phq9_item9" in rules)
        self.occurrences |= {(assessment_id, rule) for rule in rules}

    async def resolve_all(self) -> None:
        client, query = self.clinic.clara.client, {"patient_id": str(self.patient.id), "limit": 200}
        for alert in (await client.get("/v1/alerts", params=query)).json()["items"]:
            resolution = {"outcome": "contacted", "occurrences_seen": alert["occurrences"]}
            reply = await client.post(f"/v1/alerts/{alert['id']}/resolution", json=resolution)
            assert reply.status_code == 200, reply.text
        self.recount.resolve_all()


async def live_through(clinic: Clinic, psql: psycopg.Connection, every: int) -> None:
    """Let every so-manieth patient live their stay, and compare the alerts and what they stem from."""
    reach(psql, clinic.sam)
    lives = []
    for number, visits in enumerate(stays()):
        if number % every == 0:
            patient = await add_person(
                clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, f"p{number}"
            )
            lives.append(Stay(clinic, patient, visits, is_resolved=len(lives) % 2 == 0))
    waiting = iter(lives)

    async def live_one_after_the_other() -> None:
        for stay in waiting:
            await stay.live()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(live_one_after_the_other())

    expected = {stay.patient.id: stay.recount.alerts for stay in lives if stay.recount.alerts}
    assert alerts_in(psql, clinic) == expected
    found = psql.execute(
        "select source_id, rule from alert_occurrence where organization_id = %s", [clinic.organization_id]
    ).fetchall()
    assert len(found) == len(set(found))
    assert set(found) == set().union(*(stay.occurrences for stay in lives))
    stored = psql.execute(
        "select instrument, count(*), count(*) filter (where score->>'total' is null) from assessment"
        " where organization_id = %s group by 1 order by 1",
        [clinic.organization_id],
    ).fetchall()
    visits = [visit for stay in lives for visit in stay.visits]
    unscored = sum(total_of(phq9) is None for phq9, _ in visits)
    assert stored == [
        ("gad-7", sum(gad7 is not None for _, gad7 in visits), 0),
        ("phq-9", len(visits), unscored),
    ]
    assert len(found) > 1000 / every
    assert len(visits) >= (NHANES + 223) // every


async def test_alerts_are_exactly_those_of_a_second_count(clinic: Clinic, psql: psycopg.Connection) -> None:
    await live_through(clinic, psql, every=8)


def test_what_every_answer_finds_is_what_a_second_count_finds() -> None:
    """By the evaluator alone, over all of them."""
    rules = RuleSet(version=1, rules=DEFAULT_PACK.rules)
    at, answers, unscored = datetime(2026, 1, 5, tzinfo=UTC), Counter[str](), 0
    for visits in stays():
        recount, readings = Recount(), list[Reading]()
        for phq9, gad7 in visits:
            for instrument, row in (("phq-9", phq9), ("gad-7", gad7)):
                if row is None:
                    continue
                at += EVERY / 2
                source = Source("assessment", uuid7(), 0)
                scored = score(CATALOGUE.instrument(instrument), row)
                assert scored.total == total_of(row)
                readings += from_assessment(
                    instrument, row, total=scored.total, subscales=scored.subscales, severity=scored.severity,
                    at=at, day=at.date(), received_at=at, source=source,
                )  # fmt: skip
                history = History(readings, enrolled_at=at, time_zone=ZoneInfo("UTC"))
                found = [finding.rule.code for finding in findings_from(rules, history, source, at, at)]
                expected = recount.take_phq9(row) if instrument == "phq-9" else recount.take_gad7(row)
                assert sorted(found) == sorted(expected)
                answers[instrument] += 1
                unscored += scored.total is None
    assert answers == {"phq-9": 5756, "gad-7": 223}
    assert unscored == sum(total_of(row) is None for row in phq9_rows()) > 0


def alerts_in(psql: psycopg.Connection, clinic: Clinic) -> dict[UUID, dict[str, list[int]]]:
    found: dict[UUID, dict[str, list[int]]] = defaultdict(dict)
    rows: list[tuple[Any, ...]] = psql.execute(
        "select patient_id, rule, occurrences from alert where organization_id = %s order by opened_at, id",
        [clinic.organization_id],
    ).fetchall()
    for patient_id, rule, occurrences in rows:
        found[patient_id].setdefault(rule, []).append(occurrences)
    return dict(found)


def test_the_second_count_counts() -> None:
    """By hand: so that two equal mistakes are less likely."""
    row = {f"phq9-{item}": 1 for item in range(1, 10)}
    assert total_of(row) == 9
    assert total_of(row | {"phq9-1": None, "phq9-2": 3}) == 11  # 10 of 8 items x 9 = 11.25
    assert total_of(row | {"phq9-1": None, "phq9-2": None, "phq9-3": None}) is None
    person = Recount()
    assert person.take_phq9(row) == {"si.phq9_item9"}
    assert person.take_phq9(dict.fromkeys(row, 0)) == set()
    assert person.take_phq9(row | {"phq9-9": None}) == {"phq9.deterioration"}  # 9 against the best, 0
    person.resolve_all()
    assert person.take_phq9(dict.fromkeys(row, 3)) == {"si.phq9_item9", "phq9.severe", "phq9.deterioration"}
    assert person.alerts == {"si.phq9_item9": [1, 1], "phq9.deterioration": [1, 1], "phq9.severe": [1]}
