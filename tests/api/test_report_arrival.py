"""POST /v1/sessions/{id}/arrival: a patient is in the room, and knows its code."""

import asyncio

import psycopg
import pytest

from app.access import Role
from app.services.arrivals import MOST_WRONG_CODES
from tests.api.evenings import TUESDAY, Evening, local, moment, utc
from tests.moments import at
from tests.people import Clinic, Person, add_person
from tests.treatment.sessions import CODE


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql)


async def test_somebody_is_there(evening: Evening) -> None:
    ana = evening.clinic.ana
    reply = await evening.arrive("17:56", occurred_at=local("17:56"))
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert (kept["status"], kept["arrived_at"], kept["source"]) == ("arrived", utc("17:56"), "patient")
    assert (kept["minutes"], kept["is_late"], kept["changed_by"]) == (0, False, str(ana.id))
    assert evening.trail("arrival:report") == [(ana.id, "attendance", ana.id, None, "done")]


async def test_the_same_call_again_is_the_same_arrival(evening: Evening) -> None:
    first = await evening.arrive("17:56", occurred_at=local("17:56"))
    again = await evening.arrive("18:30", occurred_at=local("17:56"))
    later = await evening.arrive("18:31", occurred_at=local("18:31"))
    assert (first.status_code, again.status_code, later.status_code) == (201, 200, 200)
    assert first.json() == again.json() == later.json()
    assert evening.known() == ("arrived", 0, 1)


async def test_three_calls_at_once_are_one_arrival(evening: Evening) -> None:
    path = evening.path("arrival")
    async with at(evening.clinic, evening.clinic.ana, moment("17:56")) as ana:
        replies = await asyncio.gather(*(ana.post(path, json={"code": CODE}) for _ in range(3)))
    assert sorted(each.status_code for each in replies) == [200, 200, 201]
    assert evening.known() == ("arrived", 0, 1)


@pytest.mark.parametrize("code", ["402913", "402 913", " 402913"])
async def test_a_code_is_taken_as_people_type_it(evening: Evening, code: str) -> None:
    assert (await evening.arrive("18:00", code=code)).status_code == 201


async def test_a_phone_without_a_clock_came_when_we_heard_of_it(evening: Evening) -> None:
    late = await evening.arrive("18:12")
    assert (late.json()["arrived_at"], late.json()["is_late"]) == (utc("18:12"), True)
    await evening.sweep("21:00")
    assert evening.known() == ("late", 168, 2)


async def test_a_phone_without_a_network_is_believed_within_the_session(evening: Evening) -> None:
    await evening.sweep("18:30")
    reply = await evening.arrive("08:00", day=TUESDAY, occurred_at=local("18:04"))
    assert reply.status_code == 201, reply.text
    assert (reply.json()["status"], reply.json()["minutes"]) == ("attended", 176)
    assert [each[2] for each in evening.alerts()] == ["corrected"]


@pytest.mark.parametrize(
    ("clock", "lived", "day"),
    [
        ("17:44", None, None),
        ("21:00", None, None),
        ("23:00", "21:30", None),
        ("21:01", "18:00", TUESDAY),
        ("17:30", "18:00", None),
    ],
)
async def test_when_the_door_is_shut(evening: Evening, clock: str, lived: str | None, day: object) -> None:
    sent = {"occurred_at": local(lived)} if lived else {}
    reply = await evening.arrive(clock, **({"day": TUESDAY} if day else {}), **sent)
    assert (reply.status_code, reply.json()["code"]) == (409, "not_open")
    assert reply.json()["detail"] == "We cannot take this now. Please ask the staff in the room to add you."
    assert evening.known() is None


async def test_a_clock_that_cannot_be_right_keeps_nobody_out(evening: Evening) -> None:
    reply = await evening.arrive("18:02", occurred_at="1970-01-01T00:00:00Z")
    assert (reply.status_code, reply.json()["arrived_at"]) == (201, utc("18:02"))


async def test_five_wrong_codes_and_no_more(evening: Evening, psql: psycopg.Connection) -> None:
    for _ in range(MOST_WRONG_CODES):
        reply = await evening.arrive("18:00", code="000000")
        assert (reply.status_code, [each["code"] for each in reply.json()["errors"]]) == (422, ["wrong_code"])
    reply = await evening.arrive("18:01")
    assert (reply.status_code, reply.json()["code"]) == (429, "too_many_wrong_codes")
    assert int(reply.headers["retry-after"]) > 0
    assert evening.known() == ("expected", 0, 0), "the count is kept, and nothing else is known"
    assert [row[4] for row in evening.trail("arrival:report")] == ["refused"] * MOST_WRONG_CODES
    # Staff add them, and the sweep misses who did not come.
    assert (await evening.write("18:10", status="attended")).json()["status"] == "arrived"


