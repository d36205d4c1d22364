"""What ana of Riverside has that nobody of Lakeside must meet."""

from typing import Any
from uuid import UUID

import psycopg
from fastapi import FastAPI
from sqlalchemy import select
from uuid_utils.compat import uuid7

from app import clock
from app.database import unit_of_work
from app.models import Alert, Device, HandOff, Invitation, Page, RefreshToken, WebhookEndpoint
from tests.api.scheduling import attended
from tests.api.test_on_call_overrides import override
from tests.api.test_on_call_schedules import schedule
from tests.goals.agreeing import closed_goal
from tests.people import Clinic
from tests.supporting import PLAN, let_in, plan
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
    await _is_to_be_spoken_with_again(clinic)
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
    await _let_rosa_stand_by(clinic)
    await _let_a_platform_know_ana(clinic)
    await _tell_somebody_elses_system(clinic)
    await closed_goal(clinic)
    await attended(clinic)
    await _add_what_has_no_route_here(clinic.app, clinic)
    await _hand_anas_alert_over(clinic)


async def _is_to_be_spoken_with_again(clinic: Clinic) -> None:
    flag = (await clinic.ana.client.post("/v1/patients/me/crisis-flags", json={"what": "Help."})).json()
    body = {"outcome": "contacted", "occurrences_seen": 1}
    path = f"/v1/alerts/{flag['alert_id']}/resolution"
    assert (await clinic.clara.client.post(path, json=body)).status_code == 200
    attempt = {"way": "call", "outcome": "reached"}
    path = f"/v1/crisis-flags/{flag['id']}/contact-attempts"
    assert (await clinic.clara.client.post(path, json=attempt)).status_code == 201


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


async def _let_rosa_stand_by(clinic: Clinic) -> None:
    reply = await clinic.ana.client.put(PLAN, json=plan())
    assert reply.status_code == 201, reply.text
    await let_in(clinic.ana, shares=["safety_plan"])


async def _let_a_platform_know_ana(clinic: Clinic) -> None:
    body = {"platform": "generic", "name": "Video rooms"}
    made = (await clinic.adele.client.post("/v1/telehealth-integrations", json=body)).json()
    path = f"/v1/telehealth-integrations/{made['id']}/participants/{clinic.ana.id}"
    assert (await clinic.adele.client.put(path)).status_code == 200


async def _tell_somebody_elses_system(clinic: Clinic) -> None:
    body = {"url": "https://8.8.8.8/hook", "event_types": ["alert.opened"]}
    made = (await clinic.adele.client.post("/v1/webhook-endpoints", json=body)).json()
    reply = await clinic.adele.client.post(f"/v1/webhook-endpoints/{made['id']}/test", json={})
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


async def _hand_anas_alert_over(clinic: Clinic) -> None:
    now, tenant = clock.now(), {"organization_id": clinic.organization_id}
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        alert = (await db.scalars(select(Alert).where(Alert.patient_id == clinic.ana.id).limit(1))).one()
        of = {"alert_id": alert.id, "patient_id": alert.patient_id}
        page = Page(
            id=uuid7(), cycle=1, step=9, tell="crisis_service", recipient_id=clinic.organization_id,
            channel="crisis_service", severity="critical", digest=False, status="sent", created_at=now,
            due_at=now, attempts=1, settled_at=now, **of, **tenant,
        )  # fmt: skip
        endpoint = WebhookEndpoint(
            id=uuid7(), purpose="hand_off", url="https://line.example", event_types=[], program_ids=[],
            secret=b"x", secret_since=now, status="enabled", cursor=0, created_at=now,
            created_by=clinic.adele.id, row_version=1, **tenant,
        )  # fmt: skip
        await db.add(page, endpoint)
        await db.add(
            HandOff(
                id=uuid7(), page_id=page.id, endpoint_id=endpoint.id, requested_at=now, answer_by=now, **of,
                **tenant,
            )
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
