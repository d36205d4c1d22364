"""A program's attendance policy: POST, PATCH and GET /v1/programs."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.api.evenings import TUESDAY, Evening, moment
from tests.api.test_add_program import PATH, program
from tests.moments import at
from tests.people import Clinic

USUAL: dict[str, Any] = {
    "no_show_after_minutes": 30, "late_after_minutes": 10, "left_early_minutes": 10,
    "excused_notice_hours": 48,
    "excused_kinds": ["work", "family", "illness", "medical", "legal", "bereavement"],
    "make_up_days": 7, "arrival_opens_minutes": 15,
}  # fmt: skip
FIRST = {"If-Match": '"1"'}


async def test_a_new_program_has_the_usual_one_or_its_own(clinic: Clinic) -> None:
    made = (await clinic.adele.client.post(PATH, json=program())).json()
    assert made["attendance_policy"] == USUAL
    own = {"late_after_minutes": 5, "excused_kinds": ["work"]}
    made = (await clinic.adele.client.post(PATH, json=program(attendance_policy=own))).json()
    assert made["attendance_policy"] == USUAL | own
    assert (await clinic.clara.client.get(f"{PATH}/{made['id']}")).json() == made


async def test_a_program_of_before_has_the_usual_one(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("update program set attendance_policy = '{}' where id = %s", [clinic.program_id])
    kept = (await clinic.clara.client.get(f"{PATH}/{clinic.program_id}")).json()
    assert kept["attendance_policy"] == USUAL


async def test_it_is_replaced_whole_and_left_alone_when_it_is_not_named(clinic: Clinic) -> None:
    path = f"{PATH}/{clinic.program_id}"
    policy = {"attendance_policy": {"make_up_days": 14}}
    reply = await clinic.adele.client.patch(path, json=policy, headers=FIRST)
    assert reply.json()["attendance_policy"] == USUAL | {"make_up_days": 14}
    reply = await clinic.adele.client.patch(path, json={"name": "Night IOP"}, headers={"If-Match": '"2"'})
    assert reply.json()["attendance_policy"]["make_up_days"] == 14
    policy = {"attendance_policy": {}}
    reply = await clinic.adele.client.patch(path, json=policy, headers={"If-Match": '"3"'})
    assert reply.json()["attendance_policy"] == USUAL


@pytest.mark.parametrize(
    ("policy", "pointer", "code"),
    [
        ({"late_after_minutes": 45}, "/attendance_policy", "late_after_no_show"),
        ({"no_show_after_minutes": 0}, "/attendance_policy/no_show_after_minutes", "too_small"),
        ({"no_show_after_minutes": 500}, "/attendance_policy/no_show_after_minutes", "too_large"),
        ({"late_after_minutes": "soon"}, "/attendance_policy/late_after_minutes", "wrong_type"),
        ({"excused_kinds": ["holiday"]}, "/attendance_policy/excused_kinds/0", "not_a_choice"),
        ({"excused_kinds": ["work", "work"]}, "/attendance_policy", "repeated"),
        ({"unknown": 1}, "/attendance_policy", "unknown_member"),
        (None, "/attendance_policy", "wrong_type"),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, policy: object, pointer: str, code: str) -> None:
    sent = {"attendance_policy": policy}
    for reply in (
        await clinic.adele.client.post(PATH, json=program(**sent)),
        await clinic.adele.client.patch(f"{PATH}/{clinic.program_id}", json=sent, headers=FIRST),
    ):
        assert reply.status_code == 422, reply.text
        assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [(pointer, code)]


def reckoned(psql: psycopg.Connection, clinic: Clinic) -> list[datetime | None]:
    rows = psql.execute(
        "select reckon_at from treatment_session where program_id = %s order by starts_at, id",
        [clinic.program_id],
    )
    return [moment for (moment,) in rows]


async def test_another_grace_holds_for_sessions_to_come(clinic: Clinic, psql: psycopg.Connection) -> None:
    evening = await Evening.planned(clinic, psql)
    await evening.table.group(moment("18:00", TUESDAY), minutes=20)
    running = await evening.table.group(moment("12:00"), title="Noon")
    versions = psql.execute("select row_version from treatment_session where id = %s", [running]).fetchall()
    for minutes, told in ((5, "12:20"), (240, "15:00")):
        version = (await clinic.adele.client.get(f"{PATH}/{clinic.program_id}")).json()["row_version"]
        async with at(clinic, clinic.adele, moment("12:20")) as adele:
            own = {"no_show_after_minutes": minutes, "late_after_minutes": 5}
            reply = await adele.patch(
                f"{PATH}/{clinic.program_id}", json={"attendance_policy": own},
                headers={"If-Match": f'"{version}"'},
            )  # fmt: skip
        assert reply.status_code == 200, reply.text
        noon, monday, tuesday = reckoned(psql, clinic)
        assert monday == min(moment("18:00") + timedelta(minutes=minutes), moment("21:00"))
        assert tuesday == moment("18:00", TUESDAY) + timedelta(minutes=min(minutes, 20))
        assert noon == moment(told)
        psql.execute("update treatment_session set reckon_at = %s where id = %s", [moment("12:30"), running])
    again = psql.execute("select row_version from treatment_session where id = %s", [running]).fetchall()
    assert again == versions, "nobody has changed the session itself"


async def test_another_grace_holds_for_a_short_session_that_is_running(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    """By the usual one people are missing at its end; by the new one sooner."""
    evening = await Evening.planned(clinic, psql, minutes=20)
    async with at(clinic, clinic.adele, moment("18:02")) as adele:
        policy = {"attendance_policy": {"no_show_after_minutes": 5, "late_after_minutes": 5}}
        assert (
            await adele.patch(f"{PATH}/{clinic.program_id}", json=policy, headers=FIRST)
        ).status_code == 200
    assert reckoned(psql, clinic) == [moment("18:05")]
    await evening.sweep("18:05")
    assert evening.known() == ("unexcused", 0, 1)


async def test_what_was_decided_stays(clinic: Clinic, psql: psycopg.Connection) -> None:
    evening = await Evening.planned(clinic, psql)
    await evening.sweep("18:30")
    async with at(clinic, clinic.adele, moment("18:31")) as adele:
        policy = {"attendance_policy": {"no_show_after_minutes": 120}}
        assert (
            await adele.patch(f"{PATH}/{clinic.program_id}", json=policy, headers=FIRST)
        ).status_code == 200
    assert evening.known() == ("unexcused", 0, 1)
    assert reckoned(psql, clinic) == [moment("21:00")]
