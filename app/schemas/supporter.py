"""Supporters as they travel."""

from datetime import datetime
from typing import Annotated, Literal, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.queries.supporters import Known, StoodBy
from app.schemas.contact import Locale
from app.schemas.fields import Body, Line, Uuid7
from app.schemas.invitation import InvitationReply
from app.schemas.supporter_examples import SUPPORTER, SUPPORTER_ADDED, SUPPORTER_BODY

Category = Literal["safety_plan"]
Shares = Annotated[
    list[Category], Field(max_length=5, description="What they may see, besides that you are their patient.")
]


class SupporterBody(Body):
    """Family or a friend whom the patient lets in."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUPPORTER_BODY]})

    id: Uuid7 | None = None
    name: Line
    relation: Line = Field(description="What they are to the patient, in the patient's words.")
    locale: Locale | None = Field(None, description="Null: as the patient's own.")
    shares: Shares = Field(default=[])


class SupporterChange(Body):
    """What is to change; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shares": []}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    name: Line = Field(default_factory=str)
    relation: Line = Field(default_factory=str)
    locale: Locale = Field(default_factory=lambda: "en")
    shares: Shares = Field(default_factory=list)


class SupporterRead(BaseModel):
    """Somebody whom the patient has let in."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUPPORTER]})

    id: UUID
    patient_id: UUID
    name: str
    relation: str
    locale: str
    shares: list[Category]
    has_joined: bool = Field(description="Whether they have taken up their code.")
    created_at: datetime
    changed_at: datetime
    row_version: int = Field(description="What If-Match names.")

    @classmethod
    def of(cls, known: Known) -> Self:
        """A supporter as stored."""
        columns = {name: getattr(known.supporter, name) for name in cls.model_fields if name != "has_joined"}
        return cls(has_joined=known.has_joined, **columns)


class SupporterAdded(SupporterRead):
    """A new supporter and their code, which is shown here and never again."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUPPORTER_ADDED]})

    invitation: InvitationReply | None = Field(
        description="Null when the request is repeated: ask for a new code then."
    )


class Supporters(BaseModel):
    """All of a patient's supporters, the first first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [SUPPORTER]}]})

    items: list[SupporterRead]


class StandsBy(BaseModel):
    """Whom a supporter stands by, and what they may see."""

    patient_id: UUID
    given_name: str
    relation: str
    shares: list[Category]

    @classmethod
    def of(cls, stood_by: StoodBy) -> Self:
        """A supporter's part in somebody's life, as far as it is theirs to know."""
        supporter, patient = stood_by
        return cls(
            patient_id=patient.id, given_name=patient.given_name, relation=supporter.relation,
            shares=cast(list[Category], supporter.shares),
        )  # fmt: skip
