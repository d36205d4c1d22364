"""`handrail run --demo`: a clinic with a history, made once, whole or not at all."""

import asyncio
import json
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
from typing import Any

import httpx
import psycopg
import pytest

from app.demo import seed
from app.demo.answers import GAD7_ITEMS, PHQ9_ITEMS, ukm_rows
from app.demo.seed import NotForADemonstration
from app.main import create_app
from app.settings import Settings
from tests.conftest import new_database
from tests.demo.serving import environment

TABLES = (
    "organization", "program", "staff_member", "patient", "enrollment", "care_team_member", "credential",
    "sign_in_name", "check_in", "assessment", "alert", "alert_entry", "alert_occurrence", "event",
    "audit_entry",
)  # fmt: skip


class Demonstration:
    """A seeded database, looked at past every wall."""

    def __init__(self, url: str, data_dir: Path, port: int = 8000) -> None:
        self.url = url
        self.settings = Settings(data_dir=data_dir, port=port)
        self.file = data_dir / "demo.json"

    def seed(self) -> None:
        seed.once(self.settings, self.url)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type] - fixed text

    def one(self, statement: str) -> Any:
        return self.rows(statement)[0][0]

    def counts(self) -> dict[str, int]:
        return {table: self.one(f"select count(*) from {table}") for table in TABLES}

    def sign_ins(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text("utf-8")))

    def password(self, username: str) -> str:
        return next(str(p["password"]) for p in self.sign_ins()["people"] if p["username"] == username)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Seeded once for the tests that only look."""
    made = Demonstration(new_database(), tmp_path_factory.mktemp("demo"))
    made.seed()
    return made


def sign_in(demo: Demonstration, username: str, password: str) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password}
    return ask(demo, "POST", "/v1/auth/token", data=form)[0]


def ask(
    demo: Demonstration, method: str, *paths: str, token: str | None = None, **parts: Any
) -> list[httpx.Response]:
    """These paths, one after the other, of the whole application on that database."""

    async def run() -> list[httpx.Response]:
        app = create_app(demo.settings, demo.url)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=transport, base_url="http://handrail.test", headers=headers
            ) as client,
        ):
            return [await client.request(method, path, **parts) for path in paths]

    return asyncio.run(run())


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
    assert demo.one("select count(*) from enrollment where status = 'active'") == 60
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
    by_status = dict(demo.rows("select status, count(*) from alert group by 1"))
    assert by_status["open"] >= 4
    assert by_status["acknowledged"] >= 3
    assert by_status["resolved"] >= 3
    resolved = demo.rows("select outcome, resolved_by, acknowledged_by from alert where status = 'resolved'")
    assert all(all(row) for row in resolved)
    assert demo.one("select count(*) from alert where opened_at < now() - interval '11 days'") == 0


def test_somebody_is_waiting_for_an_answer_within_the_hour(demo: Demonstration) -> None:
    due = demo.rows("select due_at from alert where rule = 'si.phq9_item9' and status = 'open'")
    now = datetime.now(UTC)
    assert any(now < each <= now + timedelta(hours=1) for (each,) in due)


def test_every_alert_explains_itself(demo: Demonstration) -> None:
    token = sign_in(demo, "sam", demo.password("sam")).json()["access_token"]
    listed = ask(
        demo, "GET", "/v1/alerts?limit=200&status=open&status=acknowledged&status=resolved", token=token
    )[0].json()["items"]
    riverside = "(select organization_id from organization where name like 'Riverside%')"
    assert len(listed) == demo.one(f"select count(*) from alert where organization_id = {riverside}")
    reasons = ask(demo, "GET", *(f"/v1/alerts/{alert['id']}/explanation" for alert in listed), token=token)
    for alert, reason in zip(listed, reasons, strict=True):
        why = reason.json()
        assert why["recomputed"] == {"holds": True, "same_sentence": True}
        assert why["sentence"] == alert["sentence"]


def test_the_feed_tells_of_every_alert(demo: Demonstration) -> None:
    assert demo.one("select count(*) from event where type = 'alert.opened'") == demo.one(
        "select count(*) from alert"
    )
    heads = demo.rows("select organization_id, position from feed_head")
    for organization, position in heads:
        assert position == demo.one(f"select count(*) from event where organization_id = '{organization}'")


def test_the_file_has_its_shape_and_is_its_owners_alone(demo: Demonstration) -> None:
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
    known = demo.sign_ins()
    assert set(known) == {"base_url", "people", "clients"}
    assert known["base_url"] == "http://127.0.0.1:8000"
    assert len(known["people"]) == 68
    person = {"name", "role", "organization", "username", "password"}
    for each in known["people"]:
        assert set(each) == person | ({"patient_id"} if each["role"] == "patient" else set())
    assert len({each["password"] for each in known["people"]}) == 68
    for client in known["clients"]:
        assert set(client) == {"client_id", "client_secret", "organization", "scope"}


@pytest.mark.parametrize("username", ["ana", "clara", "grace", "adele", "olga", "ruth"])
def test_everybody_can_sign_in(demo: Demonstration, username: str) -> None:
    token = sign_in(demo, username, demo.password(username)).json()["access_token"]
    me = ask(demo, "GET", "/v1/bootstrap", token=token)[0].json()["me"]
    assert me["name"].lower().startswith(username)


def test_an_integration_can_sign_in(demo: Demonstration) -> None:
    for client in demo.sign_ins()["clients"]:
        form = {key: client[key] for key in ("client_id", "client_secret")}
        reply = ask(demo, "POST", "/v1/auth/token", data={"grant_type": "client_credentials", **form})[0]
        assert reply.status_code == 200, reply.text
        assert reply.json()["scope"].split() == sorted(client["scope"].split())


def test_a_second_start_changes_nothing_but_the_address(demo: Demonstration) -> None:
    before, sign_ins = demo.counts(), demo.sign_ins()
    newest = demo.one("select max(received_at) from check_in")
    Demonstration(demo.url, demo.file.parent, port=8017).seed()
    assert demo.counts() == before
    assert demo.one("select max(received_at) from check_in") == newest
    assert demo.sign_ins() == sign_ins | {"base_url": "http://127.0.0.1:8017"}
    demo.seed()


def test_a_lost_file_gets_new_passwords(demo: Demonstration) -> None:
    old, counted = demo.password("clara"), demo.counts()
    demo.file.unlink()
    demo.seed()
    assert demo.password("clara") != old
    assert sign_in(demo, "clara", old).status_code == 400
    assert sign_in(demo, "clara", demo.password("clara")).status_code == 200
    same = ("patient", "check_in", "assessment", "alert", "event")
    assert {table: demo.counts()[table] for table in same} == {table: counted[table] for table in same}


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
    kept = demo.counts()
    assert kept["organization"] < 2, "an organization is there whole or not at all"
    assert (
        demo.rows(
            "select name from organization where organization_id not in (select organization_id from alert)"
        )
        == []
    )
    password = demo.password("clara")
    demo.seed()
    assert demo.counts()["patient"] == 60
    assert demo.password("clara") == password
    assert sign_in(demo, "clara", password).status_code == 200


def test_a_database_with_other_organizations_is_left_alone(own_database: str, tmp_path: Path) -> None:
    with psycopg.connect(own_database) as connection:
        connection.execute("insert into tenant values ('019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21')")
    demo = Demonstration(own_database, tmp_path)
    with pytest.raises(NotForADemonstration):
        demo.seed()
    assert demo.counts()["organization"] == 0
    assert not demo.file.exists()


def test_a_demonstration_refuses_a_server_that_is_not_called_so() -> None:
    with pytest.raises(ValueError, match="demo"):
        Settings(demo=True, database_url="postgresql://db.example.org/clinic")
