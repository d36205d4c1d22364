"""The questions of a program's own: which codes they may have, and which answers they allow."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import Fault, Unacceptable
from app.rules.signals import SIGNALS

CORE_ANSWERS = frozenset(
    {
        "mood", "craving", "anxiety", "energy", "sleep_hours", "used", "substances", "medication_taken",
        "meetings_attended", "feels_safe", "triggers", "coping_used",
    }
)  # fmt: skip


TAKEN_CODES = CORE_ANSWERS | SIGNALS.keys() | {"note"}
"""What no question of a program's own is called: an answer becomes a signal of its code, and one that was
called `crisis` would page somebody."""


def faults_of(questions: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """What is wrong with questions that a program wants to ask beside the core ones."""
    faults = []
    seen: set[str] = set()
    for place, question in enumerate(questions):
        pointer = f"/questions/{place}"
        if question["code"] in TAKEN_CODES:
            faults.append(Fault(f"{pointer}/code", "code_taken", "This code means something else here."))
        if question["code"] in seen:
            faults.append(Fault(f"{pointer}/code", "twice", "Another question has this code."))
        seen.add(question["code"])
        faults += _faults_of_kind(pointer, question)
    return faults


def _faults_of_kind(pointer: str, question: Mapping[str, Any]) -> list[Fault]:
    if question["kind"] == "number":
        fits = question["minimum"] < question["maximum"]
        return [] if fits else [Fault(f"{pointer}/minimum", "too_large", "Less than the maximum.")]
    codes = [option["code"] for option in question["options"]]
    distinct = len(set(codes)) == len(codes)
    return [] if distinct else [Fault(f"{pointer}/options", "twice", "Two options have the same code.")]


def require_known(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> None:
    """Raise `Unacceptable` unless every answer beyond the core ones fits a question of the program.

    Not when somebody says that they are not safe: a phone that still asks last week's questions must not cost
    them that. What fits nothing is then kept with the rest, and no rule reads it.

    `questions` as stored on the program: `{"code", "kind": "number", "minimum", "maximum"}` or
    `{"code", "kind": "choice", "options": [{"code", …}]}`.
    """
    own = {code: answer for code, answer in answers.items() if code not in CORE_ANSWERS}
    if not own or answers.get("feels_safe") is False:
        return
    asked = {question["code"]: question for question in questions}
    faults = [fault for code, answer in own.items() if (fault := _fault(asked.get(code), answer))]
    if faults:
        raise Unacceptable(faults)


def _fault(question: Mapping[str, Any] | None, answer: object) -> Fault | None:
    if question is None:  # its code is the sender's own: it stands in no answer of ours
        return Fault("/answers", "unknown_question", "One of these answers belongs to no question we ask.")
    pointer = f"/answers/{question['code']}"
    if question["kind"] == "number":
        if not isinstance(answer, int | float) or not question["minimum"] <= answer <= question["maximum"]:
            return Fault(pointer, "out_of_range", "This answer is not a number in the question's range.")
    elif answer not in {option["code"] for option in question["options"]}:
        return Fault(pointer, "not_an_option", "This answer is not one of the question's options.")
    return None
