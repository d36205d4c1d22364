"""What counts towards goals: entries, and what is read from check-ins and attendance, never copied."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from app.database import Db
from app.goals.marks import Mark, Reading, marks_of
from app.goals.terms import FedBy, Terms
from app.queries.goals import Known

Fed = tuple[Known, Terms, FedBy]

# Sums of decimal fractions are made as decimals: ten times 0.1 is 1.
_ENTRIES: Final[LiteralString] = """
    select goal_id, local_date, sum(value::numeric)::float8,
           (array_agg(value order by filed_at desc, id desc))[1],
           count(*), count(*) filter (where value > 0)
    from goal_progress
    where organization_id = %(org)s and goal_id = any(%(goals)s) and withdrawn_at is null
    group by goal_id, local_date
    order by goal_id, local_date
"""
# Of a check-in that was revised the newest revision counts, and of an attendance its newest state. The day of
# whoever is furthest ahead begins 14 hours before it does in UTC; `filed_at` is what the index knows.
_READINGS: Final[LiteralString] = """
    with wanted as (
      select * from unnest(%(goals)s::uuid[], %(patients)s::uuid[], %(fed_by)s::text[], %(first)s::date[],
                           %(last)s::date[]) as w (goal_id, patient_id, fed_by, first_day, last_day)
    )
    select * from (
      select w.goal_id, 'check_in', c.id, c.filed_at, c.local_date,
             case jsonb_typeof(c.answers -> w.fed_by)
               when 'boolean' then (c.answers -> w.fed_by = 'false'::jsonb)::int::float8
               when 'number' then (c.answers ->> w.fed_by)::float8 end as value
      from wanted w
      join check_in c on c.organization_id = %(org)s and c.patient_id = w.patient_id
        and c.filed_at >= w.first_day::timestamp at time zone 'UTC' - interval '1 day'
        and c.filed_at < w.last_day::timestamp at time zone 'UTC' + interval '2 days'
        and c.local_date between w.first_day and w.last_day
      where w.fed_by in ('meetings_attended', 'used')
        and not exists (
          select 1 from check_in n
          where n.organization_id = c.organization_id and n.id = c.id and n.revision > c.revision)
      union all
      select w.goal_id, 'attendance', a.id, s.starts_at, s.local_date,
             case w.fed_by when 'session.minutes' then a.minutes else 1 end
      from wanted w
      join attendance a on a.organization_id = %(org)s and a.patient_id = w.patient_id
      join treatment_session s on s.organization_id = a.organization_id and s.id = a.session_id
        and s.local_date between w.first_day and w.last_day
      where w.fed_by = 'session.attended' and a.status in ('arrived', 'attended', 'late', 'left_early')
         or w.fed_by = 'session.minutes' and a.status in ('attended', 'late', 'left_early')
    ) found
    where value is not null
"""


async def marks(db: Db, goals: Sequence[Known]) -> Mapping[UUID, Sequence[Mark]]:
    """What was done on which day towards each of these goals, by its id."""
    by_hand = [each for each in goals if each.terms.fed_by is None]
    found: dict[UUID, Sequence[Mark]] = await _entered(db, by_hand) if by_hand else {}
    fed = {each.goal.id: each.terms.fed_by for each in goals}
    for goal_id, read in (await readings(db, goals)).items():
        if fed_by := fed[goal_id]:
            found[goal_id] = marks_of(fed_by, read)
    return found


async def readings(db: Db, goals: Sequence[Known]) -> Mapping[UUID, Sequence[Reading]]:
    """What feeds each of these goals on its own days, by its id; nothing for one that is fed by nothing."""
    fed = [
        (each.goal.id, each.goal.patient_id, terms.fed_by, terms.starts_on, terms.due_on)
        for each in goals
        if (terms := each.terms).fed_by and terms.starts_on and terms.due_on
    ]
    if not fed:
        return {}
    columns = ("goals", "patients", "fed_by", "first", "last")
    values = {"org": db.organization_id, **dict(zip(columns, map(list, zip(*fed, strict=True)), strict=True))}
    cursor = await (await db.driver()).execute(_READINGS, values)
    found: defaultdict[UUID, list[Reading]] = defaultdict(list)
    for goal_id, *reading in await cursor.fetchall():
        found[goal_id].append(Reading(*reading))
    return found


async def _entered(db: Db, goals: Sequence[Known]) -> dict[UUID, Sequence[Mark]]:
    counts = {each.goal.id: each.terms.counts for each in goals}
    values: dict[str, Any] = {"org": db.organization_id, "goals": list(counts)}
    cursor = await (await db.driver()).execute(_ENTRIES, values)
    found: defaultdict[UUID, list[Mark]] = defaultdict(list)
    for goal_id, day, total, last, entries, positive in await cursor.fetchall():
        # Whoever notes a value that goes down has done so, be it 0; else an entry of 0 says that nothing was.
        times = entries if counts[goal_id] == "latest" else positive
        found[goal_id].append(Mark(day, total, last, times))
    return dict(found)
