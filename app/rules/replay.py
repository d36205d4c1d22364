"""History lived through again: what two rule sets would have found as each answer came in.

The same evaluator as live decides (`findings_from`, `evaluate_absence`), each time over the history as it was
known then. A case is one patient; cases know nothing of each other.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.rules.absence import absence_rules, episode, evaluate_absence, next_look
from app.rules.ahead import come_true, waits
from app.rules.conditions import Silence, Total
from app.rules.evaluate import Finding, findings_from
from app.rules.floor import FLOOR, in_force
from app.rules.history import History
from app.rules.judge import judge, length_of, silent_since
from app.rules.reading import Source
from app.rules.replay_case import Answer, Case, Known
from app.rules.rule import RULE_ERROR, Rule, RuleSet
from app.rules.signals import COUNTED

ABSENCE = "absence"
"""What findings stem from that no answer brought about; the id is the episode's."""
_INSTANT = timedelta(microseconds=1)


class Found(NamedTuple):
    """One finding: when it was made, what it stems from, and which of the two rule sets makes it."""

    at: datetime
    finding: Finding
    source: Source
    by_live: bool
    by_draft: bool


class _Asked(NamedTuple):
    rule_set: RuleSet
    by_live: bool
    by_draft: bool


class Compared:
    """The rules in force and a draft. What is alike in both is evaluated once."""

    def __init__(self, live: RuleSet, draft: RuleSet) -> None:
        self.live, self.draft = live, draft
        in_live: Mapping[str, Rule] = {rule.code: rule for rule in in_force(live)}
        own = tuple(rule for rule in in_force(draft) if in_live.get(rule.code) != rule)
        self._own = RuleSet.model_construct(version=draft.version, rules=own)
        own_codes = {rule.code for rule in own}
        self._alike = _codes(rule for rule in in_force(draft) if rule.code not in own_codes)
        self._floor = _codes(FLOOR)
        alike = absence_rules(live) == absence_rules(draft)
        asked = [_Asked(live, by_live=True, by_draft=alike)]
        self.about_absence = asked if alike else [*asked, _Asked(draft, by_live=False, by_draft=True)]

    def found_in(self, answer: Answer, known: History, now: datetime) -> Iterator[Found]:
        """What an answer brought to light at the moment at which it was evaluated."""
        source, at = answer.source, answer.at
        for finding in findings_from(self.live, known, source, at, now):
            yield Found(now, finding, source, by_live=True, by_draft=finding.rule.code in self._alike)
        for finding in findings_from(self._own, known, source, at, now) if self._own.rules else ():
            if finding.rule.code not in self._floor:  # the live rules, which have the floor too, found it
                yield Found(now, finding, source, by_live=False, by_draft=True)


def replay(case: Case, rules: Compared, since: datetime, until: datetime) -> list[Found]:
    """What both rule sets find in a case from `since` until before `until`, in order.

    Of answers that came at the same moment, the one before in order is known to the next. Between two of them
    nothing changes but the time: each moment is looked at at which an absence may become news, or at which
    something is lived that was known before.
    """
    known, found, looked = Known(case), list[Found](), since
    by_time: list[_Absences | _Ahead] = [*(_Absences(case, each) for each in rules.about_absence)]
    by_time.append(ahead := _Ahead(case, rules))
    for answer in case.answers:
        if (now := answer.received_at) >= until:
            break
        if now >= since:
            found += _between(by_time, known, looked, now)
            looked = now
        known.add(answer)
        if waits(answer.source, answer.at, now):
            ahead.add(answer)
        elif answer.evaluated and now >= since:
            known.stay_at(now)
            found += rules.found_in(answer, known, now)
    return found + _between(by_time, known, looked, until)


def _between(
    by_time: Iterable["_Absences | _Ahead"], known: Known, after: datetime, until: datetime
) -> list[Found]:
    found = [one for each in by_time for one in each.found(known, after, until)]
    return sorted(found, key=lambda each: each.at)


class _Ahead:
    """What is known before it is lived, and evaluated when its moment comes."""

    def __init__(self, case: Case, rules: Compared) -> None:
        self._case, self._rules = case, rules
        self._waiting: dict[Source, Answer] = {}

    def add(self, answer: Answer) -> None:
        """One more has come before its time."""
        self._waiting[answer.source] = answer

    def found(self, known: Known, after: datetime, until: datetime) -> Iterator[Found]:
        """The findings from one moment until another, between which no answer came."""
        if not self._waiting:
            return
        for reading in come_true(known, after, until - _INSTANT):
            answer = self._waiting.pop(reading.source, None)
            stay = known.stay_at(reading.at)
            if answer is None or not answer.evaluated or stay is None:
                continue
            if stay.includes(self._case.local_day(answer.at)):
                yield from self._rules.found_in(answer, known, answer.at)


class _Absences:
    """What a rule set finds by time alone, each episode once."""

    def __init__(self, case: Case, asked: _Asked) -> None:
        self._case, self._asked = case, asked
        self._rules = absence_rules(asked.rule_set)
        self._starts = [stay.starts_on for stay in case.stays]
        self._told: set[UUID] | None = None

    def found(self, known: Known, after: datetime, until: datetime) -> Iterator[Found]:
        """The findings from one moment until another, between which no answer came."""
        if not self._rules:
            return
        known.stay_at(after)
        if self._told is None:  # what stood when the replay began is no news
            self._told = set()
            list(self._news(known, after))
        begun = [start for start in map(known.midnight, self._starts) if after < start < until]
        for end in (*begun, until):
            yield from self._found_in_one_stay(known, after, end)
            after = end

    def _found_in_one_stay(self, known: Known, after: datetime, until: datetime) -> Iterator[Found]:
        known.stay_at(after)
        rules = [rule for rule in self._rules if not _is_too_soon(rule, known, after, until)]
        now: datetime | None = after
        while rules and now is not None and now < until:
            yield from self._news(known, now)  # at once, too: an answer may make known what is lacking
            now = next_look(rules, known, now)

    def _news(self, known: Known, now: datetime) -> Iterator[Found]:
        assert self._told is not None
        stay = known.stay_at(now)
        if stay is None or not stay.includes(self._case.local_day(now)):
            return
        for finding in evaluate_absence(self._asked.rule_set, known, now):
            source = Source(ABSENCE, episode(finding, self._case.patient_id, now))
            if source.id not in self._told:
                self._told.add(source.id)
                yield Found(now, finding, source, self._asked.by_live, self._asked.by_draft)


def _is_too_soon(rule: Rule, known: Known, after: datetime, until: datetime) -> bool:
    """Whether a plain test has no news from one moment until another: saves most of the looks.

    A silence is none before its length is over. A low total only falls while nothing is written, unless a
    pause, or a plan, comes between, or none is no known zero: it is low at the end if it ever is.
    """
    match rule.condition:
        case Silence() as condition:
            since = silent_since(condition, known.until(after))
            return since is None or since + length_of(condition) >= until
        case Total(signal=signal, project=False) as condition if signal in COUNTED and not known.pauses:
            nothing_comes = known.until(after) is known
            return nothing_comes and not judge(condition, known.until(until), until).truth
        case _:
            return False


def _codes(rules: Iterable[Rule]) -> frozenset[str]:
    """Their codes, and those under which it is told that they could not be evaluated."""
    codes = [rule.code for rule in rules]
    return frozenset([*codes, *(f"{RULE_ERROR}.{code}"[:64] for code in codes)])