async def test_of_many_guesses_at_once_no_more_than_five_are_looked_at(evening: Evening) -> None:
    path = evening.path("arrival")
    async with at(evening.clinic, evening.clinic.ana, moment("18:00")) as ana:
        guesses = (ana.post(path, json={"code": f"{guess:06}"}) for guess in range(20))
        told = sorted([each.status_code for each in await asyncio.gather(*guesses)])
        assert told == [422] * MOST_WRONG_CODES + [429] * (20 - MOST_WRONG_CODES)
        assert (await ana.post(path, json={"code": CODE})).status_code == 429
    counts = evening.psql.execute("select wrong_codes from attendance where session_id = %s", [evening.id])
    assert counts.fetchall() == [(MOST_WRONG_CODES,)]


async def test_a_wrong_code_of_one_is_not_another_ones(evening: Evening) -> None:
    for _ in range(MOST_WRONG_CODES):
        await evening.arrive("18:00", code="000000")
    assert (await evening.arrive("18:00", by=evening.clinic.ben)).status_code == 201, "ben walks in"


async def test_who_was_missed_is_there_after_all(evening: Evening) -> None:
    await evening.sweep("18:30")
    assert evening.alerts() == [("session.missed", "open", None)]
    assert (await evening.arrive("18:40")).json()["is_late"] is True
    assert evening.alerts() == [("session.missed", "resolved", "corrected")]
    await evening.sweep("21:00")
    assert evening.known() == ("late", 140, 3)


async def test_who_was_excused_comes_after_all(evening: Evening, psql: psycopg.Connection) -> None:
    await evening.write("12:00", status="excused")
    assert (await evening.arrive("18:00")).status_code == 201
    kept = psql.execute("select excused_by from attendance where session_id = %s", [evening.id]).fetchall()
    assert kept == [(None,)]


async def test_what_staff_have_written_stands(evening: Evening) -> None:
    written = (await evening.write("18:05", status="attended", arrived_at=local("18:02"))).json()
    reply = await evening.arrive("18:10")
    assert (reply.status_code, reply.json()["arrived_at"]) == (200, written["arrived_at"])


async def test_a_session_that_is_cancelled(evening: Evening, psql: psycopg.Connection) -> None:
    psql.execute("update treatment_session set status = 'cancelled' where id = %s", [evening.id])
    reply = await evening.arrive("18:00")
    assert (reply.status_code, reply.json()["code"]) == (409, "session_cancelled")


async def test_refusals_speak_the_patients_language(evening: Evening, psql: psycopg.Connection) -> None:
    psql.execute("update patient set locale = 'es' where id = %s", [evening.clinic.ana.id])
    reply = await evening.arrive("18:00", code="1")
    assert reply.json()["errors"][0]["detail"] == ("Este no es el código de la sala. Mírelo otra vez.")
    reply = await evening.arrive("12:00")
    assert reply.json()["detail"] == "Ahora no se puede. Pida en la sala que le anoten."


async def test_who_has_no_stay_there_today(evening: Evening, psql: psycopg.Connection) -> None:
    psql.execute(
        "update enrollment set ends_on = '2026-11-20', status = 'completed' where patient_id = %s",
        [evening.clinic.ana.id],
    )
    assert (await evening.arrive("18:00")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"code": ""}, {"code": 402913}, {"code": "4" * 21}, {"code": "402913", "occurred_at": "now"}],
)
async def test_a_body_that_is_none(evening: Evening, body: dict[str, object]) -> None:
    reply = await evening.ask("POST", evening.path("arrival"), evening.clinic.ana, "18:00", body)
    assert reply.status_code == 422


async def test_a_patient_of_another_program_may_not_even_guess(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    olaf = await add_person(clinic.app, clinic.organization_id, nora.program_id, Role.PATIENT, "olaf")
    async with olaf.client:
        for code in ("000000", CODE):
            assert (await evening.arrive("18:00", by=olaf, code=code)).status_code == 404
    assert evening.known(olaf) is None


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    for person, status in (
        (clinic.dmitri, 404), (clinic.ivan, 404), (nora, 404), (clinic.clara, 403), (clinic.adele, 403),
        (clinic.olga, 403),
    ):  # fmt: skip
        assert (await evening.arrive("18:00", by=person)).status_code == status, person.role
    body = {"code": "402913"}
    assert (await clinic.nobody.post(evening.path("arrival"), json=body)).status_code == 401
    assert evening.known() is None
