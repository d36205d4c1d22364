"""POST /v1/rule-sets/backtests."""

import asyncio
import os
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.access import Role
from app.rules.floor import FLOOR
from app.services import backtests
from tests.api.publishing import CRAVING, edited, faults, own_rule, place_of, published, rule_in
from tests.api.test_add_program import program as another_program
from tests.feed.raising import alerts_of
from tests.moments import at
from tests.people import Clinic, Person, add_person

PATH = "/v1/rule-sets/backtests"
FIRST = datetime(2026, 9, 1, 13, tzinfo=UTC)
DAYS = {"from": "2026-09-01", "to": "2026-09-30"}


async def craves(clinic: Clinic, person: Person, *cravings: int) -> None:
    """A check-in a day, from the first of September on."""
    for day, craving in enumerate(cravings):
        moment = FIRST + timedelta(days=day)
        async with at(clinic, person, moment) as client:
            body = {
                "id": f"019ab0f2-{day:04x}-7d3a-9b1e-{person.id.hex[-12:]}",
                "occurred_at": moment.isoformat(), "time_zone": "America/New_York",
                "answers": {"craving": craving, "mood": 6},
            }  # fmt: skip
            assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201


async def draft(person: Person, craving: int | None = None) -> dict[str, Any]:
    """The rules in force as a draft, with a plain threshold for a strong craving if it is said."""
    body = await edited(person)
    del body["reason"]
    if craving is not None:
        rule_in(body, "craving.high")["condition"] = {**CRAVING, "value": craving}
    return {**body, **DAYS}


