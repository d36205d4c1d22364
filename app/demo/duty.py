"""Who of the demonstration's staff has the pager when: a weekly rotation, somebody who stands in, a hole."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.access import Actor
from app.database import Db
from app.demo import hours
from app.demo.cast import Organization, Program, id_of
from app.ladders.on_call import Rotation
from app.ladders.wall import moment_of
from app.services import escalation_policies, on_call, programs

ROTATIONS: Final = {
    "evening": ("clara", "marcus", "sam"),
    "adolescents": ("noor", "sam"),
    "day": ("dmitri", "grace"),
}
"""By program, in the order of their weeks."""
HAND_OVER: Final = time(9)
STANDS_IN: Final = ("evening", "marcus", 2)
"""In which program who takes over a night, in how many days."""
NOBODY: Final = ("evening", 6)
"""In which program nobody has taken a night, in how many days: what is to be noticed in time."""


async def add(db: Db, organization: Organization, supervisor: Actor, since: datetime, now: datetime) -> None:
    """The schedules of an organization's programs, in use since then, and the ladders of their own."""
    for program in organization.programs:
        schedule_id = id_of("on-call", program.key)
        await on_call.add(db, supervisor, _draft(program, since), since)
        changes = {"on_call_schedule_id": schedule_id}
        await programs.change(db, supervisor, id_of("program", program.key), changes, version=1, now=since)
        await _stand_in(db, program, supervisor, now)
    for (key, severity), ladder in hours.POLICIES.items():
        if any(program.key == key for program in organization.programs):
            await escalation_policies.put(
                db, supervisor, id_of("program", key), severity, ladder, version=0, now=since
            )


def _draft(program: Program, since: datetime) -> on_call.Draft:
    zone = ZoneInfo(program.time_zone)
    first = since.astimezone(zone).date() - timedelta(days=7)
    rotation = Rotation(
        starts_on=first - timedelta(days=first.weekday()),
        hand_over=HAND_OVER,
        members=tuple(id_of("staff", key) for key in ROTATIONS[program.key]),
    )
    return on_call.Draft(id_of("on-call", program.key), f"{program.name}, pager", program.time_zone, rotation)


async def _stand_in(db: Db, program: Program, supervisor: Actor, now: datetime) -> None:
    key, member, days = STANDS_IN
    if key == program.key:
        await _take_night(db, program, supervisor, member, days, now)
    key, days = NOBODY
    if key == program.key:
        await _take_night(db, program, supervisor, None, days, now)


async def _take_night(
    db: Db, program: Program, supervisor: Actor, member: str | None, days: int, now: datetime
) -> None:
    zone = ZoneInfo(program.time_zone)
    evening = now.astimezone(zone).date() + timedelta(days=days)
    draft = on_call.OverrideDraft(
        id_of("override", program.key, member or "nobody"),
        moment_of(evening, time(18), zone),
        moment_of(evening + timedelta(days=1), HAND_OVER, zone),
        id_of("staff", member) if member else None,
    )
    await on_call.add_override(db, supervisor, id_of("on-call", program.key), draft, now)
