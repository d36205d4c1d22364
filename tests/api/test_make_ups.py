"""GET /v1/sessions/{id}/make-ups, POST and DELETE …/make-up: another session instead of a missed one."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from tests.api.evenings import THURSDAY, TUESDAY, WEDNESDAY, Evening, moment, utc
from tests.people import Clinic, Person, add_person
from tests.treatment.sessions import Timetable

NEXT_MONDAY, NEXT_TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    """Ana has missed the group of Monday; there is another on Thursday."""
    evening = await Evening.planned(clinic, psql)
    evening.others["Thursday"] = await evening.table.group(moment("18:00", THURSDAY), title="Thursday")
    await evening.sweep("18:30")
    return evening


async def offered(
    evening: Evening, clock: str = "09:00", *, by: Person | None = None, query: str = ""
) -> Any:
    path = evening.path("make-ups") + query
    return await evening.ask("GET", path, by or evening.clinic.ana, clock, day=TUESDAY)


async def titles(evening: Evening, clock: str = "09:00") -> list[str]:
    return [each["title"] for each in (await offered(evening, clock)).json()["items"]]


async def book(
    evening: Evening, chosen: UUID | None = None, *, of: UUID | None = None, by: Person | None = None,
    clock: str = "09:00", day: date = TUESDAY, **more: Any,
) -> Any:  # fmt: skip
    sent = {"session_id": str(chosen or evening.others["Thursday"]), **more}
    path = evening.path("make-up", of)
    return await evening.ask("POST", path, by or evening.clinic.ana, clock, sent, day=day)


async def withdraw(
    evening: Evening, clock: str = "10:00", *, by: Person | None = None, query: str = ""
) -> int:
    path = evening.path("make-up") + query
    reply = await evening.ask("DELETE", path, by or evening.clinic.ana, clock, day=TUESDAY)
    return reply.status_code


async def test_what_would_make_up_for_it(evening: Evening) -> None:
    table, ben = evening.table, evening.clinic.ben.id
    for title, starts, more in (
        ("Tuesday at noon", moment("12:00", TUESDAY), {"minutes": 90}),
        ("Workshop", moment("09:00", WEDNESDAY), {"kind": "workshop", "capacity": None}),
        ("The last day", moment("20:59", NEXT_MONDAY), {"minutes": 180}),
    ):  # fmt: skip
        await table.group(starts, title=title, **more)
    for title, starts, more in (
        ("Too short", moment("12:00", WEDNESDAY), {"minutes": 89}),
        ("Ben's own hour", moment("13:00", WEDNESDAY), {"kind": "individual", "places": (ben,)}),
        ("A family's", moment("14:00", WEDNESDAY), {"kind": "family"}),
        ("Begun", moment("08:59", TUESDAY), {}),
        ("Full", moment("15:00", WEDNESDAY), {"capacity": 1, "places": (ben,)}),
        ("Hers already", moment("18:00", WEDNESDAY), {"places": (evening.clinic.ana.id,)}),
        ("At the same time as hers", moment("20:00", WEDNESDAY), {}),
        ("Too late", moment("00:00", NEXT_TUESDAY), {}),
    ):  # fmt: skip
        await table.group(starts, title=title, **more)
    reply = await offered(evening)
    items = reply.json()["items"]
    assert [(each["title"], each["places_left"]) for each in items] == [
        ("Tuesday at noon", 12), ("Workshop", None), ("Thursday", 12), ("The last day", 12),
    ]  # fmt: skip
    assert reply.json()["booked"] is None
    assert (items[2]["starts_at"], items[2]["room"]) == (utc("18:00", THURSDAY), "Room 2")


async def test_nothing_of_another_program_of_a_leave_or_after_the_stay(
    evening: Evening, nora: Person, psql: psycopg.Connection
) -> None:
    elsewhere = Timetable(evening.table.engine, evening.table.organization_id, nora.program_id)
    await elsewhere.group(moment("12:00", WEDNESDAY), title="Elsewhere")
    assert await titles(evening) == ["Thursday"]
    path = f"/v1/patients/{evening.clinic.ana.id}/enrollments"
    stay = (await evening.ask("GET", path, evening.clinic.sam, "09:00", day=TUESDAY)).json()["items"][0]["id"]
    leave = {"from": "2026-11-26", "back_on": "2026-11-27"}
    made = await evening.ask(
        "POST", f"/v1/enrollments/{stay}/leaves", evening.clinic.sam, "09:00", leave, day=TUESDAY
    )
    assert made.status_code == 201
    assert await titles(evening) == []
    psql.execute("delete from leave_of_absence where id = %s", [made.json()["id"]])
    psql.execute("update enrollment set ends_on = '2026-11-25' where id = %s", [stay])
    assert await titles(evening) == []


async def test_nothing_for_who_was_there_or_is_only_expected(evening: Evening) -> None:
    await evening.write("19:00", status="attended")
    assert (await offered(evening)).json() == {"items": [], "booked": None}
    expected = await Evening.planned(evening.clinic, evening.psql)
    assert (await offered(expected)).json() == {"items": [], "booked": None}


async def test_a_chair_is_booked_and_given_back(evening: Evening, psql: psycopg.Connection) -> None:
    ana = evening.clinic.ana
    psql.execute("update enrollment set absence_due_at = null where patient_id = %s", [ana.id])
    reply = await book(evening)
    assert reply.status_code == 201, reply.text
    booked = reply.json()
    assert (booked["status"], booked["treatment_session"]["title"]) == ("expected", "Thursday")
    missed = psql.execute("select id from attendance where session_id = %s", [evening.id]).fetchone()
    assert missed and booked["makes_up_id"] == str(missed[0])
    looked = psql.execute("select absence_due_at from enrollment where patient_id = %s", [ana.id]).fetchone()
    assert looked == (moment("09:00", TUESDAY),), "what is scheduled has changed"
    shown = (await offered(evening)).json()
    assert (shown["items"], shown["booked"]["session_id"]) == ([], str(evening.others["Thursday"]))
    roster = evening.path("attendance", evening.others["Thursday"])
    seats = (await evening.ask("GET", roster, evening.clinic.clara, "10:00", day=TUESDAY)).json()["items"]
    assert [(each["patient_name"], each["is_expected"]) for each in seats] == [("ana Example", True)]
    assert await withdraw(evening) == 204
    assert await withdraw(evening) == 404
    assert evening.known(of=evening.others["Thursday"]) == ("cancelled", 0, 2)
    assert await titles(evening) == ["Thursday"]
    assert [row[:3] for row in evening.trail("absence:report") if row[1] == "attendance"][:1] == [
        (ana.id, "attendance", ana.id)
    ]


async def test_the_same_chair_again_is_the_same_and_another_one_is_not(evening: Evening) -> None:
    first, again = await book(evening), await book(evening)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await evening.table.group(moment("12:00", WEDNESDAY))
    refused = await book(evening, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "booked_already")
    assert await withdraw(evening) == 204
    assert (await book(evening, other)).status_code == 201
    assert (await book(evening)).status_code == 409
    assert await withdraw(evening) == 204
    back = await book(evening)
    assert (back.status_code, back.json()["revision"]) == (201, 3), "and back again"


async def test_what_cannot_be_chosen(evening: Evening, nora: Person) -> None:
    table = evening.table
    elsewhere = Timetable(table.engine, table.organization_id, nora.program_id)
    for chosen in (
        evening.id,
        uuid7(),
        await elsewhere.group(moment("12:00", WEDNESDAY)),
        await table.group(moment("12:00", WEDNESDAY), kind="individual"),
        await table.group(moment("08:00", TUESDAY)),
    ):
        reply = await book(evening, chosen)
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/session_id")
        assert reply.json()["errors"][0]["code"] == "not_offered"


async def test_there_must_be_something_to_make_up_for(evening: Evening) -> None:
    await evening.write("19:00", status="attended")
    reply = await book(evening)
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_to_make_up")
    assert (await book(evening, of=evening.others["Thursday"])).status_code == 409


async def asks(person: Person, path: str, sent: dict[str, str]) -> Response:
    """Again, as long as the service is too busy to say anything."""
    while True:
        reply = await person.client.post(path, json=sent)
        if reply.status_code != 503:
            return reply


async def test_fifty_clients_and_one_chair(clinic: Clinic, psql: psycopg.Connection) -> None:
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    async with AsyncExitStack() as stack:
        people = [
            await add_person(
                clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, f"p{number}"
            )
            for number in range(50)
        ]
        for each in people:
            await stack.enter_async_context(each.client)
        table = Timetable.of(clinic)
        everybody = tuple(each.id for each in people)
        missed = await table.group(now - timedelta(hours=20), places=everybody, capacity=None)
        chosen = await table.group(
            now + timedelta(hours=20), places=(clinic.ana.id, clinic.ben.id), capacity=3
        )
        items = [{"patient_id": str(each), "status": "excused"} for each in everybody]
        path = f"/v1/sessions/{missed}"
        assert (await clinic.clara.client.put(f"{path}/attendance", json={"items": items})).status_code == 200
        sent = {"session_id": str(chosen)}
        replies = await asyncio.gather(*(asks(each, f"{path}/make-up", sent) for each in people))
    told = sorted((each.status_code, each.json().get("code")) for each in replies)
    assert told == [(201, None), *[(409, "full")] * 49]
    count = psql.execute("select count(*) from attendance where session_id = %s", [chosen]).fetchone()
    assert count == (1,)


async def test_attending_it_makes_up_for_the_missed_one_and_closes_its_alert(evening: Evening) -> None:
    clinic, thursday = evening.clinic, evening.others["Thursday"]
    await book(evening)
    await evening.ask(
        "PUT",
        evening.path(f"attendance/{clinic.ana.id}", thursday),
        clinic.clara,
        "21:10",
        {"status": "attended"},
        day=THURSDAY,
    )
    assert evening.known() == ("made_up", 0, 2)
    (alert,) = (await clinic.clara.client.get("/v1/alerts?status=resolved")).json()["items"]
    assert (alert["rule"], alert["outcome"], alert["resolved_by"]) == ("session.missed", "made_up", None)
    again = await book(evening, day=THURSDAY, clock="21:15")
    assert again.status_code == 200, "it is so already"
    other = await book(
        evening, await evening.table.group(moment("18:00", NEXT_MONDAY)), day=THURSDAY, clock="21:15"
    )
    assert (other.status_code, other.json()["code"]) == (409, "nothing_to_make_up")


async def test_the_word_of_staff_about_the_missed_one_stands_until_the_make_up_changes(
    evening: Evening,
) -> None:
    clinic = evening.clinic
    path = evening.path(f"attendance/{clinic.ana.id}", evening.others["Thursday"])

    async def thursday(**body: Any) -> None:
        reply = await evening.ask("PUT", path, clinic.clara, "21:10", body, day=THURSDAY)
        assert reply.status_code == 200, reply.text

    await book(evening)
    await thursday(status="attended")
    await evening.write("21:20", day=THURSDAY, status="unexcused", reason="It does not count.")
    await thursday(status="attended", reason="Seen twice.")
    assert evening.known() == ("unexcused", 0, 3)
    await thursday(status="excused")
    await thursday(status="attended")
    assert evening.known() == ("made_up", 0, 4)


async def test_staff_book_and_give_back_for_a_patient(evening: Evening) -> None:
    clinic = evening.clinic
    named = {"patient_id": str(clinic.ana.id)}
    query = f"?patient_id={clinic.ana.id}"
    own_hour = await evening.table.group(
        moment("12:00", WEDNESDAY), kind="individual", minutes=90, capacity=1
    )
    assert [
        each["title"] for each in (await offered(evening, by=clinic.clara, query=query)).json()["items"]
    ] == ["Thursday"]
    reply = await book(evening, own_hour, by=clinic.clara, **named)
    assert (reply.status_code, reply.json()["source"]) == (201, "staff"), "of any kind"
    assert await withdraw(evening, by=clinic.sam, query=query) == 204


async def test_staff_let_count_what_was_attended(evening: Evening) -> None:
    clinic, thursday = evening.clinic, evening.others["Thursday"]
    named = {"patient_id": str(clinic.ana.id)}
    path = evening.path(f"attendance/{clinic.ana.id}", thursday)
    await evening.ask("PUT", path, clinic.clara, "21:10", {"status": "attended"}, day=THURSDAY)
    own = await book(evening, clock="21:15", day=THURSDAY)
    assert own.status_code == 422, "a patient cannot say so"
    first = await book(evening, by=clinic.clara, clock="21:15", day=THURSDAY, **named)
    again = await book(evening, by=clinic.clara, clock="21:16", day=THURSDAY, **named)
    assert (first.status_code, again.status_code) == (201, 200)
    assert evening.known() == ("made_up", 0, 2)
    too_late = await evening.table.group(moment("18:00", NEXT_TUESDAY))
    await evening.write("21:20", day=THURSDAY, status="unexcused")
    path = evening.path(f"attendance/{clinic.ana.id}", too_late)
    await evening.ask("PUT", path, clinic.clara, "21:10", {}, day=NEXT_TUESDAY)
    reply = await book(evening, too_late, by=clinic.clara, clock="21:15", day=NEXT_TUESDAY, **named)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "not_offered")


async def test_a_chair_is_not_given_back_when_the_session_has_begun(evening: Evening) -> None:
    await book(evening)
    path = evening.path("make-up")
    reply = await evening.ask("DELETE", path, evening.clinic.ana, "18:00", day=THURSDAY)
    assert reply.status_code == 404


async def test_a_place_in_the_series_is_not_given_away_while_chairs_are_counted(
    evening: Evening, psql: psycopg.Connection
) -> None:
    thursday = evening.others["Thursday"]
    with psql.transaction():
        psql.execute(
            "select 1 from session_series where id = (select series_id from treatment_session where id = %s)"
            " for no key update", [thursday],
        )  # fmt: skip
        waiting = asyncio.create_task(book(evening))
        await asyncio.sleep(0.3)
        assert not waiting.done()
    assert (await waiting).status_code == 201


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    ana = str(clinic.ana.id)
    for person, status in (
        (clinic.dmitri, 404), (clinic.ivan, 404), (nora, 404), (clinic.ben, 422), (clinic.adele, 403),
        (clinic.olga, 403),
    ):  # fmt: skip
        assert (await book(evening, by=person, patient_id=ana)).status_code == status
        assert (await offered(evening, by=person, query=f"?patient_id={ana}")).status_code == status
        assert await withdraw(evening, by=person, query=f"?patient_id={ana}") == status
    assert (await book(evening, by=clinic.clara)).json()["errors"][0]["pointer"] == "/patient_id"
    for method, rest in (("GET", "make-ups"), ("POST", "make-up"), ("DELETE", "make-up")):
        sent = {"session_id": str(evening.others["Thursday"])} if method == "POST" else None
        assert (await clinic.nobody.request(method, evening.path(rest), json=sent)).status_code == 401
    assert evening.known(of=evening.others["Thursday"]) is None
