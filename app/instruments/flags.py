"""Yes-or-no statements about an assessment. One that cannot be told from what was answered is left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from app.instruments.scheme import AnyItem, AtLeast, Below, Exceeds, Flag, Group, Symptoms

Values = Mapping[str, int]


def raised(flags: Iterable[Flag], values: Values, scores: Mapping[str, float | None]) -> dict[str, bool]:
    """Flag to truth, over item values and over the total and subscales by name."""
    told = {each.flag: _holds(each, values, scores) for each in flags}
    return {flag: holds for flag, holds in told.items() if holds is not None}


def _holds(flag: Flag, values: Values, scores: Mapping[str, float | None]) -> bool | None:
    match flag:
        case AtLeast() | Below():
            return _compares(flag, scores.get(flag.of))
        case AnyItem():
            return _any([values[item] >= flag.value if item in values else None for item in flag.items])
        case Exceeds():
            return _exceeds(flag, values)
        case Symptoms():
            return _all([_enough(group, flag, values) for group in flag.groups])
        case _:
            assert_never(flag)


def _compares(flag: AtLeast | Below, score: float | None) -> bool | None:
    if score is None:
        return None
    return score >= flag.value if isinstance(flag, AtLeast) else score < flag.value


def _exceeds(flag: Exceeds, values: Values) -> bool | None:
    limit = values.get(flag.limit)
    if limit is None:
        return None
    return _any([values[item] > limit if item in values else None for item in flag.items])


def _enough(group: Group, flag: Symptoms, values: Values) -> bool | None:
    open_items = sum(item not in values for item in group.items)
    present = symptoms(group, flag, values)
    if present >= group.at_least:
        return True
    return False if present + open_items < group.at_least else None


def symptoms(group: Group, flag: Symptoms, values: Values) -> int:
    """How many of the group's answered items are symptoms."""
    answered = ((item, values[item]) for item in group.items if item in values)
    return sum(value >= flag.from_value_of.get(item, flag.from_value) for item, value in answered)


def _any(told: Sequence[bool | None]) -> bool | None:
    return True if True in told else None if None in told else False


def _all(told: Sequence[bool | None]) -> bool | None:
    return False if False in told else None if None in told else True
