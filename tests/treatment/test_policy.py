"""A program's attendance policy, and whether an absence is excused by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from app.treatment.excuse import is_excused
from app.treatment.policy import NOTICE_KINDS, USUAL, AttendancePolicy, NoticeKind, policy_of

SIX = datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_what_is_left_out_has_its_default() -> None:
    own = policy_of({"late_after_minutes": 5})
    assert own == AttendancePolicy(late_after_minutes=5)
    assert (own.no_show_after_minutes, own.excused_notice_hours) == (30, 48)
    assert policy_of({}) == USUAL


def test_it_reads_what_it_writes() -> None:
    own = AttendancePolicy(excused_kinds=("work", "other"), make_up_days=14)
    assert policy_of(own.model_dump(mode="json")) == own


@pytest.mark.parametrize(
    "stored", [{"late_after_minutes": "soon"}, {"unknown": 1}, {"excused_kinds": ["holiday"]}]
)
def test_a_policy_that_cannot_be_read_keeps_nobody_out(stored: dict[str, Any]) -> None:
    assert policy_of(stored) == USUAL


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"no_show_after_minutes": 4}, "greater_than_equal"),
        ({"no_show_after_minutes": 241}, "less_than_equal"),
        ({"late_after_minutes": 31}, "late_after_no_show"),
        ({"no_show_after_minutes": 9}, "late_after_no_show"),
        ({"excused_kinds": ["work", "work"]}, "repeated"),
        ({"excused_kinds": ["holiday"]}, "literal_error"),
        ({"excused_notice_hours": 1.5}, "int_type"),
        ({"excused_notice_hours": True}, "int_type"),
        ({"make_up_days": -1}, "greater_than_equal"),
        ({"unknown": 1}, "extra_forbidden"),
    ],
)
def test_what_does_not_fit_is_refused(members: dict[str, Any], kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AttendancePolicy.model_validate(members)
    assert [each["type"] for each in refused.value.errors()] == [kind]


def test_as_late_as_missing_is_allowed() -> None:
    assert AttendancePolicy(late_after_minutes=30).late_after_minutes == 30


@pytest.mark.parametrize(
    ("kind", "hours_before", "excused"),
    [
        ("work", 48, True),
        ("work", 47.99, False),
        ("work", 300, True),
        ("work", 0, False),
        ("work", -1, False),
        ("bereavement", 49, True),
        ("illness", 49, True),
        ("transport", 300, False),
        ("other", 300, False),
    ],
)
def test_told_in_time_and_of_the_right_kind(kind: NoticeKind, hours_before: float, excused: bool) -> None:
    assert is_excused(USUAL, kind, SIX - timedelta(hours=hours_before), SIX) is excused


def test_a_program_may_excuse_everything_at_once_or_nothing() -> None:
    lenient = AttendancePolicy(excused_notice_hours=0, excused_kinds=NOTICE_KINDS)
    strict = AttendancePolicy(excused_kinds=())
    assert set(NOTICE_KINDS) == set(get_args(NoticeKind))
    assert all(is_excused(lenient, kind, SIX, SIX) for kind in NOTICE_KINDS)
    assert not is_excused(lenient, "work", SIX + timedelta(seconds=1), SIX)
    assert not any(is_excused(strict, kind, SIX - timedelta(days=9), SIX) for kind in NOTICE_KINDS)
