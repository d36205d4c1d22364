"""Whose week it is, and where nobody would be reached."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.ladders.on_call import Hole, Override, Rotation, Schedule, Shift, holes, on_call, shifts

ANA, BEN, CLARA = (UUID(int=n) for n in (1, 2, 3))
NEW_YORK = ZoneInfo("America/New_York")
# Mondays at 09:00 in New York: 14:00 UTC in winter, 13:00 in summer.
ROTATION = Rotation(starts_on=date(2026, 1, 5), hand_over=time(9), members=(ANA, None, BEN))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def override(member: UUID | None, starts_at: str, ends_at: str) -> Override:
    return Override(starts_at=utc(starts_at), ends_at=utc(ends_at), member=member)


def schedule(*overrides: Override, rotation: Rotation = ROTATION) -> Schedule:
    return Schedule(rotation, overrides, NEW_YORK)


def shift(member: UUID | None, starts_at: str, ends_at: str) -> Shift:
    return Shift(member, utc(starts_at), utc(ends_at))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-12-30 12:00", None),
        ("2026-01-05 13:59:59", None),
        ("2026-01-05 14:00", shift(ANA, "2026-01-05 14:00", "2026-01-12 14:00")),
        ("2026-01-12 13:59:59.999999", shift(ANA, "2026-01-05 14:00", "2026-01-12 14:00")),
        ("2026-01-12 14:00", shift(None, "2026-01-12 14:00", "2026-01-19 14:00")),
        ("2026-01-25 12:00", shift(BEN, "2026-01-19 14:00", "2026-01-26 14:00")),
        ("2026-01-26 14:00", shift(ANA, "2026-01-26 14:00", "2026-02-02 14:00")),
        ("2026-03-08 12:00", shift(BEN, "2026-03-02 14:00", "2026-03-09 13:00")),  # 167 hours
        ("2026-11-01 12:00", shift(ANA, "2026-10-26 13:00", "2026-11-02 14:00")),  # 169 hours
    ],
)
def test_the_rotation(now: str, expected: Shift | None) -> None:
    assert on_call(schedule(), utc(now)) == expected


@pytest.mark.parametrize(
    ("hand_over", "starts_on", "began"),
    [
        (time(2, 30), date(2026, 3, 8), "2026-03-08 07:30"),  # skipped: 03:30 Eastern Daylight Time
        (time(1, 30), date(2026, 11, 1), "2026-11-01 05:30"),  # shown twice: the first
    ],
)
def test_a_hand_over_while_the_clocks_change(hand_over: time, starts_on: date, began: str) -> None:
    rota = schedule(rotation=Rotation(starts_on=starts_on, hand_over=hand_over, members=(ANA,)))
    assert on_call(rota, utc(began) - timedelta(seconds=1)) is None
    found = on_call(rota, utc(began))
    assert found is not None and found.starts_at == utc(began)


def test_a_hand_over_that_the_clocks_put_on_the_next_day() -> None:
    """In Nuuk Saturday ends at 23:00 when the clocks are put forward."""
    rotation = Rotation(starts_on=date(2026, 3, 21), hand_over=time(23, 30), members=(ANA, BEN))
    nuuk = Schedule(rotation, (), ZoneInfo("America/Nuuk"))
    before, after = on_call(nuuk, utc("2026-03-29 01:29")), on_call(nuuk, utc("2026-03-29 01:30"))
    assert before and after and (before.member, after.member) == (ANA, BEN)


def test_a_hand_over_is_not_undone_when_the_clock_shows_the_day_before_once_more() -> None:
    """St. John's put its clocks back from 00:01 on Sunday to 23:01 on Saturday."""
    rotation = Rotation(starts_on=date(2006, 10, 22), hand_over=time(0), members=(ANA, BEN))
    johns = Schedule(rotation, (), ZoneInfo("America/St_Johns"))
    found = on_call(johns, utc("2006-10-29 03:00"))
    assert found is not None and (found.member, found.starts_at) == (BEN, utc("2006-10-29 02:30"))


