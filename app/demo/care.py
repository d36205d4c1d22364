"""What an invented care team does about alerts: when, and with what outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from app.demo.scenes import Care

# Minutes until somebody has it, and from then on until it is done, by severity.
_PACE: Final[Mapping[str, tuple[tuple[int, int], tuple[int, int]]]] = {
    "critical": ((2, 4), (7, 13)),
    "urgent": ((4, 13), (15, 55)),
    "high": ((15, 100), (120, 1_200)),
    "routine": ((30, 1_100), (300, 2_400)),
}
_OUTCOMES: Final[Mapping[str, tuple[tuple[str, str | None], ...]]] = {
    "si": (
        (
            "safety_plan_reviewed",
            "Spoke by phone, C-SSRS screener done together, plan renewed. Sister is with them.",
        ),
        ("contacted", "Passive thoughts, no plan, no intent. Seen tomorrow before group."),
    ),
    "use": (
        ("contacted", "Thanked them for telling us. Back in group tonight."),
        ("care_plan_changed", "Naloxone at hand, prescriber informed, extra individual session this week."),
    ),
    "craving.high": (
        ("contacted", "Called; went through the coping plan."),
        ("assessed_no_action", "Settled by the evening."),
        ("contacted", None),
    ),
    "craving.spike": (
        ("assessed_no_action", "Within what is usual for them."),
        ("assessed_no_action", None),
        ("duplicate", None),
        ("contacted", None),
    ),
    "sleep": (("assessed_no_action", "Night shift this week; taken up in individual session."),),
    "checkin": (
        ("contacted", "Phone was broken. Fine otherwise."),
        ("assessed_no_action", "Was in group yesterday; nothing of note."),
        ("assessed_no_action", None),
        ("unreachable", "Left a message."),
        ("contacted", None),
    ),
}
_OTHERWISE: Final = (
    ("assessed_no_action", "Taken up at the next contact."),
    ("care_plan_changed", "One more individual session a week for now."),
    ("contacted", None),
)


class Times(NamedTuple):
    """When an alert is acknowledged and when it is resolved; None: not."""

    taken_up: datetime | None
    closed: datetime | None


def times(severity: str, heard: datetime, now: datetime, so_far: Care | None, chance: Random) -> Times:
    """What becomes of an alert that somebody hears of at `heard`.

    `so_far` says how far it has come by `now`; without it things take the time they take.
    """
    (soonest, latest), (shortest, longest) = _PACE[severity]
    wait = timedelta(minutes=chance.uniform(soonest, latest))
    work = timedelta(minutes=chance.uniform(shortest, longest))
    if so_far:
        wait, work = min(wait, (now - heard) / 3), min(work, (now - heard) / 3)
    taken_up = None if so_far == "open" else heard + wait
    return Times(taken_up, None if taken_up is None or so_far == "acknowledged" else taken_up + work)


def outcome(rule: str, chance: Random) -> tuple[str, str | None]:
    """An outcome code that fits such an alert, and perhaps a note."""
    kind = rule.split(".", maxsplit=1)[0]
    return chance.choice(_OUTCOMES.get(rule) or _OUTCOMES.get(kind, _OTHERWISE))
