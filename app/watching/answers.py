"""Which alerts must exist: looks at the answers that came in, and opens the alerts that they lack."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Db, unit_of_work
from app.queries import received as stored
from app.queries import rule_sets
from app.queries.histories import Context, history
from app.queries.received import Past, Place, Received
from app.rules.certainty import rests_on_stay
from app.rules.evaluate import Finding
from app.rules.history import History
from app.rules.reading import Reading
from app.rules.replay_case import Answer
from app.rules.rule import RuleSet
from app.services import restoring
from app.watching.faults import Fault
from app.watching.hindsight import owed, versions_in_force
from app.watching.report import Report

FRESH = timedelta(seconds=10)
"""An answer may still be on its way into the database: the next pass looks at it."""
EVERY_TIME = timedelta(hours=2)
FURTHEST_BACK = timedelta(days=8)
AT_ONCE = 500
"""How many of the older answers a pass looks at: all of those of a small clinic."""
UNASKED = frozenset({"attendance", "goal", "hours", "follow_up"})
"""The kinds of source that are no answers of the patient's."""
LONGEST_WINDOW = timedelta(days=120)
"""No condition reads further back (`rules.conditions.Days`)."""

Publications = Mapping[UUID, Sequence[tuple[datetime, int]]]


class Missing(NamedTuple):
    """An answer, and what it must have brought to light of which there is no occurrence."""

    answer: Received
    findings: Sequence[Finding]


async def restore(
    engine: AsyncEngine, organization_id: UUID, reached: Place | None, now: datetime, report: Report
) -> Place | None:
    """Look at all answers of the last two hours, and at some of the older ones, those behind `reached`.

    How far it came; None when it is through and begins again.
    """
    async with unit_of_work(engine, organization_id) as db:
        published = await stored.publications(db)
    look = partial(_look_at, engine, organization_id, published, now, report)
    recently, place = now - EVERY_TIME, Place(now - EVERY_TIME)
    while answers := await _after(engine, organization_id, place, now - FRESH):
        await look(answers)
        place = Place.of(answers[-1])
    place = max(reached, Place(now - FURTHEST_BACK)) if reached else Place(now - FURTHEST_BACK)
    older = await _after(engine, organization_id, place, recently)
    await look(older)
    return Place.of(older[-1]) if len(older) == AT_ONCE else None


async def _after(
    engine: AsyncEngine, organization_id: UUID, place: Place, until: datetime
) -> Sequence[Received]:
    async with unit_of_work(engine, organization_id) as db:
        return await stored.after(db, place, until, AT_ONCE)


async def _look_at(
    engine: AsyncEngine, organization_id: UUID, published: Publications, now: datetime, report: Report,
    answers: Sequence[Received],
) -> None:  # fmt: skip
    """Each patient in a unit of work of their own, and each answer that lacks something in another."""
    of_patients = defaultdict[UUID, list[Received]](list)
    for answer in answers:
        of_patients[answer.patient_id].append(answer)
    for patient_id, theirs in of_patients.items():
        with report.going_on("answers", organization_id):
            async with unit_of_work(engine, organization_id) as db:
                lacking = await missing(db, patient_id, theirs, published)
            for each in lacking:
                async with unit_of_work(engine, organization_id) as db:
                    opened = await restoring.open_missing(db, each.answer, each.findings, now)
                for alert in opened:
                    report.add(Fault.ALERT_MISSING, f"{each.answer.source.id} {alert.rule}")


async def missing(
    db: Db, patient_id: UUID, answers: Sequence[Received], published: Publications
) -> list[Missing]:
    """What these answers of a patient lack."""
    past = await _past(db, patient_id, answers, published)
    kept = {answer.source: answer for answer in past.answers} if past else {}
    found = []
    for each in answers:
        if past is None or each.source not in kept:
            continue
        findings = await _findings(db, each, kept[each.source], past, published)
        if lacking := [one for one in findings if (each.source, one.rule.code) not in past.found]:
            found.append(Missing(each, lacking))
    return found


async def _past(
    db: Db, patient_id: UUID, answers: Sequence[Received], published: Publications
) -> Past | None:
    """The patient's history as far as any of these answers' rules reads it.

    How much is read goes by the rules now in force: for answers from before them, for as much as is allowed.
    """
    at = min(answer.filed_at for answer in answers)
    sources = [answer.source.id for answer in answers]
    past = await stored.past(db, patient_id, at, sources)
    if past is None or all(_is_of_today(answer, past.context, published) for answer in answers):
        return past
    return await stored.past(db, patient_id, at - LONGEST_WINDOW, sources)


def _is_of_today(answer: Received, context: Context, published: Publications) -> bool:
    if answer.program_id != context.program_id or answer.program_id is None:
        return answer.program_id == context.program_id
    versions = versions_in_force(published[answer.program_id], answer.received_at)
    return versions == [context.rule_set_version]


async def _findings(
    db: Db, received: Received, answer: Answer, past: Past, published: Publications
) -> Sequence[Finding]:
    """What an answer must have brought to light.

    The patient's zone, the stay and the program's calendar are taken to be what they were. Of a program that
    the patient has left, the stay is not asked about: rules that rest on it are left out. A session, a goal
    or a week's hours are judged by the program that the patient is in, whosesoever they are: nothing is
    expected of those of another one.
    """
    context = past.context
    if received.source.kind in UNASKED and received.program_id != context.program_id:
        return ()

    def remember(readings: Sequence[Reading]) -> History:
        return history(context, readings, answer.received_at)

    in_force = await _in_force(db, received, published)
    findings = owed(answer, past.answers, in_force, remember)
    if received.program_id == context.program_id:
        return findings
    return [finding for finding in findings if not rests_on_stay(finding.rule)]


async def _in_force(db: Db, received: Received, published: Publications) -> Sequence[RuleSet]:
    program_id = received.program_id
    if program_id is None:
        return [await rule_sets.in_version(db, None, None)]
    versions = versions_in_force(published[program_id], received.received_at)
    return [await rule_sets.in_version(db, program_id, version) for version in versions]
