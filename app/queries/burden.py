"""What rules cost the care team: how many alerts, what was done about them, and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from app.database import Db

ACTIONS: Final = (
    "contacted", "safety_plan_reviewed", "care_plan_changed", "higher_level_of_care", "emergency_services",
)  # fmt: skip
"""The outcomes that show an action. Looking at an alert and leaving it (`assessed_no_action`) is none, and
neither is trying in vain (`unreachable`): the published shares count what was done."""

# The alerts of these programs that were opened on these days, by the program's own calendar. Somebody has
# seen an alert when it is acknowledged for the first time (the column forgets that when it is reopened), or
# closed without, by a person. While it is unresolved, a note or an assignment after that shows an action.
_FOUND: Final[LiteralString] = """
with found as (
  select a.rule, a.title, a.severity, a.opened_at, a.status, a.id, a.organization_id,
    seen.at - a.opened_at as to_acknowledge, a.resolved_at - a.opened_at as to_resolve,
    case when a.status = 'resolved' then a.outcome = any(%(actions)s)
      else exists (
        select from alert_entry e
        where e.organization_id = a.organization_id and e.alert_id = a.id and e.author_id is not null
          and e.kind in ('noted', 'assigned') and e.at >= seen.at)
    end as acted_on
  from alert a
  join program g on g.organization_id = a.organization_id and g.id = a.program_id
  cross join lateral (
    select min(e.at) as at from alert_entry e
    where e.organization_id = a.organization_id and e.alert_id = a.id
      and e.kind in ('acknowledged', 'resolved') and e.author_id is not null
  ) seen
  where a.organization_id = %(org)s and a.program_id = any(%(programs)s)
    and (a.opened_at at time zone g.time_zone)::date between %(first_day)s and %(last_day)s
)
"""
_BY_RULE: Final[LiteralString] = f"""
{_FOUND}
select rule, (array_agg(title order by opened_at desc, id desc))[1],
  (array_agg(severity order by opened_at desc, id desc))[1],
  count(*), count(*) filter (where status <> 'resolved'), count(*) filter (where acted_on),
  percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from to_acknowledge)::float8 / 60),
  percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from to_resolve)::float8 / 60)
from found group by rule order by count(*) desc, rule
"""  # noqa: S608 - the parts are constants
_SURVEYS: Final[LiteralString] = """
select
  (select count(*) from check_in where organization_id = %(org)s and program_id = any(%(programs)s)
    and revision = 0 and local_date between %(first_day)s and %(last_day)s),
  (select count(*) from assessment where organization_id = %(org)s and program_id = any(%(programs)s)
    and revision = 0 and local_date between %(first_day)s and %(last_day)s),
  (select count(distinct o.source_id) from alert_occurrence o
    join alert a on a.organization_id = o.organization_id and a.id = o.alert_id
    join program g on g.organization_id = a.organization_id and g.id = a.program_id
    where o.organization_id = %(org)s and a.program_id = any(%(programs)s)
      and o.source_kind in ('check_in', 'assessment')
      and (o.found_at at time zone g.time_zone)::date between %(first_day)s and %(last_day)s)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose burden: these programs, from one local day to another, both included."""

    program_ids: Sequence[UUID]
    first_day: date
    last_day: date


class Quantiles(NamedTuple):
    """Half of the durations are at most the median, nine tenths at most p90; in minutes."""

    median: float
    p90: float


class RuleBurden(NamedTuple):
    """The alerts of one rule. Durations are None where none has ended."""

    code: str
    title: str
    severity: str
    alerts: int
    open: int
    acted_on: int
    minutes_to_acknowledge: Quantiles | None
    minutes_to_resolve: Quantiles | None


class Surveys(NamedTuple):
    """How many answers there were, and how many of them raised or repeated an alert."""

    check_ins: int
    assessments: int
    alerting: int


async def by_rule(db: Db, asked: Asked) -> Sequence[RuleBurden]:
    """Each rule that opened an alert, the most frequent first, under its newest title and severity."""
    cursor = await (await db.driver()).execute(_BY_RULE, _values(db, asked))
    return [
        RuleBurden._make((*counted, _quantiles(to_acknowledge), _quantiles(to_resolve)))
        for *counted, to_acknowledge, to_resolve in await cursor.fetchall()
    ]


async def surveys(db: Db, asked: Asked) -> Surveys:
    """The check-ins and assessments of these days, each counted once."""
    cursor = await (await db.driver()).execute(_SURVEYS, _values(db, asked))
    row = await cursor.fetchone()
    assert row is not None
    return Surveys._make(row)


def _values(db: Db, asked: Asked) -> dict[str, object]:
    return {
        "org": db.organization_id, "programs": list(asked.program_ids), "first_day": asked.first_day,
        "last_day": asked.last_day, "actions": list(ACTIONS),
    }  # fmt: skip


def _quantiles(found: Sequence[float] | None) -> Quantiles | None:
    return None if found is None else Quantiles(*(round(each, 1) for each in found))
