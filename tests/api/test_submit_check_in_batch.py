"""POST /v1/patients/{id}/check-ins/batch."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.api.conftest import ZONE_WITHOUT_A_DATABASE
from tests.people import Clinic

pytestmark = pytest.mark.usefixtures("reached")
PATH = "/v1/patients/me/check-ins/batch"
ALONE = "/v1/patients/me/check-ins"


def check_in(days_ago: float = 0, **members: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(),
        "time_zone": "America/New_York",
        "answers": {"mood": 5},
        **members,
    }


async def send(clinic: Clinic, *items: Any) -> list[dict[str, Any]]:
    reply = await clinic.ana.client.post(PATH, json={"items": items})
    assert reply.status_code == 200, reply.text
    results: list[dict[str, Any]] = reply.json()["items"]
    assert len(results) == len(items)
    return results


def kept(psql: psycopg.Connection, clinic: Clinic) -> list[str]:
    """The ids of ana's check-ins in the order in which they were committed."""
    rows = psql.execute(
        "select id::text from check_in where patient_id = %s order by xmin::text::bigint", [clinic.ana.id]
    )
    return [row[0] for row in rows]


async def test_each_item_is_kept_and_answered_as_if_it_had_come_alone(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    items = [check_in(day) for day in (3, 2, 1)]
    results = await send(clinic, *items)
    assert [each["status"] for each in results] == [201, 201, 201]
    assert [each["id"] for each in results] == [each["id"] for each in items]
    audited = psql.execute(
        "select count(*) from audit_entry where action = 'check_in:submit' and patient_id = %s",
        [clinic.ana.id],
    ).fetchone()
    assert audited == (3,)
    alone = await clinic.ana.client.post(ALONE, json=items[1])
    assert alone.status_code == 200
    assert results[1]["check_in"] == alone.json()
    assert results[1]["problem"] is None
    assert len(kept(psql, clinic)) == 3


async def test_who_is_not_safe_goes_first_the_others_as_they_were_lived(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    today, safe, oldest = check_in(0), check_in(2, answers={"feels_safe": True}), check_in(4)
    danger = check_in(1, answers={"feels_safe": False})
    results = await send(clinic, today, safe, danger, oldest)
    assert kept(psql, clinic) == [danger["id"], oldest["id"], safe["id"], today["id"]]
    assert [each["id"] for each in results] == [today["id"], safe["id"], danger["id"], oldest["id"]]
    assert results[2]["check_in"]["help"]["resources"]
    assert results[2]["check_in"]["care_team_told"] is True


async def test_sent_twice_everything_is_as_before(clinic: Clinic, psql: psycopg.Connection) -> None:
    items = [check_in(2, answers={"craving": 9}), check_in(1), check_in(0, answers={"feels_safe": False})]
    first = await send(clinic, *items)
    alerts = psql.execute("select * from alert where patient_id = %s order by id", [clinic.ana.id]).fetchall()
    again = await send(clinic, *items)
    assert [each["status"] for each in again] == [200, 200, 200]
    assert [each["check_in"] for each in again] == [each["check_in"] for each in first]
    assert (
        psql.execute("select * from alert where patient_id = %s order by id", [clinic.ana.id]).fetchall()
        == alerts
    )


async def test_one_id_twice_in_a_batch(clinic: Clinic, psql: psycopg.Connection) -> None:
    item = check_in(1)
    results = await send(clinic, item, item, {**item, "answers": {"feels_safe": False}})
    # Who is not safe goes first: then the other content is the one that differs.
    assert [each["status"] for each in results] == [409, 409, 201]
    assert results[0]["problem"]["code"] == "differs_from_first"
    revisions = psql.execute("select count(*) from check_in where id = %s", [item["id"]]).fetchone()
    assert revisions == (2,)


async def test_the_same_batch_twice_at_once_keeps_each_item_once(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    items = [check_in(day, answers={"craving": 9}) for day in range(8)]
    one, other = await asyncio.gather(send(clinic, *items), send(clinic, *items))
    statuses = [sorted((a["status"], b["status"])) for a, b in zip(one, other, strict=True)]
    assert statuses == [[200, 201]] * 8
    assert len(kept(psql, clinic)) == 8
    occurrences = psql.execute(
        "select occurrences from alert where patient_id = %s and rule = 'craving.high'", [clinic.ana.id]
    ).fetchall()
    assert occurrences == [(8,)]


INVALID = [
    ({"answers": {"mood": 11}}, "/answers/mood", "too_large"),
    ({"answers": {"i want to die": 1}}, "/answers", None),
    ({"occurred_at": "never"}, "/occurred_at", "malformed"),
    ({"time_zone": "Mars"}, "/time_zone", "unknown_time_zone"),
    ({"surprise": 1}, "", "unknown_member"),
    ({"note": 7}, "/note", "wrong_type"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), INVALID)
async def test_an_invalid_item_is_422_at_its_place_and_hurts_no_other(
    clinic: Clinic, change: dict[str, Any], pointer: str, code: str | None
) -> None:
    invalid = check_in(1, **change)
    before, refused, after = await send(clinic, check_in(2), invalid, check_in(0))
    assert (before["status"], after["status"]) == (201, 201)
    assert (refused["status"], refused["id"], refused["check_in"]) == (422, invalid["id"], None)
    faults = {(fault["pointer"], fault["code"]) for fault in refused["problem"]["errors"]}
    assert pointer in {place for place, _ in faults}
    assert code is None or (pointer, code) in faults
    assert not any(word in json.dumps(refused) for word in ("die", "never", "Mars", "surprise"))
    alone = await clinic.ana.client.post(ALONE, json=invalid)
    ours = {**refused["problem"], "request_id": None}
    assert ours == {"type": "about:blank", **alone.json(), "request_id": None}


@pytest.mark.parametrize("item", [None, 7, "x", [], {}, {"id": 7}, {"id": "i want to die"}, [[[[]]]], True])
async def test_what_is_no_check_in_is_422_without_a_word_of_it(clinic: Clinic, item: Any) -> None:
    good, bad = await send(clinic, check_in(), item)
    assert (good["status"], bad["status"], bad["id"]) == (201, 422, None)
    assert "die" not in json.dumps(bad)


@pytest.mark.parametrize(
    "trap",
    [
        '"note": "\\ud83d"',
        '"note": "\\u0000"',
        '"note": NaN',
        '"note": 1e999',
        '"note": ' + "9" * 30,
        '"note": "a", "note": "b"',
        '"note": ' + "[" * 40 + "]" * 40,
    ],
)
async def test_a_trap_in_the_json_of_one_item_spoils_no_other(
    clinic: Clinic, psql: psycopg.Connection, trap: str
) -> None:
    danger = check_in(answers={"feels_safe": False}, note="Ünïcode \U0001f642 stays.")
    spoilt = json.dumps(check_in())[:-1] + ", " + trap + "}"
    text = f'{{"items": [{spoilt}, {json.dumps(danger, ensure_ascii=False)}]}}'
    reply = await clinic.ana.client.post(
        PATH, content=text.encode(), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 200, reply.text
    bad, good = reply.json()["items"]
    assert (bad["status"], bad["problem"]["code"], good["status"]) == (400, "malformed_json", 201)
    assert good["check_in"]["note"] == danger["note"]
    assert kept(psql, clinic) == [danger["id"]]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"items": NaN}', '{"items": [], "items": []}', '{"items": [1], "x": NaN}',
     '{"items": [1e9', "\xff",
     '{"items": ' + "[" * 5000],
)  # fmt: skip
async def test_a_body_that_is_no_batch_is_refused_whole(
    clinic: Clinic, psql: psycopg.Connection, text: str
) -> None:
    reply = await clinic.ana.client.post(
        PATH, content=text.encode("latin-1"), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code in {400, 422}, reply.text
    assert kept(psql, clinic) == []


async def test_one_to_a_hundred_items_and_256_kib(clinic: Clinic, psql: psycopg.Connection) -> None:
    for items in ([], [check_in()] * 101, None, "x"):
        reply = await clinic.ana.client.post(PATH, json={"items": items})
        assert reply.status_code == 422
    wordy = [check_in(day, note="x" * 3900) for day in range(70)]
    assert (await clinic.ana.client.post(PATH, json={"items": wordy})).status_code == 413
    assert kept(psql, clinic) == []
    results = await send(clinic, *wordy[:60])
    assert {each["status"] for each in results} == {201}
    assert (await clinic.ana.client.post(PATH, content=b"items=1")).status_code == 415


async def test_a_question_that_nobody_asks_hurts_no_other(clinic: Clinic) -> None:
    good, bad = await send(clinic, check_in(), check_in(answers={"pain": 3}))
    assert (good["status"], bad["status"]) == (201, 422)
    assert bad["problem"]["errors"][0]["code"] == "unknown_question"


async def test_the_id_of_somebody_else_hurts_no_other(clinic: Clinic, psql: psycopg.Connection) -> None:
    taken = check_in()
    await clinic.ben.client.post(ALONE, json=taken)
    bad, good = await send(clinic, taken, check_in())
    assert (bad["status"], bad["problem"]["code"], good["status"]) == (409, "id_taken", 201)
    assert kept(psql, clinic) == [good["id"]]


async def test_when_the_database_goes_away_the_rest_is_kept_on_disk(
    clinic: Clinic, psql: psycopg.Connection, lights_out: None
) -> None:
    first, second, third, fourth = (check_in(days) for days in (4, 3, 2, 1))
    third["time_zone"] = ZONE_WITHOUT_A_DATABASE
    invalid = check_in(answers={"mood": 11})
    results = await send(clinic, fourth, third, invalid, second, first)
    assert [each["status"] for each in results] == [202, 202, 422, 201, 201]
    assert results[0]["kept"] == {"id": fourth["id"], "status": "kept", "help": None}
    assert kept(psql, clinic) == [first["id"], second["id"]]
    results = await send(clinic, second, first)
    assert [each["status"] for each in results] == [202, 202], "it waits behind what was said before it"


async def test_the_wrong_person_keeps_nothing(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = f"/v1/patients/{clinic.ana.id}/check-ins/batch"
    for person, status in (
        (clinic.ben, 404), (clinic.clara, 403), (clinic.sam, 403), (clinic.dmitri, 404), (clinic.adele, 403),
    ):  # fmt: skip
        reply = await person.client.post(path, json={"items": [check_in()]})
        assert reply.status_code == status, person.role
    assert (await clinic.nobody.post(path, json={"items": [check_in()]})).status_code == 401
    assert kept(psql, clinic) == []
