"""/v1/telehealth-integrations: accounts at platforms, secrets, meetings and the ids of patients."""

import re
from typing import Any
from uuid import UUID, uuid4

import psycopg
from uuid_utils.compat import uuid7

from app.sealing import Sealer
from tests.api.evenings import Evening, moment
from tests.api.scheduling import added
from tests.people import Clinic
from tests.telehealth.platform import PATH, ROOM, ZOOM_SECRET, Platform, applied, as_adele


async def test_a_secret_is_shown_once_and_kept_sealed(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7()), "platform": "generic", "name": "Video rooms"}
    first = await as_adele(clinic, "POST", PATH, body)
    assert first.status_code == 201
    secret = first.json()["secret"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    again = await as_adele(clinic, "POST", PATH, body)
    assert (again.status_code, again.json()) == (200, {**first.json(), "secret": None})
    one = await as_adele(clinic, "GET", f"{PATH}/{body['id']}")
    listed = await as_adele(clinic, "GET", PATH)
    assert "secret" not in one.json()
    assert listed.json()["items"] == [one.json()]
    assert one.headers["etag"] == '"1"'
    rows = psql.execute(
        "select t::text from telehealth_integration t where id = %s union all"
        " select k::text from idempotency_key k where organization_id = %s",
        [body["id"], clinic.organization_id],
    ).fetchall()
    assert len(rows) == 2
    assert secret not in str(rows)
    assert secret[6:20].encode().hex() not in str(rows)


async def test_zooms_secret_is_zooms(clinic: Clinic, psql: psycopg.Connection) -> None:
    zoom: dict[str, Any] = {"platform": "zoom", "name": "Zoom"}
    missing = await as_adele(clinic, "POST", PATH, zoom)
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (422, "missing")
    made = await as_adele(clinic, "POST", PATH, {**zoom, "secret": ZOOM_SECRET})
    assert (made.status_code, made.json()["secret"]) == (201, None)
    ours = await as_adele(clinic, "POST", PATH, {**zoom, "platform": "generic", "secret": ZOOM_SECRET})
    assert (ours.status_code, ours.json()["errors"][0]["code"]) == (422, "not_yours")
    ((sealed,),) = psql.execute(
        "select secret from telehealth_integration where id = %s", [made.json()["id"]]
    )
    place = f"telehealth_integration:{clinic.organization_id}:{made.json()['id']}"
    sealer: Sealer = clinic.app.state.office.sealer
    assert sealer.unseal(bytes(sealed), place=place) == ZOOM_SECRET


async def test_a_change_names_the_version_that_it_has_read(clinic: Clinic) -> None:
    platform = await Platform.connected(clinic)
    path = platform.path()
    assert (await as_adele(clinic, "PATCH", path, {"name": "Other"})).status_code == 428
    changed = await as_adele(clinic, "PATCH", path, {"name": "Other"}, **{"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["enabled"], changed.headers["etag"]) == (
        "Other",
        True,
        '"2"',
    )
    for rest, body in (("", {"enabled": False}), ("/secret-rotation", {"overlap_hours": 0})):
        method = "POST" if rest else "PATCH"
        stale = await as_adele(clinic, method, path + rest, body, **{"If-Match": '"1"'})
        assert stale.status_code == 412
    rotated = await as_adele(
        clinic, "POST", path + "/secret-rotation", {"overlap_hours": 0}, **{"If-Match": '"2"'}
    )
    assert rotated.json()["secret"] != platform.secret
    reply = await platform.tell("ended", moment("18:00"))
    assert reply.status_code == 401, "without overlap the old secret is good no more"
    platform.secret = rotated.json()["secret"]
    assert (await platform.tell("ended", moment("18:00"))).status_code == 200


async def test_a_patients_id_is_the_same_each_time_and_says_nothing(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    one, other = await Platform.connected(clinic), await Platform.connected(clinic)
    key = await one.knows(clinic.ana)
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert await one.knows(clinic.ana) == key
    assert len({key, await other.knows(clinic.ana), await one.knows(clinic.ben)}) == 3
    nobody = await as_adele(clinic, "PUT", one.path(f"participants/{clinic.ivan.id}"))
    assert nobody.status_code == 404
    ((patient_id,),) = psql.execute(
        "select distinct patient_id from audit_entry where resource = 'telehealth_participant'"
        " and organization_id = %s and patient_id = %s",
        [clinic.organization_id, clinic.ana.id],
    )
    assert patient_id == clinic.ana.id


async def test_a_meeting_is_a_session_or_a_series(clinic: Clinic, psql: psycopg.Connection) -> None:
    platform, evening = await Platform.connected(clinic), await Evening.planned(clinic, psql)
    series = await added(clinic)
    for body, status in (
        ({}, 422), ({"session_id": str(evening.id), "session_series_id": series["id"]}, 422),
        ({"session_id": str(uuid4())}, 404), ({"session_series_id": str(uuid4())}, 404),
        ({"session_id": str(evening.id)}, 200), ({"session_series_id": series["id"]}, 200),
    ):  # fmt: skip
        assert (await platform.bind(**body)).status_code == status, body
    listed = (await as_adele(clinic, "GET", platform.path("meetings"))).json()["items"]
    assert [(each["meeting_id"], each["session_id"], each["session_series_id"]) for each in listed] == [
        (ROOM, None, series["id"])
    ]


async def test_a_meeting_that_has_counted_for_one_session_counts_for_no_other(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    platform, evening = await Platform.connected(clinic), await Evening.planned(clinic, psql)
    other = await evening.table.group(moment("12:00"), places=(clinic.ana.id,))
    await platform.knows(clinic.ana)
    await platform.tell("joined", moment("18:00"), who=clinic.ana)
    await applied(evening, "18:01")
    assert (await platform.bind(session_id=str(other))).status_code == 200, "nothing was counted yet"
    assert (await platform.bind(session_id=str(evening.id))).status_code == 200
    await applied(evening, "18:02")
    assert (await platform.bind(session_id=str(evening.id))).status_code == 200
    refused = await platform.bind(session_id=str(other))
    assert (refused.status_code, refused.json()["code"]) == (409, "meeting_counted")


async def test_what_a_platform_calls_somebody_is_nobodys_id_elsewhere(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    """An id that was given to one account means nothing from another."""
    one, other = await Platform.connected(clinic), await Platform.connected(clinic)
    evening = await Evening.planned(clinic, psql)
    await other.bind(session_id=str(evening.id))
    key = await one.knows(clinic.ana)
    await other.tell("joined", moment("18:00"), who=key)
    await applied(evening, "18:00")
    assert evening.known() is None
    assert UUID(key)
