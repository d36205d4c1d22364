"""Rule sets: published versions never change, so that a process reads each only once."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, select

from app.database import Db
from app.models import RuleSetVersion
from app.rules.default_pack import DEFAULT_PACK
from app.rules.rule import Grade, Rule, RuleEvidence, RuleSet, Severity

_REMEMBERED = 500
_known: OrderedDict[tuple[UUID, UUID, int], RuleSet] = OrderedDict()


async def in_version(db: Db, program_id: UUID | None, version: int | None) -> RuleSet:
    """One version of a program's rules. Without a program the default pack holds."""
    if program_id is None or version is None:
        return DEFAULT_PACK
    assert db.organization_id is not None
    key = (db.organization_id, program_id, version)
    if key not in _known:
        stored: RuleSetVersion = (await db.scalars(_select(*key))).one()
        _known[key] = RuleSet.model_construct(
            version=version, rules=tuple(_read(rule) for rule in stored.rules)
        )
        if len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return _known[key]


def _read(stored: dict[str, Any]) -> Rule:
    """A stored rule; one that this release cannot read is kept as it stands.

    Evaluating that one raises, which is a finding of its own: a bad rule must cost neither the answer that
    meets it nor the other rules.
    """
    try:
        return Rule.model_validate(stored)
    except ValidationError:
        return Rule.model_construct(
            code=str(stored.get("code", "unreadable")),
            title=str(stored.get("title", "")),
            severity=Severity.HIGH,
            condition=stored.get("condition", {}),
            evidence=RuleEvidence(grade=Grade.DESIGN, citation=""),
        )


def _select(organization_id: UUID, program_id: UUID, version: int) -> Select[RuleSetVersion]:
    return select(RuleSetVersion).where(
        RuleSetVersion.organization_id == organization_id,
        RuleSetVersion.program_id == program_id,
        RuleSetVersion.version == version,
    )
