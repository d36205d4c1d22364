"""The timeline of an alert: its log, what was found, and what became of every page, in one order."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from app.database import Db
from app.models import Alert

NEWEST = 500
"""How much of one alert's timeline is shown."""


class Moment(NamedTuple):
    """One thing that happened.

    `recipient` is who was paged, or who was given the alert; a page to the organization's outside crisis
    service has a channel and no recipient. `outcome` is that of a resolution, or the code of an attempt.
    `text` is a note's, or the sentence of the `occurrence` that was found.
    """

    at: datetime
    kind: str
    cycle: int | None
    step: int | None
    tell: str | None
    recipient_id: UUID | None
    recipient: str | None
    channel: str | None
    outcome: str | None
    author_id: UUID | None
    author: str | None
    until: datetime | None
    text: str | None
    occurrence: int | None


# Of what happened at one moment: first what was found (phase 0), then what that did to the alert (1), then
# each step (2): whom it told, its pages, the attempts, how they ended, what that meant (part 0 to 4); at last
# the end of the ladder (3).
_TIMELINE: LiteralString = """
    with happened as (
      select at, kind, cycle, step, tell, assignee_id as recipient_id, null as channel, outcome, author_id,
        until, text, id, 0 as nth,
        case when kind in ('told', 'skipped', 'undelivered') then 2 when kind = 'ended' then 3 else 1 end
          as phase,
        case kind when 'undelivered' then 4 else 0 end as part
      from alert_entry where organization_id = %(org)s and alert_id = %(alert)s
      union all
      select found_at, 'found', null, null, null, null, null, null, null, null, sentence, source_id, number,
        0, 0
      from alert_occurrence where organization_id = %(org)s and alert_id = %(alert)s
      union all
      select created_at, 'page_intended', cycle, step, tell, recipient_id, channel, null, null,
        nullif(due_at, created_at), null, id, 0, 2, 1
      from page where organization_id = %(org)s and alert_id = %(alert)s
      union all
      select a.at, 'page_attempted', p.cycle, p.step, p.tell, p.recipient_id, p.channel, a.code, null, null,
        null, p.id, a.number, 2, 2
      from page p join page_attempt a on a.organization_id = p.organization_id and a.page_id = p.id
      where p.organization_id = %(org)s and p.alert_id = %(alert)s
      union all
      select settled_at, 'page_' || status, cycle, step, tell, recipient_id, channel, null, null, null, null,
        id, 0, 2, 3
      from page where organization_id = %(org)s and alert_id = %(alert)s and settled_at is not null
    )
    select h.at, h.kind, h.cycle, h.step, h.tell, r.id, r.name, h.channel, h.outcome, a.id, a.name, h.until,
      h.text, case h.phase when 0 then h.nth end
    from happened h
    left join staff_member r on r.organization_id = %(org)s and r.id = h.recipient_id
    left join staff_member a on a.organization_id = %(org)s and a.id = h.author_id
    order by h.at desc, h.phase desc, h.cycle desc, h.step desc, h.part desc, h.nth desc, h.id desc
    limit %(newest)s
"""


async def of(db: Db, alert: Alert) -> Sequence[Moment]:
    """What happened to an alert, the newest `NEWEST`, oldest first. The caller saw to who may read it."""
    values = {"org": db.organization_id, "alert": alert.id, "newest": NEWEST}
    cursor = await (await db.driver()).execute(_TIMELINE, values)
    return [Moment._make(row) for row in await cursor.fetchall()][::-1]
