"""How many wrong codes a patient has sent for a session."""

from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.database import Db
from app.models import Attendance

_HOLD: Final = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_COUNT: Final[LiteralString] = """
    select wrong_codes from attendance
    where organization_id = %s and session_id = %s and patient_id = %s
"""


async def hold(db: Db, session_id: UUID, patient_id: UUID) -> int:
    """The count so far, as the next one who asks for it will wait for this unit of work to end.

    Read by a statement of its own, because one sees only what was committed before it began.
    """
    driver = await db.driver()
    async with driver.pipeline():
        await driver.execute(_HOLD, (f"{db.organization_id} {session_id} {patient_id}",))
        cursor = await driver.execute(_COUNT, (db.organization_id, session_id, patient_id))
    row = await cursor.fetchone()
    return row[0] if row else 0


async def add(db: Db, blank: Attendance) -> None:
    """Count one more: in the attendance that there is, or in this one, of which nothing else is known."""
    values = {column.key: getattr(blank, column.key) for column in Attendance.__table__.columns}
    taken = insert(Attendance).values({**values, "wrong_codes": 1})
    await db.execute(
        taken.on_conflict_do_update(
            index_elements=["organization_id", "session_id", "patient_id"],
            set_={"wrong_codes": Attendance.wrong_codes + 1},
        )
    )
