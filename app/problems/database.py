"""Which database errors mean "not now" instead of "we have a bug"."""

from collections.abc import Iterator

import psycopg
import sqlalchemy.exc

BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "23505"})
"""Serialization failure, deadlock, lock timeout, statement timeout, and a unique key that somebody else took
at the same moment: the same request may do better, and meets a proper answer then."""

# A server that became a standby, and one that hung up on a slow transaction: no subclass says so.
_AWAY_STATES = frozenset({"25006", "25P03", "25P04"})


def sqlstate(exc: BaseException) -> str | None:
    """The five characters of PostgreSQL's error code, of an error or of the one that SQLAlchemy wrapped."""
    state = getattr(getattr(exc, "orig", None) or exc, "sqlstate", None)
    return state if isinstance(state, str) else None


def is_database_away(exc: BaseException) -> bool:
    """True when the database cannot be reached, is overloaded, or gave this transaction up: nothing was
    kept, and trying again is right."""
    return any(
        isinstance(
            each, psycopg.OperationalError | sqlalchemy.exc.OperationalError | sqlalchemy.exc.TimeoutError
        )
        or (isinstance(each, sqlalchemy.exc.DBAPIError) and each.connection_invalidated)
        or (isinstance(each, psycopg.Error | sqlalchemy.exc.DBAPIError) and sqlstate(each) in _AWAY_STATES)
        for each in _leaves(exc)
    )


def _leaves(exc: BaseException) -> Iterator[BaseException]:
    if isinstance(exc, BaseExceptionGroup):
        for each in exc.exceptions:
            yield from _leaves(each)
    else:
        yield exc
