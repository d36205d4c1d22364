"""What just happened when the demonstration is opened: a few moments that show what Handrail is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from app.demo.answers import PHQ9_ITEMS, ukm_rows
from app.demo.course import only

Care = Literal["open", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True)
class Scene:
    """Somebody told something `minutes_ago`, and the care team has got as far as `care` with it.

    With `answers` it is a check-in, without it is a PHQ-9 in which item 9 was answered.
    """

    patient: str
    minutes_ago: int
    care: Care
    answers: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None


SCENES: Final = (
    Scene("ben", 15, "open"),
    Scene(
        "ana",
        70,
        "open",
        {"mood": 3, "craving": 9, "anxiety": 7, "sleep_hours": 4.5, "used": False, "feels_safe": True},
        "Walked past the old place on the way home. Still shaky.",
    ),
    Scene(
        "liam",
        34,
        "acknowledged",
        {"mood": 3, "craving": 7, "used": True, "substances": ["opioids"], "feels_safe": True},
    ),
    Scene(
        "ethan",
        200,
        "resolved",
        {"mood": 1, "craving": 4, "feels_safe": False},
        "I do not trust myself today.",
    ),
    Scene(
        "nina",
        150,
        "acknowledged",
        {"mood": 4, "craving": 8, "sleep_hours": 6, "used": False, "feels_safe": True},
    ),
    Scene("keiko", 41, "open"),
    Scene("ivan", 125, "open", {"mood": 4, "craving": 8, "anxiety": 6, "used": False, "feels_safe": True}),
    Scene(
        "pedro",
        95,
        "acknowledged",
        {"mood": 3, "craving": 7, "used": True, "substances": ["alcohol"], "feels_safe": True},
    ),
)


def phq9_with_item_9() -> dict[str, int]:
    """The answers of a real person of moderate burden who answered item 9 with 1 of 3."""
    rows = [row for row in ukm_rows() if row["phq9-9"] == 1]
    return only(rows[len(rows) // 2], PHQ9_ITEMS)
