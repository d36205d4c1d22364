"""POST /v1/invitations."""

import re

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.services.invitations import code_hash
from tests.people import Clinic
from tests.phones import JSON

PATH = "/v1/invitations"


@pytest.mark.parametrize("who", ["clara", "sam", "adele"])
async def test_staff_invite_a_patient_of_theirs(clinic: Clinic, psql: psycopg.Connection, who: str) -> None:
    reply = await getattr(clinic, who).client.post(PATH, json={"patient_id": str(clinic.ana.id)})
    assert reply.status_code == 201, reply.text
    body = reply.json()
    assert body.keys() == {"id", "code", "expires_at"}
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", body["code"])
    audited = psql.execute(
        "select actor_id, action, patient_id from audit_entry where resource_id = %s", [body["id"]]
    ).fetchall()
    assert audited == [(getattr(clinic, who).id, "invitation:create", clinic.ana.id)]


async def test_the_code_is_shown_once_and_kept_as_a_hash(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = (await clinic.clara.client.post(PATH, json={"patient_id": str(clinic.ana.id)})).json()
    kept = psql.execute(
        "select * from invitation i join sign_in_name n on n.owner_id = i.id where i.id = %s", [body["id"]]
    ).fetchall()
    assert len(kept) == 1
    assert body["code"] not in str(kept)
    assert body["code"].replace("-", "") not in str(kept)


async def test_a_new_code_ends_the_one_before(clinic: Clinic, psql: psycopg.Connection) -> None:
    first, second, other = [
        (await clinic.clara.client.post(PATH, json={"patient_id": str(person.id)})).json()
        for person in (clinic.ana, clinic.ana, clinic.ben)
    ]
    found = psql.execute(
        "select name_hash from sign_in_name where organization_id = %s", [clinic.organization_id]
    ).fetchall()
    assert {row[0] for row in found} == {code_hash(second["code"]), code_hash(other["code"])}
    assert first["code"] != second["code"]


async def test_only_an_administrator_invites_staff(clinic: Clinic) -> None:
    body = {"staff_member_id": str(clinic.olga.id)}
    assert (await clinic.adele.client.post(PATH, json=body)).status_code == 201
    for person in (clinic.clara, clinic.sam):
        assert (await person.client.post(PATH, json=body)).status_code == 403


async def test_patients_and_auditors_invite_nobody(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.olga):
        reply = await person.client.post(PATH, json={"patient_id": str(clinic.ana.id)})
        assert reply.status_code == 403
    assert (await clinic.nobody.post(PATH, json={"patient_id": str(clinic.ana.id)})).status_code == 401


async def test_whoever_is_not_visible_does_not_exist(clinic: Clinic) -> None:
    for client, body in (
        (clinic.dmitri.client, {"patient_id": str(clinic.ana.id)}),
        (clinic.dmitri.client, {"staff_member_id": str(clinic.clara.id)}),
        (clinic.adele.client, {"patient_id": str(clinic.ivan.id)}),
        (clinic.adele.client, {"staff_member_id": str(clinic.dmitri.id)}),
        (clinic.adele.client, {"patient_id": str(clinic.clara.id)}),
        (clinic.clara.client, {"patient_id": str(uuid7())}),
    ):
        assert (await client.post(PATH, json=body)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"patient_id": None},
        {"patient_id": str(uuid7()), "staff_member_id": str(uuid7())},
        {"patient_id": "x\0"},
        {"patient_id": str(uuid7()), "role": "administrator"},
        [],
    ],
)
async def test_an_invitation_is_for_one_person(clinic: Clinic, body: JSON) -> None:
    assert (await clinic.adele.client.post(PATH, json=body)).status_code in {400, 422}