def test_an_override_cuts_a_shift_in_two() -> None:
    covered = schedule(override(CLARA, "2026-01-07 12:00", "2026-01-08 12:00"))
    assert [on_call(covered, utc(f"2026-01-{day} 12:00")) for day in ("06", "07", "08")] == [
        shift(ANA, "2026-01-05 14:00", "2026-01-07 12:00"),
        shift(CLARA, "2026-01-07 12:00", "2026-01-08 12:00"),
        shift(ANA, "2026-01-08 12:00", "2026-01-12 14:00"),
    ]


def test_the_last_made_override_counts_and_ends_where_it_ends() -> None:
    long, short = (
        override(CLARA, "2026-01-06 00:00", "2026-01-20 00:00"),
        override(None, "2026-01-07 00:00", "2026-01-08 00:00"),
    )
    assert on_call(schedule(long, short), utc("2026-01-07 12:00")) == shift(
        None, "2026-01-07 00:00", "2026-01-08 00:00"
    )
    # It goes on over the hand-over of the 12th.
    assert on_call(schedule(long, short), utc("2026-01-10 12:00")) == shift(
        CLARA, "2026-01-08 00:00", "2026-01-20 00:00"
    )
    assert on_call(schedule(short, long), utc("2026-01-07 12:00")) == shift(
        CLARA, "2026-01-06 00:00", "2026-01-20 00:00"
    )


def test_an_override_in_the_hour_that_the_clock_shows_twice() -> None:
    first, second = (datetime(2026, 11, 1, 1, 30, fold=fold, tzinfo=NEW_YORK) for fold in (0, 1))
    rota = schedule(Override(starts_at=first, ends_at=second, member=CLARA))
    assert on_call(rota, first) == shift(CLARA, "2026-11-01 05:30", "2026-11-01 06:30")
    assert on_call(rota, second) == shift(ANA, "2026-11-01 06:30", "2026-11-02 14:00")


def test_an_override_counts_also_before_the_first_hand_over() -> None:
    early = schedule(override(CLARA, "2026-01-01 00:00", "2026-01-02 00:00"))
    assert on_call(early, utc("2026-01-01 12:00")) == shift(CLARA, "2026-01-01 00:00", "2026-01-02 00:00")
    assert on_call(early, utc("2026-01-02 00:00")) is None


def test_shifts_follow_each_other_and_those_of_one_member_are_one() -> None:
    rota = schedule(
        override(BEN, "2026-01-18 00:00", "2026-01-19 20:00"),
        override(CLARA, "2026-01-30 00:00", "2026-02-01 00:00"),
        override(CLARA, "2026-02-01 00:00", "2026-02-03 00:00"),
    )
    assert shifts(rota, utc("2026-01-01 00:00"), utc("2026-02-05 00:00")) == [
        shift(None, "2026-01-01 00:00", "2026-01-05 14:00"),
        shift(ANA, "2026-01-05 14:00", "2026-01-12 14:00"),
        shift(None, "2026-01-12 14:00", "2026-01-18 00:00"),
        shift(BEN, "2026-01-18 00:00", "2026-01-26 14:00"),
        shift(ANA, "2026-01-26 14:00", "2026-01-30 00:00"),
        shift(CLARA, "2026-01-30 00:00", "2026-02-03 00:00"),
        shift(None, "2026-02-03 00:00", "2026-02-05 00:00"),
    ]
    assert shifts(rota, utc("2026-01-01 00:00"), utc("2026-01-01 00:00")) == []


def test_one_member_has_one_endless_shift() -> None:
    alone = schedule(rotation=Rotation(starts_on=date(2026, 1, 5), hand_over=time(9), members=(ANA,)))
    assert shifts(alone, utc("2026-02-01 00:00"), utc("2027-02-01 00:00")) == [
        shift(ANA, "2026-02-01 00:00", "2027-02-01 00:00")
    ]


