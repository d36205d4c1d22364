"""GET /v1/rules/burden."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.rules.yardsticks import ACTED_ON_IN_PROMPT_CARE, noisy_because
from tests.api.conftest import add_nora
from tests.api.test_add_program import program as another_program
from tests.moments import at
from tests.people import Clinic, Person

PATH = "/v1/rules/burden"
FIRST = datetime(2026, 11, 2, 15, tzinfo=UTC)
SPAN = {"from": "2026-11-01", "to": "2026-11-30"}


async def says(clinic: Clinic, person: Person, moment: datetime, **answers: Any) -> None:
    body = {
        "id": str(uuid7()), "occurred_at": moment.isoformat(), "time_zone": "America/New_York",
        "answers": answers,
    }  # fmt: skip
    async with at(clinic, person, moment) as client:
        assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201


async def act(clinic: Clinic, alert_id: str, moment: datetime, verb: str, **body: Any) -> None:
    async with at(clinic, clinic.clara, moment) as client:
        reply = await client.post(f"/v1/alerts/{alert_id}/{verb}", json=body)
    assert reply.status_code in {200, 201}, reply.text


async def only_alert(clinic: Clinic, person: Person) -> str:
    """The unresolved alert of somebody."""
    found = (await clinic.clara.client.get("/v1/alerts", params={"patient_id": str(person.id)})).json()[
        "items"
    ]
    (alert,) = found
    alert_id: str = alert["id"]
    return alert_id


async def raised(clinic: Clinic, moment: datetime, person: Person | None = None, **answers: Any) -> str:
    """An alert that was opened then."""
    person = person or clinic.ana
    await says(clinic, person, moment, **(answers or {"craving": 9}))
    return await only_alert(clinic, person)


async def dealt_with(clinic: Clinic, moment: datetime, minutes: tuple[int, int], outcome: str) -> None:
    """An alert that was acknowledged and resolved so many minutes after it was opened."""
    alert_id = await raised(clinic, moment)
    acknowledged, resolved = (moment + timedelta(minutes=each) for each in minutes)
    await act(clinic, alert_id, acknowledged, "acknowledgement")
    await act(clinic, alert_id, resolved, "resolution", outcome=outcome, occurrences_seen=1)


async def read(person: Person, **params: str) -> dict[str, Any]:
    reply = await person.client.get(PATH, params=SPAN | params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_what_a_rule_costs_and_what_comes_of_it(clinic: Clinic) -> None:
    outcomes = ("contacted", "assessed_no_action", "safety_plan_reviewed", "unreachable", "duplicate")
    for day, outcome in enumerate(outcomes):
        moment = FIRST + timedelta(days=3 * day)
        await dealt_with(clinic, moment, (10 * (day + 1), 100 * (day + 1)), outcome)
    await says(clinic, clinic.ben, FIRST, craving=2)
    shown = await read(clinic.sam)
    assert (shown["check_ins"], shown["assessments"], shown["alerts"]) == (6, 0, 5)
    assert (shown["alerts_per_100_surveys"], shown["surveys_alerting_share"]) == (83.33, 0.833)
    assert (shown["acted_on_share"], shown["program_ids"]) == (0.4, [str(clinic.program_id)])
    assert shown["by_rule"] == [
        {
            "code": "craving.high", "title": "Strong craving", "severity": "high", "alerts": 5, "open": 0,
            "acted_on": 2, "acted_on_share": 0.4, "share_of_all": 1.0,
            "minutes_to_acknowledge": {"median": 30.0, "p90": 46.0},
            "minutes_to_resolve": {"median": 300.0, "p90": 460.0},
            "noisy": False, "noisy_because": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "acted_on"),
    [
        ("contacted", 1), ("safety_plan_reviewed", 1), ("care_plan_changed", 1), ("higher_level_of_care", 1),
        ("emergency_services", 1), ("assessed_no_action", 0), ("unreachable", 0), ("duplicate", 0),
        ("not_clinical", 0),
    ],
)  # fmt: skip
async def test_which_outcomes_show_an_action(clinic: Clinic, outcome: str, acted_on: int) -> None:
    await dealt_with(clinic, FIRST, (1, 2), outcome)
    assert (await read(clinic.sam))["by_rule"][0]["acted_on"] == acted_on


async def test_an_unresolved_alert_is_acted_on_by_a_note_after_its_acknowledgement(clinic: Clinic) -> None:
    alert_id = await raised(clinic, FIRST)

    async def acted_on() -> tuple[int, int]:
        (rule,) = (await read(clinic.sam))["by_rule"]
        return rule["open"], rule["acted_on"]

    note = {"text": "Left a message."}
    await act(clinic, alert_id, FIRST + timedelta(minutes=1), "notes", id=str(uuid7()), **note)
    assert await acted_on() == (1, 0)
    await act(clinic, alert_id, FIRST + timedelta(minutes=5), "acknowledgement")
    assert await acted_on() == (1, 0)
    await act(clinic, alert_id, FIRST + timedelta(minutes=9), "notes", id=str(uuid7()), **note)
    assert await acted_on() == (1, 1)
    await act(
        clinic, alert_id, FIRST + timedelta(minutes=20), "resolution", outcome="duplicate", occurrences_seen=1
    )
    assert await acted_on() == (0, 0)


async def test_the_first_acknowledgement_counts_also_after_it_was_taken_back(clinic: Clinic) -> None:
    alert_id = await raised(clinic, FIRST, feels_safe=False)
    await act(clinic, alert_id, FIRST + timedelta(minutes=4), "acknowledgement")
    await says(clinic, clinic.ana, FIRST + timedelta(minutes=30), feels_safe=False)
    await act(clinic, alert_id, FIRST + timedelta(minutes=50), "acknowledgement")
    (rule,) = (await read(clinic.sam))["by_rule"]
    assert (rule["code"], rule["alerts"], rule["open"]) == ("si.not_safe", 1, 1)
    assert rule["minutes_to_acknowledge"] == {"median": 4.0, "p90": 4.0}
    assert rule["minutes_to_resolve"] is None


async def test_who_closes_at_once_has_seen_it_then(clinic: Clinic) -> None:
    alert_id = await raised(clinic, FIRST)
    moment = FIRST + timedelta(minutes=7)
    await act(clinic, alert_id, moment, "resolution", outcome="contacted", occurrences_seen=1)
    (rule,) = (await read(clinic.sam))["by_rule"]
    assert rule["minutes_to_acknowledge"] == rule["minutes_to_resolve"] == {"median": 7.0, "p90": 7.0}


async def test_a_rule_on_which_few_act_is_named_as_noise(clinic: Clinic, psql: psycopg.Connection) -> None:
    for day in range(10):
        outcome = "contacted" if day < 4 else "assessed_no_action"
        await dealt_with(clinic, FIRST + timedelta(days=2 * day), (1, 2), outcome)
    (rule,) = (await read(clinic.sam))["by_rule"]
    assert (rule["alerts"], rule["acted_on"], rule["noisy"]) == (10, 4, True)
    assert rule["noisy_because"] == (
        "4 of 10 alerts were acted on (40.0%), less than the 43.7% of PROMPT-Care."
    )
    psql.execute(
        "update alert set outcome = 'contacted' where id = (select id from alert where organization_id = %s"
        " and outcome = 'assessed_no_action' limit 1)",
        [clinic.organization_id],
    )
    (rule,) = (await read(clinic.sam))["by_rule"]
    assert (rule["acted_on"], rule["noisy"], rule["noisy_because"]) == (5, False, None)


@pytest.mark.parametrize(
    ("alerts", "acted_on", "noisy"),
    [(9, 0, False), (10, 0, True), (10, 4, True), (10, 5, False), (1000, 436, True), (1000, 437, False)],
)
def test_noise_begins_under_the_yardstick_and_with_ten_alerts(
    alerts: int, acted_on: int, noisy: bool
) -> None:
    assert (noisy_because(alerts, acted_on) is not None) is noisy


async def test_the_yardsticks_stand_beside_it_with_their_sources(clinic: Clinic) -> None:
    yardsticks = (await read(clinic.sam))["yardsticks"]
    assert [(each["measure"], each["value"]) for each in yardsticks] == [
        ("surveys_alerting_share", 0.078),
        ("surveys_alerting_share", 0.34),
        ("acted_on_share", ACTED_ON_IN_PROMPT_CARE),
        ("acted_on_share", 0.59),
    ]
    assert all(re_read in each["source"] for each, re_read in zip(
        yardsticks, ("e38483", "10.1007/s11136-024-03675-3", "20(3), 2001", "PRO-TECT"), strict=True
    ))  # fmt: skip


async def test_days_are_those_of_the_program(clinic: Clinic) -> None:
    """Midnight in New York is five in the morning in UTC."""
    midnight = datetime(2026, 11, 10, 5, tzinfo=UTC)
    await raised(clinic, midnight - timedelta(minutes=1))
    await raised(clinic, midnight, clinic.ben)
    for days, alerts in (
        ({"from": "2026-11-09", "to": "2026-11-09"}, 1),
        ({"from": "2026-11-10", "to": "2026-11-10"}, 1),
        ({"from": "2026-11-09", "to": "2026-11-10"}, 2),
        ({"from": "2026-11-11", "to": "2026-11-12"}, 0),
    ):
        shown = await read(clinic.sam, **days)
        assert (shown["alerts"], shown["check_ins"]) == (alerts, alerts), days


async def test_without_days_it_is_the_last_ninety(clinic: Clinic) -> None:
    async with at(clinic, clinic.sam, datetime(2026, 11, 30, 4, 59, tzinfo=UTC)) as client:
        shown = (await client.get(PATH)).json()
    assert (shown["from"], shown["to"]) == ("2026-09-01", "2026-11-29")
    assert (shown["alerts"], shown["acted_on_share"], shown["alerts_per_100_surveys"]) == (0, None, None)


@pytest.mark.parametrize(
    ("days", "pointer"),
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "/to"),
        ({"from": "2025-01-01", "to": "2026-11-01"}, "/from"),
        ({"from": "yesterday"}, "/from"),
    ],
)
async def test_impossible_days_are_refused(clinic: Clinic, days: dict[str, str], pointer: str) -> None:
    reply = await clinic.sam.client.get(PATH, params=days)
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]


async def test_only_programs_that_the_lead_works_in_are_shown(clinic: Clinic) -> None:
    await raised(clinic, FIRST)
    nora = await add_nora(clinic.app, clinic.organization_id)
    async with nora.client:
        elsewhere = str(nora.program_id)
    reply = await clinic.sam.client.get(PATH, params=SPAN | {"program_id": elsewhere})
    assert reply.status_code == 404
    new = (await clinic.adele.client.post("/v1/programs", json=another_program())).json()["id"]
    both = {"program_ids": [str(clinic.program_id), new]}
    await clinic.adele.client.patch(f"/v1/staff/{clinic.sam.id}", json=both, headers={"If-Match": '"1"'})
    assert (await read(clinic.sam))["program_ids"] == sorted(both["program_ids"])
    assert (await read(clinic.sam))["alerts"] == 1
    assert (await read(clinic.sam, program_id=new))["alerts"] == 0


async def test_reading_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    await read(clinic.sam)
    rows = psql.execute(
        "select actor_id, resource from audit_entry where organization_id = %s and action = %s",
        [clinic.organization_id, "rule_burden:read"],
    )
    assert rows.fetchall() == [(clinic.sam.id, "alert")]


@pytest.mark.parametrize(
    ("who", "status"), [("clara", 403), ("adele", 403), ("olga", 403), ("ana", 403), ("dmitri", 403)]
)
async def test_others_may_not(clinic: Clinic, who: str, status: int) -> None:
    assert (await getattr(clinic, who).client.get(PATH)).status_code == status


async def test_nobody_is_asked_to_sign_in(clinic: Clinic) -> None:
    assert (await clinic.nobody.get(PATH)).status_code == 401
