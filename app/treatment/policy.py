"""What a program makes of arrivals, absences and notices: its attendance policy."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

NoticeKind = Literal["work", "family", "illness", "medical", "transport", "legal", "bereavement", "other"]
"""What comes in between, as somebody says who will not be there."""
NOTICE_KINDS: Final[tuple[NoticeKind, ...]] = get_args(NoticeKind)

_EXCUSED: Final[tuple[NoticeKind, ...]] = ("work", "family", "illness", "medical", "legal", "bereavement")


def _whole(title: str, description: str, ge: int, le: int) -> object:
    return Field(title=title, description=description, ge=ge, le=le)


class AttendancePolicy(BaseModel):
    """When somebody is late, leaves early or is missing, and which absences are excused by themselves.

    The 48 hours are one policy seen (clinical.md, C, "Attendance"); every other number is a programme's own
    choice [D]. What a stored policy leaves out has its default.
    """

    model_config = ConfigDict(
        title="Attendance policy", frozen=True, extra="forbid", strict=True, hide_input_in_errors=True
    )

    no_show_after_minutes: Annotated[
        int, _whole("Missing after", "Minutes after the start; who has not come by then is a no-show", 5, 240)
    ] = 30
    late_after_minutes: Annotated[
        int,
        _whole("Late after", "Minutes after the start; at most `no_show_after_minutes`", 0, 240),
    ] = 10
    left_early_minutes: Annotated[
        int, _whole("Left early", "More than so many minutes before the end", 0, 240)
    ] = 10
    excused_notice_hours: Annotated[
        int, _whole("Notice", "Hours before the start by which an absence is told to be excused", 0, 336)
    ] = 48
    excused_kinds: Annotated[
        tuple[NoticeKind, ...],
        Field(
            title="Excused kinds",
            description="Told in time, these are excused at once; the others are for staff to decide",
            max_length=len(NOTICE_KINDS),
            strict=False,
            json_schema_extra={"uniqueItems": True},
        ),
    ] = _EXCUSED
    make_up_days: Annotated[
        int, _whole("Make-up within", "Days after a missed session in which another makes up for it", 0, 60)
    ] = 7
    arrival_opens_minutes: Annotated[
        int, _whole("Doors open", "Minutes before the start from which an arrival is taken", 0, 120)
    ] = 15

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.late_after_minutes > self.no_show_after_minutes:
            raise PydanticCustomError("late_after_no_show", "late begins after missing")
        if len(set(self.excused_kinds)) < len(self.excused_kinds):
            raise PydanticCustomError("repeated", "a kind is named twice")
        return self


USUAL: Final = AttendancePolicy()
"""What a program has that says nothing of it."""


def policy_of(stored: Mapping[str, Any]) -> AttendancePolicy:
    """A stored policy. One that this release cannot read must not keep anybody out: the defaults stand in."""
    try:
        return AttendancePolicy.model_validate(stored)
    except ValidationError:
        return USUAL
