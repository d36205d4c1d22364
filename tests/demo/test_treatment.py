"""What the demonstration shows of sessions, attendance, hours and goals."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.demo import silence
from app.demo.aims import AIMS
from app.demo.cast import id_of
from app.demo.people import PAYERS
from app.demo.presence import SHORT_OF_HOURS
from app.services.session_planning import LOOK_AGAIN
from tests.demo.conftest import Demonstration

EVENING = id_of("program", "evening")


def founded(demo: Demonstration) -> datetime:
    """When it was seeded: nothing has been swept since."""
    moment: datetime = demo.one("select min(extend_at) from session_series") - LOOK_AGAIN
    return moment


def test_three_months_of_sessions_and_half_a_year_ahead(demo: Demonstration) -> None:
    for first, last, series in demo.rows(
        "select min(starts_at), max(starts_at), count(distinct series_id) from treatment_session"
        " group by program_id"
    ):
        assert first < clock.now() - timedelta(days=82)
        assert last > clock.now() + timedelta(weeks=25)
        assert series > 20, "groups, families, and everybody's individual hour"
    assert {kind for (kind,) in demo.rows("select distinct kind from treatment_session")} == {
        "group", "individual", "family", "multifamily", "workshop", "expressive", "medical",
        "telehealth_check_in",
    }  # fmt: skip
    assert demo.one("select count(*) from series_place where status = 'waiting'") == 7


def test_the_sweep_goes_on_planning_where_it_ends(demo: Demonstration) -> None:
    assert demo.one("select count(*) from session_series where extend_at is null") == 0
    assert demo.one("select min(extend_at) from session_series") > clock.now()
    late = "select count(*) from session_series r where planned_until < (select max(local_date) from"
    assert demo.one(f"{late} treatment_session s where s.series_id = r.id)") == 0


def test_most_come_some_are_excused_and_some_are_missed(demo: Demonstration) -> None:
    counted = dict(demo.rows("select status, count(*) from attendance group by 1"))
    came = counted["attended"] + counted["late"] + counted["left_early"]
    assert 0.88 < came / sum(counted.values()) < 0.98
    assert min(counted[status] for status in ("excused", "unexcused", "made_up", "late", "left_early")) > 15
    assert demo.one("select count(*) from attendance where status = 'attended' and minutes = 0") == 0
    assert set(dict(demo.rows("select source, count(*) from attendance group by 1"))) == {
        "patient", "staff", "telehealth", "system",
    }  # fmt: skip


def test_every_state_has_its_entry_and_the_newest_is_how_it_stands(demo: Demonstration) -> None:
    newest = (
        "select count(*) from attendance a join attendance_entry e on e.attendance_id = a.id"
        " and e.revision = a.revision and e.status = a.status and e.minutes = a.minutes"
    )
    assert demo.one(newest) == demo.one("select count(*) from attendance")
    assert demo.one("select count(*) from attendance_entry") == demo.one(
        "select sum(revision) from attendance"
    )
    assert demo.one("select count(*) from attendance_entry where received_at > now()") == 0


def test_what_is_over_is_settled(demo: Demonstration) -> None:
    now = founded(demo)
    assert demo.one(f"select count(*) from treatment_session where reckon_at <= '{now}'") == 0
    over = f"from treatment_session s join session_series r on r.id = s.series_id and s.ends_at <= '{now}'"
    still_there = f"select count(*) {over} join attendance a on a.session_id = s.id and a.status = 'arrived'"
    assert demo.one(still_there) == 0
    unheard = (
        f"select count(*) {over} join series_place p on p.series_id = r.id and p.status = 'placed'"
        f" and p.patient_id <> '{id_of('patient', 'walter')}'"
        " left join attendance a on a.session_id = s.id and a.patient_id = p.patient_id where a.id is null"
    )
    assert demo.one(unheard) == 0


def test_of_every_miss_somebody_was_told(demo: Demonstration) -> None:
    untold = (
        "select count(*) from attendance_entry e where e.status = 'unexcused' and not exists (select from"
        " alert_occurrence o where o.source_id = e.attendance_id and o.source_revision = e.revision"
        " and o.rule = 'session.missed')"
    )
    assert demo.one(untold) == 0


def test_a_miss_that_was_made_up_for_has_settled_itself(demo: Demonstration) -> None:
    settled = demo.rows(
        "select o.source_id, a.resolved_at, a.resolved_by from alert a join alert_occurrence o"
        " on o.alert_id = a.id where a.outcome = 'made_up' and a.rule = 'session.missed'"
    )
    assert settled
    for missed_id, resolved_at, resolved_by in settled:
        status, ends_at = demo.rows(
            "select m.status, s.ends_at from attendance m join attendance u on u.makes_up_id = m.id"
            f" join treatment_session s on s.id = u.session_id where m.id = '{missed_id}'"
        )[0]
        assert (status, resolved_by, resolved_at) == ("made_up", None, ends_at)


def test_nobody_is_expected_while_on_leave(demo: Demonstration) -> None:
    walter = id_of("patient", "walter")
    away_until = clock.now().date() + timedelta(days=silence.BACK_IN_DAYS - 2)
    assert demo.get("sam", f"/v1/sessions?patient_id={walter}&to={away_until}")[0]["items"] == []


def test_something_runs_and_somebody_is_missing_from_it(own_demo: Demonstration) -> None:
    (seen,) = own_demo.get("clara", f"/v1/programs/{EVENING}/attendance")
    running = [each for each in seen["today"] if each["is_running"]]
    assert len(seen["patients"]) == 24
    if not running:  # it ended between the seeding and this test
        ended = (
            f"select count(*) from treatment_session where ends_at between '{founded(own_demo)}' and now()"
        )
        assert own_demo.one(ended) > 0
        return
    assert sum(each["present"] for each in running) > 0
    if "Extra" in running[0]["title"]:  # else one of the evening groups runs
        assert {"Ana Reyes", "Hassan Amin"} <= {each["patient_name"] for each in seen["missing"]}


def test_a_patient_begins_with_sessions_hours_and_goals(own_demo: Demonstration) -> None:
    began, elena = own_demo.get("ana", "/v1/bootstrap")[0], own_demo.get("elena", "/v1/bootstrap")[0]
    assert len(began["treatment_sessions"]) >= 3
    assert began["hours"]["minimum_hours"] == 9
    assert "hours" in began["hours"]["sentence"]
    (meetings,) = began["goals"]
    assert meetings["statement"] == "Attend 12 meetings"
    assert meetings["progress"]["value"] > 0, "read from the check-ins"
    (meditation,) = elena["goals"]
    assert (meditation["streak"]["current"], meditation["entry_due"]) == (6, True)


def goals(demo: Demonstration) -> dict[str, dict[str, Any]]:
    """By the patient's key."""
    keys = {str(id_of("patient", aim.patient)): aim.patient for aim in AIMS}
    found = [demo.get(who, "/v1/goals?limit=50")[0]["items"] for who in ("sam", "grace")]
    return {keys[each["patient_id"]]: each for items in found for each in items}


