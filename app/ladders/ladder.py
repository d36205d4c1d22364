"""The escalation ladder: who is told of an alert, and after how long without an answer the next one is."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from app.rules.rule import Severity

_CRITICAL_HOLD = 15
_LONGEST_WAIT = {Severity.CRITICAL: 15, Severity.URGENT: 60}
_NEEDS_NO_PATIENCE = (Severity.CRITICAL, Severity.URGENT)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Tell(StrEnum):
    """Whom a step tells: of the patient's care team, of the program, or outside."""

    PRIMARY = "primary"
    ON_CALL = "on_call"
    SUPERVISOR = "supervisor"
    CRISIS_SERVICE = "crisis_service"


class Step(_Frozen):
    """Somebody is told, and has so long to answer."""

    model_config = ConfigDict(title="Step")

    tell: Annotated[Tell, Field(title="Tell", description="Who is told")]
    wait_minutes: Annotated[
        int,
        Field(
            strict=True,
            title="Wait",
            description="Minutes to wait for an answer before the next step",
            ge=1,
            le=7 * 24 * 60,
        ),
    ]


Rounds = Annotated[int, Field(strict=True, ge=1, le=100)]
YesNo = Annotated[bool, Field(strict=True)]


class Ladder(_Frozen):
    """The steps of one severity. `n` counts them over the rounds: n = round * len(steps) + i, from 0."""

    model_config = ConfigDict(title="Escalation ladder")

    steps: Annotated[
        tuple[Step, ...],
        Field(title="Steps", description="Who is told, in this order", min_length=1, max_length=10),
    ]
    rounds: Annotated[
        Rounds | None, Field(title="Rounds", description="How often it is climbed; null: it never ends")
    ]
    hold_minutes: Annotated[
        int,
        Field(
            strict=True,
            title="Hold",
            description="Minutes for which an acknowledgement without action holds; then the alert reopens",
            ge=5,
            le=14 * 24 * 60,
        ),
    ]
    quiet_hours: Annotated[YesNo, Field(title="Keeps quiet hours")]
    working_days: Annotated[YesNo, Field(title="Keeps to working days")]
    digest: Annotated[YesNo, Field(title="Digest", description="Told of together with others, once a day")]

    def step(self, n: int) -> Step | None:
        """Step `n`, or none when the ladder has ended before it."""
        if n < 0:
            raise ValueError("steps count from 0")
        ended = self.rounds is not None and self.round_of(n) >= self.rounds
        return None if ended else self.steps[n % len(self.steps)]

    def round_of(self, n: int) -> int:
        """The round that step `n` belongs to, from 0."""
        return n // len(self.steps)


class Fault(NamedTuple):
    """What a severity forbids of a ladder: where (a JSON pointer into it), which kind, and why."""

    pointer: str
    code: str
    message: str


def faults(ladder: Ladder, severity: Severity) -> list[Fault]:
    """What is wrong with `ladder` for alerts of this severity, in the order of its members."""
    return list(_faults(ladder, severity))


def _faults(ladder: Ladder, severity: Severity) -> Iterator[Fault]:
    longest = _LONGEST_WAIT.get(severity)
    if severity in _NEEDS_NO_PATIENCE and all(step.tell is Tell.CRISIS_SERVICE for step in ladder.steps):
        why = "The crisis service alone is not enough: somebody who works here must be told, too."
        yield Fault("/steps", "tells_nobody_here", why)
    for index, step in enumerate(ladder.steps):
        if longest and step.wait_minutes > longest:
            why = f"An answer is due within {longest} minutes; the next step cannot wait for longer."
            yield Fault(f"/steps/{index}/wait_minutes", "too_large", why)
    if severity is Severity.CRITICAL and ladder.rounds is not None:
        yield Fault("/rounds", "must_not_end", "A critical ladder never ends: send null.")
    if severity is Severity.CRITICAL and ladder.hold_minutes > _CRITICAL_HOLD:
        why = f"A critical alert that nobody acts on reopens after at most {_CRITICAL_HOLD} minutes."
        yield Fault("/hold_minutes", "too_large", why)
    if severity in _NEEDS_NO_PATIENCE:
        for member in ("quiet_hours", "working_days"):
            if getattr(ladder, member):
                yield Fault(
                    f"/{member}", "must_not_wait", f"A page of severity {severity} waits for nothing."
                )
    if ladder.digest and severity is not Severity.ROUTINE:
        yield Fault("/digest", "must_not_wait", "Only routine alerts are told of in a digest.")


def _ladder(
    *steps: tuple[Tell, int],
    hold_minutes: int,
    quiet_hours: bool = False,
    working_days: bool = False,
    digest: bool = False,
) -> Ladder:
    return Ladder(
        steps=tuple(Step(tell=tell, wait_minutes=minutes) for tell, minutes in steps),
        rounds=None,
        hold_minutes=hold_minutes,
        quiet_hours=quiet_hours,
        working_days=working_days,
        digest=digest,
    )


_HOUR = 60
_DAY = 24 * _HOUR

DEFAULTS: Final[Mapping[Severity, Ladder]] = MappingProxyType(
    {
        Severity.CRITICAL: _ladder(
            (Tell.PRIMARY, 5), (Tell.ON_CALL, 5), (Tell.SUPERVISOR, 5), hold_minutes=15
        ),
        Severity.URGENT: _ladder(
            (Tell.PRIMARY, 15), (Tell.ON_CALL, 15), (Tell.SUPERVISOR, 30), hold_minutes=_HOUR
        ),
        Severity.HIGH: _ladder(
            (Tell.PRIMARY, 4 * _HOUR),
            (Tell.ON_CALL, 4 * _HOUR),
            (Tell.SUPERVISOR, 8 * _HOUR),
            hold_minutes=_DAY,
            quiet_hours=True,
        ),
        Severity.ROUTINE: _ladder(
            (Tell.PRIMARY, _DAY),
            (Tell.SUPERVISOR, _DAY),
            hold_minutes=3 * _DAY,
            quiet_hours=True,
            working_days=True,
            digest=True,
        ),
    }
)
"""The ladders that hold until a program writes its own.

- The time within which somebody answers (15 minutes, 60 minutes, 24 hours, the next working day) is common
  practice, and the steps fit into it: of critical and urgent everybody has been told, and has had time to
  answer, when it is over; of high after 16 of the 24 hours.
- The order primary, on call, supervisor, and the waits between them: design choices.
- No end, for any severity: a design choice, because an alert that nobody answers is no answer. For critical
  no program may change it.
- How long an acknowledgement holds (as long as the answer was given; 3 days for routine): a design choice.
- Quiet hours for high and routine, working days and a digest for routine only: a design choice.
"""
