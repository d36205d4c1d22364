"""A stored rule that this release cannot read costs neither the answer nor the other rules."""

import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.people import Clinic

UNREADABLE = [
    {"code": "odd.kind", "title": "Odd", "severity": "high", "condition": {"kind": "astrology"}},
    {"title": "No code"},
]


async def test_it_opens_an_alert_of_its_own_and_the_others_run(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute(
        "update rule_set set rules = rules || %s where organization_id = %s",
        [Jsonb(UNREADABLE), clinic.organization_id],
    )
    reply = await clinic.ana.client.post(
        "/v1/patients/me/check-ins",
        json={
            "id": str(uuid7()),
            "occurred_at": "2026-11-23T08:00:00-05:00",
            "time_zone": "America/New_York",
            "answers": {"craving": 9, "feels_safe": False},
        },
    )
    assert reply.status_code == 201, reply.text
    alerts = psql.execute("select rule from alert where patient_id = %s order by rule", [clinic.ana.id])
    assert [rule for (rule,) in alerts] == [
        "craving.high",
        "rule_error.odd.kind",
        "rule_error.unreadable",
        "si.not_safe",
    ]
    for (alert_id,) in psql.execute("select id from alert where patient_id = %s", [clinic.ana.id]).fetchall():
        explained = await clinic.clara.client.get(f"/v1/alerts/{alert_id}/explanation")
        assert explained.status_code == 200, explained.text
