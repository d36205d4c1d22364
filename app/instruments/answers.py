"""What somebody answered, checked against the instrument. No message or pointer holds what they wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.instruments.questionnaire import Instrument, Item

LOOKS_LIKE_A_LINK_ID = re.compile(r"[a-z0-9]{1,16}(-[a-z0-9]{1,12}){0,3}")


class Fault(StrEnum):
    """Why an answer cannot be taken."""

    UNKNOWN_ITEM = "unknown_item"
    WRONG_TYPE = "wrong_type"
    NOT_AN_OPTION = "not_an_option"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """One fault. `pointer` is a JSON pointer into the answers; it is empty for a key that may be prose."""

    pointer: str
    code: Fault


class UnacceptableAnswers(ValueError):
    """Answers that `check` refuses, with its problems."""

    def __init__(self, problems: list[AnswerProblem]) -> None:
        super().__init__("the answers do not fit the instrument")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """Answers as values, by linkId. `skipped`: not asked, by the form's own rule, and not answered."""

    values: Mapping[str, int]
    skipped: frozenset[str]


def check(instrument: Instrument, answers: Mapping[str, object]) -> list[AnswerProblem]:
    """What is wrong with the answers; nothing when they can be scored. None is no answer, and allowed."""
    problems: list[AnswerProblem] = []
    for link_id, answer in answers.items():
        item = instrument.by_link_id.get(link_id)
        found = Fault.UNKNOWN_ITEM if item is None else None if answer is None else value_of(item, answer)
        if isinstance(found, Fault):
            problems.append(AnswerProblem(_pointer(link_id), found))
    return problems


def value_of(item: Item, answer: object) -> int | Fault:
    """The value that an answer stands for, or what is wrong with it. A boolean is not a number."""
    if isinstance(answer, bool) or not isinstance(answer, int | str):
        return Fault.WRONG_TYPE
    if item.kind != "integer":
        return item.accepted.get(answer, Fault.NOT_AN_OPTION)
    if isinstance(answer, str):
        return Fault.WRONG_TYPE
    return answer if item.minimum <= answer <= item.maximum else Fault.OUT_OF_RANGE


def sheet(instrument: Instrument, answers: Mapping[str, object]) -> AnswerSheet:
    """The answers as values.

    Raises UnacceptableAnswers.
    """
    if problems := check(instrument, answers):
        raise UnacceptableAnswers(problems)
    given = {link_id: answer for link_id, answer in answers.items() if answer is not None}
    found = {link_id: value_of(instrument.by_link_id[link_id], answer) for link_id, answer in given.items()}
    values = {link_id: value for link_id, value in found.items() if not isinstance(value, Fault)}
    skipped = frozenset(item.link_id for item in instrument.items if _is_skipped(item, values))
    return AnswerSheet(values, skipped)


def normal(instrument: Instrument, answers: Mapping[str, object]) -> dict[str, int | str]:
    """The answers in the one form to store and to watch: values, or "yes" and "no"; nothing unanswered.

    Raises UnacceptableAnswers.
    """
    values = sheet(instrument, answers).values
    by_word = {item.link_id for item in instrument.items if item.kind == "yes_no"}
    return {
        link_id: ("no", "yes")[value] if link_id in by_word else value for link_id, value in values.items()
    }


def _is_skipped(item: Item, values: Mapping[str, int]) -> bool:
    if item.asked is None or item.link_id in values or item.asked.item not in values:
        return False
    return (values[item.asked.item] == item.asked.value) is not item.asked.equal


def _pointer(link_id: str) -> str:
    return f"/{link_id}" if LOOKS_LIKE_A_LINK_ID.fullmatch(link_id) else ""
