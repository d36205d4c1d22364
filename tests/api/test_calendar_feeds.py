"""POST and GET /v1/calendar-feeds, DELETE /v1/calendar-feeds/{id}: and what stands in a calendar."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from httpx import AsyncClient
from uuid_utils.compat import uuid7

from app.services.calendar_feeds import MOST_FEEDS
from tests.api.conftest import add_nora
from tests.api.timetable import LINK, ROOM, attends, place, planned
from tests.calendars.reading import Entry, read, seen, utc
from tests.moments import at
from tests.people import Clinic, Person

NOW = utc(2026, 11, 9, 15)
NEW_YORK = ZoneInfo("America/New_York")
EVENING = datetime(2026, 11, 9, 18, tzinfo=NEW_YORK)  # 23:00 UTC
FIRST, LAST = utc(2020, 1, 1), utc(2030, 1, 1)


async def made(client: AsyncClient, **body: Any) -> dict[str, Any]:
    reply = await client.post("/v1/calendar-feeds", json=body)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def path_of(feed: dict[str, Any]) -> str:
    """Without scheme and host."""
    return "/" + feed["url"].split("/", 3)[3]


async def subscribed(clinic: Clinic, person: Person, now: datetime = NOW, **body: Any) -> str:
    """What a calendar program reads of this person's sessions."""
    async with at(clinic, person, now) as client:
        path = path_of(await made(client, **body))
        reply = await clinic.nobody.get(path)
    assert reply.status_code == 200, reply.text
    return reply.text


async def entries(clinic: Clinic, person: Person, now: datetime = NOW, zone: str = "UTC") -> list[Entry]:
    return seen(await subscribed(clinic, person, now), FIRST, LAST, zone)


async def test_a_patient_reads_when_they_are_expected(clinic: Clinic) -> None:
    await planned(clinic, EVENING, EVENING + timedelta(days=2))
    assert await entries(clinic, clinic.ana) == [
        Entry("Appointment", "2026-11-09 23:00 UTC", "2026-11-10 02:00 UTC", "CONFIRMED"),
        Entry("Appointment", "2026-11-11 23:00 UTC", "2026-11-12 02:00 UTC", "CONFIRMED"),
    ]


async def test_the_evening_group_is_at_six_on_both_sides_of_both_changes_of_the_clocks(
    clinic: Clinic,
) -> None:
    """Clocks in New York are put back on November 1, 2026, and forward on March 14, 2027."""
    days = [(2026, 10, 30), (2026, 11, 2), (2027, 3, 12), (2027, 3, 15)]
    await planned(clinic, *(datetime(*each, 18, tzinfo=NEW_YORK) for each in days))
    now = utc(2026, 10, 20)
    assert [each.starts for each in await entries(clinic, clinic.ana, now, "America/New_York")] == [
        "2026-10-30 18:00 EDT", "2026-11-02 18:00 EST", "2027-03-12 18:00 EST", "2027-03-15 18:00 EDT",
    ]  # fmt: skip
    assert [each.starts[11:] for each in await entries(clinic, clinic.ana, now)] == [
        "22:00 UTC", "23:00 UTC", "23:00 UTC", "22:00 UTC",
    ]  # fmt: skip


async def test_it_tells_nobody_what_the_appointment_is(clinic: Clinic) -> None:
    await planned(clinic, EVENING, led_by=[clinic.clara])
    text = await subscribed(clinic, clinic.ana)
    (event,) = read(text).events
    assert (event["CLASS"], "LOCATION" in event, "URL" in event) == ("PRIVATE", False, False)
    told = ("group", "relapse", "room", "iop", "evening", "riverside", "clara", "ana", "meet", "handrail")
    assert [word for word in told if word in text.lower()] == []


async def test_the_place_is_shown_to_who_asks_for_it(clinic: Clinic) -> None:
    await planned(clinic, EVENING)
    await planned(clinic, EVENING + timedelta(days=1), room=None)
    await planned(clinic, EVENING + timedelta(days=2), telehealth_url=None)
    shown = read(await subscribed(clinic, clinic.ana, shows_place=True)).events
    assert [(each.location, each.url) for each in shown] == [(ROOM, LINK), (LINK, LINK), (ROOM, "")]


async def test_a_patient_reads_their_own_language(clinic: Clinic) -> None:
    await planned(clinic, EVENING)
    body = {"json": {"locale": "es"}, "headers": {"If-Match": '"1"'}}
    assert (await clinic.ana.client.patch("/v1/patients/me", **body)).status_code == 200
    calendar = read(await subscribed(clinic, clinic.ana))
    assert (calendar.calendar_name, calendar.events[0]["SUMMARY"]) == ("Citas", "Cita")


