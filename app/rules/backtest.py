"""What a draft of a rule set would have done to a care team, beside the rules in force.

Replays cases, counts what comes out, and keeps a few examples that name nobody: no ids, no dates, no words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from app.rules.floor import in_force
from app.rules.replay import Compared, Found, replay
from app.rules.replay_alerts import Due, Earlier, Opened, earlier, opened, without_counterpart
from app.rules.replay_case import Case
from app.rules.replay_tally import Example, Kind, RuleCount, Tally

ASSUMPTION: Final = (
    "Every alert is taken to be resolved when its answer is due: what its rule finds until then is one more "
    "occurrence of it, and what it finds later opens the next. No alert is open when the replay begins. The "
    "rules in force are replayed in the same way, in today's version: theirs are not the alerts of that time."
)

# What a sentence says of a day: "on Nov 23, 2026", "last on …", "since …".
_OF_A_DAY = re.compile(r",? (?:last )?(?:on|since) [A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}")


class Span(NamedTuple):
    """Which days are replayed, the last included; from which moment until before which."""

    first_day: date
    last_day: date
    since: datetime
    until: datetime


def backtest(cases: Iterable[Case], rules: Compared, span: Span, due: Due) -> Tally:
    """Replay these cases under both rule sets, and count."""
    total = Tally()
    for case in cases:
        total.add(_tally(case, replay(case, rules, span.since, span.until), span, due))
    return total


def _tally(case: Case, found: Sequence[Found], span: Span, due: Due) -> Tally:
    tally = _counted_answers(case, span)
    by_draft = opened(case, (each for each in found if each.by_draft), due)
    by_live = opened(case, (each for each in found if each.by_live), due)
    for code in by_live.keys() | by_draft.keys():
        draft, live = by_draft.get(code, ()), by_live.get(code, ())
        only_draft, only_live = without_counterpart(draft, live), without_counterpart(live, draft)
        sooner = earlier(draft, live)
        tally.titles[code] = (draft or live)[0].finding.rule.title
        tally.by_rule[code] = RuleCount(
            len(draft), bool(draft), len(live), len(only_draft), len(only_live),
            [each.sooner / timedelta(hours=1) for each in sooner],
        )  # fmt: skip
        for example in _examples(case, code, only_draft, only_live, sooner):
            tally.examples[code, example.kind] = [example]
    return tally


def _counted_answers(case: Case, span: Span) -> Tally:
    """Of an answer that was sent differently again, the first counts."""
    kinds = [
        answer.source.kind
        for answer in case.answers
        if answer.evaluated and not answer.source.revision and span.since <= answer.received_at < span.until
    ]
    return Tally(
        check_ins=kinds.count("check_in"),
        assessments=kinds.count("assessment"),
        patients=1,
        patient_days=sum(_days(stay.starts_on, stay.ends_on, span) for stay in case.stays),
    )


def _days(first: date, last: date | None, span: Span) -> int:
    """How many days of a stay lie in the span."""
    end = span.last_day if last is None else min(last, span.last_day)
    return max(0, (end - max(first, span.first_day)).days + 1)


def _examples(
    case: Case,
    code: str,
    only_draft: Sequence[Opened],
    only_live: Sequence[Opened],
    sooner: Sequence[Earlier],
) -> Iterator[Example]:
    """One of each kind, so that no patient is shown twice for the same."""
    for alert in only_draft[:1]:
        yield _example(case, code, "only_draft", alert)
    for alert in only_live[:1]:
        yield _example(case, code, "only_live", alert)
    for alert, by in sooner[:1]:
        yield _example(case, code, "earlier", alert)._replace(hours_earlier=round(by / timedelta(hours=1), 1))


def _example(case: Case, code: str, kind: Kind, alert: Opened) -> Example:
    stay = case.stay_on(alert.day)
    day = (alert.day - stay.starts_on).days + 1 if stay else None
    return Example(code, kind, day, without_days(alert.finding.evidence.comparison))


def without_days(comparison: str) -> str:
    """What was compared with what, without the days on which it was said."""
    return _OF_A_DAY.sub("", comparison)


def rules_of(rules: Compared, tally: Tally) -> Mapping[str, str]:
    """Code to title: the draft's rules, those that only the live rules have, those that could not be read."""
    titles = {rule.code: rule.title for rule in in_force(rules.draft)}
    for rule in in_force(rules.live):
        titles.setdefault(rule.code, rule.title)
    for code in tally.by_rule:
        titles.setdefault(code, tally.titles[code])
    return titles
