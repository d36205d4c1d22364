"""Readings come out in one order, as they stood at a moment."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from app.rules.reading import Source
from app.rules.signals import WITHDRAWN
from tests.rules.making import NEW_YORK, NOW, history, reading

FIRST, SECOND = Source("check_in", UUID(int=1)), Source("check_in", UUID(int=2))
IN_ORDER = [
    reading("mood", 1, 2, source=SECOND, received=NOW),
    reading("mood", 2, 1, source=SECOND, received=NOW),
    reading("mood", 3, 1, source=FIRST, received=NOW + timedelta(minutes=1)),  # same time, received later
    reading("mood", 4, 0, source=FIRST, received=NOW),
    reading("mood", 5, 0, source=FIRST._replace(revision=1), received=NOW),
    reading("mood", 6, 0, source=SECOND, received=NOW),  # same times: by id
]


def test_the_order_given_does_not_matter() -> None:
    for given in permutations(IN_ORDER):
        assert list(history(given).of("mood")) == IN_ORDER


def test_signals_are_apart_and_an_unknown_one_is_empty() -> None:
    craving = reading("craving", 3)
    past = history([*IN_ORDER, craving])
    assert list(past.of("craving")) == [craving]
    assert list(past.of("anxiety")) == []


@pytest.mark.parametrize(("days_ago", "kept"), [(3, 0), (2, 1), (1.5, 1), (1, 3), (0, 6), (-9, 6)])
def test_until_keeps_what_was_lived_by_then(days_ago: float, kept: int) -> None:
    whole = history(IN_ORDER)
    seen = whole.until(NOW - timedelta(days=days_ago))
    assert list(seen.of("mood")) == IN_ORDER[:kept]
    assert list(whole.of("mood")) == IN_ORDER


def test_until_can_end_with_one_of_several_answers_of_the_same_moment() -> None:
    seen = history(IN_ORDER).until(NOW, ending_with=FIRST)
    assert list(seen.of("mood")) == IN_ORDER[:4]


def test_until_ends_with_a_source_only_among_the_readings_of_that_moment() -> None:
    seen = history(IN_ORDER).until(NOW, ending_with=Source("check_in", UUID(int=9)))
    assert list(seen.of("mood")) == IN_ORDER
    assert list(history(IN_ORDER[:3]).until(NOW, ending_with=SECOND).of("mood")) == IN_ORDER[:3]


def test_current_has_the_newest_revision_of_each_answer() -> None:
    one, two = (
        reading("craving", 1, 1, source=FIRST),
        reading("craving", 2, 0, source=FIRST._replace(revision=1)),
    )
    other = reading("craving", 3, 0.5, source=SECOND)
    assert list(history([one, two, other]).current("craving")) == [other, two]
    assert list(history([one, two, other]).until(NOW - timedelta(hours=1)).current("craving")) == [one, other]


def test_what_was_withdrawn_counts_no_more_until_it_is_said_again() -> None:
    one, two, three = (Source("attendance", UUID(int=3), revision) for revision in (1, 2, 3))
    missed, again = reading("session.missed", 1, source=one), reading("session.missed", 1, source=three)
    other = reading("session.missed", 0, 1, source=one._replace(id=UUID(int=4)))
    gone = reading(WITHDRAWN, 1, source=two)
    assert list(history([missed, other]).current("session.missed")) == [other, missed]
    assert list(history([missed, gone, other]).current("session.missed")) == [other]
    assert list(history([missed, gone, again, other]).current("session.missed")) == [other, again]
    first = reading("session.missed", 1, source=one._replace(revision=0))
    assert list(history([first, gone]).current("session.missed")) == []
    assert list(history([gone, reading("craving", 3, source=FIRST)]).current("craving")) != []


def test_a_day_is_the_persons_own() -> None:
    assert history(zone=NEW_YORK).local_day(datetime(2026, 11, 24, 4, 59, tzinfo=UTC)).day == 23
    assert history(zone=NEW_YORK).local_day(datetime(2026, 11, 24, 5, 0, tzinfo=UTC)).day == 24
