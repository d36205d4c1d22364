"""Ten attempts in three days."""

from datetime import UTC, datetime, timedelta

import pytest

from app.webhooks.schedule import ATTEMPTS, has_failed_too_long, next_attempt

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("made", "wait"),
    [
        (0, 0 * SECOND), (1, 5 * SECOND), (2, 5 * MINUTE), (3, 30 * MINUTE), (4, 2 * HOUR), (5, 5 * HOUR),
        (6, 10 * HOUR), (7, 14 * HOUR), (8, 20 * HOUR), (9, 24 * HOUR),
    ],
)  # fmt: skip
def test_the_waits(made: int, wait: timedelta) -> None:
    assert next_attempt(made, NOW, chance=0.5) == NOW + wait
    assert next_attempt(made, NOW, chance=0.0) == NOW + wait * 0.9
    almost = next_attempt(made, NOW, chance=0.999_999)
    assert almost is not None
    assert almost <= NOW + wait * 1.1


def test_after_ten_there_is_none() -> None:
    assert ATTEMPTS == 10
    assert next_attempt(10, NOW, chance=0.5) is None
    assert next_attempt(10, NOW, chance=0.5, retry_after=HOUR) is None


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (SECOND, 5 * MINUTE),  # never earlier than planned
        (HOUR, HOUR),
        (24 * HOUR, 24 * HOUR),
        (timedelta(days=400), 24 * HOUR),
    ],
)
def test_a_receiver_may_ask_for_more_time(asked: timedelta, given: timedelta) -> None:
    assert next_attempt(2, NOW, chance=0.5, retry_after=asked) == NOW + given


@pytest.mark.parametrize(
    ("since", "too_long"),
    [(None, False), (NOW, False), (NOW - 119 * HOUR, False), (NOW - 120 * HOUR, True)],
)
def test_five_days_of_nothing_but_failures(since: datetime | None, too_long: bool) -> None:
    assert has_failed_too_long(since, NOW) is too_long
