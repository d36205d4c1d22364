"""Places in a series as they travel."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import ANA
from app.schemas.fields import Body, Uuid7
from app.schemas.session_examples import PLACE_READ


class PlaceBody(Body):
    """A place, for oneself or for a patient."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"patient_id": ANA}]})

    id: Uuid7 | None = None
    patient_id: Literal["me"] | Annotated[UUID, Field(strict=False)] | None = Field(
        None, description="For staff: who is to have it. A patient leaves it out, or says `me`."
    )


class PlaceRead(BaseModel):
    """Somebody's place in a series, or in its waiting list."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLACE_READ]})

    id: UUID
    series_id: UUID
    patient_id: UUID
    status: Literal["placed", "waiting"]
    position: int | None = Field(description="In the waiting list; 1 is next. Null with a place.")
    first_day: date | None = Field(description="From this day on they are expected; null while they wait.")
    asked_at: datetime
    placed_at: datetime | None


class PlaceList(BaseModel):
    """Who has a place, then who waits for one, each in their order; all that there are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PLACE_READ]}]})

    items: list[PlaceRead]
