"""GET /v1/crisis-resources."""

from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from psycopg.types.json import Jsonb

from app.database import engine_for
from tests.people import Clinic, client_for

PATH = "/v1/crisis-resources"
OWN = {
    "name": "Riverside night line",
    "call": "+1 212 555 0199",
    "text": None,
    "chat": None,
    "url": None,
    "hours": None,
}


def with_own_line(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update organization set crisis_lines = %s where organization_id = %s",
        [Jsonb([OWN]), clinic.organization_id],
    )


def calls(reply: dict[str, Any]) -> list[str]:
    return [line["call"] for line in reply["resources"] if line["call"]]


async def test_nobody_needs_to_sign_in(clinic: Clinic) -> None:
    reply = await clinic.nobody.get(PATH)
    assert reply.status_code == 200
    assert reply.json()["country"] == "US"
    assert "988" in calls(reply.json())
    assert reply.json()["message"] == "If you are in danger now, call 911."
    assert reply.headers["cache-control"] == "public, max-age=3600"
    assert set(reply.headers["vary"].split(", ")) == {"Authorization", "Accept-Language"}


async def test_an_unchanged_answer_is_not_sent_again(clinic: Clinic) -> None:
    first = await clinic.nobody.get(PATH)
    again = await clinic.nobody.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, max-age=3600"
    spanish = await clinic.nobody.get(
        PATH, headers={"If-None-Match": first.headers["etag"], "Accept-Language": "es-MX,es;q=0.9"}
    )
    assert spanish.status_code == 200


async def test_the_organizations_own_line_comes_first(clinic: Clinic, psql: psycopg.Connection) -> None:
    with_own_line(clinic, psql)
    for person in (clinic.ana, clinic.clara):
        reply = await person.client.get(PATH)
        assert reply.json()["resources"][0] == OWN
        assert "988" in calls(reply.json())
        assert reply.headers["cache-control"] == "private, no-cache"
    for client in (clinic.nobody, clinic.dmitri.client):
        assert OWN["call"] not in calls((await client.get(PATH)).json())


async def test_a_patient_reads_their_own_language(clinic: Clinic) -> None:
    await clinic.ana.client.patch("/v1/patients/me", json={"locale": "es"}, headers={"If-Match": '"1"'})
    reply = await clinic.ana.client.get(PATH, headers={"Accept-Language": "en"})
    assert "peligro" in reply.json()["message"]


@pytest.mark.parametrize("country", ["XX", "", "not a country", "é" * 300])
async def test_a_country_that_we_do_not_know_gets_an_answer(clinic: Clinic, country: str) -> None:
    reply = await clinic.nobody.get(PATH, params={"country": country})
    assert reply.status_code == 200
    assert reply.json()["resources"]


@pytest.mark.parametrize("header", ["Bearer expired", "Bearer " + "x" * 5000, "Basic eDp5", "Bearer", "ÿ"])
async def test_a_bad_token_gets_the_public_answer(clinic: Clinic, header: str) -> None:
    reply = await clinic.nobody.get(PATH, headers={b"Authorization": header.encode("latin-1")})
    assert reply.status_code == 200
    assert "988" in calls(reply.json())


async def test_hostile_languages_get_an_answer(clinic: Clinic) -> None:
    reply = await clinic.nobody.get(PATH, headers={"Accept-Language": "," * 5000})
    assert reply.status_code == 200


async def test_the_numbers_are_given_out_while_the_database_is_away(clinic: Clinic) -> None:
    app: FastAPI = clinic.app
    engine = app.state.engine
    app.state.engine = engine_for("postgresql://nobody@127.0.0.1:1/nowhere")
    try:
        signed_in = await clinic.ana.client.get(PATH)
        async with client_for(app) as client:
            public = await client.get(PATH)
    finally:
        app.state.engine = engine
    assert signed_in.headers["cache-control"] == "private, no-cache"  # the own line is back in a moment
    for reply in (signed_in, public):
        assert reply.status_code == 200
        assert "988" in calls(reply.json())
