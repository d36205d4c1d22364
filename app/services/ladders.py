"""Climb the ladder of an alert: tell somebody, and the next one when nobody answers."""

from datetime import datetime, timedelta
from uuid import UUID

from app.database import Db
from app.ladders.ladder import Ladder, Step, Tell
from app.models import Alert, AlertEntry
from app.models.alert import PAGING
from app.queries import events
from app.queries import ladders as stored
from app.queries import pages as stored_pages
from app.queries.ladders import Situation
from app.services import pages


async def ring(db: Db, alert_id: UUID, now: datetime) -> bool:
    """Do what an alert's timer stands for. False when there is nothing to do, or somebody else does it.

    A snooze ends; an acknowledgement on which nothing followed is taken back; a step is taken.
    """
    alert = await stored.claim(db, alert_id, now)
    if alert is None:
        return False
    if alert.snoozed_until is not None:  # also when it was acknowledged before: nobody has it now
        await _begin_again(db, alert, "woken", "alert.woken", now)
    elif alert.status == "acknowledged":
        await _begin_again(db, alert, "expired", "alert.reopened", now)
    else:
        _record(db, alert, "alert.escalated", now)
    await climb(db, alert, await stored.situation(db, alert.patient_id, alert.program_id, now), now)
    return True


async def climb(db: Db, alert: Alert, situation: Situation, now: datetime) -> None:
    """Take the step that is due, and those behind it while nobody is there to be told.

    A round in which nobody was there is not begun anew at once: that would never end. Of what is pressing a
    supervisor is then told in its stead.
    """
    ladder = Ladder.model_validate(alert.ladder)
    while (step := ladder.step(alert.step)) is not None:
        allowed = _allowed_from(now, ladder, situation)
        if allowed > now:
            alert.timer_at = allowed
            break
        number, alert.step = alert.step, alert.step + 1
        told = await pages.write(db, alert, step, number, situation, now)
        await _log(db, alert, "told" if told else "skipped", number, step.tell, now)
        is_round_over = alert.step % len(ladder.steps) == 0
        if is_round_over and not told and alert.severity in PAGING:
            await _tell_a_supervisor(db, alert, step, number, situation, now)
        if told or is_round_over:
            heard_at = situation.calendar.digest_from(now) if told and ladder.digest else now
            waited_until = heard_at + timedelta(minutes=step.wait_minutes)
            alert.timer_at = _allowed_from(waited_until, ladder, situation)
            break
    else:
        alert.timer_at = None
        await _log(db, alert, "ended", None, None, now)
    await db.flush()


async def _tell_a_supervisor(
    db: Db, alert: Alert, step: Step, number: int, situation: Situation, now: datetime
) -> None:
    """Page the supervisors of the program, or else all of the organization, if a round told nobody at all.

    Nobody there: the watcher tells the operator.
    """
    first = number + 1 - len(alert.ladder["steps"])
    if await stored_pages.any_in_round(db, alert, first):
        return
    if not situation.recipients(Tell.SUPERVISOR, None):
        situation = await stored.with_all_supervisors(db, situation)
    instead = step.model_copy(update={"tell": Tell.SUPERVISOR})
    if await pages.write(db, alert, instead, number, situation, now):
        await _log(db, alert, "told", number, Tell.SUPERVISOR, now)


async def tell_again(db: Db, alert: Alert, situation: Situation, now: datetime) -> None:
    """Page those once more who were told last: there is a newer occurrence. The ladder goes on as it was.

    Beginning anew would keep somebody who answers often at the foot of their ladder for ever.
    """
    step = Ladder.model_validate(alert.ladder).step(max(alert.step - 1, 0))
    if step is None or alert.step == 0:
        return
    alert.cycle += 1
    if not await pages.write(db, alert, step, alert.step - 1, situation, now):
        await climb(db, alert, situation, now)  # nobody is left of those
    await db.flush()


async def step_failed(db: Db, alert: Alert, *, cycle: int, step: int, tell: str, now: datetime) -> None:
    """Nobody of a step could be reached by any channel: go straight to the next, unless a round is over, or
    people were told once more since."""
    entry = AlertEntry.about(alert, "undelivered", now, step=step, tell=tell)
    entry.cycle = cycle
    await db.add(entry)
    _record(db, alert, "alert.escalated", now)
    next_at_once(alert, cycle=cycle, step=step, now=now)
    await db.flush()


def next_at_once(alert: Alert, *, cycle: int, step: int, now: datetime) -> None:
    """Wait no longer for whom a step told, unless a round is over, or people were told once more since."""
    steps = Ladder.model_validate(alert.ladder).steps
    is_latest = (alert.cycle, alert.step) == (cycle, step + 1)
    is_open = alert.status == "open" and alert.snoozed_until is None
    if is_open and is_latest and alert.step % len(steps):
        alert.timer_at = now


async def _begin_again(db: Db, alert: Alert, kind: str, event: str, now: datetime) -> None:
    alert.reopen(now)
    await db.flush()
    await db.add(AlertEntry.about(alert, kind, now))
    _record(db, alert, event, now)


def _allowed_from(moment: datetime, ladder: Ladder, situation: Situation) -> datetime:
    """The first moment at which somebody may be told: what `timer_at` promises is what happens."""
    return situation.calendar.allowed_from(
        moment, quiet_hours=ladder.quiet_hours, working_days=ladder.working_days
    )


async def _log(db: Db, alert: Alert, kind: str, step: int | None, tell: str | None, now: datetime) -> None:
    await db.add(AlertEntry.about(alert, kind, now, step=step, tell=tell))


def _record(db: Db, alert: Alert, event: str, now: datetime) -> None:
    """One event for a unit of work is enough: whoever polls or follows then reads the alert again."""
    events.record(db, event, alert_id=alert.id, patient_id=alert.patient_id, now=now)