async def test_of_a_series_with_places_those_who_have_one_read_it(clinic: Clinic) -> None:
    first, second = await planned(clinic, EVENING, EVENING + timedelta(days=7), audience="places")
    assert await entries(clinic, clinic.ana) == []
    await place(clinic, first, clinic.ana, status="waiting")
    assert await entries(clinic, clinic.ana) == []
    await place(clinic, first, clinic.ben, first_day=date(2026, 11, 10))
    assert [each.starts for each in await entries(clinic, clinic.ben)] == ["2026-11-16 23:00 UTC"]
    await attends(clinic, second, clinic.ana, "expected", NOW)
    assert await entries(clinic, clinic.ana) == [], "a notice that has outlived the place"


async def test_who_is_booked_to_make_up_a_session_reads_it(clinic: Clinic) -> None:
    (missed,) = await planned(clinic, EVENING - timedelta(days=3))
    (other,) = await planned(clinic, EVENING, audience="places")
    missed_id = await attends(clinic, missed, clinic.ana, "unexcused", NOW)
    assert [each.starts for each in await entries(clinic, clinic.ana)] == ["2026-11-06 23:00 UTC"]
    await attends(clinic, other, clinic.ana, "expected", NOW, makes_up_id=missed_id)
    assert [each.starts for each in await entries(clinic, clinic.ana)] == [
        "2026-11-06 23:00 UTC",
        "2026-11-09 23:00 UTC",
    ]


async def test_a_staff_member_reads_what_they_lead(clinic: Clinic) -> None:
    await planned(clinic, EVENING, led_by=[clinic.clara, clinic.sam])
    await planned(clinic, EVENING + timedelta(days=1), led_by=[clinic.sam])
    assert [each.starts for each in await entries(clinic, clinic.clara)] == ["2026-11-09 23:00 UTC"]
    assert len(await entries(clinic, clinic.sam)) == 2
    assert await entries(clinic, clinic.dmitri) == []
    nora = await add_nora(clinic.app, clinic.organization_id)
    assert await entries(clinic, nora) == []


async def test_it_begins_four_weeks_back_and_ends_with_what_is_planned(clinic: Clinic) -> None:
    back = [EVENING - timedelta(days=days) for days in (29, 28, 27)]
    await planned(clinic, *back, EVENING + timedelta(days=300))
    assert [each.starts[:10] for each in await entries(clinic, clinic.ana)] == [
        "2026-10-12", "2026-10-13", "2027-09-05",
    ]  # fmt: skip


def sequence(text: str) -> tuple[int, str, datetime]:
    (event,) = read(text).events
    return event.sequence, str(event["STATUS"]), event.DTSTAMP


