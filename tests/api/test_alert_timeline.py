"""GET /v1/alerts/{id}/timeline."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.queries import timelines
from app.services import ladders
from tests.api.test_alerts_change import CONTACTED, act
from tests.feed.raising import craves, is_not_safe, only_alert
from tests.feed.watching import colleague_elsewhere
from tests.people import Clinic

CLARA, SAM = "clara@riverside.example", "sam@riverside.example"


@pytest.fixture(autouse=True)
def addresses(clinic: Clinic, psql: psycopg.Connection) -> None:
    for person, address in ((clinic.clara, CLARA), (clinic.sam, SAM)):
        psql.execute("update staff_member set email = %s where id = %s", [address, person.id])


async def timeline(clinic: Clinic, alert: dict[str, Any]) -> dict[str, Any]:
    reply = await clinic.clara.client.get(f"/v1/alerts/{alert['id']}/timeline")
    assert reply.status_code == 200, reply.text
    assert "riverside.example" not in reply.text
    found: dict[str, Any] = reply.json()
    moments = [datetime.fromisoformat(each["at"]) for each in found["items"]]
    assert moments == sorted(moments)
    return found


def brief(found: dict[str, Any]) -> list[str]:
    """Kind, cycle and step, whom it tells, who was paged."""
    return [
        " ".join(
            str(part)
            for part in (
                each["kind"], each["cycle"], each["step"], each["tell"],
                each["recipient"] and each["recipient"]["name"],
            )
            if part is not None
        )
        for each in found["items"]
    ]  # fmt: skip


async def ring(clinic: Clinic, alert: dict[str, Any], now: datetime) -> bool:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        return await ladders.ring(db, UUID(alert["id"]), now)


async def test_it_tells_who_was_told_and_what_comes_next(clinic: Clinic) -> None:
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    found = await timeline(clinic, alert)
    assert brief(found) == ["found", "opened 1", "told 1 0 primary", "page_intended 1 0 primary clara"]
    seen, _, _, paged = found["items"]
    assert (seen["occurrence"], seen["text"]) == (1, alert["sentence"])
    assert (paged["channel"], paged["until"], paged["author"]) == ("email", None, None)
    opened_at = datetime.fromisoformat(alert["opened_at"])
    after_5 = opened_at + timedelta(minutes=5)
    assert found["next"] == {"at": alert["next_at"], "does": "tell_next_step", "tell": "on_call"}
    assert datetime.fromisoformat(alert["next_at"]) == after_5
    assert await ring(clinic, alert, after_5)
    found = await timeline(clinic, alert)
    assert brief(found)[4:] == [
        "skipped 1 1 on_call", "told 1 2 supervisor", "page_intended 1 2 supervisor sam",
    ]  # fmt: skip
    assert found["next"]["tell"] == "primary", "a critical ladder begins again"
    assert datetime.fromisoformat(found["next"]["at"]) == after_5 + timedelta(minutes=5)


async def test_what_became_of_a_page_stands_behind_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    opened_at = datetime.fromisoformat(alert["opened_at"])
    attempts = (("refused", 1), ("delivered", 2))
    for number, (code, seconds) in enumerate(attempts, start=1):
        psql.execute(
            "insert into page_attempt select organization_id, id, %s, %s, %s, %s from page"
            " where alert_id = %s",
            [number, opened_at + timedelta(seconds=seconds), code == "delivered", code, alert["id"]],
        )
    psql.execute(
        "update page set status = 'sent', settled_at = %s where alert_id = %s",
        [opened_at + timedelta(seconds=2), alert["id"]],
    )
    await act(clinic.sam, alert, "acknowledgement", {})
    await act(clinic.sam, alert, "assignment", {"assignee_id": str(clinic.clara.id)})
    await act(clinic.clara, alert, "notes", {"id": str(uuid7()), "text": "Called."})
    await act(clinic.clara, alert, "resolution", CONTACTED)
    found = await timeline(clinic, alert)
    kinds = [each["kind"] for each in found["items"]]
    page = [each for each in found["items"] if each["kind"].startswith("page_")]
    assert [(each["kind"], each["outcome"]) for each in page] == [
        ("page_intended", None), ("page_attempted", "refused"), ("page_attempted", "delivered"),
        ("page_sent", None),
    ]  # fmt: skip
    assert {each["recipient"]["name"] for each in page} == {"clara"}
    assert {"acknowledged", "assigned", "noted", "resolved"} <= set(kinds)
    by = {each["kind"]: each for each in found["items"]}
    assert by["acknowledged"]["author"] == {"id": str(clinic.sam.id), "name": "sam"}
    assert by["assigned"]["recipient"] == {"id": str(clinic.clara.id), "name": "clara"}
    assert (by["noted"]["text"], by["resolved"]["outcome"]) == ("Called.", "contacted")
    assert found["next"] is None


async def test_at_one_moment_the_cause_stands_before_what_follows(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    """An acknowledgement on which nothing followed: it runs out, and the ladder is climbed, in one moment."""
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "acknowledgement", {})
    psql.execute(
        "insert into gateway values (%s, 'crisis_service', 'x', 'x', now())", [clinic.organization_id]
    )
    psql.execute(
        "update alert set ladder = jsonb_set(ladder, '{steps,0,tell}', '\"on_call\"') where id = %s",
        [alert["id"]],
    )
    psql.execute(
        "update alert set ladder = jsonb_set(ladder, '{steps,1,tell}', '\"crisis_service\"') where id = %s",
        [alert["id"]],
    )
    acknowledged = await timeline(clinic, alert)
    assert acknowledged["next"]["does"] == "take_back_acknowledgement"
    assert acknowledged["next"]["tell"] == "on_call"
    now = datetime.fromisoformat(acknowledged["next"]["at"])
    assert await ring(clinic, alert, now)
    psql.execute(
        "update page set status = 'failed', settled_at = created_at where alert_id = %s and cycle = 2",
        [alert["id"]],
    )
    psql.execute(
        "insert into page_attempt select organization_id, id, 1, created_at, false, 'refused' from page"
        " where alert_id = %s and cycle = 2",
        [alert["id"]],
    )
    found = await timeline(clinic, alert)
    latest = [each for each in found["items"] if datetime.fromisoformat(each["at"]) == now]
    assert brief({"items": latest}) == [
        "expired 2", "skipped 2 0 on_call", "told 2 1 crisis_service", "page_intended 2 1 crisis_service",
        "page_attempted 2 1 crisis_service", "page_failed 2 1 crisis_service",
    ]  # fmt: skip
    assert [each["channel"] for each in latest][3:] == ["crisis_service"] * 3


async def test_a_snooze_and_what_follows_it(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await act(clinic.clara, alert, "snooze", {"minutes": 60})
    found = await timeline(clinic, alert)
    snoozed = found["items"][-1]
    assert (snoozed["kind"], snoozed["until"]) == ("snoozed", found["next"]["at"])
    assert (found["next"]["does"], found["next"]["tell"]) == ("end_snooze", "primary")


async def test_a_ladder_that_ends_says_so(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    psql.execute(
        'update alert set ladder = ladder || \'{"rounds": 1, "quiet_hours": false}\', step = 3,'
        " timer_at = %s where id = %s",
        [datetime(2099, 1, 1, tzinfo=UTC), alert["id"]],
    )
    found = await timeline(clinic, alert)
    assert found["next"] == {"at": "2099-01-01T00:00:00Z", "does": "end_ladder", "tell": None}
    assert await ring(clinic, alert, datetime(2099, 1, 1, tzinfo=UTC))
    found = await timeline(clinic, alert)
    assert (found["items"][-1]["kind"], found["next"]) == ("ended", None)


async def test_of_a_long_story_the_end_is_told(
    clinic: Clinic, psql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    now = datetime.fromisoformat(alert["next_at"])
    for _ in range(3):
        assert await ring(clinic, alert, now)
        now += timedelta(minutes=5)
    whole = brief(await timeline(clinic, alert))
    monkeypatch.setattr(timelines, "NEWEST", 5)
    assert brief(await timeline(clinic, alert)) == whole[-5:]


async def test_reading_it_is_written_down(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await timeline(clinic, alert)
    found = psql.execute(
        "select patient_id from audit_entry where action = 'alert:read' and resource_id = %s", [alert["id"]]
    ).fetchall()
    assert found == [(clinic.ana.id,)]


async def test_an_alert_that_is_not_yours_has_none(clinic: Clinic) -> None:
    await craves(clinic.ana)
    path = f"/v1/alerts/{(await only_alert(clinic.clara))['id']}/timeline"
    for stranger in (clinic.dmitri, clinic.ben, await colleague_elsewhere(clinic)):
        assert (await stranger.client.get(path)).status_code == 404
    for person in (clinic.ana, clinic.adele, clinic.olga):
        assert (await person.client.get(path)).status_code == 403
    assert (await clinic.nobody.get(path)).status_code == 401
    assert (await clinic.clara.client.get(f"/v1/alerts/{uuid7()}/timeline")).status_code == 404
