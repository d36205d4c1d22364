"""A clinic that was there before ladders: at the upgrade nobody who waits is forgotten."""

import psycopg
from uuid_utils.compat import uuid7

from app import migration
from app.ladders.ladder import DEFAULTS
from tests.migrations.test_migrations import assert_current, database

BEFORE_LADDERS = "0003"


def fill(connection: psycopg.Connection) -> None:
    """Four alerts of one patient, and three stays, as the release before wrote them."""
    org, program = str(uuid7()), str(uuid7())
    connection.execute("insert into tenant values (%s)", [org])
    connection.execute(
        "insert into organization (organization_id, name, country, locale, time_zone, created_at)"
        " values (%s, 'Riverside', 'US', 'en', 'America/New_York', now())", [org],
    )  # fmt: skip
    connection.execute(
        "insert into program (organization_id, id, name, level_of_care, population, minimum_weekly_hours,"
        " maximum_weekly_hours, time_zone, rule_set_version, lookback_days, lookback_latest, mixes_sources,"
        " created_at, row_version) values (%s, %s, 'Evening IOP', '2.1', 'adults', 9, 19,"
        " 'America/New_York', 1, 14, 3, false, now(), 1)", [org, program],
    )  # fmt: skip
    for status in ("active", "on_leave", "completed"):
        patient = str(uuid7())
        connection.execute(
            "insert into patient (organization_id, id, given_name, family_name, locale, time_zone,"
            " created_at, row_version)"
            " values (%s, %s, 'Nora', 'Example', 'en', 'America/New_York', now(), 1)",
            [org, patient],
        )
        connection.execute(
            "insert into enrollment (organization_id, id, patient_id, program_id, starts_on, status,"
            " created_at, row_version) values (%s, %s, %s, %s, '2026-01-05', %s, now(), 1)",
            [org, str(uuid7()), patient, program, status],
        )
    for severity, status in (
        ("critical", "open"), ("high", "acknowledged"), ("urgent", "resolved"), ("routine", "open"),
    ):  # fmt: skip
        connection.execute(
            "insert into alert (organization_id, id, patient_id, program_id, rule, rule_set_version,"
            " severity, floor, status, title, sentence, opened_at, due_at, occurrences, last_found_at,"
            " lived_at)"
            " values (%s, %s, %s, %s, %s, 1, %s, false, %s, 'A rule', 'A sentence.', now(), now(), 1, now(),"
            " now())",
            [org, str(uuid7()), patient, program, f"rule.{severity}", severity, status],
        )


def test_what_waited_is_told_and_looked_at(server_url: str) -> None:
    url = database(server_url)
    migration.upgrade(url, BEFORE_LADDERS)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection)
    migration.upgrade(url)
    assert_current(url)
    with psycopg.connect(url) as connection:
        timers = dict(
            connection.execute("select severity, timer_at <= now() from alert order by severity").fetchall()
        )
        ladders = connection.execute("select severity, ladder from alert").fetchall()
        stays = dict(
            connection.execute("select status, absence_due_at is not null from enrollment").fetchall()
        )
        hours = dict(connection.execute("select status, hours_due_at <= now() from enrollment").fetchall())
        leaves = connection.execute("select count(*), count(ends_at) from leave_of_absence").fetchall()
    assert timers == {"critical": True, "high": False, "routine": True, "urgent": None}
    assert stays == {"active": True, "on_leave": True, "completed": False}
    assert hours == {"active": True, "on_leave": True, "completed": None}
    assert leaves == [(1, 0)]
    defaults = {severity.value: ladder.model_dump(mode="json") for severity, ladder in DEFAULTS.items()}
    assert dict(ladders) == defaults
