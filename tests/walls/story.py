"""What ana of Riverside has that nobody of Lakeside must meet."""

from typing import Any
from uuid import UUID

import psycopg
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app import clock
from app.database import unit_of_work
from app.models import Device, Invitation, RefreshToken
from tests.api.scheduling import attended
from tests.api.test_on_call_overrides import override
from tests.api.test_on_call_schedules import schedule
from tests.goals.agreeing import closed_goal
from tests.people import Clinic
from tests.walls.catalogue import TENANT, tenant_tables


def check_in(**answers: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": clock.now().isoformat(),
        "time_zone": "America/New_York",
        "answers": answers,
    }


async def tell(clinic: Clinic) -> None:
    """Ana checks in, alarmingly; she has answered an instrument, signed in from a phone, and been invited."""
    for answers in ({"craving": 9}, {"feels_safe": False}, {"mood": 5}):
        reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(**answers))
        assert reply.status_code == 201, reply.text
    item_9 = {f"phq9-{number}": 1 for number in range(1, 10)}
    body = {**check_in(), "instrument": "phq-9", "answers": item_9}
    reply = await clinic.ana.client.post("/v1/patients/me/assessments", json=body)
    assert reply.status_code == 201, reply.text
    await _put_clara_on_call(clinic)
    await _let_ana_be_away(clinic)
    await _say_how_clara_is_reached(clinic)
    await _let_anas_phone_read_her_calendar(clinic)
    await closed_goal(clinic)
    await attended(clinic)
    await _add_what_has_no_route_here(clinic.app, clinic)


async def _put_clara_on_call(clinic: Clinic) -> None:
    made = await clinic.sam.client.post("/v1/on-call-schedules", json=schedule(clinic.clara))
    path = f"/v1/on-call-schedules/{made.json()['id']}/overrides"
    reply = await clinic.sam.client.post(path, json=override(clinic.sam))
    assert reply.status_code == 201, reply.text


async def _let_ana_be_away(clinic: Clinic) -> None:
    stays = await clinic.ana.client.get("/v1/patients/me/enrollments")
    path = f"/v1/enrollments/{stays.json()['items'][0]['id']}/leaves"
    reply = await clinic.sam.client.post(path, json={"from": "2027-12-20", "back_on": "2027-12-27"})
    assert reply.status_code == 201, reply.text


async def _say_how_clara_is_reached(clinic: Clinic) -> None:
    chat = {"address": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"}
    reply = await clinic.adele.client.put("/v1/gateways/crisis_service", json=chat)
    assert reply.status_code == 200, reply.text
    body = {"items": [{"channel": "chat", "severities": ["critical"], **chat}]}
    reply = await clinic.clara.client.put("/v1/staff/me/contact-methods", json=body)
    assert reply.status_code == 200, reply.text


async def _let_anas_phone_read_her_calendar(clinic: Clinic) -> None:
    reply = await clinic.ana.client.post("/v1/calendar-feeds", json={"shows_place": True})
    assert reply.status_code == 201, reply.text


async def _add_what_has_no_route_here(app: FastAPI, clinic: Clinic) -> None:
    now, tenant = clock.now(), {"organization_id": clinic.organization_id}
    device = Device(
        id=uuid7(),
        credential_id=clinic.ana.credential_id,
        name="phone",
        created_at=now,
        last_seen_at=now,
        **tenant,
    )
    async with unit_of_work(app.state.engine, clinic.organization_id) as db:
        await db.add(device)
        await db.add(
            RefreshToken(
                id=uuid7(), device_id=device.id, secret_hash=b"x", issued_at=now, expires_at=now, **tenant
            ),
            Invitation(
                id=uuid7(), patient_id=clinic.ana.id, secret_hash=b"x", created_at=now, expires_at=now,
                **tenant,
            ),
        )  # fmt: skip


def rows_of(superuser: psycopg.Connection, organization_id: UUID) -> dict[str, list[str]]:
    """Everything that the organization has, by table: to compare before and after."""
    return {
        table: [
            row
            for (row,) in superuser.execute(
                f"select t::text from {table} t where {TENANT} = %s order by 1", [organization_id]
            )
        ]
        for table in tenant_tables(superuser)
    }


def ids_of(superuser: psycopg.Connection, organization_id: UUID) -> set[str]:
    """Every id that stands in the organization's rows."""
    found = {str(organization_id)}
    columns = superuser.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and udt_name = 'uuid' and table_name = any(%s)",
        [tenant_tables(superuser)],
    ).fetchall()
    for table, column in columns:
        rows = superuser.execute(
            f"select distinct {column}::text from {table} where {TENANT} = %s and {column} is not null",
            [organization_id],
        )
        found.update(each for (each,) in rows)
    return found
