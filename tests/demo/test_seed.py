"""`handrail run --demo`: a clinic with a history, made once, whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import pstdev

import psycopg
import pytest

from app.demo.answers import GAD7_ITEMS, PHQ9_ITEMS, ukm_rows
from app.demo.seed import NotForADemonstration
from app.settings import Settings
from tests.demo.conftest import Demonstration
from tests.demo.serving import environment

TABLES = (
    "organization", "program", "staff_member", "patient", "enrollment", "care_team_member", "credential",
    "sign_in_name", "check_in", "assessment", "alert", "alert_entry", "alert_occurrence", "event",
    "audit_entry",
)  # fmt: skip


def counts(demo: Demonstration) -> dict[str, int]:
    return {table: demo.one(f"select count(*) from {table}") for table in TABLES}


def test_two_organizations_three_programs_eight_staff_and_sixty_patients(demo: Demonstration) -> None:
    programs = demo.rows(
        "select o.name, p.population, p.minimum_weekly_hours, p.maximum_weekly_hours, p.time_zone"
        " from program p join organization o using (organization_id) order by 2, 1"
    )
    assert programs == [
        ("Riverside Recovery Center", "adolescents", 6, 19, "America/New_York"),
        ("Lakeside Behavioral Health", "adults", 9, 19, "America/Los_Angeles"),
        ("Riverside Recovery Center", "adults", 9, 19, "America/New_York"),
    ]
    assert demo.rows("select role, count(*) from staff_member group by 1 order by 1") == [
        ("administrator", 1), ("auditor", 1), ("counselor", 4), ("supervisor", 2),
    ]  # fmt: skip
    assert demo.one("select count(*) from patient") == 60
    assert demo.rows("select status, count(*) from enrollment group by 1 order by 1") == [
        ("active", 59), ("on_leave", 1),
    ]  # fmt: skip
    assert demo.one("select count(*) from care_team_member where function = 'primary_counselor'") == 60


def test_adolescents_are_adolescents(demo: Demonstration) -> None:
    born = demo.rows(
        "select p.born_on, g.population from patient p join enrollment e on e.patient_id = p.id"
        " join program g on g.id = e.program_id"
    )
    today = datetime.now(UTC).date()
    for born_on, population in born:
        assert (14 * 365 < (today - born_on).days < 18 * 366) is (population == "adolescents")


def test_ninety_days_with_gaps_that_end_today(demo: Demonstration) -> None:
    days = demo.rows(
        "select count(distinct local_date), min(local_date), max(local_date) from check_in"
        " group by patient_id"
    )
    today = datetime.now(UTC).date()
    assert len(days) == 60
    assert all(45 <= count < 90 for count, *_ in days), "everybody forgets one, and nobody half of them"
    assert all(timedelta(80) <= today - first <= timedelta(91) for _, first, _ in days)
    assert sum(today - last <= timedelta(days=2) for *_, last in days) >= 45
    assert demo.one("select count(*) from check_in where occurred_at > received_at") == 0
    assert demo.one("select count(*) from check_in where received_at > now() + interval '1 minute'") == 0


def test_a_person_varies_from_day_to_day_and_is_like_themselves(demo: Demonstration) -> None:
    moods: dict[str, list[int]] = {}
    for patient, mood in demo.rows(
        "select patient_id, (answers->>'mood')::int from check_in order by filed_at"
    ):
        moods.setdefault(patient, []).append(mood)
    within = [pstdev(series) for series in moods.values()]
    steps = [sum(abs(a - b) for a, b in pairwise(series)) / (len(series) - 1) for series in moods.values()]
    assert min(within) > 0.4
    assert sum(steps) / len(steps) < 1.6, "tomorrow is much like today"


@pytest.mark.parametrize(("code", "items"), [("phq-9", PHQ9_ITEMS), ("gad-7", GAD7_ITEMS)])
def test_every_questionnaire_is_a_real_persons(
    demo: Demonstration, code: str, items: tuple[str, ...]
) -> None:
    real = {tuple(row[item] for item in items) for row in ukm_rows()}
    stored = demo.rows(f"select answers, score from assessment where instrument = '{code}'")
    assert len(stored) > 600
    assert {tuple(answers[item] for item in items) for answers, _ in stored} <= real
    assert all(score["total"] == sum(answers.values()) for answers, score in stored)


def test_weekly_answers_follow_a_course(demo: Demonstration) -> None:
    moved = demo.rows(
        "select (score->'change'->>'from_previous')::float from assessment where instrument = 'phq-9'"
        " and score->'change'->>'from_previous' is not null"
    )
    assert sum(abs(change) for (change,) in moved) / len(moved) < 3.5


def test_alerts_of_the_last_days_are_open_taken_up_and_resolved(demo: Demonstration) -> None:
    lately = dict(
        demo.rows("select status, count(*) from alert where opened_at > now() - interval '3 days' group by 1")
    )
    assert lately["open"] >= 4
    assert lately["acknowledged"] >= 3
    assert lately["resolved"] >= 1
    closed = "select outcome, resolved_by, acknowledged_by from alert where status = 'resolved'"
    assert all(all(row) for row in demo.rows(f"{closed} and outcome <> 'made_up'"))


def test_those_of_the_months_before_are_resolved(demo: Demonstration) -> None:
    old = "from alert where opened_at < now() - interval '73 hours'"
    assert demo.rows(f"select distinct status {old}") == [("resolved",)]
    assert demo.one(f"select count(*) {old}") > 150
    assert demo.one(f"select now() - min(opened_at) {old}") > timedelta(days=75)
    in_order = "opened_at < acknowledged_at and acknowledged_at < resolved_at and resolved_at < now()"
    assert demo.one(f"select bool_and({in_order}) {old}")
    # Between two alerts of one patient and rule somebody closed the first.
    overlapping = (
        "select count(*) from alert a join alert b on a.patient_id = b.patient_id and a.rule = b.rule"
    )
    overlapping += " and a.id <> b.id and a.opened_at < b.opened_at and a.resolved_at > b.opened_at"
    assert demo.one(overlapping) == 0


def test_of_every_alert_somebody_was_told(demo: Demonstration) -> None:
    untold = "select count(*) from alert a where not exists (select from page p where p.alert_id = a.id)"
    # What was made up for on a weekend has settled itself before anybody had to be told.
    assert demo.one(f"{untold} and timer_at is null and outcome is distinct from 'made_up'") == 0
    assert demo.one(f"{untold} and timer_at < now()") == 0
    assert demo.one("select count(*) from page where status = 'failed'") == 0
    answered_first = "select count(*) from page p join alert a on a.id = p.alert_id and p.status = 'sent'"
    assert demo.one(f"{answered_first} and p.settled_at > a.resolved_at") == 0


def test_somebody_is_waiting_for_an_answer_within_the_hour(demo: Demonstration) -> None:
    due = demo.rows("select due_at from alert where rule = 'si.phq9_item9' and status = 'open'")
    now = datetime.now(UTC)
    assert any(now < each <= now + timedelta(hours=1) for (each,) in due)


def test_every_alert_explains_itself(demo: Demonstration) -> None:
    riverside = "(select organization_id from organization where name like 'Riverside%')"
    alerts = demo.rows(
        f"select id, sentence from alert where organization_id = {riverside} order by status, opened_at"
    )[::3]
    assert len(alerts) > 50
    reasons = demo.get("sam", *(f"/v1/alerts/{alert_id}/explanation" for alert_id, _ in alerts))
    for (_, sentence), why in zip(alerts, reasons, strict=True):
        assert why["recomputed"] == {"holds": True, "same_sentence": True}
        assert why["sentence"] == sentence


def test_the_feed_tells_of_every_alert(demo: Demonstration) -> None:
    assert demo.one("select count(*) from event where type = 'alert.opened'") == demo.one(
        "select count(*) from alert"
    )
    assert (
        demo.one(
            "select count(*) from event e join event f using (organization_id)"
            " where f.position = e.position + 1 and f.occurred_at < e.occurred_at - interval '1 s'"
        )
        == 0
    )
    heads = demo.rows("select organization_id, position from feed_head")
    for organization, position in heads:
        assert position == demo.one(f"select count(*) from event where organization_id = '{organization}'")


def test_the_file_has_its_shape_and_is_its_owners_alone(demo: Demonstration) -> None:
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
    known = demo.sign_ins()
    assert set(known) == {"base_url", "people", "clients", "webhooks", "platforms"}
    assert known["base_url"] == "http://127.0.0.1:8000"
    assert len(known["people"]) == 69
    person = {"name", "role", "organization", "username", "password"}
    for each in known["people"]:
        assert set(each) == person | ({"patient_id"} if each["role"] in {"patient", "supporter"} else set())
    assert len({each["password"] for each in known["people"]}) == 69
    for client in known["clients"]:
        assert set(client) == {"client_id", "client_secret", "organization", "scope"}


@pytest.mark.parametrize("username", ["ana", "clara", "grace", "adele", "olga", "ruth"])
def test_everybody_can_sign_in(demo: Demonstration, username: str) -> None:
    token = demo.sign_in(username).json()["access_token"]
    me = demo.ask("GET", "/v1/bootstrap", token=token)[0].json()["me"]
    assert me["name"].lower().startswith(username)


def test_an_integration_can_sign_in(demo: Demonstration) -> None:
    for client in demo.sign_ins()["clients"]:
        form = {key: client[key] for key in ("client_id", "client_secret")}
        reply = demo.ask("POST", "/v1/auth/token", data={"grant_type": "client_credentials", **form})[0]
        assert reply.status_code == 200, reply.text
        assert reply.json()["scope"].split() == sorted(client["scope"].split())


def test_a_second_start_changes_nothing_but_the_address(demo: Demonstration) -> None:
    before, sign_ins = counts(demo), demo.sign_ins()
    newest = demo.one("select max(received_at) from check_in")
    Demonstration(demo.url, demo.file.parent, port=8017).seed()
    assert counts(demo) == before
    assert demo.one("select max(received_at) from check_in") == newest
    assert demo.sign_ins() == sign_ins | {"base_url": "http://127.0.0.1:8017"}
    demo.seed()


def test_a_lost_file_gets_new_passwords(demo: Demonstration) -> None:
    old, counted = demo.password("clara"), counts(demo)
    demo.file.unlink()
    demo.seed()
    assert demo.password("clara") != old
    assert demo.sign_in("clara", old).status_code == 400
    assert demo.sign_in("clara").status_code == 200
    same = ("patient", "check_in", "assessment", "alert", "event")
    assert {table: counts(demo)[table] for table in same} == {table: counted[table] for table in same}


def test_killed_in_the_middle_it_leaves_nothing_and_can_be_seeded_again(
    own_database: str, tmp_path: Path
) -> None:
    demo = Demonstration(own_database, tmp_path)
    seeding = "from app.demo import seed; from app.settings import settings; own = settings();"
    seeding += "seed.once(own, own.database_url.get_secret_value())"
    with subprocess.Popen(
        [sys.executable, "-c", seeding], env=environment(own_database, tmp_path, 8000)
    ) as process:
        writing = "select count(*) from pg_stat_activity where datname = current_database()"
        writing += (
            " and state <> 'idle' and backend_xid is not null and xact_start < now() - interval '0.5 s'"
        )
        while not demo.one(writing):
            assert process.poll() is None, "it was done before it could be killed"
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    while demo.one("select count(*) from pg_stat_activity where datname = current_database()") > 1:
        time.sleep(0.05)
    kept = counts(demo)
    assert kept["organization"] < 2, "an organization is there whole or not at all"
    assert (
        demo.rows(
            "select name from organization where organization_id not in (select organization_id from alert)"
        )
        == []
    )
    password = demo.password("clara")
    demo.seed()
    assert counts(demo)["patient"] == 60
    assert demo.password("clara") == password
    assert demo.sign_in("clara", password).status_code == 200


def test_a_database_with_other_organizations_is_left_alone(own_database: str, tmp_path: Path) -> None:
    with psycopg.connect(own_database) as connection:
        connection.execute("insert into tenant values ('019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21')")
    demo = Demonstration(own_database, tmp_path)
    with pytest.raises(NotForADemonstration):
        demo.seed()
    assert counts(demo)["organization"] == 0
    assert not demo.file.exists()


def test_a_demonstration_refuses_a_server_that_is_not_called_so() -> None:
    with pytest.raises(ValueError, match="demo"):
        Settings(demo=True, database_url="postgresql://db.example.org/clinic")
