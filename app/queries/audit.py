"""The audit trail: one row for each write and each read of a person's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor
from app.database import Db

COLUMNS: Final = (
    "organization_id, id, at, actor_kind, actor_id, role, device_id, action, resource, resource_id,"
    " patient_id, patient_ids, outcome, address, request_id"
)
PLACEHOLDERS: Final[LiteralString] = (
    "%(audit_organization_id)s, %(audit_id)s, %(audit_at)s, %(audit_actor_kind)s, %(audit_actor_id)s,"
    " %(audit_role)s, %(audit_device_id)s, %(audit_action)s, %(audit_resource)s, %(audit_resource_id)s,"
    " %(audit_patient_id)s, %(audit_patient_ids)s, %(audit_outcome)s, %(audit_address)s, %(audit_request_id)s"
)
_INSERT: Final[LiteralString] = f"insert into audit_entry ({COLUMNS}) values ({PLACEHOLDERS})"  # noqa: S608 - constants


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

    `action` is the permission that was used, or the verb of somebody who had none yet. `of` is the table's
    noun; `patient_ids` are all whose data a list disclosed. Source: 45 CFR 164.312(b).
    """
    values = row(
        actor, now, action, of=of, id=id, patient_id=patient_id, patient_ids=patient_ids, outcome=outcome
    )
    db.at_commit(_INSERT, values)


def row(
    actor: Actor,
    now: datetime,
    action: str,
    *,
    of: str,
    id: UUID | None,
    patient_id: UUID | None,
    patient_ids: Sequence[UUID] | None = None,
    outcome: str = "done",
) -> dict[str, object]:
    """The values of `PLACEHOLDERS`, for a statement that writes its audit row itself."""
    return {
        "audit_organization_id": actor.organization_id,
        "audit_id": uuid7(),
        "audit_at": now,
        "audit_actor_kind": actor.kind,
        "audit_actor_id": actor.id,
        "audit_role": actor.role,
        "audit_device_id": actor.device_id,
        "audit_action": action,
        "audit_resource": of,
        "audit_resource_id": id,
        "audit_patient_id": patient_id,
        "audit_patient_ids": None if patient_ids is None else sorted(set(patient_ids)),
        "audit_outcome": outcome,
        "audit_address": actor.address,
        "audit_request_id": actor.request_id,
    }