def test_goals_are_on_the_way_behind_reached_and_drafts(own_demo: Demonstration) -> None:
    found = goals(own_demo)
    assert found.keys() == {aim.patient for aim in AIMS}
    status = {key: goal["status"] for key, goal in found.items()}
    assert (status["elena"], status["jonas"], status["simon"]) == ("on_track", "behind", "achieved")
    assert {key for key, goal in found.items() if goal["review_overdue"]} == {"priya"}
    assert {each["letter"] for each in found["carmen"]["lacks"]} >= {"M", "R", "T"}
    assert [each["signed_as"] for each in found["gloria"]["signatures"]] == ["patient"]
    statements = {goal["statement"] for goal in found.values()}
    assert statements >= {
        "Attend 12 meetings", "Meditate for ten minutes every day", "Finish the forklift course",
    }  # fmt: skip
    behind = own_demo.one("select count(*) from alert where rule = 'goal.behind'")
    assert behind >= 1


def test_hours_stood_short_for_some_and_on_account_of_some(own_demo: Demonstration) -> None:
    darius = id_of("patient", SHORT_OF_HOURS)
    (hours,) = own_demo.get("sam", f"/v1/patients/{darius}/hours")
    *_, last_week, this_week = hours["weeks"]
    assert last_week["attended_minutes"] < 9 * 60
    assert this_week["required"]["source"] == "Medicare intensive outpatient program"
    jade = own_demo.get("sam", f"/v1/patients/{id_of('patient', 'jade')}/hours")[0]["weeks"][-1]
    assert jade["required"]["minimum_hours"] == 6
    assert own_demo.one("select count(*) from enrollment where payer is not null") == len(PAYERS)
    stood = dict(own_demo.rows("select shortfall_minutes > 0, count(*) from hours_standing group by 1"))
    assert stood[False] > 5 * stood[True] > 0
    assert own_demo.one("select count(*) from enrollment where hours_due_at is null") == 0
    assert own_demo.one("select min(hours_due_at) from enrollment") > founded(own_demo)


@pytest.mark.parametrize("who", ["ana", "ivan"])
def test_a_calendar_can_be_made_of_it(own_demo: Demonstration, who: str) -> None:
    """The feed itself is read by a real reader elsewhere."""
    (page,) = own_demo.get(who, "/v1/sessions?patient_id=me&limit=200")
    starts = [datetime.fromisoformat(each["starts_at"]) for each in page["items"]]
    assert starts == sorted(starts)
    assert len({each["id"] for each in page["items"]}) == len(starts) > 1
