"""The rules of a program."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.access import Actor, Permission
from app.dependencies import Db, requires
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.queries import programs
from app.queries.programs import RuleSetInForce
from app.rules.floor import FLOOR, FLOOR_CODES
from app.rules.rule import RuleSet
from app.schemas.rule_set import RuleSetRead

router = strict_router("/v1/rule-sets", "rules")


@router.get("/current", operation_id="read_rule_set")
async def current(
    actor: Annotated[Actor, requires(Permission.RULE_SET_READ)],
    db: Db,
    program_id: Annotated[
        UUID | None, Query(description="May be left out by those who work in exactly one program.")
    ] = None,
) -> RuleSetRead:
    """The rules that a program uses now, the safety floor's first."""
    if program_id is None:
        own = await programs.worked_in(db, actor)
        if len(own) != 1:
            raise Unacceptable.at("/program_id", "missing", "Say which program.")
        program_id = own[0].id
    return read_of(await programs.rule_set_in_force(db, actor, program_id))


def read_of(in_force: RuleSetInForce) -> RuleSetRead:
    """A rule set as it travels: the floor is part of every one, and switched-off rules are shown as such."""
    kept = in_force.rule_set
    own = RuleSet.model_validate({"version": kept.version, "rules": kept.rules}).rules
    return RuleSetRead(
        program_id=kept.program_id, version=kept.version, author=in_force.author, author_id=kept.author_id,
        reason=kept.reason, published_at=kept.published_at,
        rules=[*FLOOR, *(rule for rule in own if rule.code not in FLOOR_CODES)],
    )  # fmt: skip
