"""GET /v1/bootstrap: which questionnaires are due, and when the phone reminds of the check-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from uuid_utils.compat import uuid7

from app.sentences import sentence
from tests.api.test_bootstrap import PATH, check_in
from tests.api.test_leaves import add, patch
from tests.moments import at
from tests.people import Clinic, Person

# Monday, 10:00 in New York.
MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
FIRST = {"If-Match": '"1"'}
PHQ9 = {f"phq9-{item}": 0 for item in range(1, 10)}
USUAL = sentence("reminder.check_in", "en")
MISSED = sentence("reminder.missed", "en")


async def start(clinic: Clinic, moment: datetime = MONDAY, who: Person | None = None) -> Any:
    async with at(clinic, who or clinic.ana, moment) as client:
        reply = await client.get(PATH)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def due(clinic: Clinic, moment: datetime = MONDAY, who: Person | None = None) -> Any:
    return (await start(clinic, moment, who))["due"]["instruments"]


async def reminders(clinic: Clinic, moment: datetime = MONDAY) -> list[tuple[str, str]]:
    return [(each["day"], each["at"]) for each in (await start(clinic, moment))["reminders"]]


async def send_check_in(clinic: Clinic, moment: datetime) -> None:
    async with at(clinic, clinic.ana, moment) as client:
        body = check_in(moment.isoformat(), mood=6)
        assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201


async def take_phq9(clinic: Clinic, moment: datetime, who: Person | None = None) -> None:
    async with at(clinic, who or clinic.ana, moment) as client:
        body = {
            "id": str(uuid7()), "instrument": "phq-9", "occurred_at": moment.isoformat(),
            "time_zone": "America/New_York", "answers": PHQ9,
        }  # fmt: skip
        assert (await client.post("/v1/patients/me/assessments", json=body)).status_code == 201


async def change_program(clinic: Clinic, **changes: Any) -> None:
    reply = await clinic.adele.client.patch(f"/v1/programs/{clinic.program_id}", json=changes, headers=FIRST)
    assert reply.status_code == 200, reply.text


def new_stay(clinic: Clinic, psql: psycopg.Connection, starts_on: str) -> None:
    psql.execute("update enrollment set starts_on = %s where patient_id = %s", [starts_on, clinic.ana.id])


async def test_what_was_never_taken_is_due_since_the_first_day(clinic: Clinic) -> None:
    assert await due(clinic) == [
        {"instrument": code, "due_on": "2026-01-05", "overdue_days": 322} for code in ("phq-9", "gad-7")
    ]


async def test_what_was_taken_is_due_again_after_so_many_days(clinic: Clinic) -> None:
    await take_phq9(clinic, MONDAY - timedelta(days=20))
    await take_phq9(clinic, MONDAY - timedelta(days=8))
    assert {"instrument": "phq-9", "due_on": "2026-11-22", "overdue_days": 1} in await due(clinic)
    await take_phq9(clinic, MONDAY, clinic.ben)
    assert {"instrument": "phq-9", "due_on": "2026-11-22", "overdue_days": 1} in await due(clinic)
    await take_phq9(clinic, MONDAY)
    assert [each["instrument"] for each in await due(clinic)] == ["gad-7"]
    assert [each["instrument"] for each in await due(clinic, who=clinic.ben)] == ["gad-7"]


async def test_the_program_says_what_is_asked_and_how_often(clinic: Clinic) -> None:
    await change_program(clinic, cadence=[{"instrument": "phq-9", "every_days": 14}])
    await take_phq9(clinic, MONDAY - timedelta(days=13))
    assert await due(clinic) == []
    assert await due(clinic, MONDAY + timedelta(days=1)) == [
        {"instrument": "phq-9", "due_on": "2026-11-24", "overdue_days": 0}
    ]


async def test_nothing_is_due_before_the_stay_and_after_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    new_stay(clinic, psql, "2026-11-24")
    assert await due(clinic) == []
    assert [day for day, _ in await reminders(clinic)] == [f"2026-11-{day}" for day in range(24, 30)]
    assert await due(clinic, MONDAY + timedelta(days=1)) != []
    await patch(clinic, MONDAY + timedelta(days=2), status="completed")
    assert await due(clinic, MONDAY + timedelta(days=2)) == []
    assert await reminders(clinic, MONDAY + timedelta(days=2)) == []


async def test_nothing_is_asked_on_a_leave(clinic: Clinic, psql: psycopg.Connection) -> None:
    new_stay(clinic, psql, "2026-11-20")
    assert (await patch(clinic, MONDAY, status="on_leave", back_on="2026-11-26")).status_code == 200
    assert await due(clinic) == []
    assert [day for day, _ in await reminders(clinic)] == [f"2026-11-{day}" for day in range(26, 30)]
    # The status still says that she is on leave; the leave itself is over.
    back = datetime(2026, 11, 26, 15, tzinfo=UTC)
    began = await start(clinic, back)
    assert began["enrollment"]["status"] == "on_leave"
    assert [each["overdue_days"] for each in began["due"]["instruments"]] == [6, 6]


async def test_a_planned_leave_needs_no_status(clinic: Clinic) -> None:
    assert (await add(clinic, MONDAY, **{"from": "2026-11-25", "back_on": "2026-11-27"})).status_code == 201
    days = [day for day, _ in await reminders(clinic)]
    assert days == [f"2026-11-{day}" for day in (23, 24, 27, 28, 29)]
    assert await due(clinic, MONDAY + timedelta(days=2)) == []


async def test_what_falls_into_a_leave_is_due_on_the_return(clinic: Clinic) -> None:
    await take_phq9(clinic, MONDAY - timedelta(days=7))
    assert (await add(clinic, MONDAY, **{"from": "2026-11-23", "back_on": "2026-11-30"})).status_code == 201
    back = datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert (await due(clinic, back))[0] == {
        "instrument": "phq-9", "due_on": "2026-11-30", "overdue_days": 1,
    }  # fmt: skip


async def test_a_week_of_reminders_that_a_phone_can_keep_offline(clinic: Clinic) -> None:
    await send_check_in(clinic, MONDAY - timedelta(days=1))
    shown = (await start(clinic))["reminders"]
    assert shown[0] == {
        "at": "2026-11-24T00:00:00Z", "day": "2026-11-23", "kind": "check_in", "sentence": USUAL,
    }  # fmt: skip
    assert [each["day"] for each in shown] == [f"2026-11-{day}" for day in range(23, 30)]
    # From the second missed day on it says so.
    assert [each["sentence"] for each in shown] == [USUAL, USUAL] + [MISSED] * 5


async def test_who_has_checked_in_is_reminded_tomorrow(clinic: Clinic) -> None:
    await send_check_in(clinic, MONDAY)
    assert (await reminders(clinic))[0] == ("2026-11-24", "2026-11-25T00:00:00Z")


async def test_todays_reminder_is_gone_when_its_time_is_past(clinic: Clinic) -> None:
    evening = datetime(2026, 11, 24, 0, 1, tzinfo=UTC)
    assert (await reminders(clinic, evening))[0][0] == "2026-11-24"


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        ("America/New_York", ["2026-10-31T23:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"]),
        ("Europe/Madrid", ["2026-10-31T18:00:00Z", "2026-11-01T18:00:00Z", "2026-11-02T18:00:00Z"]),
        ("America/Phoenix", ["2026-11-01T02:00:00Z", "2026-11-02T02:00:00Z", "2026-11-03T02:00:00Z"]),
    ],
)
async def test_a_reminder_stays_at_seven_in_the_evening_over_the_clock_change(
    clinic: Clinic, zone: str, moments: list[str]
) -> None:
    """In New York the clocks are put back on 1 November; the zone is the patient's, not the program's."""
    await clinic.ana.client.patch("/v1/patients/me", json={"time_zone": zone}, headers=FIRST)
    saturday = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert [moment for _, moment in await reminders(clinic, saturday)][:3] == moments


async def test_a_reminder_in_the_hour_that_is_not_there_comes_an_hour_later(clinic: Clinic) -> None:
    await change_program(clinic, calendar={"remind_at": "02:30"})
    eve = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert (await reminders(clinic, eve))[:2] == [
        ("2027-03-14", "2027-03-14T07:30:00Z"),  # 03:30 in New York
        ("2027-03-15", "2027-03-15T06:30:00Z"),
    ]


async def test_only_the_days_on_which_the_program_asks(clinic: Clinic) -> None:
    await change_program(clinic, calendar={"check_in_days": [0, 2]})
    assert [day for day, _ in await reminders(clinic)] == ["2026-11-23", "2026-11-25"]


async def test_a_program_may_leave_the_phones_quiet(clinic: Clinic) -> None:
    await change_program(clinic, calendar={"remind_at": None})
    assert await reminders(clinic) == []


async def test_the_words_are_the_patients_and_may_be_the_programs(clinic: Clinic) -> None:
    await clinic.ana.client.patch("/v1/patients/me", json={"locale": "es"}, headers=FIRST)
    shown = (await start(clinic))["reminders"]
    assert {each["sentence"] for each in shown} == {sentence("reminder.missed", "es")}
    await change_program(clinic, sentences={"es": {"reminder.missed": "¿Cómo va todo?"}})
    assert {each["sentence"] for each in (await start(clinic))["reminders"]} == {"¿Cómo va todo?"}


async def test_staff_are_reminded_of_nothing(clinic: Clinic) -> None:
    start = (await clinic.clara.client.get(PATH)).json()
    assert (start["due"], start["reminders"]) == (None, [])


async def test_another_patients_leaves_and_answers_are_not_mine(clinic: Clinic) -> None:
    before = await start(clinic, who=clinic.ben)
    await patch(clinic, MONDAY, status="on_leave")
    await send_check_in(clinic, MONDAY)
    assert await start(clinic, who=clinic.ben) == before


async def test_a_calendar_that_this_release_cannot_read_costs_nobody_the_start(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute(
        """update program set calendar = '{"next_year": 1}', cadence = '[{"next": 1}]' where id = %s""",
        [clinic.program_id],
    )
    began = await start(clinic)
    assert began["due"]["instruments"] == []
    assert len(began["reminders"]) == 7


async def test_what_is_due_is_read_in_one_statement(clinic: Clinic) -> None:
    await patch(clinic, MONDAY, status="on_leave")
    with statements_of(clinic.app) as statements:
        await start(clinic)
    assert sum("check_in" in statement for statement in statements) == 1
    assert sum("assessment" in statement for statement in statements) == 1


@contextmanager
def statements_of(app: FastAPI) -> Iterator[list[str]]:
    """Every statement that SQLAlchemy sends meanwhile."""
    statements: list[str] = []

    def sent(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", sent)
