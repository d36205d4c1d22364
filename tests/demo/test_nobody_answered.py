"""What the demonstration shows of silence, ladders and pagers."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app import clock, sweeps
from app.database import engine_for
from app.demo import contacts
from app.demo.cast import LAKESIDE, ORGANIZATIONS, RIVERSIDE, id_of
from app.demo.duty import ROTATIONS
from app.ladders.ladder import DEFAULTS
from app.post_office import PostOffice, contact_place
from app.rules.rule import Severity
from app.watching import Trouble, watcher_of
from tests.demo.conftest import Demonstration

ABSENCE = ("checkin.missed_2_days", "checkin.missed_3_days", "checkin.missed_7_days", "checkin.thinning")


def address_of(demo: Demonstration, key: str) -> str:
    """Where somebody's pages go."""
    organization, member_id = (RIVERSIDE if key != "grace" else LAKESIDE), id_of("staff", key)
    sealed = demo.one(f"select address from contact_method where staff_member_id = '{member_id}'")
    place = contact_place(organization.id, member_id, contacts.CHANNEL)
    return PostOffice.of(demo.settings).sealer.unseal(sealed, place=place)


def test_everybody_has_a_pager_of_their_own(demo: Demonstration) -> None:
    assert demo.one("select count(*) from contact_method") == 8
    assert address_of(demo, "clara") == "json://127.0.0.1:8001/clara"
    assert address_of(demo, "grace") == "json://127.0.0.1:8001/grace"


def test_the_pagers_follow_the_port_and_what_somebody_chose_stays(
    own_demo: Demonstration, tmp_path: Path
) -> None:
    sealer = PostOffice.of(own_demo.settings).sealer
    chosen = "json://pages.example.org/clara"
    member_id = id_of("staff", "clara")
    sealed = sealer.seal(chosen, place=contact_place(RIVERSIDE.id, member_id, contacts.CHANNEL))
    with psycopg.connect(own_demo.url) as connection:
        changed = "update contact_method set address = %s where staff_member_id = %s"
        connection.execute(changed, (sealed, member_id))
    elsewhere = Demonstration(own_demo.url, tmp_path, port=9100)
    elsewhere.seed()
    assert address_of(elsewhere, "sam") == "json://127.0.0.1:9101/sam"
    assert address_of(elsewhere, "clara") == chosen


def test_somebody_is_on_call_for_every_program(demo: Demonstration) -> None:
    for organization, username in zip(ORGANIZATIONS, ("sam", "grace"), strict=True):
        duties = {each["program"]["name"]: each for each in demo.get(username, "/v1/on-call")[0]["items"]}
        for program in organization.programs:
            names = {member.name for member in organization.staff if member.key in ROTATIONS[program.key]}
            assert duties[program.name]["staff_member"]["name"] in names


def test_one_stands_in_and_one_night_nobody_has_taken(demo: Demonstration) -> None:
    schedule = f"/v1/on-call-schedules/{id_of('on-call', 'evening')}"
    holes, overrides = demo.get("sam", f"{schedule}/holes", f"{schedule}/overrides")
    assert [each["reason"] for each in holes["items"]] == ["nobody"]
    starts_at = datetime.fromisoformat(holes["items"][0]["starts_at"])
    assert clock.now() < starts_at < clock.now() + timedelta(days=8)
    assert {each["staff_member"] and each["staff_member"]["name"] for each in overrides["items"]} == {
        "Marcus Webb", None,
    }  # fmt: skip
    for key in ("adolescents", "day"):
        username = "sam" if key == "adolescents" else "grace"
        assert demo.get(username, f"/v1/on-call-schedules/{id_of('on-call', key)}/holes") == [{"items": []}]


def test_a_program_has_a_ladder_of_its_own_and_keeps_holidays(demo: Demonstration) -> None:
    program = f"/v1/programs/{id_of('program', 'adolescents')}"
    policies, calendar = demo.get("sam", f"{program}/escalation-policies", program)
    own = [each for each in policies["items"] if not each["is_default"]]
    assert [each["severity"] for each in own] == ["critical", "high"]
    assert own[1]["steps"][0]["wait_minutes"] < DEFAULTS[Severity.HIGH].steps[0].wait_minutes
    assert own[0]["steps"][-1]["tell"] == "crisis_service"
    assert calendar["calendar"]["holidays"] == {"country": "US", "subdivision": None}
    assert {each["instrument"] for each in calendar["cadence"]} == {"phq-9", "gad-7"}


