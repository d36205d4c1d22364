"""What a form for rules is built from."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from app.rules.conditions import Change, Count, Leaf, Run, Silence, Threshold, Total
from app.rules.rule import Rule
from app.rules.vocabulary import Vocabulary
from app.rules.wording import placeholders

# Which members it has decides what a condition fills, not their values: one of each kind tells of all.
_ONE_OF_EACH: Final[tuple[Leaf, ...]] = (
    Threshold(signal="mood", op="<", value=1),
    Change(signal="mood", against="previous", direction="fall", by=1),
    Count(signal="mood", op="<", value=1, at_least=1, window_days=1),
    Run(signal="mood", op="<", value=1, n=1),
    Silence(signal="mood", days=1),
    Total(signal="mood", op="<", value=1, window="program_week"),
)


def rule_schema(known: Vocabulary) -> dict[str, Any]:
    """JSON Schema 2020-12 of one rule that watches these signals.

    It says all that `Rule` refuses but for what is counted: more than 30 tests, more than 4 levels, more days
    than a window has, a placeholder that the condition does not fill. Whether a value is in its signal's
    range it does not say either.
    """
    schema = Rule.model_json_schema()
    for part in schema["$defs"].values():
        if "signal" in (members := part.get("properties", {})):
            members["signal"]["enum"] = sorted(known)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def filled_by_kind() -> Mapping[str, list[str]]:
    """The placeholders that each kind of plain test fills."""
    return {leaf.kind: sorted(placeholders(leaf)) for leaf in _ONE_OF_EACH}