async def test_a_change_is_a_later_edition_of_the_same_entry(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    (session_id,) = await planned(clinic, EVENING)
    before = await subscribed(clinic, clinic.ana)
    psql.execute(
        "update treatment_session set starts_at = starts_at + '1 hour', row_version = 2 where id = %s",
        [session_id],
    )
    after = await subscribed(clinic, clinic.ana)
    assert [each.starts for each in seen(after, FIRST, LAST)] == ["2026-11-10 00:00 UTC"]
    assert [sequence(text)[0] for text in (before, after)] == [0, 1]
    assert {str(read(text).events[0]["UID"]) for text in (before, after)} == {str(session_id)}


async def test_one_that_the_program_cancels_stays_as_cancelled(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    (session_id,) = await planned(clinic, EVENING, led_by=[clinic.clara])
    psql.execute(
        "update treatment_session set status = 'cancelled', cancelled_at = %s, row_version = 2 where id = %s",
        [NOW, session_id],
    )
    for person in (clinic.ana, clinic.clara):
        assert sequence(await subscribed(clinic, person)) == (1, "CANCELLED", NOW)


async def test_one_that_somebody_is_excused_from_is_cancelled_for_them_alone(clinic: Clinic) -> None:
    (session_id,) = await planned(clinic, EVENING, led_by=[clinic.clara])
    await attends(clinic, session_id, clinic.ana, "excused", NOW)
    assert sequence(await subscribed(clinic, clinic.ana)) == (1, "CANCELLED", NOW)
    assert [sequence(await subscribed(clinic, person))[1] for person in (clinic.ben, clinic.clara)] == [
        "CONFIRMED",
        "CONFIRMED",
    ]


async def test_nothing_is_expected_of_who_is_on_leave(clinic: Clinic) -> None:
    await planned(clinic, EVENING, EVENING + timedelta(days=7))
    stays = (await clinic.ana.client.get("/v1/patients/me/enrollments")).json()["items"]
    leave = {"from": "2026-11-09", "back_on": "2026-11-12"}
    async with at(clinic, clinic.sam, NOW) as client:
        reply = await client.post(f"/v1/enrollments/{stays[0]['id']}/leaves", json=leave)
        assert reply.status_code == 201, reply.text
    assert [each.starts for each in await entries(clinic, clinic.ana)] == ["2026-11-16 23:00 UTC"]


async def test_the_address_is_shown_once_and_kept_as_a_hash(clinic: Clinic, psql: psycopg.Connection) -> None:
    async with at(clinic, clinic.ana, NOW) as client:
        feed = await made(client, shows_place=True)
        items = (await client.get("/v1/calendar-feeds")).json()["items"]
    shown = {"id": feed["id"], "shows_place": True, "created_at": "2026-11-09T15:00:00Z"}
    assert items == [shown]
    assert feed == {**shown, "url": feed["url"]}
    secret = path_of(feed).removeprefix("/v1/calendars/").removesuffix(".ics")
    assert feed["url"] == f"http://127.0.0.1:8000/v1/calendars/{secret}.ics"
    assert len(secret) == 86
    row = psql.execute("select to_jsonb(f)::text from calendar_feed f where id = %s", [feed["id"]]).fetchone()
    kept = psql.execute("select reply::text from idempotency_key").fetchall()
    assert row is not None
    assert secret not in f"{row} {kept}"
    assert len({path_of(await made(clinic.ana.client)) for _ in range(3)}) == 3


async def test_an_operator_says_under_which_name_calendars_find_it(clinic: Clinic) -> None:
    genuine = clinic.app.state.settings
    clinic.app.state.settings = genuine.model_copy(
        update={"public_url": "https://handrail.riverside.example/"}
    )
    try:
        feed = await made(clinic.ana.client)
    finally:
        clinic.app.state.settings = genuine
    assert feed["url"].startswith("https://handrail.riverside.example/v1/calendars/")


async def test_a_revoked_one_is_gone_and_again_is_fine(clinic: Clinic) -> None:
    feed, other = await made(clinic.ana.client), await made(clinic.ana.client)
    for _ in range(2):
        reply = await clinic.ana.client.delete(f"/v1/calendar-feeds/{feed['id']}")
        assert (reply.status_code, reply.content) == (204, b"")
    items = (await clinic.ana.client.get("/v1/calendar-feeds")).json()["items"]
    assert [each["id"] for each in items] == [other["id"]]
    statuses = [(await clinic.nobody.get(path_of(each))).status_code for each in (feed, other)]
    assert statuses == [404, 200]


async def test_so_many_and_no_more(clinic: Clinic) -> None:
    feeds = [await made(clinic.ana.client) for _ in range(MOST_FEEDS)]
    reply = await clinic.ana.client.post("/v1/calendar-feeds", json={})
    assert (reply.status_code, reply.json()["code"]) == (409, "too_many_feeds")
    await made(clinic.ben.client)
    await clinic.ana.client.delete(f"/v1/calendar-feeds/{feeds[0]['id']}")
    await made(clinic.ana.client)


@pytest.mark.parametrize("who", ["ben", "clara", "sam", "dmitri", "ivan"])
async def test_somebody_elses_does_not_exist(clinic: Clinic, who: str) -> None:
    feed = await made(clinic.ana.client)
    other = getattr(clinic, who).client
    assert (await other.get("/v1/calendar-feeds")).json() == {"items": []}
    assert (await other.delete(f"/v1/calendar-feeds/{feed['id']}")).status_code == 404
    assert (await clinic.nobody.get(path_of(feed))).status_code == 200


@pytest.mark.parametrize("who", ["adele", "olga"])
async def test_who_leads_no_sessions_has_none(clinic: Clinic, who: str) -> None:
    client = getattr(clinic, who).client
    replies = [
        await client.get("/v1/calendar-feeds"),
        await client.post("/v1/calendar-feeds", json={}),
        await client.delete(f"/v1/calendar-feeds/{uuid7()}"),
    ]
    assert [reply.status_code for reply in replies] == [403, 403, 403]


async def test_nobody_has_to_sign_in_first(clinic: Clinic) -> None:
    replies = [
        await clinic.nobody.get("/v1/calendar-feeds"),
        await clinic.nobody.post("/v1/calendar-feeds", json={}),
        await clinic.nobody.delete(f"/v1/calendar-feeds/{uuid7()}"),
    ]
    assert [reply.status_code for reply in replies] == [401, 401, 401]


@pytest.mark.parametrize("body", [{"shows_place": "yes"}, {"shows_place": None}, {"name": "Phone"}, []])
async def test_what_is_no_such_body_makes_nothing(clinic: Clinic, body: object) -> None:
    assert (await clinic.ana.client.post("/v1/calendar-feeds", json=body)).status_code == 422
    assert (await clinic.ana.client.get("/v1/calendar-feeds")).json() == {"items": []}


async def test_making_and_revoking_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    for person in (clinic.ana, clinic.clara):
        feed = await made(person.client)
        await person.client.delete(f"/v1/calendar-feeds/{feed['id']}")
        rows = psql.execute(
            "select actor_id, action, resource, patient_id, outcome from audit_entry where resource_id = %s",
            [feed["id"]],
        ).fetchall()
        patient_id = person.id if person is clinic.ana else None
        assert rows == [(person.id, "calendar_feed:manage", "calendar_feed", patient_id, "done")] * 2