def test_holes_of_the_coming_fortnight() -> None:
    rota = schedule(override(CLARA, "2026-01-14 00:00", "2026-01-15 00:00"))
    assert holes(rota, utc("2026-01-08 00:00"), reachable={ANA, CLARA}) == [
        Hole(utc("2026-01-12 14:00"), utc("2026-01-14 00:00"), "nobody", None),
        Hole(utc("2026-01-15 00:00"), utc("2026-01-19 14:00"), "nobody", None),
        Hole(utc("2026-01-19 14:00"), utc("2026-01-22 00:00"), "not_reachable", BEN),
    ]
    assert holes(rota, utc("2026-01-08 00:00"), reachable={ANA}, days=2) == []
    unreached = holes(rota, utc("2026-01-08 00:00"), reachable=(), days=2)
    assert unreached == [Hole(utc("2026-01-08 00:00"), utc("2026-01-10 00:00"), "not_reachable", ANA)]


def test_json_comes_back_as_it_went() -> None:
    assert Rotation.model_validate(ROTATION.model_dump(mode="json")) == ROTATION
    assert ROTATION.model_dump(mode="json") == {
        "starts_on": "2026-01-05",
        "hand_over": "09:00",
        "members": [str(ANA), None, str(BEN)],
    }


@pytest.mark.parametrize(
    "said",
    [
        {"members": []},
        {"members": [None] * 53},
        {"members": ["ana"]},
        {"hand_over": "9 o'clock"},
        {"hand_over": None},
        {"starts_on": 0},
        {"ends_on": "2026-12-31"},
    ],
)
def test_what_no_rotation_may_say(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rotation.model_validate({**ROTATION.model_dump(mode="json"), **said})


@pytest.mark.parametrize("ends_at", ["2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z", "2026-01-02T00:00:00"])
def test_an_override_ends_after_its_start_and_has_a_zone(ends_at: str) -> None:
    with pytest.raises(ValidationError):
        Override.model_validate({"starts_at": "2026-01-01T00:00:00Z", "ends_at": ends_at, "member": None})


HOURS = st.integers(0, 24 * 60).map(lambda hour: utc("2026-02-15 00:00") + timedelta(hours=hour))
MEMBERS = st.sampled_from([ANA, BEN, CLARA, None])
OVERRIDES = st.builds(
    lambda begins, hours, member: Override(
        starts_at=begins.astimezone(NEW_YORK), ends_at=begins + timedelta(hours=hours), member=member
    ),
    HOURS,
    st.integers(1, 400),
    MEMBERS,
)


@settings(deadline=None, max_examples=60)
@given(
    overrides=st.lists(OVERRIDES, max_size=6),
    members=st.lists(MEMBERS, min_size=1, max_size=4),
    start=HOURS,
    hours=st.integers(1, 24 * 40),
)
def test_shifts_say_at_every_hour_who_is_on_call(
    overrides: list[Override], members: list[UUID | None], start: datetime, hours: int
) -> None:
    rotation = Rotation(starts_on=date(2026, 2, 23), hand_over=time(9), members=tuple(members))
    rota = schedule(*overrides, rotation=rotation)
    found = shifts(rota, start, start + timedelta(hours=hours))
    week, member = -1, None
    walk = utc("2026-02-10 00:00")
    while walk < start + timedelta(hours=hours):
        wall = walk.astimezone(NEW_YORK)
        if (wall.weekday(), wall.hour) == (0, 9) and wall.date() >= rotation.starts_on:
            week += 1
        if walk >= start:
            member = members[week % len(members)] if week >= 0 else None
            for other in overrides:
                if other.starts_at.astimezone(UTC) <= walk < other.ends_at:
                    member = other.member
            covering = [each.member for each in found if each.starts_at <= walk < each.ends_at]
            now = on_call(rota, walk)
            assert covering == [member] == [now.member if now else None]
        walk += timedelta(hours=1)
    assert all(one.member != other.member for one, other in pairwise(found))
