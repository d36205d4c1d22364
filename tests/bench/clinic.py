"""A clinic at rest: patients with two weeks of history each, and the tokens they and their team carry."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.access import Role
from app.main import create_app
from app.settings import Settings
from tests.people import add_organization, add_person, token_for

QUIET, ALARMED, OFFLINE, STAFF = 600, 1_500, 160, 4
HISTORY_DAYS = 14

_PATIENTS = """
insert into patient (organization_id, id, given_name, family_name, locale, time_zone, created_at,
  row_version)
select %(org)s, id, 'Pat', 'Example', 'en', 'America/New_York', now(), 1 from unnest(%(ids)s::uuid[]) id;
"""
_STAYS = """
insert into enrollment (organization_id, id, patient_id, program_id, starts_on, status, created_at,
  row_version)
select %(org)s, gen_random_uuid(), id, %(program)s, current_date - 60, 'active', now(), 1
from unnest(%(ids)s::uuid[]) id;
"""
_HISTORY = """
insert into check_in (organization_id, id, revision, patient_id, program_id, local_date, time_zone,
  occurred_at, filed_at, received_at, answers, fingerprint)
select %(org)s, gen_random_uuid(), 0, id, %(program)s, current_date - day, 'America/New_York',
  now() - make_interval(days => day), now() - make_interval(days => day), now() - make_interval(days => day),
  '{"mood": 6, "craving": 2, "sleep_hours": 7.5, "used": false, "feels_safe": true, "medication_taken": true,
    "anxiety": 3, "energy": 5}', '\\x00'
from unnest(%(ids)s::uuid[]) id, generate_series(1, %(days)s) day;
"""


@dataclass(frozen=True)
class Clinic:
    """Tokens, by what their owners will do."""

    organization_id: UUID
    program_id: UUID
    patient_id: UUID
    quiet: list[str]
    alarmed: list[str]
    offline: list[str]
    staff: list[str]


async def furnish(folder: Path, url: str) -> Clinic:
    """Fill a migrated, empty database."""
    app = create_app(Settings(data_dir=folder), url)
    try:
        organization_id, program_id = await add_organization(app, "Riverside")
        staff = []
        for number in range(STAFF):
            person = await add_person(app, organization_id, program_id, Role.COUNSELOR, f"staff{number}")
            await person.client.aclose()
            staff.append(_token(app, organization_id, person.id, Role.COUNSELOR))
    finally:
        await app.state.engine.dispose()
    ids = [uuid7() for _ in range(QUIET + ALARMED + OFFLINE)]
    values = {"org": organization_id, "program": program_id, "ids": ids, "days": HISTORY_DAYS}
    with psycopg.connect(url, autocommit=True) as superuser:
        for statement in (_PATIENTS, _STAYS, _HISTORY):
            superuser.execute(statement, values)
        superuser.execute("vacuum analyze")
    tokens = [_token(app, organization_id, each, Role.PATIENT) for each in ids]
    return Clinic(
        organization_id, program_id, ids[0], tokens[:QUIET], tokens[QUIET : QUIET + ALARMED],
        tokens[QUIET + ALARMED :], staff,
    )  # fmt: skip


def _token(app: FastAPI, organization_id: UUID, person_id: UUID, role: Role) -> str:
    return token_for(app, organization_id=organization_id, id=person_id, role=role, credential_id=uuid7())
