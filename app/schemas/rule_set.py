"""Rule sets as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.rules.diff import Difference
from app.rules.floor import FLOOR
from app.rules.rule import MOST_RULES, Rule
from app.schemas.answer_examples import RULE_SET
from app.schemas.fields import Body, WholeNumber
from app.schemas.rule_examples import DIFFERENCE, FORM, RULE_SET_BODY, RULE_SET_DRAFT, RULE_SET_PAGE

Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1), WholeNumber]
Reason = Annotated[
    str,
    StringConstraints(
        strict=True,
        strip_whitespace=True,
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
    ),
]


class RuleSetDraft(Body):
    """Rules that a program might have. They are what `GET /v1/rule-sets/current` gives, edited."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_SET_DRAFT]})

    program_id: Annotated[UUID, Field(strict=False)] | None = Field(
        None, description="May be left out by those who work in exactly one program."
    )
    rules: list[Rule] = Field(
        max_length=MOST_RULES + len(FLOOR),
        description="All of them: what is left out is gone. The safety floor's may be among them, unchanged, "
        "and hold whether they are or not.",
    )


class RuleSetBody(RuleSetDraft):
    """A new version of a program's rules."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_SET_BODY]})

    base_version: Version = Field(description="The version that was edited; it must be the one in force.")
    reason: Reason = Field(
        description="Why, for whoever asks later.", examples=["Cravings of 7 came before most relapses."]
    )


class RuleSetSummary(BaseModel):
    """One version of a program's rules, without them."""

    version: int
    author: str | None = Field(description="Null: Handrail's own default pack.")
    author_id: UUID | None
    reason: str
    published_at: datetime
    in_force: bool


class RuleSetPage(BaseModel):
    """Versions, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_SET_PAGE]})

    items: list[RuleSetSummary]
    next_cursor: str | None


class RuleSetRead(BaseModel):
    """One version of a program's rules."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_SET]})

    program_id: UUID
    version: int
    author: str | None = Field(description="Null: Handrail's own default pack.")
    author_id: UUID | None
    reason: str
    published_at: datetime
    rules: list[Rule] = Field(
        description="The safety floor first (`floor` is true: it cannot be changed), then the program's own."
    )


class ChangeRead(BaseModel):
    """One part of a rule that differs. `after` in the place of `before` makes the older rule the newer."""

    model_config = ConfigDict(from_attributes=True)

    pointer: str = Field(description="JSON pointer (RFC 6901) into the rule.", examples=["/condition/value"])
    before: Any
    after: Any


class ChangedRuleRead(BaseModel):
    """A rule that is in both versions and differs."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    changes: list[ChangeRead]
    sentence: str = Field(description="All of it in plain words.", examples=["Craving: from 8 to 7."])


class RuleSetDiff(BaseModel):
    """What one version has and another has not. Rules are the same by their code."""

    model_config = ConfigDict(json_schema_extra={"examples": [DIFFERENCE]})

    version: int
    against: int | None = Field(description="Null: there was none before; all is new.")
    added: list[Rule]
    removed: list[Rule]
    changed: list[ChangedRuleRead]

    @classmethod
    def of(cls, version: int, against: int | None, found: Difference) -> Self:
        """A difference as it travels."""
        return cls(
            version=version, against=against, added=list(found.added), removed=list(found.removed),
            changed=[ChangedRuleRead.model_validate(each) for each in found.changed],
        )  # fmt: skip


class ChoiceRead(BaseModel):
    """One value of a signal that is a choice."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str


class SignalRead(BaseModel):
    """A signal that rules of this program may watch."""

    model_config = ConfigDict(from_attributes=True)

    signal: str
    title: str
    description: str
    kind: Literal["number", "choice", "yes-no"] = Field(description="Yes is 1 and no is 0.")
    minimum: float | None
    maximum: float | None
    unit: str | None
    choices: list[ChoiceRead]


class RuleForm(BaseModel):
    """What a form for rules is built from."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM]})

    program_id: UUID
    rule: dict[str, Any] = Field(description="JSON Schema 2020-12 of one rule, with this program's signals.")
    signals: list[SignalRead]
    placeholders: dict[str, list[str]] = Field(
        description="What a rule's sentence may hold in braces, by its condition's kind. `all` fills what "
        "any of its parts fills, `any` what each of them fills, `not` nothing."
    )
