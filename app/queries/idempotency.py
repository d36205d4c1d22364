"""The first answer to a request that a client may repeat, kept in the transaction of the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy.exc import IntegrityError

from app.database import Db
from app.errors import Conflict

_HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_FIND = (
    "select fingerprint, reply from idempotency_key"
    " where organization_id = %s and caller_id = %s and key = %s"
)
_KEEP = (
    "insert into idempotency_key (organization_id, caller_id, key, operation, fingerprint, status, reply,"
    " created_at) values (%s, %s, %s, %s, %s, %s, %s, %s)"
)


class Attempt(NamedTuple):
    """One request under a key of its caller. `fingerprint` is over the operation and the body."""

    caller_id: UUID
    key: str
    operation: str
    fingerprint: bytes


class FirstAnswer(NamedTuple):
    """What the key answered first, as JSON, and to which content."""

    fingerprint: bytes
    reply: dict[str, Any]


async def first_answer(db: Db, attempt: Attempt) -> FirstAnswer | None:
    """What this caller's key answered before, if anything. The key is held until the commit.

    A second request with the key waits here for the first one, and then finds its answer: it is looked up
    by a statement of its own, because one sees only what was committed before it began.
    """
    driver = await db.driver()
    async with driver.pipeline():
        await driver.execute(_HOLD, (f"{db.organization_id} {attempt.caller_id} {attempt.key}",))
        cursor = await driver.execute(_FIND, (db.organization_id, attempt.caller_id, attempt.key))
    row = await cursor.fetchone()
    return FirstAnswer(*row) if row else None


def remember(db: Db, attempt: Attempt, status: int, reply: Mapping[str, Any], now: datetime) -> None:
    """Keep the answer, together with the COMMIT."""
    db.at_commit(_KEEP, (db.organization_id, *attempt, status, Jsonb(reply), now))


async def add_new(db: Db, *rows: object) -> None:
    """Insert rows whose ids a client may have made. Raises `Conflict` when an id is taken."""
    try:
        await db.add(*rows)
    except IntegrityError as refused:
        if _broken_constraint(refused).startswith("pk_"):
            raise id_taken() from None
        raise


def id_taken() -> Conflict:
    """The error for an id under which something else is kept."""
    return Conflict("id_taken", "This id is in use; make a new one.")


def _broken_constraint(refused: IntegrityError) -> str:
    cause = refused.orig
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
