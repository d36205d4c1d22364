"""Why a rule is refused: stable codes and our own sentences, which name limits and never what was sent."""

from collections.abc import Mapping
from typing import Final, LiteralString

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

SENTENCES: Final[Mapping[LiteralString, LiteralString]] = {
    "unfit_comparison": "== and != compare the codes of a choice, the others compare numbers.",
    "needs_best_of_last": "Goes with best_of_last, and best_of_last only with it.",
    "needs_median": "Goes with median, and median only with it.",
    "needs_rolling": "Goes with a rolling window, and a rolling window only with it.",
    "unreachable": "More days than the window has.",
    "days_or_hours": "Say either days or hours.",
    "sum_of_codes": "A sum is compared with a number.",
    "unfit_projection": "Only the program's week can be projected.",
    "too_deep": "Conditions are nested at most {deepest} deep.",
    "too_many_tests": "A rule has at most {most} tests.",
    "unpaired_brace": "A brace is not paired; write it twice to have it in the sentence.",
    "unknown_placeholder": "Of placeholders, this condition fills: {filled}.",
    "twice": "Another rule has this code.",
    "reserved_code": "This code belongs to rules that could not be evaluated.",
    "floor_rule": "The safety floor is code: nobody changes it or switches it off.",
    "no_floor_rule": "Only the safety floor's own rules are marked so.",
    "unknown_signal": "This program has no such signal.",
    "out_of_range": "This signal goes from {minimum:g} to {maximum:g}.",
    "never_true": "No reading of this signal can compare so: it goes from {minimum:g} to {maximum:g}.",
    "not_a_choice": "One of {choices}.",
    "sum_out_of_range": "Readings of this signal add up to {minimum:g} or more.",
    "not_a_number": "This signal is a choice: its readings neither rise, nor fall, nor add up.",
    "not_a_code": "This signal is a number: compare it with one, by >=, >, <= or <.",
}


def unfit(code: LiteralString, *where: str | int, **shown: str | int) -> ValidationError:
    """What a validator raises to refuse the part at `where`, below what it validates.

    pydantic puts its own path before it, so that the fault points at the member and not at the whole.
    """
    error = PydanticCustomError(code, SENTENCES[code], shown or None)
    return ValidationError.from_exception_data(
        "rule", [InitErrorDetails(type=error, loc=where, input=None)], hide_input=True
    )
