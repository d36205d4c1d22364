"""A patient's own steps for a crisis: read, write, look back."""

from typing import Annotated

from fastapi import Response

from app.access import Actor, Permission, Role
from app.dependencies import CurrentPage, Db, Now, Page, Whose, requires
from app.dependencies.conditional import PRIVATE, UNCHANGED, IfNoneMatch, matches, not_modified
from app.dependencies.etag import tagged
from app.dependencies.followed import FollowedVersion
from app.edge.strict_route import router as strict_router
from app.errors import Forbidden, Unacceptable
from app.queries import audit, patients
from app.queries import safety_plans as stored
from app.schemas.safety_plan import SafetyPlanBody, SafetyPlanPage, SafetyPlanRead
from app.services import safety_plans

router = strict_router("/v1/patients/{patient_id}/safety-plan", "crisis")

Reader = Annotated[Actor, requires(Permission.SAFETY_PLAN_READ)]
Writer = Annotated[Actor, requires(Permission.SAFETY_PLAN_WRITE)]


@router.get("", operation_id="read_safety_plan", response_model=SafetyPlanRead, responses=UNCHANGED)
async def one(
    *, patient_id: Whose, actor: Reader, db: Db, now: Now, response: Response,
    if_none_match: IfNoneMatch = None,
) -> SafetyPlanRead | Response:  # fmt: skip
    """The plan, to be kept on the phone: a crisis does not wait for a network.

    404 also while there is none, and for a supporter with whom it is not shared.
    """
    plan = SafetyPlanRead.model_validate(await stored.find(db, actor, patient_id))
    audit.record(db, actor, now, Permission.SAFETY_PLAN_READ, of="safety_plan", patient_id=patient_id)
    if matches(if_none_match, f'"{plan.version}"'):
        return not_modified(f'"{plan.version}"')
    response.headers.update(PRIVATE)
    return tagged(response, plan)


@router.put(
    "",
    operation_id="put_safety_plan",
    responses={201: {"model": SafetyPlanRead, "description": "The first version."}},
)
async def put(
    *, patient_id: Whose, body: SafetyPlanBody, actor: Writer, after: FollowedVersion, db: Db, now: Now,
    response: Response,
) -> SafetyPlanRead:  # fmt: skip
    """Write the plan anew, as the patient or together with them; what was there is kept as a version.

    The first one needs no version; from then on `If-Match` names the one that was read. Sent again because
    the answer was lost, it makes no second version.
    """
    steps = body.steps.model_dump(mode="json")
    plan = await safety_plans.write(db, actor, patient_id, steps, after=after, now=now)
    response.status_code = 201 if plan.version == 1 and plan.written_at == now else 200
    response.headers.update(PRIVATE)
    return tagged(response, SafetyPlanRead.model_validate(plan))


@router.get("/versions", operation_id="list_safety_plan_versions")
async def versions(
    *, patient_id: Whose, actor: Reader, db: Db, now: Now, page: CurrentPage, response: Response
) -> SafetyPlanPage:
    """Every version of the plan, the newest first. Not for supporters: what was taken out is not shared."""
    if actor.role is Role.SUPPORTER:
        raise Forbidden
    await patients.find(db, actor, patient_id)
    found = await stored.versions(db, actor, patient_id, limit=page.limit + 1, before=_before(page))
    shown = found[: page.limit]
    audit.record(db, actor, now, Permission.SAFETY_PLAN_READ, of="safety_plan", patient_id=patient_id)
    response.headers.update(PRIVATE)
    return SafetyPlanPage(
        items=[SafetyPlanRead.model_validate(each) for each in shown],
        next_cursor=page.next_cursor(len(found) > page.limit, *(each.version for each in shown[-1:])),
    )


def _before(page: Page) -> int | None:
    match page.after:
        case None:
            return None
        case (version,) if version.isdecimal() and len(version) < 10:
            return int(version)
    raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.")
