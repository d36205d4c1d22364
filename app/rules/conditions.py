"""The closed set of conditions: what may be watched for, as data that a form can be built from.

A window of n days is n local days, the last being today. A condition is true, false or unknown (`judge`
decides): nothing read means unknown, and unknown is never an alert.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1_000_000, le=1_000_000)]
Code = Annotated[str, Field(strict=True, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Op = Annotated[
    Literal[">=", ">", "<=", "<", "==", "!="],
    Field(
        title="Comparison",
        description="How a reading compares with the value; == and != are for choices only",
    ),
]
Value = Annotated[
    Number | Code,
    Field(title="Value", description="A number, or the code of a choice; yes is 1 and no is 0"),
]
Readings = Annotated[int, Field(title="Readings", description="How many readings", ge=1, le=60)]
Days = Annotated[int, Field(title="Days", description="Local days, ending with today", ge=1, le=120)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Compares(_Frozen):
    op: Op
    value: Value

    @model_validator(mode="after")
    def _op_fits_value(self) -> Self:
        if (self.op in ("==", "!=")) != isinstance(self.value, str):
            raise ValueError("== and != compare codes, the others compare numbers")
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

    model_config = ConfigDict(title="Change")
    kind: Literal["change"] = "change"
    signal: Signal
    against: Literal["baseline", "previous", "best_of_last", "median"] = Field(
        title="Compared with",
        description="The first reading ever, the one before, the best of n, or the usual",
    )
    n: Readings | None = Field(None, description="With best_of_last: of how many earlier readings")
    window_days: Days | None = Field(
        None, description="With median: over how many days before the latest reading"
    )
    direction: Literal["rise", "fall"] = Field(title="Direction", description="Which way the change goes")
    by: Annotated[Number, Field(gt=0)] = Field(title="By", description="The smallest change that counts")

    @model_validator(mode="after")
    def _only_what_it_needs(self) -> Self:
        if (self.n is not None) != (self.against == "best_of_last"):
            raise ValueError("n goes with best_of_last, and only with it")
        if (self.window_days is not None) != (self.against == "median"):
            raise ValueError("window_days goes with median, and only with it")
        return self


class Count(_Compares):
    """At least so many days, or readings, of a window compare so."""

    model_config = ConfigDict(title="How often")
    kind: Literal["count"] = "count"
    signal: Signal
    at_least: Readings
    window_days: Days
    per: Literal["day", "reading"] = Field(
        "day", title="Per", description="A day counts once, or every reading does"
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.per == "day" and self.at_least > self.window_days:
            raise ValueError("more days than the window has")
        return self


class Run(_Compares):
    """Each of the last n readings compares so."""

    model_config = ConfigDict(title="In a row")
    kind: Literal["run"] = "run"
    signal: Signal
    n: Readings


class Silence(_Frozen):
    """No reading for so long, counted from the enrollment's start at the earliest.

    A day is 24 hours here, so that the moment at which silence becomes news can be stored.
    """

    model_config = ConfigDict(title="Silence")
    kind: Literal["silence"] = "silence"
    signal: Signal
    days: Annotated[int, Field(ge=1, le=120)] | None = Field(
        None, description="Either days, of 24 hours each"
    )
    hours: Annotated[int, Field(ge=1, le=2880)] | None = Field(None, description="Or hours")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.days is None) == (self.hours is None):
            raise ValueError("either days or hours")
        return self


class Total(_Compares):
    """The sum over the program's week or over a rolling window compares so.

    A projected total adds what is still scheduled until the end of the program's week.
    """

    model_config = ConfigDict(title="Total")
    kind: Literal["total"] = "total"
    signal: Signal
    window: Literal["program_week", "rolling"] = Field(
        title="Window", description="The program's week, or days back"
    )
    window_days: Days | None = Field(None, description="With a rolling window: how many days")
    project: bool = Field(False, description="Add what is scheduled for the rest of the program's week")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if isinstance(self.value, str):
            raise ValueError("a sum compares with a number")
        if (self.window_days is not None) != (self.window == "rolling"):
            raise ValueError("window_days goes with rolling, and only with it")
        if self.project and self.window == "rolling":
            raise ValueError("only the program's week can be projected")
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


def _depth(condition: "Condition") -> int:
    return 1 + max(map(_depth, parts(condition)), default=0)


def _bounded(condition: "Condition") -> "Condition":
    if _depth(condition) > DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST}")
    if sum(1 for _ in leaves(condition)) > MOST_TESTS:
        raise ValueError(f"more than {MOST_TESTS} tests")
    return condition


Leaf = Threshold | Change | Count | Run | Silence | Total
Condition = Annotated[Leaf | AllOf | AnyOf | Not, Field(discriminator="kind"), AfterValidator(_bounded)]

AllOf.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
