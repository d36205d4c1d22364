"""What the rules cost those who answer their alerts."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query

from app.access import Actor, Permission
from app.database import Db as UnitOfWork
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.errors import NotFound, Unacceptable
from app.models import Program
from app.queries import audit, burden, programs
from app.queries.burden import Asked
from app.schemas.burden import BurdenRead
from app.schemas.fields import Day

router = strict_router("/v1/rules", "rules")

DEFAULT_DAYS = 90
MOST_DAYS = 400


@router.get("/burden", operation_id="read_rule_burden")
async def read(
    *,
    actor: Annotated[Actor, requires(Permission.RULE_BURDEN_READ)],
    db: Db,
    now: Now,
    program_id: Annotated[
        UUID | None, Query(description="One of the programs you work in; without it, all of them.")
    ] = None,
    first_day: Annotated[Day | None, Query(alias="from", description="90 days before `to`.")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="Today. This day is included.")] = None,
) -> BurdenRead:
    """Per rule: alerts, the share acted on, how long people took, and which rules are noise.

    Counts the alerts that were opened on these days, beside what others have published.
    """
    own = await _programs(db, actor, program_id)
    first, last = _days(first_day, last_day, own, now)
    asked = Asked([each.id for each in own], first, last)
    audit.record(db, actor, now, Permission.RULE_BURDEN_READ, of="alert")
    return BurdenRead.of(asked, await burden.surveys(db, asked), await burden.by_rule(db, asked))


async def _programs(db: UnitOfWork, actor: Actor, program_id: UUID | None) -> list[Program]:
    """The programs that the actor works in, or the one of them that is named. Raises `NotFound`."""
    own = [each for each in await programs.worked_in(db, actor) if program_id in {None, each.id}]
    if program_id is not None and not own:
        raise NotFound
    return own


def _days(first: date | None, last: date | None, own: list[Program], now: datetime) -> tuple[date, date]:
    """The days asked about; today is that of the first program. Raises `Unacceptable`."""
    zone = ZoneInfo(own[0].time_zone if own else "UTC")
    last = last or now.astimezone(zone).date()
    first = first or last - timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        raise Unacceptable.at("/to", "too_small", "Not before the first day.")
    if (last - first).days >= MOST_DAYS:
        raise Unacceptable.at("/from", "too_long", f"At most {MOST_DAYS} days at once.")
    return first, last
