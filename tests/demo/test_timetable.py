"""What the demonstration's programs hold, and who comes: pure, at times of the test's choosing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from app import recurrence
from app.demo import attendances, running, silence
from app.demo.agenda import Agenda
from app.demo.cast import LAKESIDE, ORGANIZATIONS, RIVERSIDE, Organization, Patient, id_of
from app.demo.course import Course, Told
from app.demo.living import Living, _in_order, _lived
from app.demo.past import past
from app.demo.presence import SHORT_OF_HOURS, Part
from app.demo.sittings import sittings
from app.demo.timetable import Held, timetable
from app.demo.weeks import standings
from app.rules.default_pack import DEFAULT_PACK
from app.rules.replay import Compared, replay
from app.rules.replay_case import Case, Stay
from app.treatment.attendance import ATTENDED
from tests.demo.parts import parts_of

NOW = datetime(2026, 11, 23, 22, tzinfo=UTC)  # a Monday, 17:00 in New York
SINCE = date(2026, 8, 25)
NEW_YORK = ZoneInfo("America/New_York")


def held(organization: Organization, key: str) -> Held:
    return next(each for each in timetable(organization, SINCE) if each.key == key)


@pytest.mark.parametrize("organization", ORGANIZATIONS)
def test_every_program_has_groups_of_its_weekly_hours(organization: Organization) -> None:
    for program in organization.programs:
        groups = [each for each in timetable(organization, SINCE) if each.program == program.key]
        for group in (each for each in groups if each.kind == "group"):
            assert group.minutes * len(group.days.split(",")) == 60 * program.hours[0]
            assert 6 <= len(group.places) <= (group.capacity or 0) <= 15
        kinds = {each.kind for each in groups}
        assert {"group", "individual", "telehealth_check_in"} <= kinds
        assert {"family", "multifamily"} & kinds
        assert {"workshop", "expressive"} & kinds
        (waiting,) = (each for each in groups if each.waiting)
        assert len(waiting.places) == waiting.capacity, "they wait because it is full"


@pytest.mark.parametrize("organization", ORGANIZATIONS)
def test_nobody_leads_two_sessions_at_once_nor_is_expected_in_two(organization: Organization) -> None:
    zones = {program.key: ZoneInfo(program.time_zone) for program in organization.programs}
    month = SINCE + timedelta(days=28)
    planned = [
        sitting
        for each in timetable(organization, SINCE)
        for sitting in sittings(each, zones[each.program], SINCE, month)
    ]
    planned.sort(key=lambda each: each.span.start)
    for one, other in combinations(planned, 2):
        if other.span.start < one.span.end and one.span.start < other.span.end:
            assert not set(one.held.facilitators) & set(other.held.facilitators), (one.held, other.held)
            assert not set(one.held.places) & set(other.held.places)


def test_the_rule_of_a_series_names_the_days_on_which_it_is_held() -> None:
    """What the service plans when the time comes is what stands there already."""
    until = SINCE + timedelta(days=120)
    for each in timetable(RIVERSIDE, SINCE):
        days = list(each.dates(SINCE, until))
        assert each.recurrence is not None
        first = datetime.combine(days[0], each.starts)
        named = recurrence.slots(
            recurrence.read(each.recurrence), first, NEW_YORK, SINCE, until - timedelta(days=1)
        )
        assert [slot.date() for slot in named] == days, each.key


def test_the_hour_on_the_wall_stays_when_the_clocks_change() -> None:
    evenings = sittings(held(RIVERSIDE, "evening-a"), NEW_YORK, date(2026, 10, 30), date(2026, 11, 3))
    assert [each.span.start.isoformat() for each in evenings] == [
        "2026-10-30T22:00:00+00:00", "2026-11-02T23:00:00+00:00",
    ]  # fmt: skip


def group_at(now: datetime, *others: tuple[datetime, int]) -> Held | None:
    made = []
    for start, minutes in others:
        wall = start.astimezone(NEW_YORK)
        one = Held("x", "evening", "group", "", "", wall.time(), minutes, (), "Room", first_day=wall.date())
        made += sittings(one, NEW_YORK, wall.date(), wall.date() + timedelta(days=1))
    return running.group_now("evening", ["ana", "ben"], made, now, NEW_YORK)


MINUTE = timedelta(minutes=1)


def test_something_is_under_way_whenever_it_is_opened() -> None:
    found = group_at(NOW + 3 * MINUTE)
    assert found is not None
    assert (found.first_day, found.starts, found.minutes) == (date(2026, 11, 23), time(16, 40), 90)
    midnight = group_at(datetime(2026, 11, 24, 5, 5, tzinfo=UTC))
    assert midnight is not None
    assert (midnight.first_day, midnight.starts) == (date(2026, 11, 23), time(23, 45))


@pytest.mark.parametrize(
    ("starts_in", "minutes", "expected"),
    [
        (-30, 180, None),  # runs anyhow
        (-200, 180, 90),
        (30, 180, 50),  # until it begins
        (0, 180, None),
        (5, 180, 25),
        (-100, 90, 80),  # over ten minutes ago
        (-130, 90, 90),
    ],
)
def test_it_finds_its_place_between_the_others(starts_in: int, minutes: int, expected: int | None) -> None:
    found = group_at(NOW, (NOW + starts_in * MINUTE, minutes))
    assert (found and found.minutes) == expected


def test_the_same_day_gives_the_same() -> None:
    ana = RIVERSIDE.patients[0]
    assert parts_of(ana, NOW) == parts_of(ana, NOW)


def test_who_has_used_misses_more() -> None:
    """The same person twice: the second time they use on every day of the last month."""
    calm = used = 0
    for patient in RIVERSIDE.patients[:6]:
        lived = _lived(patient, NEW_YORK, NOW)
        hard = Course(
            tuple(
                Told(told.at, {**told.answers, "used": told.at > NOW - timedelta(days=30)}, None)
                for told in lived.check_ins
            ),
            (),
        )
        calm += missed(parts_of(patient, NOW, lived))
        used += missed(parts_of(patient, NOW, hard))
    assert used > 2 * calm


def missed(parts: Sequence[Part]) -> int:
    return sum(part.state.status not in ATTENDED for part in parts)


def test_what_is_known_is_past_but_for_what_was_told_ahead() -> None:
    for patient in RIVERSIDE.patients:
        for part in parts_of(patient, NOW):
            assert part.known_at <= NOW
            if part.sitting.span.start > NOW:
                assert part.state.status == "excused" or part.sitting.span.start < NOW + 5 * MINUTE
            if part.state.status == "excused":
                assert part.notice is not None
                assert part.notice.at <= part.sitting.span.start - timedelta(hours=48)
            if part.sitting.span.end <= NOW:
                assert part.state.status != "arrived"


def test_what_is_made_up_is_made_up_in_the_other_group_within_a_week() -> None:
    found = 0
    for organization in ORGANIZATIONS:
        for patient in organization.patients:
            parts = {part.id: part for part in parts_of(patient, NOW)}
            for part in parts.values():
                if part.makes_up_id is None:
                    continue
                before = parts[part.makes_up_id]
                found += 1
                assert before.made_up_at == part.sitting.span.end
                assert before.state.status not in ATTENDED
                assert patient.key not in part.sitting.held.places
                assert timedelta() < part.sitting.day - before.sitting.day <= timedelta(days=7)
    assert found > 10


def test_one_had_a_short_week_and_one_is_away_and_one_stays_away() -> None:
    agenda = Agenda(RIVERSIDE, NOW - timedelta(days=90), NOW)
    darius, walter, oscar = (one(key) for key in (SHORT_OF_HOURS, silence.ON_LEAVE, silence.SILENT))
    weeks = standings(
        darius, RIVERSIDE.programs[0], NOW - timedelta(days=90),
        *agenda.of(darius, _lived(darius, NEW_YORK, NOW)), NOW,
    )  # fmt: skip
    assert [each.shortfall for each in weeks][-1] > 0
    away = NOW - silence.AWAY_SINCE
    assert not any(part.sitting.span.start >= away for part in parts_of(walter, NOW))
    lately = [part for part in parts_of(oscar, NOW) if part.sitting.span.start > NOW - silence.LAST_HEARD]
    assert {part.state.status for part in lately} == {"unexcused"}


def one(key: str) -> Patient:
    return next(patient for patient in RIVERSIDE.patients if patient.key == key)


def test_two_replays_find_what_one_would() -> None:
    """Rules about treatment and rules about answers are replayed apart, which is faster."""
    living = Living(None, LAKESIDE, None, NOW)  # type: ignore[arg-type]  # nothing is written
    both = Compared(DEFAULT_PACK, DEFAULT_PACK)
    zone = ZoneInfo("America/Los_Angeles")
    for patient in LAKESIDE.patients[:3]:
        lived = _lived(patient, zone, NOW)
        told, ways = past(LAKESIDE, patient, lived, zone), living._agenda.of(patient, lived)
        weeks = list(standings(patient, LAKESIDE.programs[0], NOW - timedelta(days=90), *ways, NOW))
        apart = living._found(patient, told, ways, weeks, zone)
        answers = [*told.answers(), *attendances.answers(ways.parts), *(week.answer() for week in weeks)]
        everything = [each._replace(evaluated=True) for each in answers]
        case = Case(
            id_of("patient", patient.key), sorted(everything, key=_in_order),
            [Stay((NOW - timedelta(days=90)).date())], zone,
        )  # fmt: skip
        whole = replay(case, both, NOW - timedelta(days=90), NOW)
        assert {(each.at, each.finding.rule.code, each.source) for each in apart} == {
            (each.at, each.finding.rule.code, each.source) for each in whole
        }
        assert {"session.missed", "craving.high", "hours.low"} & {each.finding.rule.code for each in whole}
