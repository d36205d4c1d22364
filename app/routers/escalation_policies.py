"""Who is told of a program's alerts, after how long: read, and say anew."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.edge.strict_route import router as strict_router
from app.ladders.ladder import DEFAULTS
from app.queries import escalation_policies as stored
from app.queries.escalation_policies import InForce
from app.rules.rule import Severity as Pressing
from app.schemas.alert import Severity
from app.schemas.escalation_policy import EscalationPolicies, EscalationPolicyBody, EscalationPolicyRead
from app.services import escalation_policies

router = strict_router("/v1/programs/{program_id}/escalation-policies", "ladders")

Reader = Annotated[Actor, requires(Permission.ESCALATION_POLICY_READ)]


@router.get("", operation_id="list_escalation_policies")
async def many(program_id: UUID, actor: Reader, db: Db) -> EscalationPolicies:
    """The ladder of each severity, the most pressing first; Handrail's own where the program has none."""
    found = await stored.of_program(db, actor, program_id)
    return EscalationPolicies(items=[read_of(each) for each in found])


@router.get("/{severity}", operation_id="read_escalation_policy")
async def one(
    program_id: UUID, severity: Severity, actor: Reader, db: Db, response: Response
) -> EscalationPolicyRead:
    """The ladder of one severity. Its ETag is `"0"` as long as the program has not written its own."""
    return tagged(response, read_of(await stored.one(db, actor, program_id, Pressing(severity))))


@router.put("/{severity}", operation_id="put_escalation_policy")
async def put(
    *,
    program_id: UUID,
    severity: Severity,
    body: EscalationPolicyBody,
    actor: Annotated[Actor, requires(Permission.ESCALATION_POLICY_MANAGE)],
    version: ExpectedVersion,
    db: Db,
    now: Now,
    response: Response,
) -> EscalationPolicyRead:
    """Say who is told of alerts that open from now on; those that are open keep the ladder they got."""
    of = Pressing(severity)
    await escalation_policies.put(db, actor, program_id, of, body, version=version, now=now)
    return tagged(response, read_of(await stored.one(db, actor, program_id, of)))


def read_of(found: InForce) -> EscalationPolicyRead:
    """A policy as it travels."""
    return EscalationPolicyRead(
        **found.ladder.model_dump(), severity=found.severity.value, changed_at=found.changed_at,
        is_default=found.ladder == DEFAULTS[found.severity], changed_by=found.changed_by,
        row_version=found.row_version,
    )  # fmt: skip
