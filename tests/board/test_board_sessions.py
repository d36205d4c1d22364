"""The board shows what is on today, who is missing from it, and whose week has too few hours."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
from playwright.async_api import BrowserContext, Locator, expect

from app.services import no_shows
from tests.attending import Room
from tests.board.conftest import Seat, Served
from tests.treatment.recorded import record
from tests.treatment.sessions import Timetable

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def open_sessions(seat: Seat, who: str = "clara") -> Locator:
    await seat.sign_in(who)
    await seat.page.get_by_role("link", name="Sessions now").click()
    await expect(seat.page.locator("#sessions-title")).to_be_visible()
    return seat.page.locator("#session-programs")


async def plan(served: Served, begins: timedelta, **how: object) -> UUID:
    """A group of ana and ben that begins so much later than now; three hours."""
    clinic = served.clinic
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    places = {"places": (clinic.ana.id, clinic.ben.id)}
    return await Timetable.of(clinic).group(now + begins, **{**places, **how})  # type: ignore[arg-type]  # as `group` takes them


async def test_who_is_missing_from_the_group_that_runs_and_who_comes(
    served: Served, context: BrowserContext, psql: psycopg.Connection
) -> None:
    seat = Seat(await context.new_page(), served)
    await seat.page.clock.install()
    await seat.arrive()
    psql.execute("update patient set phone = '+12025550199' where id = %s", [served.clinic.ben.id])
    session_id = await plan(served, -20 * MINUTE)
    row = (await open_sessions(seat)).locator("li.running")
    await expect(row).to_contain_text("Evening group (group)")
    await expect(row).to_contain_text("0 of 2 here, 2 missing")
    missing = row.get_by_role("list", name="Missing now").locator("li")
    await expect(missing).to_have_count(2)
    await expect(missing.first).to_contain_text("20 min after the start")
    await expect(seat.page.locator("#sessions-count")).to_contain_text("1 running")

    record(psql, session_id, served.clinic.ana.id, "arrived", datetime.now(UTC))
    await seat.page.clock.fast_forward("00:16")
    await expect(row).to_contain_text("1 of 2 here, 1 missing")
    await expect(missing).to_have_count(1)
    await expect(missing).to_contain_text("ben Example")
    await expect(missing.get_by_role("link")).to_have_attribute("href", "tel:+12025550199")
    assert seat.complaints == []


async def test_a_no_show_and_who_is_excused(served: Served, seat: Seat, psql: psycopg.Connection) -> None:
    session_id, now = await plan(served, -HOUR), datetime.now(UTC)
    ben = served.clinic.ben.id
    record(psql, session_id, ben, "excused", notice_kind="work", notice_at=now - 60 * HOUR)
    async with served.at_work() as db:
        assert await no_shows.reckon(db, session_id, now)
    row = (await open_sessions(seat)).locator("li.running")
    await expect(row).to_contain_text("0 of 2 here, 1 excused, 1 missing")
    await expect(row.locator(".missing li")).to_contain_text("60 min after the start, a no-show")


async def test_whose_week_has_too_few_hours_leads_to_the_alert(served: Served, seat: Seat) -> None:
    clinic = served.clinic
    room = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
    async with served.at_work() as db:
        cursor = await (await db.driver()).execute(
            "select id from enrollment where patient_id = %s", (clinic.ana.id,)
        )
        row = await cursor.fetchone()
    assert row is not None
    await room.hours_stand(clinic.ana.id, row[0], datetime.now(UTC), 180)
    short = (await open_sessions(seat)).locator(".short li")
    await expect(short).to_contain_text("the week falls 3 hours short")
    await short.get_by_role("link", name="ana Example").click()
    await expect(seat.page.locator("#detail-title")).to_have_text("ana Example")
    await expect(seat.page.locator("#to-alerts")).to_have_attribute("aria-current", "page")


async def test_dmitri_sees_his_own_program_only(served: Served, seat: Seat) -> None:
    await plan(served, -5 * MINUTE)
    programs = await open_sessions(seat, "dmitri")
    await expect(programs).to_contain_text("No more sessions today.")
    await expect(programs.get_by_text("Too few hours this week")).to_have_count(0)
    await expect(seat.page.locator("body")).not_to_contain_text("ana")


async def test_a_role_without_attendance_is_told_so(served: Served, seat: Seat) -> None:
    await seat.sign_in("adele")
    await seat.page.get_by_role("link", name="Sessions now").click()
    await expect(seat.page.locator("#sessions-fault")).to_have_text("Your role does not include this view.")
    seat.complaints.clear()


async def test_it_fits_a_phone_and_is_gone_after_signing_out(served: Served, seat: Seat) -> None:
    await plan(served, -5 * MINUTE, title="Extra group about what is hard in the evening, and what helps")
    await seat.page.set_viewport_size({"width": 360, "height": 740})
    await expect((await open_sessions(seat)).locator("li.running")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await seat.page.evaluate(overflow) == 0
    await seat.page.get_by_role("button", name="Sign out").click()
    await expect(seat.page.get_by_label("Password")).to_be_visible()
    await expect(seat.page.locator("body")).not_to_contain_text("ana Example")
