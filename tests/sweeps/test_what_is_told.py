"""An alert of silence is an alert like any other: in the list, in the feed, and it explains itself."""

from typing import Any

import pytest

from app.rules import judge as judging
from app.rules.conditions import Silence
from app.rules.history import History
from app.rules.judge import Outcome
from tests.moments import at
from tests.sweeps.ward import (
    DAY,
    HOUR,
    MISSED,
    MONDAY,
    SECOND,
    Ward,
    checks_in_daily,
    day,
    is_heard_weekly,
    local,
)


async def test_it_explains_itself_and_stands_in_list_and_feed(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 5)
    await is_heard_weekly(ward, nora, 5)
    await ward.is_away(nora, day(7), day(8), last)
    now = last + 4 * DAY + 7 * SECOND
    async with at(ward.clinic, ward.clinic.clara, now) as clara:
        known = {"If-None-Match": (await clara.get("/v1/alerts")).headers["etag"]}
        cursor = (await clara.get("/v1/alerts/feed")).json()["next"]
        await ward.sweep(now)
        reply = await clara.get("/v1/alerts", headers=known)
        assert reply.status_code == 200, "a poller sees it"
        (item,) = reply.json()["items"]
        feed = (await clara.get("/v1/alerts/feed", params={"after": cursor})).json()["items"]
        explained = (await clara.get(f"/v1/alerts/{item['id']}/explanation")).json()
        whole = (await clara.get(f"/v1/alerts/{item['id']}")).json()
    assert (item["rule"], item["severity"], item["status"]) == (MISSED, "routine", "open")
    assert item["patient_id"] == str(nora.id)
    assert item["sentence"] == "No check-in for 3 days (leave not counted), since Nov 5, 2026."
    assert [(each["type"], each["alert_id"]) for each in feed] == [("alert.opened", item["id"])]
    assert explained["recomputed"] == {"holds": True, "same_sentence": True}
    assert explained["sentence"] == item["sentence"]
    assert whole["log"][0]["kind"] == "opened"


async def test_it_explains_itself_by_its_version_when_rules_and_leaves_have_changed(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.is_away(nora, day(3), day(5), local(nora, MONDAY, 9))
    now = local(nora, MONDAY) + 5 * DAY
    await ward.sweep(now)
    ((alert_id,),) = ward.rows("select id from alert where patient_id = %s", nora.id)
    async with at(ward.clinic, ward.clinic.clara, now) as clara:
        before = (await clara.get(f"/v1/alerts/{alert_id}/explanation")).json()
    assert before["recomputed"] == {"holds": True, "same_sentence": True}
    ward.psql.execute("update leave_of_absence set ends_at = null")
    await ward.publishes([], now + HOUR)
    async with at(ward.clinic, ward.clinic.clara, now + 2 * HOUR) as clara:
        assert (await clara.get(f"/v1/alerts/{alert_id}/explanation")).json() == before


@pytest.mark.parametrize(("who", "status"), [("ana", 404), ("olga", 403), ("dmitri", 404)])
async def test_the_wrong_person_does_not_see_it(ward: Ward, who: str, status: int) -> None:
    nora = await ward.admit()
    now = local(nora, MONDAY) + 3 * DAY
    await ward.sweep(now)
    ((alert_id,),) = ward.rows("select id from alert where patient_id = %s", nora.id)
    async with at(ward.clinic, getattr(ward.clinic, who), now) as client:
        assert (await client.get(f"/v1/alerts/{alert_id}")).status_code == status


def breaks(monkeypatch: pytest.MonkeyPatch, signal: str) -> None:
    """Judging silence of this signal raises from now on."""
    genuine = judging._silence

    def raising(condition: Silence, past: History, now: Any) -> Outcome:
        if condition.signal == signal:
            raise ZeroDivisionError("nora's")
        return genuine(condition, past, now)

    monkeypatch.setattr(judging, "_silence", raising)


async def test_a_rule_that_raises_is_told_once_and_the_others_are_looked_at(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    nora = await ward.admit()
    breaks(monkeypatch, "phq9.total")
    first = local(nora, MONDAY, 10)
    assert await ward.sweep(first) == {"failures": 0}
    assert [(each.rule, each.severity) for each in ward.told(nora)] == [("rule_error.phq9.overdue", "high")]
    await ward.resolves(nora, "rule_error.phq9.overdue", first + HOUR)
    await ward.sweeps_until(first + HOUR, local(nora, MONDAY) + 12 * DAY)
    rules = [each.rule for each in ward.told(nora)]
    assert rules == [
        "rule_error.phq9.overdue", MISSED, "checkin.thinning", "checkin.missed_7_days", "gad7.overdue",
    ]  # fmt: skip
    monkeypatch.undo()
    await ward.publishes(await ward.rules(), local(nora, MONDAY) + 13 * DAY)
    await ward.sweep(local(nora, MONDAY) + 13 * DAY)
    assert "phq9.overdue" in {each.rule for each in ward.told(nora)}
