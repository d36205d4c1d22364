"""A patient's recent readings in one statement, whatever table they came from."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.ladders.calendar import ProgramCalendar, asked_pauses
from app.rules import signals
from app.rules.history import History, Pause
from app.rules.reading import Reading, Source

EVERY_DAY = tuple(range(7))
FURTHEST = timedelta(days=240)
"""How far pauses are known each way: silence is watched for 120 days at most, and may be paused as long."""

# Who the patient is to the rules, as of this statement. Without a running stay the last one counts: its
# program still answers for the patient. Days and nights are those of the patient. `%(org)s` and
# `%(patient)s` are bound by the caller.
CONTEXT = """
    select p.locale, p.time_zone as zone, e.id as enrollment_id, e.program_id, e.starts_on, e.absence_due_at,
           g.rule_set_version, coalesce(g.week_starts_on, 0) as week_starts_on, g.questions, g.sentences,
           coalesce(g.lookback_days, 35) as lookback, coalesce(g.lookback_latest, 3) as latest,
           coalesce(g.mixes_sources, false) as mixes, g.calendar -> 'check_in_days' as check_in_days,
           (select jsonb_agg(jsonb_build_array(starts_at, ends_at)) from leave_of_absence
            where organization_id = p.organization_id and patient_id = p.id
              and enrollment_id = e.id) as leaves,
           o.country, o.crisis_lines
    from patient p
    join organization o on o.organization_id = p.organization_id
    left join lateral (
      select id, program_id, starts_on, absence_due_at from enrollment
      where organization_id = p.organization_id and patient_id = p.id
      order by status in ('active', 'on_leave') desc, starts_on desc limit 1
    ) e on true
    left join program g on g.organization_id = p.organization_id and g.id = e.program_id
    where p.organization_id = %(org)s and p.id = %(patient)s
"""


class Context(NamedTuple):
    """What the rules and the reply need to know of the patient; the columns of `CONTEXT`."""

    locale: str
    zone: str
    enrollment_id: UUID | None
    program_id: UUID | None
    starts_on: date | None
    absence_due_at: datetime | None
    rule_set_version: int | None
    week_starts_on: int
    mixes_sources: bool
    check_in_days: Sequence[int]
    leaves: Sequence[tuple[datetime, datetime | None]]
    questions: Sequence[Mapping[str, Any]]
    sentences: Mapping[str, Mapping[str, str]]
    country: str
    crisis_lines: Sequence[Mapping[str, str]]

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> "Context":
        """From the JSON object of a row of `CONTEXT`."""
        return cls(
            row["locale"],
            row["zone"],
            _uuid(row["enrollment_id"]),
            _uuid(row["program_id"]),
            date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
            _moment(row["absence_due_at"]),
            row["rule_set_version"],
            row["week_starts_on"],
            row["mixes"],
            _asked_on(row["check_in_days"]),
            [(datetime.fromisoformat(start), _moment(end)) for start, end in row["leaves"] or ()],
            row["questions"] or (),
            row["sentences"] or {},
            row["country"],
            row["crisis_lines"],
        )


def _asked_on(stored: object) -> Sequence[int]:
    """The days on which a program asks for a check-in. What cannot be read must cost no answer: every day."""
    days = set(stored) & set(EVERY_DAY) if isinstance(stored, list) and all(map(_is_whole, stored)) else ()
    return sorted(days) or EVERY_DAY


def _is_whole(day: object) -> bool:
    return isinstance(day, int)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def history(
    context: Context, readings: Sequence[Reading], now: datetime, planned: Sequence[Reading] = ()
) -> History:
    """The readings as the rules see them; silence counts from the start of the stay, and only while something
    is asked of the patient. `planned` are the readings to come."""
    zone = ZoneInfo(context.zone)
    start = datetime.combine(context.starts_on, time(), zone).astimezone(UTC) if context.starts_on else None
    return History(
        readings, enrolled_at=start, time_zone=zone, week_starts_on=context.week_starts_on,
        scheduled=planned, pauses=_pauses(context, zone, now),
    )  # fmt: skip


def _pauses(context: Context, zone: ZoneInfo, now: datetime) -> list[Pause]:
    pauses = [Pause(start, end, True) for start, end in context.leaves]
    if len(context.check_in_days) < len(EVERY_DAY):
        pauses += _unasked(tuple(context.check_in_days), zone, now.astimezone(zone).date())
    return pauses


@lru_cache(maxsize=256)
def _unasked(check_in_days: tuple[int, ...], zone: ZoneInfo, today: date) -> Sequence[Pause]:
    """The days on which a program asks for no check-in; the same for all of its patients of a zone."""
    calendar = ProgramCalendar(check_in_days=check_in_days)
    middle = datetime.combine(today, time(), zone).astimezone(UTC)
    unasked = asked_pauses(calendar, zone, middle - FURTHEST, middle + FURTHEST)
    return tuple(Pause(start, end, False) for start, end in unasked)


def readings(rows: Sequence[tuple[Any, ...]], wanted: Collection[str] | None = None) -> Iterator[Reading]:
    """The readings in rows `(kind, id, revision, filed_at, local_date, received_at, payload)`.

    Of check-ins only the `wanted` signals, when they are named.
    """
    seen: set[Source] = set()
    for kind, source_id, revision, at, day, received_at, payload in rows:
        source = Source(kind, source_id, revision)
        if source in seen:  # a first assessment is often a recent one, too
            continue
        seen.add(source)
        if kind == "check_in":
            yield from signals.from_check_in(
                payload, at=at, day=day, received_at=received_at, source=source, wanted=wanted
            )
        elif kind == "assessment":
            yield from assessment_readings(payload, at=at, day=day, received_at=received_at, source=source)
        elif kind == "attendance":
            yield from signals.from_attendance(
                payload["status"], payload["minutes"], at=at, day=day, received_at=received_at, source=source
            )
        elif kind == "goal":
            yield from signals.from_goal_standing(behind=payload["behind"], at=at, day=day, source=source)
        elif kind == "crisis_flag":
            yield from signals.from_crisis_flag(at=at, day=day, received_at=received_at, source=source)
        elif kind == "follow_up":
            yield from signals.from_overdue_follow_up(at=at, day=day, source=source)
        else:
            shortfall = payload["shortfall_minutes"] / 60
            yield from signals.from_hours_standing(shortfall, at=at, day=day, source=source)


def assessment_readings(
    payload: Mapping[str, Any], *, at: datetime, day: date, received_at: datetime, source: Source
) -> list[Reading]:
    """The readings of one stored assessment: `{"instrument", "answers", "score"}`."""
    score = payload["score"]
    return signals.from_assessment(
        payload["instrument"], payload["answers"], total=score["total"], subscales=score["subscales"],
        severity=score["severity"], at=at, day=day, received_at=received_at, source=source,
    )  # fmt: skip
