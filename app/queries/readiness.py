"""Whether the database is one to which an answer may be entrusted, and how those are who watch over it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString, NamedTuple

from app.database import Db
from app.queries import pulses

DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
_DEPTHS: Final[LiteralString] = """
    select queue_name, count(*) from procrastinate_jobs
    where status = 'todo' and (scheduled_at is null or scheduled_at <= %s)
    group by queue_name
"""
_OF_SEVERITY: Final = "unacknowledged_"


class Vitals(NamedTuple):
    """How long ago somebody last swept and watched, in seconds; None for never. `queue_depth` are the jobs
    that could be worked on now. The rest is as the watcher last counted it: None when it never did."""

    sweep_age: float | None
    watch_age: float | None
    queue_depth: Mapping[str, int]
    ladder_lag: float | None
    pages_waiting: int | None
    unacknowledged: Mapping[str, float]


async def faults(db: Db, schema_heads: set[str]) -> list[str]:
    """What forbids to serve on this database, by name; empty when nothing does.

    With one of `DURABILITY` off an acknowledged write can be lost in a power cut (PostgreSQL's manual,
    "Write Ahead Log"); with another schema, this version's statements fail.
    """
    driver = await db.driver()
    rows = await driver.execute(
        "select name from pg_settings where name = any(%s) and setting = 'off'", [list(DURABILITY)]
    )
    found = [f"{name}_off" for (name,) in await rows.fetchall()]
    rows = await driver.execute("select version_num from alembic_version")
    if {version for (version,) in await rows.fetchall()} != schema_heads:
        found.append("schema_not_current")
    return found


async def vitals(db: Db, now: datetime) -> Vitals:
    """How those are who watch over it. Two small statements, whatever the size of the database."""
    cursor = await (await db.driver()).execute(_DEPTHS, (now,))
    depths = {str(name): int(depth) for name, depth in await cursor.fetchall()}
    beats = await pulses.every(db)
    ages = {name: max(0.0, (now - beat.at).total_seconds()) for name, beat in beats.items()}
    counted = beats["watch"].facts if "watch" in beats else {}
    return Vitals(
        sweep_age=ages.get("sweep"),
        watch_age=ages.get("watch"),
        queue_depth=depths,
        ladder_lag=counted.get("ladder_lag"),
        pages_waiting=counted.get("pages_waiting"),
        unacknowledged={
            name.removeprefix(_OF_SEVERITY): seconds
            for name, seconds in counted.items()
            if name.startswith(_OF_SEVERITY)
        },
    )
