"""Find out that somebody has fallen silent; and remember when to look again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.database import Db
from app.queries import absences as stored
from app.queries import rule_sets
from app.queries.histories import Context, history
from app.rules.absence import absence_rules, episode, evaluate_absence, first_look, next_look
from app.rules.conditions import signals_of
from app.rules.evaluate import Finding
from app.rules.history import History
from app.rules.reading import Source
from app.rules.rule import Rule, RuleSet
from app.rules.signals import is_scored
from app.services import alerts


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
    seen = history(context, claimed.readings, now)
    await _raise(db, context, claimed.patient_id, evaluate_absence(rule_set, seen, now), now)
    stored.set_due(db, enrollment_id, next_look(absence_rules(rule_set), seen, now), claimed.due_at)
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


def expect(db: Db, context: Context, rule_set: RuleSet, seen: History, source: Source, now: datetime) -> None:
    """After an answer: bring the moment forward at which its absence may be news.

    It is never put off here. What the answer says has put off, the sweep finds out when it looks too early,
    which costs less than a write with every answer.
    """
    if context.enrollment_id is None:
        return
    rules = _watching(absence_rules(rule_set), seen.signals_from(source), context)
    moment = first_look(rules, seen, now) if rules else None
    if moment is not None and (context.absence_due_at is None or moment < context.absence_due_at):
        stored.set_sooner(db, context.enrollment_id, moment)


def _watching(rules: Sequence[Rule], answered: frozenset[str], context: Context) -> Sequence[Rule]:
    """The rules of which everything that they read was loaded with this answer.

    For the others nothing has changed: they wait for another kind of answer.
    """
    if context.mixes_sources:
        return rules
    kinds = {is_scored(each) for each in answered}  # a craving scale is of both, and loads both
    return [rule for rule in rules if {is_scored(each) for each in signals_of(rule.condition)} <= kinds]
