"""Find out that somebody has fallen silent, or that what was known ahead has come; and remember when to look
again."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.database import Db
from app.queries import absences as stored
from app.queries import everything, received, rule_sets
from app.queries.absences import Claimed
from app.queries.histories import Context, history
from app.rules.absence import absence_rules, episode, evaluate_absence, first_look, next_look
from app.rules.ahead import WAITS, come_true, next_moment
from app.rules.conditions import signals_of
from app.rules.evaluate import Finding, findings_from
from app.rules.history import History
from app.rules.reading import Source
from app.rules.rule import Rule, RuleSet
from app.rules.signals import Kind, kind_of
from app.services import alerts

LAG = timedelta(minutes=15)
"""So long before the moment of a look it may have been due already, and somebody has asked for one since. A
design choice: sweeps come every 20 seconds, and what is found twice is told once."""


async def look(db: Db, enrollment_id: UUID, now: datetime) -> bool:
    """Evaluate the rules about absence for a stay whose moment has passed, and set the next moment.

    False when there is nothing to do, or somebody else does it. An episode is raised once: the same silence
    opens no second alert after the first was resolved.
    """
    claimed = await stored.claim(db, enrollment_id, now)
    if claimed is None:
        return False
    context = claimed.context
    if not claimed.is_running:
        stored.set_due(db, enrollment_id, None, claimed.due_at)
        return True
    rule_set = await rule_sets.in_version(db, context.program_id, context.rule_set_version)
    planned = await everything.planned(db, context, claimed.patient_id, rule_set, now)
    seen = history(context, claimed.readings, now, planned)
    await _raise(db, context, claimed.patient_id, evaluate_absence(rule_set, seen, now), now)
    await _raise_come_true(db, claimed, rule_set, seen, now)
    looks = (next_look(absence_rules(rule_set), seen, now), next_moment(seen, now))
    stored.set_due(db, enrollment_id, min(filter(None, looks), default=None), claimed.due_at)
    return True


async def _raise(
    db: Db, context: Context, patient_id: UUID, findings: Sequence[Finding], now: datetime
) -> None:
    """Each episode once, whatever became of its alert. On one that is unresolved it is an occurrence."""
    assert db.organization_id is not None
    subject = alerts.Subject(db.organization_id, patient_id, context.program_id)
    episodes = {episode(finding, patient_id, now): finding for finding in findings}
    known = await stored.raised(db, episodes) if episodes else ()
    for source_id, finding in episodes.items():
        if source_id not in known:
            await alerts.open_or_repeat(db, subject, [finding], Source(stored.KIND, source_id, 0), now)


async def _raise_come_true(db: Db, claimed: Claimed, rule_set: RuleSet, seen: History, now: datetime) -> None:
    """What was known before it was lived, and has been lived since the last look: as of its moment, and each
    rule once."""
    assert db.organization_id is not None
    context = claimed.context
    subject = alerts.Subject(db.organization_id, claimed.patient_id, context.program_id)
    for reading in come_true(seen, claimed.due_at - LAG, now):
        findings = findings_from(rule_set, seen, reading.source, reading.at, reading.at)
        known = await received.rules_found(db, reading.source) if findings else ()
        fresh = [finding for finding in findings if finding.rule.code not in known]
        await alerts.open_or_repeat(db, subject, fresh, reading.source, now)


def expect(db: Db, context: Context, rule_set: RuleSet, seen: History, source: Source, now: datetime) -> None:
    """After an answer: bring the moment forward at which its absence may be news, or at which something that
    is known already is lived.

    It is never put off here. What the answer says has put off, the sweep finds out when it looks too early,
    which costs less than a write with every answer.
    """
    if context.enrollment_id is None:
        return
    rules = _watching(absence_rules(rule_set), source, seen, context)
    looks = [first_look(rules, seen, now) if rules else None]
    if source.kind == WAITS:
        looks.append(next_moment(seen, now))
    moment = min(filter(None, looks), default=None)
    if moment is not None and (context.absence_due_at is None or moment < context.absence_due_at):
        stored.set_sooner(db, context.enrollment_id, moment)


def _watching(rules: Sequence[Rule], source: Source, seen: History, context: Context) -> Sequence[Rule]:
    """The rules for which something has changed, of those of which everything that they read was loaded.

    A check-in that loads nothing else leaves alone those that read other kinds as well: there are none,
    unless the program says that there are. A craving scale is of two kinds, and loads all.
    """
    answered = _kinds(seen.signals_from(source))
    touched = [(rule, kinds) for rule in rules if not answered.isdisjoint(kinds := _kinds_of(rule))]
    if source.kind != "check_in" or context.mixes_sources:
        return [rule for rule, _ in touched]
    return [rule for rule, kinds in touched if kinds <= answered]


def _kinds_of(rule: Rule) -> frozenset[Kind]:
    return _kinds(signals_of(rule.condition))


def _kinds(signals: Iterable[str]) -> frozenset[Kind]:
    return frozenset(map(kind_of, signals))
