"""Calendar feeds as they travel."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.schemas.fields import Body

CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Appointments//Calendar//EN\r\nNAME:Appointments\r\n"
    "X-WR-CALNAME:Appointments\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
    "UID:019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e51\r\nX-PUBLISHED-TTL:PT1H\r\nBEGIN:VEVENT\r\n"
    "SUMMARY:Appointment\r\nDTSTART:20261123T230000Z\r\nDTEND:20261124T020000Z\r\n"
    "DTSTAMP:20261001T140000Z\r\nUID:019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e52\r\nSEQUENCE:0\r\n"
    "CLASS:PRIVATE\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_FEED: JsonDict = {
    "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e51",
    "shows_place": False,
    "created_at": "2026-11-23T13:00:00Z",
}
_URL = (
    "https://handrail.riverside.example/v1/calendars/"
    "AZqw8nwAfTqbHg9aPG2OIQGasPJ8AH06mx4PWjxtjlEq1VfA9o0xwYbN3kQm7uZ2LrTgPdVhWc8sEiBn5JxyRA.ics"
)


class CalendarFeedBody(Body):
    """A new address of the caller's own sessions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shows_place": False}]})

    shows_place: bool = Field(
        False,
        description="Whether room and telehealth link stand in the calendar. Whoever sees it on a screen, "
        "and whoever keeps it for the phone, can then tell where somebody goes.",
    )


class CalendarFeedRead(BaseModel):
    """One address that can be read."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_FEED]})

    id: UUID
    shows_place: bool
    created_at: datetime


class CalendarFeedReply(CalendarFeedRead):
    """A new address. It is shown here and never again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_FEED, "url": _URL}]})

    url: str = Field(description="For a calendar program to subscribe to. Who has it, reads the calendar.")


class CalendarFeedList(BaseModel):
    """The caller's addresses that can be read, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_FEED]}]})

    items: list[CalendarFeedRead]
