"""The closed set of conditions: what may be watched for, as data that a form can be built from.

A window of n days is n local days, the last being today. A condition is true, false or unknown (`judge`
decides): nothing read means unknown, and unknown is never an alert.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue

from app.rules import together
from app.rules.unfit import unfit

DEEPEST = 4
MOST_TESTS = 30

Signal = Annotated[
    str,
    Field(
        title="Signal",
        description="The series that is watched, such as craving or phq9.total",
        max_length=64,
        pattern=r"^[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){0,3}$",
    ),
]


def _whole(value: object) -> object:
    """4.0 is a whole number in JSON Schema, and to phones that know only doubles."""
    return int(value) if type(value) is float and value.is_integer() else value


# Behind the limits in an annotation: those before it are part of what it wraps.
WholeNumber = BeforeValidator(_whole)
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1_000_000, le=1_000_000)]
Code = Annotated[str, Field(strict=True, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Op = Annotated[
    Literal[">=", ">", "<=", "<", "==", "!="],
    Field(
        title="Comparison",
        description="How a reading compares with the value; == and != are for choices only",
    ),
]


def _kind_of_value(value: object) -> str:
    return "a code" if isinstance(value, str) else "a number"


Value = Annotated[
    Annotated[Number, Tag("a number")] | Annotated[Code, Tag("a code")],
    Discriminator(_kind_of_value),
    Field(title="Value", description="A number, or the code of a choice; yes is 1 and no is 0"),
]
Readings = Annotated[
    int, Field(strict=True, title="Readings", description="How many readings", ge=1, le=60), WholeNumber
]
Days = Annotated[
    int,
    Field(strict=True, title="Days", description="Local days, ending with today", ge=1, le=120),
    WholeNumber,
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Code may leave `kind` out, JSON may not."""
        schema = handler.resolve_ref_schema(found := handler(core_schema))
        schema["required"] = ["kind", *(name for name in schema.get("required", ()) if name != "kind")]
        return found


class _Compares(_Frozen):
    model_config = ConfigDict(json_schema_extra=together.COMPARES)

    op: Op
    value: Value

    @model_validator(mode="after")
    def _op_fits_value(self) -> Self:
        if (self.op in ("==", "!=")) != isinstance(self.value, str):
            raise unfit("unfit_comparison", "op")
        return self


class Threshold(_Compares):
    """The latest reading compares so with a value."""

    model_config = ConfigDict(title="Latest reading")
    kind: Literal["threshold"] = "threshold"
    signal: Signal


class Change(_Frozen):
    """The latest reading differs by so much from an earlier one of the same person.

    The best of the last n is the lowest when a rise is watched for, the highest for a fall. A median is taken
    over the `window_days` days before the day of the latest reading, and earlier on that day; fewer than
    three readings there make no median (a design choice: two have none that is anybody's usual).
    """

    model_config = ConfigDict(title="Change", json_schema_extra=together.CHANGE)
    kind: Literal["change"] = "change"
    signal: Signal
    against: Literal["baseline", "previous", "best_of_last", "median"] = Field(
        title="Compared with",
        description="The first reading ever, the one before, the best of n, or the usual",
    )
    n: Readings | None = Field(
        None, title="Of the last", description="With best_of_last: of how many earlier readings"
    )
    window_days: Days | None = Field(
        None, title="Over days", description="With median: over how many days before the latest reading"
    )
    direction: Literal["rise", "fall"] = Field(title="Direction", description="Which way the change goes")
    by: Annotated[Number, Field(gt=0)] = Field(title="By", description="The smallest change that counts")

    @model_validator(mode="after")
    def _only_what_it_needs(self) -> Self:
        if (self.n is not None) != (self.against == "best_of_last"):
            raise unfit("needs_best_of_last", "n")
        if (self.window_days is not None) != (self.against == "median"):
            raise unfit("needs_median", "window_days")
        return self


