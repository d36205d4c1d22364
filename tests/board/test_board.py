"""The board in a real browser, on a real server."""

import re
from dataclasses import replace

from playwright.async_api import BrowserContext, Page, expect

from app.settings import Settings
from tests.board.conftest import PASSWORD, Seat, Served
from tests.demo.serving import serving


async def wait_until_live(page: Page) -> None:
    await expect(page.locator("#connection")).to_have_text("Live", timeout=30_000)


async def open_first(seat: Seat) -> None:
    await seat.page.locator("#alert-list a").first.click()
    await expect(seat.page.locator("#detail-title")).to_be_visible()


async def resolve(page: Page, outcome: str, note: str = "") -> None:
    await page.get_by_label("Outcome").select_option(label=outcome)
    await page.get_by_label("Note").fill(note)
    await page.get_by_role("button", name="Resolve").click()


async def test_clara_sees_what_ana_tells_while_the_page_is_open_and_closes_the_loop(
    served: Served, seat: Seat
) -> None:
    page = seat.page
    await seat.sign_in("clara")
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    await wait_until_live(page)
    await served.check_in("ana", craving=9)
    row = page.locator("#alert-list li")
    await expect(row).to_contain_text("ana Example")
    await expect(row).to_contain_text("High")
    await expect(row).to_contain_text("Craving was 9")
    await expect(row).to_contain_text("Due in 4 h")
    await expect(page).to_have_title("(1) Handrail")
    await expect(page.locator("#announcer")).to_contain_text("High alert: ana Example.")

    await open_first(seat)
    detail = page.locator("#detail")
    await expect(detail).to_contain_text("Next step: Call within four hours")
    await expect(detail.locator(".readings .decisive")).to_contain_text("craving")
    await expect(detail).to_contain_text("comes out the same")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(row).to_contain_text("Acknowledged")
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_hidden()

    await resolve(page, "Contacted", "Called; is with her sister.")
    await expect(detail).to_contain_text("Called; is with her sister.")
    await expect(detail.locator(".log li").last).to_contain_text("Resolved by clara: Contacted")
    await expect(row).to_have_count(0)
    await expect(page).to_have_title("Handrail")
    alert_id = page.url.rsplit("/", 1)[1]
    kept = await served.get("clara", f"/v1/alerts/{alert_id}")
    assert (kept["status"], kept["outcome"]) == ("resolved", "contacted")


async def test_dmitri_sees_nothing_of_it(served: Served, seat: Seat) -> None:
    await seat.sign_in("dmitri")
    await wait_until_live(seat.page)
    await served.check_in("ana", feels_safe=False)
    await served.check_in("ivan", craving=8)
    await expect(seat.page.locator("#alert-list li")).to_have_count(1)
    assert await seat.alerts() == ["ivan Example"]
    await seat.page.get_by_role("link", name="Caseload").click()
    await expect(seat.page.locator("#caseload-rows tr")).to_have_count(1)
    await expect(seat.page.locator("body")).not_to_contain_text("ana")


async def test_the_most_pressing_is_on_top(served: Served, seat: Seat) -> None:
    await served.check_in("ben", craving=9)
    await seat.sign_in("clara")
    await wait_until_live(seat.page)
    await served.check_in("ana", feels_safe=False)
    await expect(seat.page.locator("#alert-list li").first).to_contain_text("Critical")
    assert await seat.alerts() == ["ana Example", "ben Example"]


async def test_a_newer_finding_is_shown_before_it_can_be_resolved(served: Served, seat: Seat) -> None:
    await served.check_in("ana", craving=8)
    await seat.sign_in("clara")
    await wait_until_live(seat.page)
    await open_first(seat)
    await seat.page.route(re.compile(r"/v1/alerts(/feed|/stream)?(\?|$)"), lambda route: route.abort())
    await served.check_in("ana", craving=10)
    await resolve(seat.page, "Contacted")
    await expect(seat.page.locator("#detail .notice")).to_contain_text("Read it here, then resolve.")
    await expect(seat.page.locator("#detail .lead")).to_contain_text("Craving was 10")
    await resolve(seat.page, "Contacted")
    await expect(seat.page.locator("#detail")).to_contain_text("Resolved by clara")
    seat.complaints.clear()


async def test_without_a_stream_it_polls(served: Served, context: BrowserContext, seat: Seat) -> None:
    await context.route("**/v1/alerts/stream*", lambda route: route.abort())
    await seat.sign_in("clara")
    await expect(seat.page.locator("#connection")).to_have_text("Checking every few seconds")
    await served.check_in("ana", craving=9)
    await expect(seat.page.locator("#alert-list li")).to_contain_text("ana Example")
    await context.unroute("**/v1/alerts/stream*")
    await wait_until_live(seat.page)
    seat.complaints.clear()


