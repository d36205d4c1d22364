"""GET /v1/sessions/{session_id}/telehealth-participants, POST …/{id}/match: who somebody there is."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.evenings import TUESDAY, Evening, moment, utc
from tests.people import Clinic, Person
from tests.telehealth.platform import Platform, applied


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql, clinic.ana, clinic.ben)


@pytest.fixture
async def platform(clinic: Clinic, evening: Evening) -> Platform:
    """In whose room somebody was from six to eight whom nobody knows."""
    found = await Platform.connected(clinic)
    await found.bind(session_id=str(evening.id))
    await found.tell("joined", moment("18:00"), who="phone-7", name="  Ana's\n phone ")
    await found.tell("left", moment("20:00"), who="phone-7")
    assert await applied(evening, "20:00") == 1, "both at once"
    return found


async def listed(evening: Evening, matched: str = "false", by: Person | None = None) -> list[dict[str, Any]]:
    path = evening.path(f"telehealth-participants?matched={matched}")
    reply = await evening.ask("GET", path, by or evening.clinic.clara, "21:30")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


async def match(
    evening: Evening, participant_id: str, patient: Person | None, clock: str = "21:30",
    session_id: UUID | None = None,
) -> Any:  # fmt: skip
    path = evening.path(f"telehealth-participants/{participant_id}/match", session_id)
    body = {"patient_id": str(patient.id) if patient else None}
    return await evening.ask("POST", path, evening.clinic.clara, clock, body)


async def test_who_is_unknown_is_listed_with_what_they_called_themselves(
    evening: Evening, platform: Platform
) -> None:
    (unknown,) = await listed(evening)
    assert unknown.pop("id")
    assert unknown == {
        "integration_id": str(platform.id), "shown_name": "Ana's phone", "patient_id": None,
        "matched_at": None, "arrived_at": utc("18:00"), "left_at": utc("20:00"), "minutes": 120, "away": [],
    }  # fmt: skip
    assert (evening.known(), await listed(evening, "true")) == (None, [])


async def test_to_say_who_it_is_applies_what_was_kept_and_what_comes(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    (unknown,) = await listed(evening)
    reply = await match(evening, unknown["id"], clinic.ana)
    assert (reply.status_code, reply.json()["patient_id"]) == (200, str(clinic.ana.id))
    assert evening.known() == ("left_early", 120, 1)
    assert await listed(evening) == []
    assert [each["id"] for each in await listed(evening, "true")] == [unknown["id"]]
    assert (await match(evening, unknown["id"], clinic.ana)).status_code == 200
    for kind, clock in (("joined", "20:10"), ("left", "20:40")):
        await platform.tell(kind, moment(clock), moment("21:40"), who="phone-7")
    await applied(evening, "21:40")
    assert evening.known() == ("left_early", 150, 2)
    assert evening.trail("telehealth:match")[-1][3] == [clinic.ana.id]


async def test_a_phone_and_a_laptop_are_one_person(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    await platform.knows(clinic.ana)
    await platform.tell("joined", moment("19:30"), moment("21:00"), who=clinic.ana)
    await applied(evening, "21:00")
    assert evening.known() == ("late", 90, 1)
    (unknown,) = await listed(evening)
    await match(evening, unknown["id"], clinic.ana)
    assert evening.known() == ("attended", 180, 2)


async def test_whoever_was_taken_for_somebody_else_was_not_there(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    await evening.sweep("18:30")
    (unknown,) = await listed(evening)
    await match(evening, unknown["id"], clinic.ben)
    assert evening.known(clinic.ben) == ("left_early", 120, 2)
    await match(evening, unknown["id"], clinic.ana)
    assert evening.known(clinic.ana) == ("left_early", 120, 2)
    assert evening.known(clinic.ben) == ("unexcused", 0, 3)
    assert evening.alerts(clinic.ana) == [("session.missed", "resolved", "corrected")]
    assert [each[:2] for each in evening.alerts(clinic.ben)] == [
        ("session.missed", "resolved"), ("session.missed", "open"),
    ]  # fmt: skip


async def test_in_another_session_too_nobody_stays_who_was_mistaken(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    tuesday = await evening.table.group(moment("18:00", TUESDAY), places=(clinic.ana.id, clinic.ben.id))
    await platform.bind("tuesday", session_id=str(tuesday))
    (unknown,) = await listed(evening)
    await match(evening, unknown["id"], clinic.ben)
    await platform.tell("joined", moment("18:00", TUESDAY), who="phone-7", meeting="tuesday")
    await applied(evening, "18:01", TUESDAY)
    assert evening.known(clinic.ben, tuesday) == ("arrived", 0, 1)
    path = evening.path(f"telehealth-participants/{unknown['id']}/match")
    body = {"patient_id": str(clinic.ana.id)}
    assert (await evening.ask("POST", path, clinic.clara, "18:05", body, day=TUESDAY)).status_code == 200
    await applied(evening, "18:05", TUESDAY)
    assert evening.known(clinic.ana, tuesday) == ("arrived", 0, 1)
    assert evening.known(clinic.ben, tuesday) == ("expected", 0, 2)


async def test_a_counselor_is_nobodys_patient(clinic: Clinic, evening: Evening, platform: Platform) -> None:
    (unknown,) = await listed(evening)
    await match(evening, unknown["id"], clinic.ana)
    reply = await match(evening, unknown["id"], None)
    assert (reply.status_code, reply.json()["patient_id"]) == (200, None)
    assert await listed(evening) == []
    assert evening.known() == ("unexcused", 0, 2)


async def test_what_cannot_be_matched(clinic: Clinic, evening: Evening, platform: Platform) -> None:
    (unknown,) = await listed(evening)
    reply = await match(evening, unknown["id"], clinic.ivan)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "unknown_patient")
    evening.psql.execute(
        "update enrollment set starts_on = '2026-11-24' where patient_id = %s", [clinic.ben.id]
    )
    reply = await match(evening, unknown["id"], clinic.ben)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "not_enrolled")
    await platform.knows(clinic.ana)
    await platform.tell("joined", moment("20:00"), who=clinic.ana)
    (given,) = await listed(evening, "true")
    reply = await match(evening, given["id"], clinic.ben)
    assert reply.status_code == 422
    reply = await match(evening, given["id"], None)
    assert (reply.status_code, reply.json()["code"]) == (409, "id_given")
    elsewhere = await evening.table.group(moment("18:00", TUESDAY), places=(clinic.ana.id,))
    reply = await match(evening, unknown["id"], clinic.ana, session_id=elsewhere)
    assert reply.status_code == 404, "they were not in that session"
    assert evening.known() is None
