"""POST /v1/alerts/{id}/snooze."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from tests.api.test_alerts_change import CONTACTED, act, events_of, log_of
from tests.feed.raising import craves, is_not_safe, only_alert
from tests.feed.watching import colleague_elsewhere
from tests.moments import at
from tests.people import Clinic, Person

NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)


async def snooze(person: Person, alert: dict[str, Any], minutes: object = 90) -> Response:
    return await act(person, alert, "snooze", {"minutes": minutes})


async def test_a_snoozed_alert_says_until_when(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    before = await only_alert(clinic.clara)
    async with at(clinic, clinic.clara, NOON) as clara:
        reply = await clara.post(f"/v1/alerts/{before['id']}/snooze", json={"minutes": 90})
    assert reply.status_code == 200, reply.text
    until = "2026-11-18T18:30:00Z"
    assert reply.json() == before | {"snoozed_until": until, "next_at": until}
    detail = (await clinic.clara.client.get(f"/v1/alerts/{before['id']}")).json()
    entry = next(each for each in detail["log"] if each["kind"] == "snoozed")
    assert (entry["author_name"], entry["until"], entry["cycle"]) == ("clara", until, 1)
    assert events_of(psql, clinic) == ["alert.opened", "alert.snoozed"]
    trail = psql.execute(
        "select patient_id from audit_entry where action = 'alert:snooze' and resource_id = %s",
        [before["id"]],
    ).fetchall()
    assert trail == [(clinic.ana.id,)]


async def test_who_polls_the_list_hears_of_it(clinic: Clinic) -> None:
    await craves(clinic.ana)
    first = await clinic.clara.client.get("/v1/alerts")
    known = {"If-None-Match": first.headers["etag"]}
    assert (await clinic.clara.client.get("/v1/alerts", headers=known)).status_code == 304
    cursor = (await clinic.clara.client.get("/v1/alerts/feed?after=latest")).json()["next"]
    snoozed = (await snooze(clinic.clara, first.json()["items"][0])).json()
    again = await clinic.clara.client.get("/v1/alerts", headers=known)
    assert (again.status_code, again.json()["items"]) == (200, [snoozed])
    feed = (await clinic.clara.client.get(f"/v1/alerts/feed?after={cursor}")).json()
    assert [each["type"] for each in feed["items"]] == ["alert.snoozed"]


async def test_snoozing_again_counts_from_then(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    path = f"/v1/alerts/{alert['id']}/snooze"
    async with at(clinic, clinic.clara, NOON) as clara:
        await clara.post(path, json={"minutes": 90})
    async with at(clinic, clinic.clara, NOON + timedelta(minutes=5)) as clara:
        again = (await clara.post(path, json={"minutes": 10})).json()
    assert again["snoozed_until"] == "2026-11-18T17:15:00Z"


async def test_acknowledging_ends_it(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await snooze(clinic.clara, alert)
    reply = (await act(clinic.sam, alert, "acknowledgement", {})).json()
    assert (reply["status"], reply["snoozed_until"]) == ("acknowledged", None)
    assert reply["next_at"] > reply["acknowledged_at"]


async def test_a_critical_alert_is_never_snoozed(clinic: Clinic, psql: psycopg.Connection) -> None:
    await is_not_safe(clinic.ana)
    alert = await only_alert(clinic.clara)
    for minutes in (1, 1440):
        reply = await snooze(clinic.sam, alert, minutes)
        assert (reply.status_code, reply.json()["code"]) == (409, "never_snoozed")
    await act(clinic.sam, alert, "acknowledgement", {})
    assert (await snooze(clinic.sam, alert)).status_code == 409
    assert "alert.snoozed" not in events_of(psql, clinic)


async def test_a_resolved_alert_is_not_snoozed(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    await snooze(clinic.clara, alert)
    resolved = (await act(clinic.clara, alert, "resolution", CONTACTED)).json()
    assert (resolved["snoozed_until"], resolved["next_at"]) == (None, None)
    reply = await snooze(clinic.clara, alert)
    assert (reply.status_code, reply.json()["code"]) == (409, "already_resolved")


@pytest.mark.parametrize("minutes", [0, -5, 1441, 1.5, "60", None, True])
async def test_a_day_at_most(clinic: Clinic, minutes: object) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    reply = await snooze(clinic.clara, alert, minutes)
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/minutes"]
    assert (await snooze(clinic.clara, alert, 1440)).status_code == 200


async def test_nobody_snoozes_an_alert_that_is_not_theirs(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    for stranger in (clinic.dmitri, clinic.ben, await colleague_elsewhere(clinic)):
        assert (await snooze(stranger, alert)).status_code == 404
    for person in (clinic.ana, clinic.adele, clinic.olga):
        assert (await snooze(person, alert)).status_code == 403
    reply = await clinic.nobody.post(f"/v1/alerts/{alert['id']}/snooze", json={"minutes": 5})
    assert reply.status_code == 401
    assert (await snooze(clinic.clara, {"id": str(uuid7())})).status_code == 404
    assert "snoozed" not in await log_of(clinic.clara, alert)
