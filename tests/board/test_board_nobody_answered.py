"""The board shows who was told, who is told next, and what happens when nobody answers."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect
from uuid_utils.compat import uuid7

from app.access import Actor
from app.ladders.on_call import Rotation
from app.services import on_call, programs
from tests.board.conftest import Seat, Served

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def open_first(seat: Seat) -> Locator:
    await seat.page.locator("#alert-list a").first.click()
    await expect(seat.page.locator("#detail-title")).to_be_visible()
    return seat.page.locator("#detail")


async def sign_in_live(seat: Seat, who: str) -> None:
    await seat.sign_in(who)
    await expect(seat.page.locator("#connection")).to_have_text("Live", timeout=30_000)


def line(detail: Locator, text: str) -> Locator:
    """A line of what happened."""
    return detail.locator(".log li").filter(has_text=text)


async def test_who_was_told_and_who_is_told_next(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara", "sam")
    await served.check_in("ana", feels_safe=False)
    await sign_in_live(seat, "clara")
    detail = await open_first(seat)
    await expect(line(detail, "Told")).to_contain_text("the primary counselor")
    await expect(line(detail, "Page to clara by pager")).to_contain_text("on its way")
    await expect(detail.locator(".coming")).to_have_text(
        re.compile("^If nobody answers, whoever is on call is told in [45] min.$")
    )
    await served.settle_pages(delivered=True, code="sent")
    await expect(line(detail, "Page to clara by pager: delivered")).to_have_count(1)


async def test_the_next_one_is_told_while_the_page_is_open(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara", "sam")
    await served.check_in("ana", feels_safe=False)
    await sign_in_live(seat, "clara")
    detail = await open_first(seat)
    await served.settle_pages(delivered=True, code="sent")
    await expect(line(detail, "delivered")).to_have_count(1)
    await served.ring(6 * MINUTE)
    await expect(line(detail, "Nobody to tell: whoever is on call")).to_have_count(1)
    await expect(line(detail, "Told: the supervisor")).to_have_count(1)
    await expect(line(detail, "Page to sam by pager")).to_have_count(1)
    await expect(detail.locator(".coming")).to_contain_text("the primary counselor is told")


async def test_a_page_that_failed_says_why_and_the_next_one_is_told(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara", "sam")
    await served.check_in("ana", feels_safe=False)
    await served.settle_pages(delivered=False, code="refused")
    await seat.sign_in("clara")
    detail = await open_first(seat)
    await expect(line(detail, "Page to clara")).to_contain_text("not delivered, it was refused")
    await expect(line(detail, "Not reached: the primary counselor")).to_have_count(1)
    await expect(detail.locator(".coming")).to_contain_text("whoever is on call is told at any moment")


async def test_an_acknowledgement_on_which_nothing_follows_runs_out(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara")
    await served.check_in("ana", feels_safe=False)
    await sign_in_live(seat, "clara")
    detail = await open_first(seat)
    await seat.page.get_by_role("button", name="Acknowledge").click()
    await expect(detail.locator(".coming")).to_have_text(
        re.compile(
            "^If nothing more is done, it is open again in 1[45] min, and the primary counselor is told.$"
        )
    )
    await served.ring(16 * MINUTE)
    await expect(line(detail, "Nothing was done about it in time: open again")).to_have_count(1)
    await expect(seat.page.get_by_role("button", name="Acknowledge")).to_be_visible()


async def test_snoozing_lets_the_ladder_rest_and_it_wakes(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara")
    await served.check_in("ana", craving=9)
    await sign_in_live(seat, "clara")
    detail = await open_first(seat)
    await (
        seat.page.get_by_role("group", name="Snooze")
        .get_by_role("button", name="4 hours", exact=True)
        .click()
    )
    await expect(detail.locator(".notice")).to_have_text("Snoozed for 4 hours.")
    await expect(detail.locator(".coming")).to_contain_text("Snoozed until")
    await expect(detail.locator(".coming")).to_contain_text("the primary counselor is told, in 4 h")
    await expect(seat.page.locator("#alert-list li")).to_contain_text("Snoozed until")
    await expect(line(detail, "Snoozed by clara until")).to_have_count(1)
    kept = await served.get("clara", f"/v1/alerts/{seat.page.url.rsplit('/', 1)[1]}")
    until = datetime.fromisoformat(kept["snoozed_until"])
    assert timedelta() <= datetime.now(UTC) + 4 * HOUR - until < MINUTE

    await served.ring(4 * HOUR)
    await expect(line(detail, "The snooze is over: open again")).to_have_count(1)
    await expect(seat.page.locator("#alert-list")).not_to_contain_text("Snoozed until")


async def test_what_is_critical_or_done_cannot_be_snoozed(served: Served, seat: Seat) -> None:
    await served.check_in("ana", feels_safe=False)
    await seat.sign_in("clara")
    detail = await open_first(seat)
    snoozing = detail.locator(".snooze")
    await expect(snoozing).to_be_hidden()
    await served.check_in("ben", craving=9)
    await seat.page.locator("#alert-list a", has_text="ben Example").click()
    await expect(snoozing).to_be_visible()
    await seat.page.get_by_label("Outcome").select_option(label="Contacted")
    await seat.page.get_by_role("button", name="Resolve").click()
    await expect(snoozing).to_be_hidden()
    await expect(detail.locator(".coming")).to_be_hidden()


async def schedule(served: Served, member: Any) -> None:
    """One who has the pager of the program every week, or nobody."""
    clinic, now = served.clinic, datetime.now(UTC)
    sam = Actor(clinic.organization_id, "staff", clinic.sam.id, clinic.sam.role, clinic.sam.credential_id)
    rotation = Rotation(starts_on=date(2026, 1, 5), hand_over="09:00", members=(member,))  # type: ignore[arg-type] - read
    draft = on_call.Draft(uuid7(), "Evening", "America/New_York", rotation)
    async with served.at_work() as db:
        await on_call.add(db, sam, draft, now)
        changes = {"on_call_schedule_id": draft.id}
        await programs.change(db, sam, clinic.program_id, changes, version=1, now=now)


async def test_who_is_on_call_stands_over_the_list(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara", "sam")
    await schedule(served, served.clinic.sam.id)
    await served.check_in("ana", feels_safe=False)
    await seat.sign_in("clara")
    await expect(seat.page.locator("#on-call")).to_contain_text("Evening IOP: sam until")
    detail = await open_first(seat)
    await expect(detail.locator(".coming")).to_contain_text("If nobody answers, sam, on call, is told in")


async def test_that_nobody_is_on_call_is_said(served: Served, seat: Seat) -> None:
    await schedule(served, None)
    await seat.sign_in("clara")
    await expect(seat.page.locator("#on-call .fault")).to_have_text("nobody")


async def test_without_a_schedule_nothing_is_said_of_it(served: Served, seat: Seat) -> None:
    await seat.sign_in("clara")
    await expect(seat.page.get_by_text("Nobody is waiting.")).to_be_visible()
    await expect(seat.page.locator("#on-call")).to_be_hidden()


async def link_of_an_alert(served: Served) -> str:
    await served.check_in("ana", feels_safe=False)
    (alert,) = (await served.get("clara", "/v1/alerts"))["items"]
    return f"#/alerts/{alert['id']}"


async def test_the_link_of_a_page_opens_its_alert_after_sign_in(served: Served, seat: Seat) -> None:
    await arrive_anew(seat.page, seat, await link_of_an_alert(served))
    await seat.sign_in("clara")
    await expect(seat.page.locator("#detail-title")).to_have_text("ana Example")
    await expect(seat.page.locator("#alert-list a[aria-current]")).to_contain_text("ana Example")


async def test_the_link_shows_a_stranger_nothing(served: Served, context: BrowserContext, seat: Seat) -> None:
    stranger = Seat(await context.new_page(), served)
    await stranger.arrive(await link_of_an_alert(served))
    await stranger.sign_in("dmitri")
    await expect(stranger.page.locator("#alerts-fault")).not_to_be_empty()
    await expect(stranger.page.locator("#detail")).to_be_hidden()
    await expect(stranger.page.locator("body")).not_to_contain_text("ana")


async def arrive_anew(page: Page, seat: Seat, link: str) -> None:
    await page.goto("about:blank")
    await seat.arrive(link)


async def test_a_long_timeline_fits_a_phone(served: Served, seat: Seat) -> None:
    await served.give_pagers("clara", "sam")
    await served.check_in("ana", feels_safe=False)
    for minutes in range(5, 60, 5):
        await served.ring(minutes * MINUTE)
    await seat.page.set_viewport_size({"width": 360, "height": 740})
    await seat.sign_in("clara")
    detail = await open_first(seat)
    assert await detail.locator(".log li").count() > 15
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await seat.page.evaluate(width) == 0
