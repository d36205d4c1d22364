"""Whether the database is one to which an answer may be entrusted."""

from app.database import Db

DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


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
