"""PATCH /v1/patients/{id}."""

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import clock
from tests.people import Clinic

FIRST = {"If-Match": '"1"'}
OWN = {"locale": "es", "time_zone": "America/Chicago", "phone": "+1 212 555 0102"}


def path(clinic: Clinic) -> str:
    return f"/v1/patients/{clinic.ana.id}"


async def test_a_supervisor_corrects_a_name(clinic: Clinic, psql: psycopg.Connection) -> None:
    changes = {"family_name": "Beispiel", "born_on": "1990-01-01", "sex": "female"}
    reply = await clinic.sam.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert reply.headers["etag"] == '"2"'
    assert reply.json()["given_name"] == "ana"
    assert {name: reply.json()[name] for name in changes} == changes
    cleared = await clinic.sam.client.patch(path(clinic), json={"born_on": None}, headers={"If-Match": '"2"'})
    assert cleared.json()["born_on"] is None
    trail = psql.execute(
        "select action, actor_id, patient_id from audit_entry where actor_id = %s", [clinic.sam.id]
    ).fetchall()
    assert trail == [("patient:manage", clinic.sam.id, clinic.ana.id)] * 2


async def test_patients_set_their_own_locale_zone_and_phone(clinic: Clinic) -> None:
    reply = await clinic.ana.client.patch("/v1/patients/me", json=OWN, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert {name: reply.json()[name] for name in OWN} == OWN


@pytest.mark.parametrize("more", [{"given_name": "Anna"}, {"born_on": None}, {"sex": "female"}])
async def test_patients_set_nothing_else(clinic: Clinic, more: dict[str, Any]) -> None:
    reply = await clinic.ana.client.patch("/v1/patients/me", json=OWN | more, headers=FIRST)
    assert reply.status_code == 403
    assert (await clinic.ana.client.get("/v1/patients/me")).headers["etag"] == '"1"'


@pytest.mark.parametrize("who", ["clara", "olga"])
async def test_a_role_that_only_reads_is_refused(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.patch(path(clinic), json=OWN, headers=FIRST)
    assert reply.status_code == 403


@pytest.mark.parametrize("who", ["ben", "dmitri", "ivan"])
async def test_for_others_ana_does_not_exist(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.patch(path(clinic), json=OWN, headers=FIRST)
    assert reply.status_code == 404


async def test_a_change_needs_the_version_that_was_read(clinic: Clinic) -> None:
    send = clinic.sam.client.patch
    assert (await send(path(clinic), json=OWN)).status_code == 428
    assert (await send(path(clinic), json=OWN, headers={"If-Match": '"9"'})).status_code == 412
    assert (await send(path(clinic), json=OWN, headers={"If-Match": "W/x"})).status_code == 412


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"given_name": None}, "/given_name"),
        ({"locale": None}, "/locale"),
        ({"born_on": "2150-01-01"}, "/born_on"),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, changes: dict[str, Any], pointer: str) -> None:
    reply = await clinic.sam.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]


async def test_a_corrected_name_is_on_the_list_that_a_dashboard_has_cached(clinic: Clinic) -> None:
    answer = {
        "id": str(uuid7()),
        "occurred_at": clock.now().isoformat(timespec="seconds"),
        "time_zone": "America/New_York",
        "answers": {"craving": 9},
    }
    await clinic.ana.client.post("/v1/patients/me/check-ins", json=answer)
    before = await clinic.clara.client.get("/v1/alerts")
    patch = {"family_name": "Beispiel"}
    version = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}")).headers["ETag"]
    changed = await clinic.sam.client.patch(
        f"/v1/patients/{clinic.ana.id}", json=patch, headers={"If-Match": version}
    )
    assert changed.status_code == 200
    after = await clinic.clara.client.get("/v1/alerts", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json()["items"][0]["patient_name"] == "ana Beispiel"
