"""GET and PUT /v1/crisis-lines."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from app import clock
from tests.people import Clinic

PATH = "/v1/crisis-lines"
NIGHT = {"name": "Riverside night line", "call": "+1 212 555 0199"}


async def put(clinic: Clinic, *items: dict[str, Any], version: int | None = None) -> Any:
    tag = (await clinic.adele.client.get(PATH)).headers["etag"] if version is None else f'"{version}"'
    return await clinic.adele.client.put(PATH, json={"items": list(items)}, headers={"If-Match": tag})


async def shown(clinic: Clinic) -> list[str]:
    """The names of what ana is told to call, in order; the same wherever she is told."""
    resources = (await clinic.ana.client.get("/v1/crisis-resources")).json()["resources"]
    start = (await clinic.ana.client.get("/v1/bootstrap")).json()
    assert start["crisis_resources"] == resources
    return [each["name"] for each in resources]


async def test_they_stand_before_the_lines_of_the_country(clinic: Clinic) -> None:
    reply = await put(clinic, NIGHT, {"name": "Chat", "chat": "https://chat.riverside.example"})
    assert reply.status_code == 200, reply.text
    assert reply.json() == (await clinic.adele.client.get(PATH)).json()
    names = await shown(clinic)
    assert names[:2] == ["Riverside night line", "Chat"]
    assert "988" in names[2]


async def test_those_of_the_program_stand_first_and_are_nobody_elses(clinic: Clinic) -> None:
    own = {"name": "Program line", "call": "+1 212 555 0198", "program_id": str(clinic.program_id)}
    await put(clinic, NIGHT, own)
    assert (await shown(clinic))[:2] == ["Program line", "Riverside night line"]
    of_clara = (await clinic.clara.client.get("/v1/crisis-resources")).json()["resources"]
    assert of_clara[0]["name"] == "Riverside night line"
    assert "Program line" not in [each["name"] for each in of_clara]


async def test_a_line_holds_from_its_first_day_to_its_last(clinic: Clinic) -> None:
    today, two_days = clock.now().date(), timedelta(days=2)
    await put(
        clinic,
        NIGHT | {"name": "Over", "valid_to": str(today - two_days)},
        NIGHT | {"name": "To come", "valid_from": str(today + two_days)},
        NIGHT
        | {
            "name": "Now",
            "valid_from": str(today - two_days),
            "valid_to": str(today + two_days),
        },
    )
    names = await shown(clinic)
    assert names[0] == "Now"
    assert not {"Over", "To come"} & set(names)


async def test_help_brings_them_too(clinic: Clinic) -> None:
    await put(clinic, NIGHT)
    body = {"id": str(uuid7()), "occurred_at": clock.now().isoformat(), "time_zone": "America/New_York"}
    reply = await clinic.ana.client.post(
        "/v1/patients/me/check-ins", json=body | {"answers": {"feels_safe": False}}
    )
    assert reply.json()["help"]["resources"][0]["call"] == NIGHT["call"]


@pytest.mark.parametrize(
    "line",
    [
        {"name": "Nothing to dial"},
        NIGHT | {"chat": "http://chat.riverside.example"},
        NIGHT | {"valid_from": "2026-12-02", "valid_to": "2026-12-01"},
        NIGHT | {"program_id": str(uuid7())},
        {"call": "+1 212 555 0199"},
        NIGHT | {"colour": "red"},
    ],
    ids=["unreachable", "unencrypted", "backwards", "strange program", "no name", "unknown member"],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    clinic: Clinic, line: dict[str, Any]
) -> None:
    before = (await clinic.adele.client.get(PATH)).json()
    reply = await put(clinic, line)
    assert reply.status_code == 422
    assert "window" not in reply.text
    assert (await clinic.adele.client.get(PATH)).json() == before


async def test_of_two_who_change_them_at_once_one_hears_of_it(clinic: Clinic) -> None:
    version = (await clinic.adele.client.get(PATH)).json()["row_version"]
    assert (await put(clinic, NIGHT, version=version)).status_code == 200
    assert (await put(clinic, version=version)).status_code == 412
    assert len((await clinic.adele.client.get(PATH)).json()["items"]) == 1