class Count(_Compares):
    """At least so many days, or readings, of a window compare so."""

    model_config = ConfigDict(title="How often")
    kind: Literal["count"] = "count"
    signal: Signal
    at_least: Annotated[Readings, Field(title="At least", description="On how many days, or how often")]
    window_days: Annotated[Days, Field(title="Of the last days")]
    per: Literal["day", "reading"] = Field(
        "day", title="Per", description="A day counts once, or every reading does"
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.per == "day" and self.at_least > self.window_days:
            raise unfit("unreachable", "at_least")
        return self


class Run(_Compares):
    """Each of the last n readings compares so."""

    model_config = ConfigDict(title="In a row")
    kind: Literal["run"] = "run"
    signal: Signal
    n: Annotated[Readings, Field(title="In a row")]


class Silence(_Frozen):
    """No reading for so long, counted from the enrollment's start at the earliest.

    A day is 24 hours here, so that the moment at which silence becomes news can be stored.
    """

    model_config = ConfigDict(title="Silence", json_schema_extra=together.SILENCE)
    kind: Literal["silence"] = "silence"
    signal: Signal
    days: Annotated[int, Field(strict=True, ge=1, le=120), WholeNumber] | None = Field(
        None, description="Either days, of 24 hours each"
    )
    hours: Annotated[int, Field(strict=True, ge=1, le=2880), WholeNumber] | None = Field(
        None, description="Or hours"
    )

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.days is None) == (self.hours is None):
            raise unfit("days_or_hours")
        return self


class Total(_Compares):
    """The sum over the program's week or over a rolling window compares so.

    A projected total adds what is still scheduled until the end of the program's week.
    """

    model_config = ConfigDict(title="Total", json_schema_extra=together.TOTAL)
    kind: Literal["total"] = "total"
    signal: Signal
    window: Literal["program_week", "rolling"] = Field(
        title="Window", description="The program's week, or days back"
    )
    window_days: Days | None = Field(
        None, title="Of the last days", description="With a rolling window: how many days"
    )
    project: bool = Field(
        False, strict=True, description="Add what is scheduled for the rest of the program's week"
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if isinstance(self.value, str):
            raise unfit("sum_of_codes", "value")
        if (self.window_days is not None) != (self.window == "rolling"):
            raise unfit("needs_rolling", "window_days")
        if self.project and self.window == "rolling":
            raise unfit("unfit_projection", "project")
        return self


class AllOf(_Frozen):
    """Every one of these holds."""

    model_config = ConfigDict(title="All of")
    kind: Literal["all"] = "all"
    conditions: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=10)]


class AnyOf(_Frozen):
    """At least one of these holds."""

    model_config = ConfigDict(title="Any of")
    kind: Literal["any"] = "any"
    conditions: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=10)]


class Not(_Frozen):
    """This is known not to hold: unknown stays unknown."""

    model_config = ConfigDict(title="Not")
    kind: Literal["not"] = "not"
    condition: "Condition"


def parts(condition: "Condition") -> tuple["Condition", ...]:
    """The conditions that this one combines; none for a plain test."""
    match condition.kind:
        case "all" | "any":
            return condition.conditions
        case "not":
            return (condition.condition,)
        case _:
            return ()


def leaves(condition: "Condition") -> Iterator["Leaf"]:
    """Every plain test in a condition, from left to right."""
    match condition.kind:
        case "all" | "any" | "not":
            for part in parts(condition):
                yield from leaves(part)
        case _:
            yield condition


def signals_of(condition: "Condition") -> frozenset[str]:
    """The signals that a condition looks at."""
    return frozenset(leaf.signal for leaf in leaves(condition))


def is_low(total: Total) -> bool:
    """Whether a total asks for little, so that time alone brings it about: readings leave the window."""
    return total.op in ("<", "<=")


def tells_of_absence(condition: "Condition") -> bool:
    """Whether a condition is a plain test for what is lacking: silence, or a low total."""
    return condition.kind == "silence" or (condition.kind == "total" and is_low(condition))


def _depth(condition: "Condition") -> int:
    return 1 + max(map(_depth, parts(condition)), default=0)


def _bounded(condition: "Condition") -> "Condition":
    if _depth(condition) > DEEPEST:
        raise unfit("too_deep", deepest=DEEPEST)
    if sum(1 for _ in leaves(condition)) > MOST_TESTS:
        raise unfit("too_many_tests", most=MOST_TESTS)
    return condition


Leaf = Threshold | Change | Count | Run | Silence | Total
Condition = Annotated[Leaf | AllOf | AnyOf | Not, Field(discriminator="kind"), AfterValidator(_bounded)]

AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
