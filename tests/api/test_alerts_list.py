"""GET /v1/alerts."""

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.feed.raising import alerts_of, craves, is_not_safe, only_alert, says
from tests.feed.watching import colleague_elsewhere, connections_taken, trusted_head
from tests.people import Clinic, Person


async def test_an_alert_is_listed_with_its_patients_name(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    assert alert["patient_id"] == str(clinic.ana.id) and alert["patient_name"] == "ana Example"
    assert (alert["rule"], alert["severity"], alert["status"]) == ("craving.high", "high", "open")
    assert alert["occurrences"] == 1 and alert["assignee_id"] is None
    assert "9" in alert["sentence"]


async def test_what_is_due_first_comes_first(clinic: Clinic) -> None:
    await craves(clinic.ana)  # a day
    await is_not_safe(clinic.ben)  # a quarter of an hour
    assert [each["rule"] for each in await alerts_of(clinic.clara)] == ["si.not_safe", "craving.high"]


async def test_resolved_alerts_are_shown_when_asked_for_the_newest_first(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben):
        await craves(person)
    for alert in await alerts_of(clinic.clara):
        await _resolve(clinic.clara, alert["id"])
    assert await alerts_of(clinic.clara) == []
    resolved = await alerts_of(clinic.clara, "?status=resolved")
    assert [each["patient_id"] for each in resolved] == [str(clinic.ben.id), str(clinic.ana.id)]
    assert len(await alerts_of(clinic.clara, "?status=resolved&status=open")) == 2


async def _resolve(staff: Person, alert_id: str) -> None:
    body = {"outcome": "contacted", "note": None, "occurrences_seen": 1}
    reply = await staff.client.post(f"/v1/alerts/{alert_id}/resolution", json=body)
    assert reply.status_code == 200, reply.text


async def test_the_filters_narrow_the_list(clinic: Clinic) -> None:
    await craves(clinic.ana)
    await is_not_safe(clinic.ben)
    high, critical = "craving.high", "si.not_safe"
    (first,) = await alerts_of(clinic.clara, f"?patient_id={clinic.ana.id}")
    acknowledged = await clinic.clara.client.post(f"/v1/alerts/{first['id']}/acknowledgement", json={})
    assert acknowledged.status_code == 200

    async def rules(query: str, who: Person = clinic.clara) -> list[str]:
        return [each["rule"] for each in await alerts_of(who, query)]

    assert await rules("?severity=high") == [high]
    assert await rules("?severity=high&severity=critical") == [critical, high]
    assert await rules("?status=open") == [critical]
    assert await rules("?status=acknowledged") == [high]
    assert await rules("?assignee_id=me") == [high]
    assert await rules("?assignee_id=me", clinic.sam) == []
    assert await rules(f"?assignee_id={clinic.clara.id}", clinic.sam) == [high]
    assert await rules(f"?program_id={clinic.program_id}") == [critical, high]
    assert await rules(f"?program_id={uuid7()}") == []


@pytest.mark.parametrize(
    "query", ["status=waiting", "severity=all", "patient_id=me", "assignee_id=x", "limit=0"]
)
async def test_an_unknown_filter_value_is_unacceptable(clinic: Clinic, query: str) -> None:
    assert (await clinic.clara.client.get(f"/v1/alerts?{query}")).status_code == 422


@pytest.mark.parametrize("status", ["open", "resolved"])
async def test_pages_follow_each_other_without_gap_or_repetition(clinic: Clinic, status: str) -> None:
    for person in (clinic.ana, clinic.ben):
        await says(person, craving=9, feels_safe=False, used=True)
    whole = await alerts_of(clinic.clara)
    if status == "resolved":
        for alert in whole:
            await _resolve(clinic.clara, alert["id"])
        whole = await alerts_of(clinic.clara, "?status=resolved")
    assert len(whole) >= 4
    paged, following = [], {"status": status, "limit": "1"}
    while True:
        reply = (await clinic.clara.client.get("/v1/alerts", params=following)).json()
        paged += reply["items"]
        if reply["next_cursor"] is None:
            break
        following["cursor"] = reply["next_cursor"]
    assert paged == whole


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwiYiJd", "bnVsbA"])
async def test_a_made_up_cursor_is_unacceptable(clinic: Clinic, cursor: str) -> None:
    reply = await clinic.clara.client.get(f"/v1/alerts?cursor={cursor}")
    assert reply.status_code == 422 and reply.json()["errors"][0]["code"] == "bad_cursor"


async def test_the_answer_may_not_be_stored_and_has_a_tag(clinic: Clinic) -> None:
    reply = await clinic.clara.client.get("/v1/alerts")
    assert reply.headers["Cache-Control"] == "private, no-store"
    assert reply.headers["ETag"].startswith('W/"')


async def test_an_unchanged_poll_is_304_and_takes_no_connection(clinic: Clinic) -> None:
    await craves(clinic.ana)
    first = await clinic.clara.client.get("/v1/alerts")
    await trusted_head(clinic.app, clinic.organization_id)
    with connections_taken(clinic.app) as taken:
        again = await clinic.clara.client.get("/v1/alerts", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "private, no-store"
    assert taken == []


async def test_a_poll_that_the_process_knows_nothing_of_asks_the_database(clinic: Clinic) -> None:
    first = await clinic.clara.client.get("/v1/alerts")
    clinic.app.state.watermark.doubt(clinic.organization_id)
    with connections_taken(clinic.app) as taken:
        again = await clinic.clara.client.get("/v1/alerts", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and len(taken) == 1


async def test_ones_own_change_is_seen_by_the_next_poll(clinic: Clinic) -> None:
    await craves(clinic.ana)
    for _ in range(20):
        first = await clinic.clara.client.get("/v1/alerts")
        await trusted_head(clinic.app, clinic.organization_id)
        await craves(clinic.ana)
        again = await clinic.clara.client.get("/v1/alerts", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200
        assert again.json()["items"][0]["occurrences"] == first.json()["items"][0]["occurrences"] + 1


async def test_a_tag_is_good_for_one_person_and_one_question(clinic: Clinic) -> None:
    tag = (await clinic.clara.client.get("/v1/alerts")).headers["ETag"]
    head = {"If-None-Match": tag}
    assert (await clinic.clara.client.get("/v1/alerts", headers=head)).status_code == 304
    assert (await clinic.clara.client.get("/v1/alerts?severity=high", headers=head)).status_code == 200
    assert (await clinic.sam.client.get("/v1/alerts", headers=head)).status_code == 200
    assert (await clinic.dmitri.client.get("/v1/alerts", headers=head)).status_code == 200


async def test_somebody_who_may_see_more_gets_a_new_answer(clinic: Clinic, psql: psycopg.Connection) -> None:
    other = await colleague_elsewhere(clinic)
    await craves(clinic.ana)
    first = await other.client.get("/v1/alerts")
    assert first.json()["items"] == []
    psql.execute(
        "insert into program_staff (organization_id, program_id, staff_member_id, since)"
        " values (%s, %s, %s, now())",
        [clinic.organization_id, clinic.program_id, other.id],
    )
    psql.execute(
        "update feed_head set access_version = access_version + 1 where organization_id = %s",
        [clinic.organization_id],
    )
    clinic.app.state.watermark.doubt(clinic.organization_id)
    again = await other.client.get("/v1/alerts", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200 and len(again.json()["items"]) == 1


async def test_whose_data_a_list_disclosed_is_written_down(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic.ana)
    await alerts_of(clinic.clara)
    disclosed = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s and action = 'alert:read'", [clinic.clara.id]
    ).fetchall()
    assert disclosed == [([clinic.ana.id],)]


async def test_nobody_sees_another_organizations_alerts(clinic: Clinic) -> None:
    await craves(clinic.ana)
    assert await alerts_of(clinic.dmitri) == []
    assert await alerts_of(clinic.dmitri, f"?patient_id={clinic.ana.id}") == []


async def test_patients_administrators_auditors_and_strangers_get_no_list(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben, clinic.adele, clinic.olga):
        assert (await person.client.get("/v1/alerts")).status_code == 403
    assert (await clinic.nobody.get("/v1/alerts")).status_code == 401
