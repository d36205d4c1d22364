"""What is known of somebody in a session, as a row, whatever way it came there."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

_ADD = """
insert into attendance (organization_id, id, session_id, patient_id, program_id, status, arrived_at, left_at,
  minutes, source, notice_kind, notice_at, excused_by, makes_up_id, wrong_codes, revision, changed_at)
select s.organization_id, %(id)s, s.id, %(patient)s, s.program_id, %(status)s, %(arrived_at)s, %(left_at)s,
  0, 'staff', %(notice_kind)s, %(notice_at)s, %(excused_by)s, %(makes_up_id)s, 0, 1, s.starts_at
from treatment_session s where s.id = %(session)s
on conflict (organization_id, session_id, patient_id) do update
set status = excluded.status, arrived_at = excluded.arrived_at, left_at = excluded.left_at,
  revision = attendance.revision + 1
"""


def record(
    psql: psycopg.Connection, session_id: UUID, patient_id: UUID, status: str,
    arrived_at: datetime | None = None, left_at: datetime | None = None, **columns: Any,
) -> UUID:  # fmt: skip
    """One attendance; recorded again it is corrected. Its id."""
    values = {
        "id": uuid7(), "session": session_id, "patient": patient_id, "status": status,
        "arrived_at": arrived_at, "left_at": left_at, "notice_kind": None, "notice_at": None,
        "excused_by": None, "makes_up_id": None, **columns,
    }  # fmt: skip
    psql.execute(_ADD, values)
    attendance_id: UUID = values["id"]
    return attendance_id
