"""What is known before it is lived: that somebody will be excused from a session, for one.

No rule looks at a reading before its moment, as nobody knows yet what else there will be by then. So it is
evaluated when its moment comes, by whoever looks for absence, and no sooner. An answer by a clock that is a
little ahead is another matter: it was lived, and counts at once.
"""

from datetime import datetime
from typing import Final

from app.rules.history import History
from app.rules.reading import Reading, Source

WAITS: Final = "attendance"
"""The kind of source that may be known ahead."""
_IN_EACH: Final = "session.attended"
"""Every entry that tells anything of a session has a reading of it."""


def waits(source: Source, at: datetime, now: datetime) -> bool:
    """Whether what was lived at `at` is to be evaluated then, and not now."""
    return source.kind == WAITS and at > now


def next_moment(history: History, now: datetime) -> datetime | None:
    """The first moment after `now` at which something that waits is lived, in UTC."""
    return min((each.at for each in history.current(_IN_EACH) if each.at > now), default=None)


def come_true(history: History, since: datetime, now: datetime) -> list[Reading]:
    """One reading of each source that waited and was lived from `since` until `now`, oldest first."""
    waited = {each.source.id for each in history.of(_IN_EACH) if each.received_at < each.at}
    return [
        each for each in history.current(_IN_EACH) if since <= each.at <= now and each.source.id in waited
    ]
