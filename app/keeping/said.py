"""What somebody said, as it stands sealed in the spool: enough to act on it later as if it were now."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from uuid_utils.compat import uuid7

from app.access import Actor
from app.edge.kept_route import Kind, Sent
from app.sealing import Sealer
from app.spool import Entry, NewEntry
from app.spool.entry import place_of


@dataclass(frozen=True, slots=True)
class Said:
    """One request: what was sent, by whom, about whom, and when it was answered with 202. `id` is that of
    the check-in, the assessment or the flag."""

    kind: Kind
    id: UUID
    patient_id: UUID
    actor: Actor
    raw: Any
    accept_language: str | None
    now: datetime
    token_expired: bool


_SAID: Final = TypeAdapter(Said)


def sealed(sent: Sent, sealer: Sealer) -> NewEntry:
    """What was sent, as an entry for the spool."""
    said = Said(
        sent.kind, sent.id, sent.patient_id, sent.actor, sent.raw, sent.accept_language, sent.now,
        sent.token_expired,
    )  # fmt: skip
    entry_id, organization_id = str(uuid7()), str(sent.actor.organization_id)
    plain = _SAID.dump_json(said).decode()
    return NewEntry(
        entry_id, _digest(said), organization_id, str(sent.patient_id), sent.kind, sent.now.timestamp(),
        sent.is_urgent, sealer.seal(plain, place=place_of(organization_id, entry_id)),
    )  # fmt: skip


def unsealed(entry: Entry, sealer: Sealer) -> Said:
    """What stands in an entry. Raises `Unsealable`, or pydantic's `ValidationError` for another version's."""
    return _SAID.validate_json(sealer.unseal(entry.sealed, place=entry.place))


def _digest(said: Said) -> bytes:
    """The same for the same thing sent again by the same person. It tells nothing: the id is in it, half of
    whose bits are random."""
    parts = (said.kind, said.id, said.patient_id, said.actor.organization_id, said.actor.id, said.raw)
    return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()
