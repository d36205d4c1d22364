"""Which rows the rules read of a patient: parts of statements, in the shape that `histories.readings` takes.

Each goes with a `context` that has `lookback`, in days, and `latest`; with `%(org)s` and `%(patient)s`; with
`%(at)s`, from which on something is evaluated; and with `%(id)s` and `%(revision)s` of an answer left out.
"""

from typing import Final, LiteralString

# The window of days, or as many answers as a rule over the latest few asks for, whichever reaches further.
# The new answer is left out by name: plain PostgreSQL does not show a statement its own insert, Citus does.
RECENT_CHECK_INS: Final[LiteralString] = """
    select 'check_in', c.id, c.revision, c.filed_at, c.local_date, c.received_at, c.answers
    from check_in c, context x
    where c.organization_id = %(org)s and c.patient_id = %(patient)s
      and c.filed_at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
        select n.filed_at - interval '1 second' from check_in n
        where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.filed_at <= %(at)s
        order by n.filed_at desc offset 2 * x.latest limit 1), '-infinity'))
      and (c.id, c.revision) <> (%(id)s, %(revision)s)
"""

RECENT_ASSESSMENTS: Final[LiteralString] = """
    select 'assessment', a.id, a.revision, a.filed_at, a.local_date, a.received_at,
           jsonb_build_object('instrument', a.instrument, 'answers', a.answers, 'score', a.score)
    from assessment a, context x
    where a.organization_id = %(org)s and a.patient_id = %(patient)s
      and (a.id, a.revision) <> (%(id)s, %(revision)s)
"""

# Of each instrument alike: a daily scale must not push a monthly questionnaire out of sight. The window of
# days, or as many as a rule over the latest few asks for, with a reserve for those that have no total.
RECENT_OF_EACH: Final[LiteralString] = """
    select 'assessment', a.id, a.revision, a.filed_at, a.local_date, a.received_at,
           jsonb_build_object('instrument', a.instrument, 'answers', a.answers, 'score', a.score)
    from context x,
      (select distinct instrument from assessment
        where organization_id = %(org)s and patient_id = %(patient)s) i,
      lateral (
        select * from assessment
        where organization_id = %(org)s and patient_id = %(patient)s and instrument = i.instrument
          and filed_at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.filed_at - interval '1 second' from assessment n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.instrument = i.instrument
              and n.filed_at <= %(at)s
            order by n.filed_at desc offset 2 * x.latest + 12 limit 1), '-infinity'))
        order by filed_at desc limit 400
      ) a
    where (a.id, a.revision) <> (%(id)s, %(revision)s)
"""

FIRST_ASSESSMENTS: Final[LiteralString] = """
    select distinct on (a.instrument) 'assessment', a.id, a.revision, a.filed_at, a.local_date, a.received_at,
           jsonb_build_object('instrument', a.instrument, 'answers', a.answers, 'score', a.score)
    from assessment a, context x
    where a.organization_id = %(org)s and a.patient_id = %(patient)s
      and (a.id, a.revision) <> (%(id)s, %(revision)s)
    order by a.instrument, jsonb_typeof(a.score -> 'total') = 'null', a.filed_at, a.received_at
"""

# What is not asked of the patient: sessions, goals, hours, crisis flags and what follows them. The window as
# with check-ins; of the sessions, as many as a rule over the latest few asks for, each with its corrections.
# A flag that a rule raised is no reading: its answer is one.
RECENT_HAPPENINGS: Final[LiteralString] = """
    select 'attendance', e.attendance_id, e.revision, e.filed_at, e.local_date, e.received_at,
           jsonb_build_object('status', e.status, 'minutes', e.minutes)
    from context x,
      lateral (
        select * from attendance_entry
        where organization_id = %(org)s and patient_id = %(patient)s
          and filed_at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.filed_at - interval '1 second' from attendance_entry n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.filed_at <= %(at)s
            order by n.filed_at desc offset 4 * x.latest limit 1), '-infinity'))
        order by filed_at desc, revision desc limit 800
      ) e
    union all
    select 'goal', s.id, 0, s.at, s.local_date, s.at, jsonb_build_object('behind', s.behind)
    from context x,
      lateral (
        select * from goal_standing
        where organization_id = %(org)s and patient_id = %(patient)s
          and at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.at - interval '1 second' from goal_standing n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.at <= %(at)s
            order by n.at desc offset 2 * x.latest limit 1), '-infinity'))
        order by at desc limit 400
      ) s
    union all
    select 'hours', s.id, 0, s.at, s.local_date, s.at,
           jsonb_build_object('shortfall_minutes', s.shortfall_minutes)
    from context x,
      lateral (
        select * from hours_standing
        where organization_id = %(org)s and patient_id = %(patient)s
          and at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.at - interval '1 second' from hours_standing n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.at <= %(at)s
            order by n.at desc offset 2 * x.latest limit 1), '-infinity'))
        order by at desc limit 400
      ) s
    union all
    select 'crisis_flag', f.id, 0, f.filed_at, f.local_date, f.received_at, '{}'::jsonb
    from context x,
      lateral (
        select * from crisis_flag
        where organization_id = %(org)s and patient_id = %(patient)s and raised_by_kind <> 'rule'
          and filed_at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.filed_at - interval '1 second' from crisis_flag n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.raised_by_kind <> 'rule'
              and n.filed_at <= %(at)s
            order by n.filed_at desc offset 2 * x.latest limit 1), '-infinity'))
        order by filed_at desc limit 400
      ) f
    union all
    select 'follow_up', u.id, 0, u.overdue_at, u.overdue_on, u.overdue_at, '{}'::jsonb
    from context x,
      lateral (
        select * from follow_up
        where organization_id = %(org)s and patient_id = %(patient)s and overdue_at is not null
          and overdue_at > least(%(at)s - make_interval(days => x.lookback + 2), coalesce((
            select n.overdue_at - interval '1 second' from follow_up n
            where n.organization_id = %(org)s and n.patient_id = %(patient)s and n.overdue_at <= %(at)s
            order by n.overdue_at desc offset 2 * x.latest limit 1), '-infinity'))
        order by overdue_at desc limit 400
      ) u
"""

# Of an attendance_entry `e`: whether it says anything else than the one before it.
NEWS: Final[LiteralString] = """not exists (
    select from attendance_entry b
    where b.organization_id = e.organization_id and b.attendance_id = e.attendance_id
      and b.revision = e.revision - 1 and b.status = e.status and b.minutes = e.minutes)
"""
