"""Times in which somebody was away from a session that they came back to, as they are stored."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.treatment.minutes import Span


def stored(away: Iterable[Span]) -> list[dict[str, str]]:
    """As JSON: `left_at` and `back_at` of each, in UTC."""
    return [{"left_at": _text(start), "back_at": _text(end)} for start, end in away]


def read(found: Iterable[Mapping[str, Any]] | None) -> tuple[Span, ...]:
    """The spans of such JSON; of None there are none."""
    return tuple(Span(_moment(each["left_at"]), _moment(each["back_at"])) for each in found or ())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