async def tried(person: Person, body: dict[str, Any]) -> dict[str, Any]:
    reply = await person.client.post(PATH, json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def publish_craving(clinic: Clinic, craving: int) -> dict[str, Any]:
    """Publish the plain threshold, so that drafts differ from it in their value alone."""
    body = await draft(clinic.sam, craving)
    made = {each: body[each] for each in ("base_version", "rules")}
    return await published(clinic.sam, {**made, "reason": "Plainer"})


async def test_a_lower_threshold_shows_what_it_would_have_told(clinic: Clinic) -> None:
    await publish_craving(clinic, 8)
    await craves(clinic, clinic.ana, 2, 7, 8, 3)
    await craves(clinic, clinic.ben, 7, 3, 4)
    shown = await tried(clinic.sam, await draft(clinic.sam, 7))
    counted = {"check_ins": 7, "assessments": 0, "patients": 2, "patient_weeks": 8.6}
    own = rule_in({"rules": shown["by_rule"]}, "craving.high")
    assert own == {
        "code": "craving.high", "title": "Strong craving", "alerts": 3, "patients": 2,
        "alerts_per_100_check_ins": 42.86, "live_alerts": 1, "also_live": 1, "only_draft": 2,
        "only_live": 0, "earlier": 1, "median_hours_earlier": 24.0,
    }  # fmt: skip
    assert shown["live"]["alerts"] == shown["alerts"] - 2
    assert (
        {name: shown[name] for name in counted} == {name: shown["live"][name] for name in counted} == counted
    )
    assert shown["alerts_per_100_check_ins"] == round(100 * shown["alerts"] / 7, 2)
    assert shown["alerts_per_patient_week"] == round(shown["alerts"] / (60 / 7), 2)
    assert (shown["program_id"], shown["live"]["version"]) == (str(clinic.program_id), 2)
    assert "resolved when its answer is due" in shown["assumption"]


async def test_examples_say_neither_who_nor_when(clinic: Clinic) -> None:
    await publish_craving(clinic, 8)
    await craves(clinic, clinic.ana, 2, 7, 8, 3)
    shown = await tried(clinic.sam, await draft(clinic.sam, 7))
    assert shown["examples"] == [
        {"rule": "craving.high", "kind": kind, "stay_day": 241,
         "comparison": "Craving was 7; the rule asks for 7 or more.", "hours_earlier": hours}
        for kind, hours in (("only_draft", None), ("earlier", 24.0))
    ]  # fmt: skip
    del shown["program_id"]
    assert not re.search(r"[0-9a-f]{8}-|20[0-9]{2}|ana|Example", str(shown))


async def test_the_rules_in_force_are_as_good_as_themselves(clinic: Clinic) -> None:
    await craves(clinic, clinic.ana, 9, 7, 7, 1, 8)
    body = {key: value for key, value in (await edited(clinic.sam)).items() if key != "reason"} | DAYS
    shown = await tried(clinic.sam, body)
    assert shown["alerts"] == shown["live"]["alerts"] > 0
    for each in shown["by_rule"]:
        assert each["alerts"] == each["live_alerts"] == each["also_live"]
        assert each["only_draft"] == each["only_live"] == each["earlier"] == 0
    assert shown["examples"] == []


async def test_every_rule_is_listed_the_floor_first_and_what_is_left_out_last(clinic: Clinic) -> None:
    await craves(clinic, clinic.ana, 9)
    body = await draft(clinic.sam)
    kept = [each["code"] for each in body["rules"] if each["enabled"] and each["code"] != "craving.high"]
    del body["rules"][place_of(body, "craving.high")]
    body["rules"].append(own_rule())
    shown = await tried(clinic.sam, body)
    assert [each["code"] for each in shown["by_rule"]] == [*kept, "own.rule", "craving.high"]
    assert kept[: len(FLOOR)] == [each.code for each in FLOOR]
    missed, found = shown["by_rule"][-1], shown["by_rule"][-2]
    assert (missed["alerts"], missed["only_live"], missed["title"]) == (0, 1, "Strong craving")
    assert (found["alerts"], found["only_draft"], found["title"]) == (1, 1, "Our own")


async def test_nothing_is_kept(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craves(clinic, clinic.ana, 7, 3)
    before = await alerts_of(clinic.clara)
    await tried(clinic.sam, await draft(clinic.sam, 2))
    assert await alerts_of(clinic.clara) == before
    count = psql.execute("select count(*) from rule_set where program_id = %s", [clinic.program_id])
    assert count.fetchone() == (1,)


async def test_only_days_that_are_asked_about_count_and_today_as_far_as_it_has_gone(clinic: Clinic) -> None:
    await craves(clinic, clinic.ana, 9, 9, 9, 9)
    body = await draft(clinic.sam) | {"from": "2026-09-02", "to": "2026-09-03"}
    shown = await tried(clinic.sam, body)
    assert (shown["check_ins"], shown["patient_weeks"]) == (2, 0.6)  # two patients, two days
    async with at(clinic, clinic.sam, FIRST + timedelta(days=2)) as client:
        reply = await client.post(PATH, json=body | {"to": "2026-12-31"})
    assert (reply.json()["check_ins"], reply.json()["patient_weeks"]) == (1, 0.6)


async def test_what_nobody_answered_divides_nothing(clinic: Clinic) -> None:
    shown = await tried(clinic.sam, await draft(clinic.sam) | {"from": "2025-01-01", "to": "2025-01-31"})
    assert (shown["check_ins"], shown["patients"], shown["patient_weeks"]) == (0, 0, 0)
    assert shown["alerts_per_100_check_ins"] is shown["alerts_per_patient_week"] is None


async def test_patients_of_another_program_are_not_read(clinic: Clinic, psql: psycopg.Connection) -> None:
    elsewhere = (await clinic.adele.client.post("/v1/programs", json=another_program())).json()["id"]
    other = await add_person(clinic.app, clinic.organization_id, elsewhere, Role.PATIENT, "otto")
    async with other.client:
        await craves(clinic, other, 9)
    await craves(clinic, clinic.ana, 9)
    shown = await tried(clinic.sam, await draft(clinic.sam))
    assert (shown["check_ins"], shown["patients"]) == (1, 2)
    (entry,) = psql.execute(
        "select actor_id, resource, resource_id, patient_ids, outcome from audit_entry"
        " where organization_id = %s and action = 'rule_set:backtest'",
        [clinic.organization_id],
    ).fetchall()
    assert entry[:3] == (clinic.sam.id, "rule_set", clinic.program_id)
    assert (set(entry[3]), entry[4]) == ({clinic.ana.id, clinic.ben.id}, "done")


async def test_a_program_that_the_lead_does_not_work_in_is_refused(clinic: Clinic) -> None:
    elsewhere = (await clinic.adele.client.post("/v1/programs", json=another_program())).json()["id"]
    body = await draft(clinic.sam)
    reply = await clinic.sam.client.post(PATH, json=body | {"program_id": elsewhere})
    assert faults(reply) == [("/program_id", "not_your_program")]
    reply = await clinic.sam.client.post(PATH, json=body | {"program_id": str(clinic.dmitri.program_id)})
    assert faults(reply) == [("/program_id", "unknown_program")]


@pytest.mark.parametrize(
    ("who", "status"), [("clara", 403), ("adele", 403), ("olga", 403), ("ana", 403), ("dmitri", 403)]
)
async def test_others_may_not(clinic: Clinic, who: str, status: int) -> None:
    reply = await getattr(clinic, who).client.post(PATH, json=await draft(clinic.sam))
    assert reply.status_code == status


async def test_nobody_is_asked_to_sign_in(clinic: Clinic) -> None:
    assert (await clinic.nobody.post(PATH, json={})).status_code == 401


@pytest.mark.parametrize(
    ("days", "fault"),
    [
        ({"from": "2026-09-02", "to": "2026-09-01"}, ("/to", "too_small")),
        ({"from": "2025-08-01", "to": "2026-09-05"}, ("/from", "too_long")),
        ({"from": "2026-09-31"}, ("/from", "malformed")),
        ({"to": None}, ("/to", "malformed")),
    ],
)
async def test_impossible_days_are_refused(
    clinic: Clinic, days: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults(await clinic.sam.client.post(PATH, json=await draft(clinic.sam) | days)) == [fault]


async def test_a_draft_is_judged_as_when_it_is_published(clinic: Clinic) -> None:
    body = await draft(clinic.sam)
    body["rules"][0]["enabled"] = False
    body["rules"].append(own_rule({"kind": "threshold", "signal": "no_such", "op": ">=", "value": 1}))
    assert faults(await clinic.sam.client.post(PATH, json=body)) == [
        ("/rules/0/enabled", "floor_rule"),
        (f"/rules/{len(body['rules']) - 1}/condition/signal", "unknown_signal"),
    ]


async def test_a_draft_of_an_older_version_is_a_conflict(clinic: Clinic) -> None:
    body = await draft(clinic.sam, 7)
    await publish_craving(clinic, 8)
    reply = await clinic.sam.client.post(PATH, json=body)
    assert (reply.status_code, reply.json()["code"]) == (409, "newer_rule_set")
    assert reply.json()["current_version"] == 2
    del body["base_version"]
    await tried(clinic.sam, body)


async def test_too_much_history_is_refused(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    await craves(clinic, clinic.ana, 1, 2, 3)
    monkeypatch.setattr(backtests, "MOST_ANSWERS", 2)
    assert faults(await clinic.sam.client.post(PATH, json=await draft(clinic.sam))) == [("/from", "too_much")]


async def test_one_runs_at_a_time(clinic: Clinic) -> None:
    body = await draft(clinic.sam)
    replies = await asyncio.gather(*(clinic.sam.client.post(PATH, json=body) for _ in range(3)))
    assert sorted(each.status_code for each in replies) == [200, 429, 429]
    refused = next(each for each in replies if each.status_code == 429)
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("backtest_running", "5")
    await tried(clinic.sam, body)


def fill(clinic: Clinic, psql: psycopg.Connection, check_ins: int) -> None:
    """Ana's whole life, and ben's, in hours."""
    psql.execute(
        "insert into check_in (organization_id, id, revision, patient_id, program_id, local_date, time_zone,"
        " occurred_at, filed_at, received_at, answers, fingerprint)"
        " select %(org)s, gen_random_uuid(), 0, p.id, %(program)s, m::date, 'UTC', m, m, m, %(answers)s, ''"
        " from patient p, lateral (select %(first)s + make_interval(mins => 7 * n + 1) as m"
        " from generate_series(1, %(each)s) n) moments where p.organization_id = %(org)s",
        {
            "org": clinic.organization_id, "program": clinic.program_id, "first": FIRST,
            "each": check_ins // 2, "answers": Jsonb({"craving": 7, "mood": 3, "sleep_hours": 6}),
        },
    )  # fmt: skip


async def test_requests_do_not_wait_for_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    fill(clinic, psql, 1500)
    await tried(clinic.sam, await draft(clinic.sam) | {"to": "2026-09-01"})  # the process is there
    began = last = perf_counter()
    running = asyncio.create_task(tried(clinic.sam, await draft(clinic.sam, 7)))
    longest = 0.0
    while not running.done():
        await asyncio.sleep(0.002)
        longest, last = max(longest, perf_counter() - last), perf_counter()
    shown, took = await running, perf_counter() - began
    assert shown["check_ins"] == 1500
    assert longest < took / 3, f"stood still for {longest:.2f} of {took:.2f} s"


def children() -> list[int]:
    """The processes in which backtests are replayed."""
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in own if b"anyio.to_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_when_its_process_dies_it_can_be_tried_again(clinic: Clinic, psql: psycopg.Connection) -> None:
    fill(clinic, psql, 1000)
    body = await draft(clinic.sam, 7)
    running = asyncio.create_task(clinic.sam.client.post(PATH, json=body))
    while not running.done():
        await asyncio.sleep(0.05)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
    reply = await running
    assert reply.status_code == 503
    assert "retry-after" in reply.headers
    assert (await tried(clinic.sam, body))["check_ins"] == 1000
