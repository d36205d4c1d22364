"""When a message is tried again, and when an endpoint has failed for too long. Pure."""

from datetime import datetime, timedelta
from typing import Final

WAITS: Final = (
    timedelta(0), timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""Before each attempt: ten in three days, the first at once. Source: Standard Webhooks, "Deliverability"."""

ATTEMPTS: Final = len(WAITS)
JITTER: Final = 0.1
"""Part of a wait that chance adds or takes: what failed together is not tried again together."""

LONGEST_RETRY_AFTER: Final = timedelta(hours=24)
FAILING_FOR: Final = timedelta(days=5)
"""How long an endpoint may answer with nothing but failures before it is disabled."""

LONGEST_OVERLAP: Final = timedelta(days=7)
"""How long the secret before a rotation may go on signing."""


def next_attempt(
    made: int, now: datetime, *, chance: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again after `made` attempts, the last at `now`; None when there were ten.

    `chance` is of [0, 1). The receiver may ask for more time (`Retry-After`), never for less, and for a day
    at most.
    """
    if made >= ATTEMPTS:
        return None
    wait = WAITS[made] * (1 - JITTER + 2 * JITTER * chance)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
    return now + wait


def has_failed_too_long(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint whose first failure since its last success was then is to be disabled."""
    return failing_since is not None and now - failing_since >= FAILING_FOR
