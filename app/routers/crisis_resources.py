"""Whom to call or text now: for everybody, signed in or not, and whatever else is broken."""

from datetime import date
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from fastapi import Depends, Query, Request, Response

from app.access import Actor, Role
from app.crisis_resources import Resource, danger_now, own_lines, resources
from app.database import unit_of_work
from app.dependencies import Now, actor_of
from app.dependencies.etag import unless_known
from app.edge.strict_route import router as strict_router
from app.errors import Unauthenticated
from app.queries import organizations, patients, supporters
from app.schemas.crisis_resource import CrisisResources
from app.schemas.help import CrisisResource
from app.sentences import negotiate

router = strict_router("/v1/crisis-resources", "crisis")
log = structlog.get_logger()

PUBLIC = {"Cache-Control": "public, max-age=3600", "Vary": "Authorization, Accept-Language"}
PERSONAL = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}


class Caller(NamedTuple):
    """Where the caller is, which language is theirs, and whom they call first."""

    country: str
    locale: str | None
    today: date
    lines: tuple[Resource, ...]


async def caller(request: Request, now: Now) -> Caller | None:
    """Who asks; None for nobody, for a token that is no longer good, and when we cannot look them up."""
    try:
        return await _look_up(request, actor_of(request), now)
    except Unauthenticated:
        return None
    except Exception:  # noqa: BLE001 - the numbers to call are given out whatever is broken here
        log.warning("crisis_resources_without_caller")
        return None


async def _look_up(request: Request, actor: Actor, now: Now) -> Caller:
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        organization = await organizations.current(db)
        own = await patients.find(db, actor, actor.id) if actor.role is Role.PATIENT else None
        program_id = await patients.program_of(db, own.id) if own else None
        theirs = own.locale if own else await supporters.locale_of(db, actor)
    today = now.astimezone(ZoneInfo(organization.time_zone)).date()
    return Caller(
        organization.country,
        theirs or organization.locale,
        today,
        own_lines(organization.crisis_lines, today, program_id),
    )


@router.get(
    "",
    operation_id="list_crisis_resources",
    response_model=CrisisResources,
    responses={304: {"description": "As the `If-None-Match` knows it."}},
)
async def crisis_resources(
    *,
    country: Annotated[str | None, Query(description="ISO 3166-1 alpha-2.", examples=["US"])] = None,
    caller: Annotated[Caller | None, Depends(caller)],
    now: Now,
    request: Request,
) -> Response:
    """Whom to call or text. Needs no sign-in; with one, the organization's own lines come first."""
    known = caller or Caller(request.app.state.settings.country, None, now.date(), ())
    country = country or known.country
    locale = negotiate(known.locale, request.headers.get("accept-language"))
    lines = resources(country, known.today, locale, known.lines)
    answer = CrisisResources(
        country=country,
        message=danger_now(country, known.today, locale),
        resources=[CrisisResource.model_validate(each) for each in lines],
    )
    headers = PERSONAL if "authorization" in request.headers else PUBLIC
    tags = request.headers.get("if-none-match")
    return unless_known(answer.model_dump_json().encode(), "application/json", tags, headers)
