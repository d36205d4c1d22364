"""GET /v1/alerts/feed."""

from contextlib import nullcontext

import psycopg
import pytest

from app import clock
from app.database import unit_of_work
from app.queries import events
from app.schemas.feed import cursor_of, position_of
from tests.feed.following import all_after, open_alert, page_after
from tests.feed.raising import craves, is_not_safe, only_alert
from tests.feed.watching import colleague_elsewhere, connections_taken, trusted_head
from tests.people import Clinic

PATH = "/v1/alerts/feed"


async def test_the_feed_tells_what_happened_in_order_by_ids_only(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await clinic.clara.client.post(f"/v1/alerts/{alert['id']}/acknowledgement", json={})
    await craves(clinic.ana)
    items, _ = await all_after(clinic.clara, None)
    assert [each["type"] for each in items] == ["alert.opened", "alert.acknowledged", "alert.repeated"]
    assert [each["position"] for each in items] == [1, 2, 3]
    assert {each["alert_id"] for each in items} == {alert["id"]}
    assert {each["patient_id"] for each in items} == {str(clinic.ana.id)}
    assert set(items[0]) == {"position", "type", "alert_id", "patient_id", "occurred_at"}


async def test_an_empty_feed_has_a_cursor_to_continue_from(clinic: Clinic) -> None:
    page = await page_after(clinic.clara, None)
    assert page == {"items": [], "next": page["next"], "more": False}
    await craves(clinic.ana)
    items, end = await all_after(clinic.clara, page["next"])
    assert len(items) == 1
    assert await all_after(clinic.clara, end) == ([], end)


async def test_latest_is_where_the_feed_stands_now(clinic: Clinic) -> None:
    await craves(clinic.ana)
    page = await page_after(clinic.clara, "latest")
    assert page["items"] == []
    await craves(clinic.ana)
    items, _ = await all_after(clinic.clara, page["next"])
    assert [each["type"] for each in items] == ["alert.repeated"]


async def test_pages_of_one_show_the_same_as_one_page(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben, clinic.ana):
        await craves(person)
    whole, end = await all_after(clinic.clara, None)
    assert len(whole) == 3
    assert await all_after(clinic.clara, None, limit=1) == (whole, end)
    first = await page_after(clinic.clara, None, limit=1)
    assert first["more"] is True


async def test_the_cursor_passes_what_the_reader_may_not_see(clinic: Clinic) -> None:
    carl = await colleague_elsewhere(clinic)
    await craves(clinic.ana)
    page = await page_after(carl, None)
    assert page["items"] == []
    assert page["more"] is False
    assert page["next"] == (await page_after(clinic.clara, "latest"))["next"]


async def test_a_long_stretch_of_the_invisible_is_passed_in_windows(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "WINDOW", 2)
    carl = await colleague_elsewhere(clinic)
    for _ in range(5):
        await craves(clinic.ana)
    page = await page_after(carl, None)
    assert (page["items"], page["more"]) == ([], True)
    assert await all_after(carl, None) == ([], (await page_after(clinic.clara, "latest"))["next"])
    assert len((await all_after(clinic.clara, None))[0]) == 5


async def test_what_somebody_may_see_is_asked_again_at_each_reading(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await craves(clinic.ana)
    _, cursor = await all_after(clinic.clara, None)
    await craves(clinic.ana)
    psql.execute("delete from program_staff where staff_member_id = %s", [clinic.clara.id])
    assert (await all_after(clinic.clara, cursor))[0] == []
    assert len((await all_after(clinic.sam, cursor))[0]) == 1


async def test_an_unchanged_poll_takes_no_connection(clinic: Clinic) -> None:
    await craves(clinic.ana)
    _, cursor = await all_after(clinic.clara, None)
    first = await clinic.clara.client.get(PATH, params={"after": cursor})
    await trusted_head(clinic.app, clinic.organization_id)
    with connections_taken(clinic.app) as taken:
        again = await clinic.clara.client.get(
            PATH, params={"after": cursor}, headers={"If-None-Match": first.headers["ETag"]}
        )
        plain = await clinic.clara.client.get(PATH, params={"after": cursor})
    assert (again.status_code, again.content) == (304, b"")
    assert plain.json() == {"items": [], "next": cursor, "more": False}
    assert taken == []
    for reply in (again, plain):
        assert reply.headers["Cache-Control"] == "private, no-store"
        assert reply.headers["ETag"] == first.headers["ETag"]


async def test_a_poll_after_ones_own_change_shows_it(clinic: Clinic) -> None:
    _, cursor = await all_after(clinic.clara, None)
    for count in range(1, 21):
        await trusted_head(clinic.app, clinic.organization_id)
        await craves(clinic.ana)
        assert len((await all_after(clinic.clara, cursor))[0]) == count


@pytest.mark.parametrize("after", ["x", "AAAAAAAAAA", "AAAAAAAAAAAA", "_" * 11, "LATEST", "\x00", "é" * 11])
async def test_a_made_up_cursor_is_unacceptable(clinic: Clinic, after: str) -> None:
    reply = await clinic.clara.client.get(PATH, params={"after": after})
    assert reply.status_code == 422
    assert [each["code"] for each in reply.json()["errors"]] == ["bad_cursor"]


async def test_a_cursor_of_a_feed_that_came_further_is_refused(clinic: Clinic) -> None:
    """As after a restore from a backup: who went on in silence would miss what happens until then."""
    await trusted_head_of(clinic)
    reply = await clinic.clara.client.get(PATH, params={"after": cursor_of(7)})
    assert reply.status_code == 422
    assert [each["code"] for each in reply.json()["errors"]] == ["cursor_ahead"]


async def trusted_head_of(clinic: Clinic) -> None:
    await page_after(clinic.clara, None)
    await trusted_head(clinic.app, clinic.organization_id)


@pytest.mark.parametrize("position", [0, 1, 255, 2**40, 2**63 - 1])
def test_a_cursor_is_read_as_it_was_written(position: int) -> None:
    assert position_of(cursor_of(position)) == position


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=" + "A" * 51])
async def test_unacceptable_queries(clinic: Clinic, query: str) -> None:
    assert (await clinic.clara.client.get(f"{PATH}?{query}")).status_code == 422


async def test_whose_data_a_page_disclosed_is_written_down(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    await is_not_safe(clinic.ben)
    await all_after(clinic.clara, None)
    await all_after(clinic.clara, "latest")
    found = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s and resource = 'event'", [clinic.clara.id]
    ).fetchall()
    assert found == [(sorted({clinic.ana.id, clinic.ben.id}),)]


async def test_nothing_of_another_organization_is_in_the_feed(clinic: Clinic) -> None:
    await craves(clinic.ana)
    assert (await all_after(clinic.dmitri, None))[0] == []


async def test_who_may_not_read_alerts_has_no_feed(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben, clinic.adele, clinic.olga):
        assert (await person.client.get(PATH)).status_code == 403
    assert (await clinic.nobody.get(PATH)).status_code == 401


async def test_a_transaction_that_is_rolled_back_leaves_no_gap(clinic: Clinic) -> None:
    class Changed(Exception):
        pass

    for fails in (False, True, False):
        with pytest.raises(Changed) if fails else nullcontext():
            async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
                await open_alert(db, clinic.ana.id, clinic.program_id, clock.now())
                if fails:
                    raise Changed
    items, _ = await all_after(clinic.clara, None)
    assert [each["position"] for each in items] == [1, 2]
    assert len({each["alert_id"] for each in items}) == 2
