"""What payers require of a week: what comes with Handrail, and the organization's own."""

from typing import Annotated

from fastapi import Query
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, requires
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import payer_rules as stored
from app.schemas.payer_rule import Payer, PayerRuleBody, PayerRulePage, PayerRuleRead
from app.services import payer_rules
from app.services.payer_rules import Draft
from app.treatment.requirement import SHIPPED

router = strict_router("/v1/payer-rules", "sessions")


@router.get("", operation_id="list_payer_rules")
async def many(
    page: CurrentIdPage,
    whole: CurrentPage,
    actor: Annotated[Actor, requires(Permission.PAYER_RULE_READ)],
    db: Db,
    payer: Annotated[Payer | None, Query()] = None,
) -> PayerRulePage:
    """The rules of payers and levels of care, or those of one payer, with where each of them stands."""
    found = await stored.listed(db, actor, payer=payer, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    shipped = [rule for rule in SHIPPED if payer in {None, rule.payer}] if whole.after is None else []
    return PayerRulePage(
        shipped=[PayerRuleRead.shipped(each) for each in shipped],
        items=[PayerRuleRead.own(each) for each in shown],
        next_cursor=next_cursor,
    )


@router.post(
    "",
    status_code=201,
    operation_id="add_payer_rule",
    responses={200: {"model": PayerRuleRead, "description": "Added before: the first result."}},
)
async def add(
    *,
    body: PayerRuleBody,
    actor: Annotated[Actor, requires(Permission.PAYER_RULE_MANAGE)],
    db: Db,
    now: Now,
    once: OnlyOnce,
) -> PayerRuleRead:
    """Put down what a payer requires from a day on. Rules are added and never changed.

    To end one, add it again with the same `first_day` and a `last_day`.
    """
    if first := await once.first(body, body.id):
        return PayerRuleRead.model_validate(first)
    draft = Draft(id=body.id or uuid7(), **body.model_dump(exclude={"id"}))
    return once.keep(PayerRuleRead.own(await payer_rules.add(db, actor, draft, now)))
