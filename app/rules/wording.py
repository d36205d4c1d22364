"""Says in plain words what a condition found: the default sentences, and the placeholders of a rule's own.

A sentence fills `{placeholders}` with what was found: nothing else of a format string is allowed, and a rule
can only be made with placeholders that its condition always fills.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from operator import and_, or_
from string import Formatter

from app.rules.conditions import Change, Condition, Count, Leaf, Op, Silence
from app.rules.judge import Outcome, compares
from app.rules.signals import SIGNALS, Kind, kind_of
from app.rules.unfit import unfit

_DEFAULTS: Mapping[str, str] = {
    "threshold": "{name} was {value} on {day}; the rule asks for {asked}",
    "count": "{name} was {asked} {times}; the rule asks for {at_least}",
    "change": "{name} was {value} on {day}, {difference} {direction} {against} ({reference}); "
    "the rule asks for {threshold}",
    "run": "{name} was {asked} {n} times in a row, last on {day}",
    "silence": "no {name} for {asked} or longer, since {day}",
    "total": "{name} came to {total} in {window}; the rule asks for {asked}",
}
_ONE_READING: Mapping[Kind, str] = {
    "attendance": "session",
    "goal": "change",
    "hours": "look",
    "crisis": "flag",
    "follow_up": "follow-up",
}
_MEASURED_VALUE = frozenset({"value", "day"})
_FILLED: Mapping[str, frozenset[str]] = {
    "threshold": _MEASURED_VALUE | {"name", "threshold", "asked"},
    "count": _MEASURED_VALUE | {"name", "threshold", "asked", "count", "at_least", "times", "window"},
    "change": _MEASURED_VALUE | {"name", "threshold", "difference", "direction", "against", "reference"},
    "run": _MEASURED_VALUE | {"name", "threshold", "asked", "n"},
    "silence": frozenset({"name", "day", "asked"}),
    "total": frozenset({"name", "threshold", "asked", "total", "window"}),
}
_ASKED: Mapping[str, str] = {
    ">=": "{} or more",
    ">": "more than {}",
    "<=": "{} or less",
    "<": "less than {}",
    "==": "{}",
    "!=": "other than {}",
}


def placeholders(condition: Condition) -> frozenset[str]:
    """What a rule's sentence may use, whatever makes its condition true: of `any`, what all parts fill."""
    match condition.kind:
        case "all":
            return reduce(or_, map(placeholders, condition.conditions))
        case "any":
            return reduce(and_, map(placeholders, condition.conditions))
        case "not":
            return frozenset()
        case _:
            return _FILLED[condition.kind]


def check_placeholders(sentence: str, condition: Condition) -> None:
    """Raises `ValidationError` when the sentence has a placeholder that its condition does not fill."""
    allowed = placeholders(condition)
    try:
        parsed = list(Formatter().parse(sentence))
    except ValueError:
        raise unfit("unpaired_brace", "sentence") from None
    for _, name, specification, conversion in parsed:
        if name is not None and (name not in allowed or specification or conversion):
            raise unfit("unknown_placeholder", "sentence", filled=", ".join(sorted(allowed)) or "none")


def fill(sentence: str, condition: Condition, outcome: Outcome) -> str:
    """A rule's own sentence with its placeholders filled; the comparison when the rule has none."""
    return sentence.format_map(_facts(condition, outcome)) if sentence else comparison(condition, outcome)


def comparison(condition: Condition, outcome: Outcome) -> str:
    """What was compared with what, as one sentence."""
    said = _said(condition, outcome)
    return f"{said[:1].upper()}{said[1:]}."


def on(day: date) -> str:
    """A date as the care team reads it."""
    return f"{day:%b} {day.day}, {day.year}"


def _said(condition: Condition, outcome: Outcome) -> str:
    match condition.kind:
        case "all" | "any":
            return "; and ".join(_said(*part) for part in _deciding(outcome))
        case "not":
            return f"it is not so that {_said(*outcome.parts[0])}"
        case _:
            return _DEFAULTS[condition.kind].format_map(_facts(condition, outcome))


def _deciding(outcome: Outcome) -> Sequence[tuple[Condition, Outcome]]:
    return [part for part in outcome.parts if part[1].truth is outcome.truth]


def _facts(condition: Condition, outcome: Outcome) -> dict[str, str]:
    """Placeholder to words. Of combined conditions, the first part that fills a placeholder has it."""
    match condition.kind:
        case "all" | "any":
            deciding = reversed(_deciding(outcome))
            return {name: words for part in deciding for name, words in _facts(*part).items()}
        case "not":
            return {}
        case _:
            return _found(condition, outcome)


def _found(condition: Leaf, outcome: Outcome) -> dict[str, str]:
    return (
        {"name": name_of(condition.signal)}
        | _asked(condition)
        | _latest(condition, outcome)
        | _measured(condition, outcome)
    )


