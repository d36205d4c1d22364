"""What a finding rests on: enough to find the same again, years later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from app.rules.history import History, Pause
from app.rules.reading import Reading, Source


@dataclass(frozen=True, slots=True)
class Evidence:
    """The readings that a condition looked at, those that decided it, and the comparison in words.

    `as_of`, `enrolled_at`, `time_zone`, `week_starts_on` and `pauses` are what else was known: with them,
    `looked_at` alone gives the same finding again. `reported_for` is the day of an answer that came on a
    later one.
    """

    looked_at: tuple[Reading, ...]
    decisive: tuple[Reading, ...]
    comparison: str
    as_of: datetime
    time_zone: ZoneInfo
    enrolled_at: datetime | None = None
    week_starts_on: int = 0
    reported_for: date | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def lived_at(self) -> datetime:
        """When the newest reading that decided was lived; where none did, the moment of the evaluation."""
        return max((reading.at for reading in self.decisive), default=self.as_of)

    @property
    def received_on(self) -> date | None:
        """The day, where the person lives, on which what is `reported_for` its own day reached us."""
        came = [each.received_at for each in self.decisive if each.day == self.reported_for]
        return max(came).astimezone(self.time_zone).date() if came else None

    def history(self) -> History:
        """A history of nothing but this. What lies after `as_of` was scheduled then."""
        return History(
            [reading for reading in self.looked_at if reading.at <= self.as_of],
            enrolled_at=self.enrolled_at,
            time_zone=self.time_zone,
            week_starts_on=self.week_starts_on,
            scheduled=[reading for reading in self.looked_at if reading.at > self.as_of],
            pauses=self.pauses,
        )

    def to_json(self) -> dict[str, object]:
        """As JSON has it: times and days in ISO 8601."""
        return {
            "looked_at": [_to_json(reading) for reading in self.looked_at],
            "decisive": [_to_json(reading) for reading in self.decisive],
            "comparison": self.comparison,
            "as_of": self.as_of.isoformat(),
            "time_zone": self.time_zone.key,
            "enrolled_at": self.enrolled_at.isoformat() if self.enrolled_at else None,
            "week_starts_on": self.week_starts_on,
            "reported_for": self.reported_for.isoformat() if self.reported_for else None,
            "pauses": [_pause_to_json(pause) for pause in self.pauses],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The evidence that `to_json` was called on. Raises KeyError or ValueError on anything else.

        Evidence of before there were pauses has none.
        """
        enrolled_at, reported_for = stored["enrolled_at"], stored["reported_for"]
        return cls(
            looked_at=tuple(_from_json(reading) for reading in stored["looked_at"]),
            decisive=tuple(_from_json(reading) for reading in stored["decisive"]),
            comparison=stored["comparison"],
            as_of=datetime.fromisoformat(stored["as_of"]),
            time_zone=ZoneInfo(stored["time_zone"]),
            enrolled_at=datetime.fromisoformat(enrolled_at) if enrolled_at else None,
            week_starts_on=stored["week_starts_on"],
            reported_for=date.fromisoformat(reported_for) if reported_for else None,
            pauses=tuple(_pause_from_json(pause) for pause in stored.get("pauses", ())),
        )


def _to_json(reading: Reading) -> dict[str, object]:
    return {
        "signal": reading.signal,
        "value": reading.value,
        "at": reading.at.isoformat(),
        "day": reading.day.isoformat(),
        "received_at": reading.received_at.isoformat(),
        "source": {
            "kind": reading.source.kind,
            "id": str(reading.source.id),
            "revision": reading.source.revision,
        },
    }


def _from_json(stored: Mapping[str, Any]) -> Reading:
    source = stored["source"]
    return Reading(
        signal=stored["signal"],
        value=stored["value"],
        at=datetime.fromisoformat(stored["at"]),
        day=date.fromisoformat(stored["day"]),
        received_at=datetime.fromisoformat(stored["received_at"]),
        source=Source(source["kind"], UUID(source["id"]), source["revision"]),
    )


def _pause_to_json(pause: Pause) -> dict[str, object]:
    end = pause.end.isoformat() if pause.end else None
    return {"start": pause.start.isoformat(), "end": end, "is_leave": pause.is_leave}


def _pause_from_json(stored: Mapping[str, Any]) -> Pause:
    end = datetime.fromisoformat(stored["end"]) if stored["end"] else None
    return Pause(datetime.fromisoformat(stored["start"]), end, stored["is_leave"])