def test_rules_have_a_burden_and_some_are_noise(demo: Demonstration) -> None:
    (burden,) = demo.get("sam", "/v1/rules/burden")
    rules = {each["code"]: each for each in burden["by_rule"]}
    assert rules["craving.spike"]["noisy"]
    assert not rules["use.reported"]["noisy"]
    high = rules["craving.high"]
    assert 0 < high["minutes_to_acknowledge"]["median"] < high["minutes_to_resolve"]["median"]
    assert 0.3 < burden["acted_on_share"] < 0.7


def absence_alerts(demo: Demonstration, patient: str, since: str) -> set[str]:
    """The rules about absence that raised an alert of this patient since then."""
    found = demo.rows(
        f"select rule from alert where patient_id = '{id_of('patient', patient)}' and opened_at > {since}"
    )
    return {rule for (rule,) in found} & set(ABSENCE)


def test_whose_check_ins_are_thinning_out_was_noticed(demo: Demonstration) -> None:
    assert "checkin.thinning" in absence_alerts(demo, "tara", "now() - interval '14 days'")
    assert absence_alerts(demo, "tara", "now() - interval '8 days'") <= {"checkin.thinning"}


def test_nobody_is_alarmed_about_who_is_on_leave(own_demo: Demonstration) -> None:
    walter = next(
        each for each in own_demo.get("sam", "/v1/caseload?limit=200")[0]["items"]
        if each["patient_name"].startswith("Walter")
    )  # fmt: skip
    assert walter["enrollment_status"] == "on_leave"
    sweep(own_demo, clock.now())
    assert absence_alerts(own_demo, "walter", "now() - interval '3 days'") == set()


def sweep(demo: Demonstration, now: datetime) -> None:
    async def run() -> None:
        engine = engine_for(demo.url)
        try:
            await sweeps.sweep(engine, now)
        finally:
            await engine.dispose()

    asyncio.run(run())


def watch(demo: Demonstration, now: datetime) -> set[Trouble]:
    async def run() -> set[Trouble]:
        engine = engine_for(demo.url)
        try:
            return await watcher_of(engine, demo.settings).look(now)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def test_the_first_sweep_finds_who_fell_silent_and_takes_the_step_that_is_due(
    own_demo: Demonstration,
) -> None:
    silent = "select count(*) from alert where rule = 'checkin.missed_3_days' and status = 'open'"
    silent += f" and patient_id = '{id_of('patient', 'oscar')}'"
    waiting = "select step from alert where rule = 'si.phq9_item9' and status = 'open'"
    waiting += f" and patient_id = '{id_of('patient', 'ben')}'"
    assert (own_demo.one(silent), own_demo.one(waiting)) == (0, 1)
    # Since it was seeded somebody may have become a no-show, or late with an instrument.
    others = f"select rule, patient_id from alert where patient_id <> '{id_of('patient', 'oscar')}'"
    others += " and rule !~ '^session|overdue$' order by opened_at, id"
    before = own_demo.rows(others)
    sweep(own_demo, clock.now())
    assert (own_demo.one(silent), own_demo.one(waiting)) == (1, 2)
    assert own_demo.rows(others) == before


def test_the_watcher_misses_nothing_in_what_was_seeded(own_demo: Demonstration) -> None:
    sweep(own_demo, clock.now())
    assert watch(own_demo, clock.now() + timedelta(seconds=30)) == set()


@pytest.mark.parametrize("who", ["ben", "liam", "ana"])
def test_a_timeline_tells_who_was_told(demo: Demonstration, who: str) -> None:
    found = f"select id from alert where patient_id = '{id_of('patient', who)}' and status <> 'resolved'"
    (timeline,) = demo.get("sam", f"/v1/alerts/{demo.one(found)}/timeline")
    kinds = [each["kind"] for each in timeline["items"]]
    assert kinds[:2] == ["found", "opened"]
    assert timeline["next"] is not None
    told: list[dict[str, Any]] = [each for each in timeline["items"] if each["kind"] == "page_sent"]
    assert all(each["recipient"] and each["channel"] == "pager" for each in told)