async def test_it_says_when_handrail_is_away_and_comes_back_by_itself(
    served: Served, context: BrowserContext, database_url: str, settings: Settings
) -> None:
    with serving(database_url, settings.data_dir) as server:
        served = replace(served, server=server)
        seat = Seat(await context.new_page(), served)
        await seat.arrive()
        await seat.sign_in("clara")
        await wait_until_live(seat.page)
        server.stop()
        await expect(seat.page.locator("#connection")).to_have_text("Not connected", timeout=30_000)
        server.start()
        await served.check_in("ana", craving=9)
        await expect(seat.page.locator("#alert-list li")).to_contain_text("ana Example", timeout=30_000)
        await wait_until_live(seat.page)


async def test_a_wrong_password_is_said_so(served: Served, seat: Seat) -> None:
    await seat.sign_in("clara", "not the right one at all")
    await expect(seat.page.get_by_role("alert").first).not_to_be_empty()
    await expect(seat.page.get_by_label("User name")).to_be_visible()
    seat.complaints.clear()


async def test_nothing_of_a_sign_in_is_stored(served: Served, context: BrowserContext, seat: Seat) -> None:
    await seat.sign_in("clara")
    await wait_until_live(seat.page)
    assert await context.cookies() == []
    assert await seat.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert await seat.page.get_by_label("Password").input_value() == ""
    await seat.page.reload()
    await expect(seat.page.get_by_label("Password")).to_be_visible()


async def test_an_access_token_that_ends_is_renewed(served: Served, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.clock.install()
    seat = Seat(page, served)
    await seat.arrive()
    await seat.sign_in("clara")
    await wait_until_live(page)
    async with page.expect_request("**/v1/auth/token") as renewal:
        await page.clock.fast_forward("11:00")
        await page.get_by_role("link", name="Caseload").click()
    assert "grant_type=refresh_token" in ((await renewal.value).post_data or "")
    await expect(page.locator("#caseload-rows tr")).to_have_count(2)


async def test_a_sign_in_that_was_ended_elsewhere_leads_to_the_door(
    served: Served, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.clock.install()
    seat = Seat(page, served)
    await seat.arrive()
    async with page.expect_response("**/v1/auth/token") as granted:
        await seat.sign_in("clara")
    token = (await (await granted.value).json())["refresh_token"]
    await wait_until_live(page)
    await page.request.post(f"{served.server.base_url}/v1/auth/revocation", form={"token": token})
    await page.clock.fast_forward("11:00")
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.locator("body")).to_contain_text("Your sign-in has ended. Sign in again.")


async def test_signing_out_ends_it(served: Served, seat: Seat) -> None:
    await served.check_in("ana", craving=9)
    await seat.sign_in("clara")
    await open_first(seat)
    async with seat.page.expect_response("**/v1/auth/revocation") as revoked:
        await seat.page.get_by_role("button", name="Sign out").click()
    assert (await revoked.value).status == 200
    await expect(seat.page.get_by_label("Password")).to_be_visible()
    await expect(seat.page.locator("body")).not_to_contain_text("ana Example")


async def test_what_somebody_wrote_stays_text(served: Served, seat: Seat) -> None:
    await served.check_in("ana", craving=9)
    await seat.sign_in("clara")
    await open_first(seat)
    written = '<img src=x onerror="document.title=1"><b>bold</b>'
    await resolve(seat.page, "Contacted", written)
    await expect(seat.page.locator("#detail q")).to_have_text(written)
    assert await seat.page.locator("#detail img, #detail b").count() == 0


async def test_a_role_without_alerts_is_told_so(served: Served, seat: Seat) -> None:
    await seat.sign_in("adele")
    await expect(seat.page.locator("#alerts-fault")).to_have_text("Your role does not include this view.")
    await expect(seat.page.locator("#connection")).to_be_hidden()
    seat.complaints.clear()


async def test_it_works_with_the_keyboard_alone(served: Served, seat: Seat) -> None:
    await served.check_in("ana", craving=9)
    page = seat.page
    await page.keyboard.type(served.username("clara"))
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#alert-list a")).to_be_visible()
    await press_until(page, "Tab", "#alert-list a")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail-title")).to_be_focused()
    await press_until(page, "Tab", "#detail button")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail .notice")).to_have_text("Acknowledged.")


async def press_until(page: Page, key: str, selector: str) -> None:
    for _ in range(20):
        if await page.evaluate("s => document.activeElement === document.querySelector(s)", selector):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached")


async def test_it_fits_a_phone(served: Served, seat: Seat) -> None:
    await served.check_in("ana", craving=9, mood=2)
    await seat.page.set_viewport_size({"width": 360, "height": 740})
    await seat.sign_in("clara")
    await expect(seat.page.locator("#alert-list a")).to_be_visible()
    assert await overflow(seat.page) == 0
    await open_first(seat)
    await expect(seat.page.locator("#alert-list a")).to_be_hidden()
    assert await overflow(seat.page) == 0
    await seat.page.get_by_role("link", name="Back to the list").click()
    await expect(seat.page.locator("#alert-list a")).to_be_visible()
    await seat.page.get_by_role("link", name="Caseload").click()
    await expect(seat.page.locator("#caseload-rows")).to_contain_text("9 of 10")
    assert await overflow(seat.page) == 0


async def overflow(page: Page) -> int:
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
