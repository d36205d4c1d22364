"""GET /v1/patients/{id}/assessments."""

import psycopg
import pytest

from tests.api.test_submit_assessment import PATH, ago, assessment, gad7, phq9
from tests.people import Clinic, Person


async def test_newest_first_each_with_its_score_and_its_revisions(clinic: Clinic) -> None:
    early = phq9(*[1] * 9, occurred_at=ago(14))
    late = gad7(*[2] * 7, occurred_at=ago(1))
    for body in (late, early, {**early, "answers": {"phq9-1": 3}}):
        await clinic.ana.client.post(PATH, json=body)
    reply = await clinic.ana.client.get(PATH)
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "private, no-store"
    first, second = reply.json()["items"]
    assert (first["id"], first["score"]["total"], first["revisions"]) == (late["id"], 14, 0)
    assert (second["id"], second["score"]["total"], second["revisions"]) == (early["id"], 9, 1)
    assert second["answers"] == early["answers"]
    assert reply.json()["next_cursor"] is None


async def test_of_one_instrument(clinic: Clinic) -> None:
    for body in (phq9(*[0] * 9), gad7(*[0] * 7), assessment("who-5", {})):
        await clinic.ana.client.post(PATH, json=body)
    reply = await clinic.ana.client.get(PATH, params={"instrument": "gad-7"})
    assert [each["instrument"] for each in reply.json()["items"]] == ["gad-7"]
    assert (await clinic.ana.client.get(PATH, params={"instrument": "none"})).json()["items"] == []


async def test_pages_show_each_once_even_of_one_moment(clinic: Clinic) -> None:
    sent = [phq9(*[0] * 9, occurred_at=ago(day // 3)) for day in range(10)]
    moment = ago(5)
    sent += [gad7(*[0] * 7, occurred_at=moment) for _ in range(5)]
    for body in sent:
        await clinic.ana.client.post(PATH, json=body)
    path = f"/v1/patients/{clinic.ana.id}/assessments"
    seen: list[dict[str, str]] = []
    params: dict[str, str | int] = {"limit": 4}
    while True:
        page = (await clinic.clara.client.get(path, params=params)).json()
        seen += page["items"]
        assert len(page["items"]) <= 4
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == 15
    assert {each["id"] for each in seen} == {body["id"] for body in sent}
    times = [each["occurred_at"] for each in seen]
    assert times == sorted(times, reverse=True)


async def test_the_read_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.clara.client.get(f"/v1/patients/{clinic.ana.id}/assessments")
    found = psql.execute(
        "select actor_id, patient_id, outcome from audit_entry where action = 'assessment:read'"
        " and organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert found == [(clinic.clara.id, clinic.ana.id, "done")]


async def test_the_wrong_person_sees_nothing(clinic: Clinic, nora: Person) -> None:
    path = f"/v1/patients/{clinic.ana.id}/assessments"
    await clinic.ana.client.post(PATH, json=phq9(*[1] * 9))
    for person, status in (
        (nora, 404), (clinic.dmitri, 404), (clinic.ben, 404), (clinic.adele, 403), (clinic.olga, 403),
    ):  # fmt: skip
        assert (await person.client.get(path)).status_code == status, person.role
    assert (await clinic.nobody.get(path)).status_code == 401
    assert (await clinic.ben.client.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=bm9wZQ", "cursor=WyJhIiwiYiJd",
     "cursor=WyIyMDI2Il0", "instrument=A%00", "instrument=", "cursor=%F0%9F%99%82"],
)  # fmt: skip
async def test_a_bad_query_is_422(clinic: Clinic, query: str) -> None:
    reply = await clinic.ana.client.get(f"{PATH}?{query}")
    assert reply.status_code == 422, reply.text
