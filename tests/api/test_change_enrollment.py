"""PATCH /v1/enrollments/{id}."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.api.test_add_staff_member import access_version
from tests.moments import at
from tests.people import ADMITTED, Clinic

# The program's day is still the 22nd.
MOMENT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def stay_of_ana(clinic: Clinic) -> str:
    (running,) = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    return f"/v1/enrollments/{running['id']}"


async def change(clinic: Clinic, path: str, version: int, **changes: Any) -> Any:
    return await clinic.sam.client.patch(path, json=changes, headers={"If-Match": f'"{version}"'})


async def test_a_stay_pauses_goes_on_and_ends(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await stay_of_ana(clinic)
    before = access_version(clinic, psql)
    for version, status in enumerate(["on_leave", "active", "discharged", "active"], 1):
        reply = await change(clinic, path, version, status=status)
        assert reply.status_code == 200, reply.text
        assert reply.json()["status"] == status
        assert reply.headers["etag"] == f'"{version + 1}"'
        assert (reply.json()["ends_on"] is None) == (status != "discharged")
    assert access_version(clinic, psql) == before + 4


async def test_a_stay_ends_today_where_the_program_is(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    async with at(clinic, clinic.sam, MOMENT) as client:
        reply = await client.patch(path, json={"status": "completed"}, headers={"If-Match": '"1"'})
    assert reply.status_code == 200, reply.text
    assert reply.json()["ends_on"] == "2026-11-22"


async def test_a_last_day_may_be_planned(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    reply = await change(clinic, path, 1, ends_on="2027-03-31")
    assert reply.json()["status"] == "active"
    assert reply.json()["ends_on"] == "2027-03-31"
    reply = await change(clinic, path, 2, ends_on=None)
    assert reply.json()["ends_on"] is None


async def test_no_stay_ends_before_it_starts(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    too_early = ADMITTED - timedelta(days=1)
    reply = await change(clinic, path, 1, status="completed", ends_on=too_early.isoformat())
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/ends_on"]


async def test_a_stay_that_has_not_begun_ends_on_its_first_day(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    await change(clinic, path, 1, status="completed")
    first_day = date(2098, 1, 4).isoformat()
    later = await clinic.sam.client.post(
        f"/v1/patients/{clinic.ana.id}/enrollments",
        json={"program_id": str(clinic.program_id), "starts_on": first_day},
    )
    reply = await change(clinic, f"/v1/enrollments/{later.json()['id']}", 1, status="discharged")
    assert reply.json()["ends_on"] == first_day


async def test_an_ended_stay_does_not_go_on_beside_another(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    await change(clinic, path, 1, status="completed")
    body = {"program_id": str(clinic.program_id), "starts_on": "2026-11-23"}
    assert (
        await clinic.sam.client.post(f"/v1/patients/{clinic.ana.id}/enrollments", json=body)
    ).status_code == 201
    reply = await change(clinic, path, 2, status="active")
    assert (reply.status_code, reply.json()["code"]) == (409, "already_enrolled")


async def test_a_change_needs_the_version_that_was_read(clinic: Clinic) -> None:
    path = await stay_of_ana(clinic)
    assert (await clinic.sam.client.patch(path, json={"status": "on_leave"})).status_code == 428
    assert (await change(clinic, path, 2, status="on_leave")).status_code == 412


@pytest.mark.parametrize("changes", [{"status": None}, {"status": "gone"}, {"patient_id": "x"}])
async def test_what_does_not_fit_is_refused(clinic: Clinic, changes: dict[str, Any]) -> None:
    assert (await change(clinic, await stay_of_ana(clinic), 1, **changes)).status_code == 422


@pytest.mark.parametrize("who", ["ana", "ben", "clara", "olga", "dmitri"])
async def test_who_may_not_manage_stays(clinic: Clinic, who: str) -> None:
    path = await stay_of_ana(clinic)
    reply = await getattr(clinic, who).client.patch(
        path, json={"status": "discharged"}, headers={"If-Match": '"1"'}
    )
    assert reply.status_code == (404 if who in {"ben", "dmitri"} else 403)