def name_of(signal: str) -> str:
    """How a sentence calls a signal; a program's own question goes by its code."""
    known = SIGNALS.get(signal)
    return known.name if known else signal


def readings_of(signal: str, number: int) -> str:
    """So many readings of a signal, by what they come from: "1 answer", "2 sessions"."""
    return _length(number, _ONE_READING.get(kind_of(signal), "answer"))


def _asked(leaf: Leaf) -> dict[str, str]:
    """What the rule asks for."""
    if leaf.kind == "silence":
        return {"asked": _length(leaf.days, "day") if leaf.days else _length(leaf.hours or 0, "hour")}
    if leaf.kind == "change":
        return {"threshold": _shown(leaf.by, leaf.signal)}
    if leaf.kind == "total":
        threshold = _sum(leaf.value, leaf.signal)
        return {"threshold": threshold, "asked": _ASKED[leaf.op].format(threshold)}
    return {
        "threshold": _shown(leaf.value, leaf.signal),
        "asked": _criterion(leaf.signal, leaf.op, leaf.value),
    }


def _criterion(signal: str, op: Op, value: float | str) -> str:
    if _is_yes_no(signal):
        fitting = [word for word, number in (("no", 0.0), ("yes", 1.0)) if compares(number, op, value)]
        if len(fitting) == 1:
            return fitting[0]
    return _ASKED[op].format(_shown(value, signal))


def _latest(leaf: Leaf, outcome: Outcome) -> dict[str, str]:
    """The newest reading that decided, or else that was looked at."""
    readings = outcome.decisive or outcome.looked_at
    if leaf.kind in ("silence", "total") or not readings:
        return {}
    return {"value": _shown(readings[-1].value, leaf.signal), "day": on(readings[-1].day)}


def _measured(leaf: Leaf, outcome: Outcome) -> dict[str, str]:
    """What the condition found beside the latest reading."""
    match leaf.kind:
        case "change":
            return _difference(leaf, outcome)
        case "count":
            return _counted(leaf, outcome)
        case "run":
            return {"n": str(leaf.n)}
        case "silence":
            return _silent(leaf, outcome)
        case "total":
            window = _days_back(leaf.window_days) if leaf.window_days else "the program's week"
            return {"window": window, "total": _sum(_number(outcome), leaf.signal)}
        case "threshold":
            return {}


def _silent(leaf: Silence, outcome: Outcome) -> dict[str, str]:
    """Since when; and that the length is without the pauses, where there were any."""
    if not isinstance(outcome.measured, date):
        return {}
    kinds = {pause.is_leave: "leave" if pause.is_leave else "days off" for pause in outcome.pauses}
    uncounted = f" ({' and '.join(kinds.values())} not counted)" if kinds else ""
    return {"day": on(outcome.measured), "asked": f"{_asked(leaf)['asked']}{uncounted}"}


def _difference(leaf: Change, outcome: Outcome) -> dict[str, str]:
    against = {
        "baseline": "the first",
        "previous": "the one before",
        "best_of_last": f"the best of the last {leaf.n}",
        "median": f"the median of the {leaf.window_days} days before",
    }
    latest, reference = outcome.decisive[-1].value, _number(outcome)
    assert not isinstance(latest, str)
    return {
        "difference": _shown(abs(latest - reference), leaf.signal),
        "direction": "above" if latest >= reference else "below",
        "against": against[leaf.against],
        "reference": _shown(reference, leaf.signal),
    }


def _counted(leaf: Count, outcome: Outcome) -> dict[str, str]:
    count, window = f"{_number(outcome):g}", _days_back(leaf.window_days)
    per_day = f"on {count} of {window}" if leaf.window_days > 1 else window
    times = per_day if leaf.per == "day" else f"in {readings_of(leaf.signal, int(count))} of {window}"
    return {"count": count, "at_least": str(leaf.at_least), "window": window, "times": times}


def _shown(value: float | str, signal: str) -> str:
    if isinstance(value, str):
        return value
    if _is_yes_no(signal) and value in (0, 1):
        return "yes" if value else "no"
    return _sum(value, signal)


def _sum(value: float | str, signal: str) -> str:
    """A number with its unit; a sum of yes and no is one, too."""
    if isinstance(value, str):
        return value
    unit = SIGNALS[signal].unit if signal in SIGNALS else None
    if unit not in ("hours", "minutes"):
        return f"{value:.6g}"
    rounded = round(value, 2)
    return f"{rounded:.6g} {unit.removesuffix('s') if rounded == 1 else unit}"


def _is_yes_no(signal: str) -> bool:
    return signal in SIGNALS and SIGNALS[signal].unit == "yes/no"


def _days_back(days: int) -> str:
    return f"the last {days} days" if days > 1 else "today"


def _length(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _number(outcome: Outcome) -> float:
    assert isinstance(outcome.measured, int | float)
    return outcome.measured
