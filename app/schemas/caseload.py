"""The caseload as it travels."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.answer_examples import CASELOAD_ITEM, CASELOAD_PAGE

SEVERITIES = ("critical", "urgent", "high", "routine")
COUNTS = [f"{status}_{severity}" for status in ("open", "acknowledged") for severity in SEVERITIES]


class ProgramRef(BaseModel):
    """A program by name."""

    id: UUID
    name: str


class CounselorRef(BaseModel):
    """A staff member by name."""

    id: UUID
    name: str


class LastCheckIn(BaseModel):
    """What the patient said last."""

    local_date: date
    mood: int | None
    craving: int | None
    answers: dict[str, Any]


class LastResult(BaseModel):
    """The latest total of an instrument."""

    local_date: date
    total: float
    severity: str | None
    change: float | None = Field(description="From the total before; null when there is none.")


class BySeverity(BaseModel):
    """How many alerts."""

    critical: int
    urgent: int
    high: int
    routine: int


class CaseloadItem(BaseModel):
    """One patient with a running stay, at a glance."""

    model_config = ConfigDict(json_schema_extra={"examples": [CASELOAD_ITEM]})

    patient_id: UUID
    patient_name: str
    program: ProgramRef
    enrollment_status: str = Field(examples=["active"], description="`active` or `on_leave`.")
    enrolled_on: date
    primary_counselor: CounselorRef | None
    open_alerts: BySeverity = Field(description="That nobody has acknowledged.")
    acknowledged_alerts: BySeverity = Field(description="That somebody has, and that are not resolved.")
    next_due_at: datetime | None = Field(description="The soonest among the open, else the acknowledged.")
    last_check_in: LastCheckIn | None
    streak: int = Field(description="Days in a row with a check-in, up to today or yesterday.")
    phq9: LastResult | None
    gad7: LastResult | None
    follow_ups_due: int = Field(description="Crises after which nobody has spoken with them again yet.")

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `queries.caseload.rows`."""
        of: dict[str, Any] = row._asdict()
        counselor = of["counselor_id"] and {"id": of["counselor_id"], "name": of["counselor_name"]}
        return cls.model_validate(
            {
                **of,
                "program": {"id": of["program_id"], "name": of["program_name"]},
                "primary_counselor": counselor,
                "next_due_at": of["next_due_at"] if any(of[name] for name in COUNTS) else None,
                "open_alerts": {each: of[f"open_{each}"] for each in SEVERITIES},
                "acknowledged_alerts": {each: of[f"acknowledged_{each}"] for each in SEVERITIES},
                "last_check_in": _check_in(of),
                "phq9": _result(of, "phq9"),
                "gad7": _result(of, "gad7"),
            }
        )


class CaseloadPage(BaseModel):
    """A part of the caseload."""

    model_config = ConfigDict(json_schema_extra={"examples": [CASELOAD_PAGE]})

    items: list[CaseloadItem]
    next_cursor: str | None


def _check_in(of: dict[str, Any]) -> dict[str, Any] | None:
    if of["check_in_date"] is None:
        return None
    answers = of["check_in_answers"]
    return {
        "local_date": of["check_in_date"],
        "mood": answers.get("mood"),
        "craving": answers.get("craving"),
        "answers": answers,
    }


def _result(of: dict[str, Any], name: str) -> dict[str, Any] | None:
    if of[f"{name}_date"] is None:
        return None
    return {
        "local_date": of[f"{name}_date"],
        "total": of[f"{name}_total"],
        "severity": of[f"{name}_severity"],
        "change": of[f"{name}_change"],
    }
