"""What an endpoint can be told of: the types of events, and what each means to a receiver."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class EventType(StrEnum):
    """Of what a message speaks. Those of alerts are the feed's own."""

    OPENED = "alert.opened"
    REPEATED = "alert.repeated"
    REOPENED = "alert.reopened"
    ACKNOWLEDGED = "alert.acknowledged"
    ASSIGNED = "alert.assigned"
    NOTED = "alert.noted"
    SNOOZED = "alert.snoozed"
    WOKEN = "alert.woken"
    ESCALATED = "alert.escalated"
    RESOLVED = "alert.resolved"
    TEST = "webhook.test"
    HANDED_OFF = "alert.handed_off"


EVENTS: Final[Mapping[EventType, str]] = {
    EventType.OPENED: "Work for the care team: a rule holds for a patient that did not before.",
    EventType.REPEATED: "A rule that has an open alert held once more.",
    EventType.REOPENED: "An acknowledged alert is open again: it held once more, or nobody acted in time.",
    EventType.ACKNOWLEDGED: "Somebody has it.",
    EventType.ASSIGNED: "It is somebody's.",
    EventType.NOTED: "Somebody wrote a note.",
    EventType.SNOOZED: "Its ladder rests for a while.",
    EventType.WOKEN: "Its ladder goes on after a rest.",
    EventType.ESCALATED: "Nobody acknowledged in time: the next on its ladder is told.",
    EventType.RESOLVED: "It is closed, by somebody or because it settled itself.",
}
"""What an endpoint of events chooses from."""

TEST: Final = EventType.TEST
"""What an endpoint is sent on request, whatever it subscribes to."""

HANDED_OFF: Final = EventType.HANDED_OFF
"""What an endpoint of hand-offs is sent, and nothing else."""
