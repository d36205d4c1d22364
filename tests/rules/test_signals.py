"""What an answer yields, and that what was not answered yields nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.models.attendance import STATUSES
from app.rules.reading import Reading, Source
from app.rules.signals import (
    SIGNALS,
    SUBSTANCES,
    WITHDRAWN,
    Kind,
    from_assessment,
    from_attendance,
    from_check_in,
    from_crisis_flag,
    from_goal_standing,
    from_hours_standing,
    kind_of,
)
from tests.rules.making import NEW_YORK, NOW

SOURCE = Source("check_in", UUID(int=1))
DAY = date(2026, 11, 23)


def check_in(answers: Mapping[str, object]) -> dict[str, float | str]:
    return values(from_check_in(answers, at=NOW, day=DAY, received_at=NOW, source=SOURCE))


def assessment(
    instrument: str, answers: Mapping[str, int | str | None], **score: object
) -> dict[str, float | str]:
    given: dict[str, object] = {"total": None, "subscales": {}, "severity": None} | score
    readings = from_assessment(instrument, answers, at=NOW, day=DAY, received_at=NOW, source=SOURCE, **given)  # type: ignore[arg-type]
    return values(readings)


def values(readings: list[Reading]) -> dict[str, float | str]:
    found = {reading.signal: reading.value for reading in readings}
    assert len(found) == len(readings)
    return found


def test_a_check_in_yields_one_reading_an_answer_and_itself() -> None:
    answers = {
        "mood": 4,
        "sleep_hours": 5.5,
        "feels_safe": False,
        "medication_taken": True,
        "triggers": ["stress"],
    }
    assert check_in(answers) == {
        "check_in": 1.0,
        "mood": 4.0,
        "sleep_hours": 5.5,
        "feels_safe": 0.0,
        "medication_taken": 1.0,
    }


def test_an_empty_check_in_is_still_a_sign_of_life() -> None:
    assert check_in({"mood": None}) == {"check_in": 1.0}


def test_only_the_wanted_signals_when_they_are_named() -> None:
    answers = {"mood": 4, "craving": 9, "used": True, "substances": ["opioids"]}
    wanted = {"craving", "used.opioids"}
    readings = from_check_in(answers, at=NOW, day=DAY, received_at=NOW, source=SOURCE, wanted=wanted)
    assert values(readings) == {"craving": 9.0, "used.opioids": 1.0}


def test_a_programs_own_questions_come_under_their_own_code() -> None:
    assert check_in({"cigarettes": 12, "where": "at-home"}) == {
        "check_in": 1.0,
        "cigarettes": 12.0,
        "where": "at-home",
    }


@pytest.mark.parametrize(
    ("answers", "used", "substances"),
    [
        ({"used": False}, 0.0, dict.fromkeys(SUBSTANCES, 0.0)),
        ({"used": False, "substances": []}, 0.0, dict.fromkeys(SUBSTANCES, 0.0)),
        ({"used": True, "substances": ["opioids"]}, 1.0, dict.fromkeys(SUBSTANCES, 0.0) | {"opioids": 1.0}),
        ({"used": True, "substances": []}, 1.0, {}),  # which one is not known: never "no opioids"
        ({"used": True}, 1.0, {}),
        ({"used": None}, None, {}),
        ({}, None, {}),
    ],
)
def test_use_by_substance(
    answers: dict[str, object], used: float | None, substances: dict[str, float]
) -> None:
    found = check_in(answers)
    assert found.get("used") == used
    assert {code: found[f"used.{code}"] for code in SUBSTANCES if f"used.{code}" in found} == substances


@pytest.mark.parametrize(
    ("answer", "item9"),
    [
        (0, 0.0),
        (1, 1.0),
        (3, 3.0),
        ("LA6568-5", 0.0),
        ("LA6569-3", 1.0),
        ("LA6570-1", 2.0),
        ("LA6571-9", 3.0),
    ],
)
def test_item_9_is_a_signal_of_its_own(answer: int | str, item9: float) -> None:
    assert assessment("phq-9", {"phq9-9": answer}, total=14) == {"phq9.total": 14.0, "phq9.item9": item9}


@pytest.mark.parametrize("answers", [{}, {"phq9-9": None}, {"phq9-1": 3}])
def test_item_9_unanswered_is_unknown_and_not_0(answers: dict[str, int | None]) -> None:
    assert "phq9.item9" not in assessment("phq-9", answers, total=14)


def test_a_score_that_cannot_be_given_is_no_reading() -> None:
    assert assessment("phq-9", {"phq9-9": 1}) == {"phq9.item9": 1.0}


@pytest.mark.parametrize(
    ("instrument", "score", "found"),
    [
        ("gad-7", {"total": 9}, {"gad7.total": 9.0}),
        ("audit-c", {"total": 3}, {"auditc.total": 3.0}),
        (
            "pcl-5",
            {"total": 40, "subscales": {"B": 10, "C": 4}},
            {"pcl5.total": 40.0, "pcl5.B": 10, "pcl5.C": 4},
        ),
        ("c-ssrs-screener", {"severity": "moderate"}, {"cssrs.risk": "moderate"}),
        ("c-ssrs-screener", {"severity": None}, {"cssrs.risk": "incomplete"}),  # never "none"
        ("craving-nrs", {"total": 8}, {"cravingnrs.total": 8.0, "craving": 8.0}),
    ],
)
def test_signals_of_instruments(
    instrument: str, score: dict[str, object], found: dict[str, float | str]
) -> None:
    assert assessment(instrument, {}, **score) == found


def test_a_crisis_flag_is_one_reading() -> None:
    [flag] = from_crisis_flag(at=NOW, day=DAY, received_at=NOW, source=SOURCE)
    assert flag == Reading("crisis", 1.0, NOW, DAY, NOW, SOURCE)


@pytest.mark.parametrize(
    ("status", "attended", "missed", "excused"),
    [
        ("attended", 1.0, 0.0, 0.0),
        ("late", 1.0, 0.0, 0.0),
        ("left_early", 1.0, 0.0, 0.0),
        ("excused", 0.0, 0.0, 1.0),
        ("unexcused", 0.0, 1.0, 0.0),
        ("made_up", 0.0, 0.0, 0.0),
    ],
)
def test_a_session_was_attended_missed_or_excused(
    status: str, attended: float, missed: float, excused: float
) -> None:
    entry = from_attendance(status, 90, at=NOW, day=DAY, received_at=NOW, source=SOURCE)
    assert values(entry) == {
        "session.attended": attended,
        "session.missed": missed,
        "session.excused": excused,
        "session.minutes": 90.0,
    }


def test_for_how_long_somebody_in_the_room_stays_is_not_known_yet() -> None:
    entry = from_attendance("arrived", 0, at=NOW, day=DAY, received_at=NOW, source=SOURCE)
    assert values(entry) == {"session.attended": 1.0, "session.missed": 0.0, "session.excused": 0.0}


@pytest.mark.parametrize("status", ["expected", "cancelled"])
def test_a_session_that_is_still_expected_or_cancelled_tells_nothing_a_rule_can_watch(status: str) -> None:
    entry = from_attendance(status, 0, at=NOW, day=DAY, received_at=NOW, source=SOURCE)
    assert values(entry) == {WITHDRAWN: 1.0}
    assert WITHDRAWN not in SIGNALS


def test_every_status_of_an_attendance_is_known() -> None:
    told = {
        status
        for status in STATUSES
        if values(from_attendance(status, 0, at=NOW, day=DAY, received_at=NOW, source=SOURCE))
    }
    assert told == set(STATUSES)


def test_a_goal_and_a_weeks_hours_have_one_reading_each() -> None:
    [behind] = from_goal_standing(behind=True, at=NOW, day=DAY, source=SOURCE)
    [caught_up] = from_goal_standing(behind=False, at=NOW, day=DAY, source=SOURCE)
    [short] = from_hours_standing(2.5, at=NOW, day=DAY, source=SOURCE)
    assert behind == Reading("goal.behind", 1.0, NOW, DAY, NOW, SOURCE)
    assert caught_up.value == 0.0
    assert short == Reading("hours.shortfall", 2.5, NOW, DAY, NOW, SOURCE)


KINDS: list[tuple[str, Kind]] = [
    ("craving", "check_in"), ("check_in", "check_in"), ("used", "check_in"), ("used.opioids", "check_in"),
    ("cigarettes", "check_in"), ("phq9.item9", "assessment"), ("cravingnrs.total", "assessment"),
    ("cssrs.risk", "assessment"), ("session.missed", "attendance"), ("session.minutes", "attendance"),
    (WITHDRAWN, "attendance"), ("goal.behind", "goal"), ("hours.shortfall", "hours"), ("crisis", "crisis"),
    ("follow_up.overdue", "follow_up"),
]  # fmt: skip


@pytest.mark.parametrize(("signal", "kind"), KINDS)
def test_a_signal_is_read_from_one_kind_of_source(signal: str, kind: Kind) -> None:
    assert kind_of(signal) == kind


def test_times_are_kept_in_utc() -> None:
    local = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    [reading] = from_check_in({}, at=local, day=local.date(), received_at=local, source=SOURCE)
    assert (reading.at, reading.at.tzinfo) == (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), UTC)
    assert reading.received_at.tzinfo is UTC


def test_every_signal_is_described() -> None:
    for code, signal in SIGNALS.items():
        assert signal.name
        assert signal.description
        assert (signal.choices == ()) == (signal.unit != "choice"), code
        if signal.minimum is not None and signal.maximum is not None:
            assert signal.minimum < signal.maximum


def test_the_core_answers_have_their_bounds() -> None:
    bounds = {
        code: (SIGNALS[code].minimum, SIGNALS[code].maximum) for code in ("craving", "sleep_hours", "used")
    }
    assert bounds == {"craving": (0, 10), "sleep_hours": (0, 24), "used": (0, 1)}
    assert (SIGNALS["meetings_attended"].minimum, SIGNALS["meetings_attended"].maximum) == (0, 20)
