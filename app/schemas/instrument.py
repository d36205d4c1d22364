"""Instruments as the app and the dashboard list them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import INSTRUMENT


class InstrumentLicence(BaseModel):
    """Who holds the rights, and on what terms. `tier` 1: the wording ships; 2 and 3: as a content pack."""

    model_config = ConfigDict(from_attributes=True)

    tier: Literal[1, 2, 3]
    holder: str
    terms: str


class InstrumentRead(BaseModel):
    """One instrument in its newest version."""

    code: str = Field(examples=["phq-9"])
    version: str = Field(examples=["1.0.0"])
    title: str = Field(examples=["Patient Health Questionnaire-9"])
    languages: list[str] = Field(description="In which every question has wording.", examples=[["en"]])
    has_text: bool = Field(description="Without wording it can be scored but not shown.")
    recall_days: int | None = Field(description="The period that its questions ask about.", examples=[14])
    cadence: str | None = Field(description="How often it is usually asked.", examples=["Every two weeks"])
    licence: InstrumentLicence


class InstrumentList(BaseModel):
    """Every instrument that can be submitted, by code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [INSTRUMENT]}]})

    items: list[InstrumentRead]
