"""The score of an assessment. An unanswered item is unknown, never 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from app.instruments.answers import AnswerSheet, sheet
from app.instruments.flags import raised
from app.instruments.questionnaire import Instrument
from app.instruments.scheme import Composites, Recode, Sum, Triage


class Reason(StrEnum):
    """Why there is no total."""

    UNANSWERED = "unanswered"
    NO_TOTAL = "no_total"


@dataclass(frozen=True, slots=True)
class Score:
    """What the answers amount to.

    `total`: None with a `reason`: too much is unanswered, or the instrument defines no total.
    `severity`: the band of the total, or the triage level; None without bands.
    `critical_items`: answered so that somebody has to look. `unanswered`: scored items that were asked and
    not answered. `flags`: what is known to hold or not to hold; a flag that cannot be told is absent.
    """

    total: float | None
    severity: str | None = None
    subscales: dict[str, float] = field(default_factory=dict)
    critical_items: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    reason: Reason | None = None
    flags: dict[str, bool] = field(default_factory=dict)


def score(instrument: Instrument, answers: Mapping[str, object]) -> Score:
    """Score the answers: linkId to value, "yes", "no", LOINC answer code, or None for no answer.

    Raises UnacceptableAnswers when `answers.check` finds a problem.
    """
    answered = sheet(instrument, answers)
    subscales = _subscales(instrument.scoring, answered)
    total, reason = _total(instrument.scoring, answered)
    unanswered = _unanswered(instrument.scoring.items, answered)
    flags = raised(instrument.flags, answered.values, {"total": total, **subscales})
    if total is not None and unanswered:
        flags["prorated"] = True
    return Score(
        total=total,
        severity=_severity(instrument, answered, total, unanswered),
        subscales=subscales,
        critical_items=_critical(instrument, answered),
        unanswered=unanswered,
        reason=reason,
        flags=flags,
    )


def _unanswered(items: Sequence[str], answered: AnswerSheet) -> tuple[str, ...]:
    return tuple(item for item in items if item not in answered.values and item not in answered.skipped)


def _critical(instrument: Instrument, answered: AnswerSheet) -> tuple[str, ...]:
    values = answered.values
    return tuple(c.item for c in instrument.critical if c.item in values and c.holds(values[c.item]))


def _points(items: Sequence[str], recodes: Sequence[Recode], answered: AnswerSheet) -> list[int]:
    """What the items count, as far as known. An item that the form itself skipped counts 0."""
    counts = {item: recode.to for recode in recodes for item in recode.items}
    known = [(item, answered.values[item]) for item in items if item in answered.values]
    skipped = [0 for item in items if item in answered.skipped]
    return [counts[item][value] if item in counts else value for item, value in known] + skipped


def _total(scoring: Sum | Composites | Triage, answered: AnswerSheet) -> tuple[int | None, Reason | None]:
    if not isinstance(scoring, Sum):
        return None, Reason.NO_TOTAL
    points = _points(scoring.items, scoring.recode, answered)
    if not points or len(scoring.items) - len(points) > scoring.missing.prorate_up_to:
        return None, Reason.UNANSWERED
    return scoring.factor * _prorated(sum(points), len(points), len(scoring.items)), None


def _prorated(points: int, known: int, items: int) -> int:
    """The mean of the known items times all items, rounded half up, in whole numbers."""
    return (2 * points * items + known) // (2 * known)


def _subscales(scoring: Sum | Composites | Triage, answered: AnswerSheet) -> dict[str, float]:
    match scoring:
        case Sum():
            return {**_complete(scoring.subscales, scoring.recode, answered)}
        case Composites():
            raw = _complete(scoring.composites, scoring.recode, answered)
            tables = ((name, table) for name, table in scoring.tables.items() if table.of in raw)
            return {**raw, **{name: table.values[raw[table.of]] for name, table in tables}}
        case Triage():
            return {}
        case _:
            assert_never(scoring)


def _complete(
    groups: Mapping[str, Sequence[str]], recodes: Sequence[Recode], answered: AnswerSheet
) -> dict[str, int]:
    """The sums of the groups of items that are answered whole."""
    points = {name: _points(items, recodes, answered) for name, items in groups.items()}
    return {name: sum(points[name]) for name, items in groups.items() if len(points[name]) == len(items)}


def _severity(
    instrument: Instrument, answered: AnswerSheet, total: int | None, unanswered: Sequence[str]
) -> str | None:
    if isinstance(instrument.scoring, Triage):
        return _triage(instrument.scoring, answered, unanswered)
    bands = (band for band in instrument.bands if total is not None and band.low <= total <= band.high)
    return next((band.severity for band in bands), None)


def _triage(scoring: Triage, answered: AnswerSheet, unanswered: Sequence[str]) -> str:
    """The worst level that holds.

    While a question is open that should have been asked, only a level that stands whatever the answer counts;
    anything less is incomplete, which is never "none". A "yes" counts even where the form would have skipped.
    """
    for level in scoring.levels:
        if any(answered.values.get(item) == 1 for item in level.any_of):
            return level.severity if level.stands_when_incomplete or not unanswered else scoring.incomplete
    return scoring.incomplete if unanswered else scoring.otherwise
