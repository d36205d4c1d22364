"""The alerts of the older history: found by the real rules, and worked off one after the other."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.demo import hours
from app.demo.bygone import Bygone
from app.demo.cast import RIVERSIDE
from app.demo.course import Course, Told
from app.demo.past import past
from app.demo.story import Story
from app.rules.default_pack import DEFAULT_PACK
from app.rules.replay import Compared, replay
from app.rules.replay_case import Case, Stay

NEW_YORK = ZoneInfo("America/New_York")
NOT_SAFE = {"feels_safe": False}
NOON = datetime(2026, 11, 4, 17, tzinfo=UTC)  # a Wednesday
ANA = next(patient for patient in RIVERSIDE.patients if patient.key == "ana")


def stories(
    *told: tuple[datetime, dict[str, Any]], until: datetime = NOON + timedelta(days=30)
) -> list[Story]:
    """What becomes of these check-ins of ana's."""
    course = Course(tuple(Told(at, answers, None) for at, answers in told), ())
    answers = past(RIVERSIDE, ANA, course, NEW_YORK).answers()
    first = told[0][0]
    case = Case(answers[0].source.id, answers, [Stay(first.date())], NEW_YORK)
    both = Compared(DEFAULT_PACK, DEFAULT_PACK)
    found = replay(case, both, first - timedelta(days=1), told[-1][0] + timedelta(minutes=1))
    bygone = Bygone(RIVERSIDE, until)
    bygone.add(ANA, found, hours.work_calendar(RIVERSIDE.programs[0], first.date()))
    for story in bygone._stories:
        story.close()
    return bygone._stories


def test_who_is_paged_takes_it_up_and_closes_it() -> None:
    (story,) = stories((NOON, NOT_SAFE))
    alert = story.alert
    assert [entry.kind for entry in story.entries] == ["opened", "told", "acknowledged", "resolved"]
    assert alert.acknowledged_at is not None
    assert alert.resolved_at is not None
    assert story.page.settled_at is not None
    assert alert.opened_at < story.page.settled_at < alert.acknowledged_at < alert.resolved_at
    assert alert.acknowledged_at < alert.opened_at + timedelta(minutes=5), "before anybody else was told"


def test_what_is_pressing_opens_anew_once_it_was_taken_up() -> None:
    first, second = stories((NOON, NOT_SAFE), (NOON + timedelta(minutes=6), NOT_SAFE))
    assert first.alert.resolved_at is not None
    assert first.alert.resolved_at <= second.alert.opened_at
    assert (first.alert.occurrences, second.alert.occurrences) == (1, 1)


def test_what_is_found_before_anybody_took_it_up_is_one_alert() -> None:
    (story,) = stories((NOON, NOT_SAFE), (NOON + timedelta(seconds=30), NOT_SAFE))
    assert story.alert.occurrences == 2
    assert [each.number for each in story.occurrences] == [1, 2]
    assert story.alert.resolved_at is not None


def test_at_night_it_waits() -> None:
    (night,) = stories((NOON.replace(hour=3), {"craving": 9}))  # 22:00 in New York: quiet since nine
    assert night.page.due_at == datetime(2026, 11, 4, 13, tzinfo=UTC)


def test_all_is_over_before_the_last_days_begin() -> None:
    until = NOON + timedelta(hours=2)
    (story,) = stories((NOON, {"craving": 9}), until=until)
    assert story.alert.resolved_at is not None
    assert story.alert.resolved_at < until
