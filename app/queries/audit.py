"""The audit trail: one row for each write and each read of a person's data."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor
from app.database import Db


def record(
    db: Db,
    actor: Actor,
    now: datetime,
    action: str,
    *,
    of: str,
    id: UUID | None = None,
    patient_id: UUID | None = None,
    patient_ids: Sequence[UUID] | None = None,
    outcome: str = "done",
) -> None:
    """Write one audit row with this unit of work, together with its COMMIT.

    `action` is the permission that was used, or the verb of somebody who had none yet. `of` is
    the table's noun; `patient_ids` are all whose data a list disclosed. Source: 45 CFR 164.312(b).
    """
    values = (
        actor.organization_id, uuid7(), now, actor.kind, actor.id, actor.role, actor.device_id, action, of,
        id, patient_id, None if patient_ids is None else sorted(set(patient_ids)), outcome, actor.address,
        actor.request_id,
    )  # fmt: skip
    db.at_commit(
        "insert into audit_entry (organization_id, id, at, actor_kind, actor_id, role, device_id, action,"
        " resource, resource_id, patient_id, patient_ids, outcome, address, request_id)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        values,
    )
