"""What an invented care team does about alerts: when, and with what outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.demo.scenes import Care

# Minutes until somebody has it, and from then on until it is done, by severity.
_PACE: Final[Mapping[str, tuple[tuple[int, int], tuple[int, int]]]] = {
    "critical": ((3, 11), (40, 120)),
    "urgent": ((8, 45), (60, 300)),
    "high": ((25, 220), (120, 1_200)),
    "routine": ((120, 1_300), (300, 2_400)),
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
    "craving": (
        ("contacted", "Called; went through the coping plan."),
        ("assessed_no_action", "Settled by the evening."),
        ("contacted", None),
    ),
    "sleep": (("assessed_no_action", "Night shift this week; taken up in individual session."),),
}
_OTHERWISE: Final = (
    ("assessed_no_action", "Taken up at the next contact."),
    ("care_plan_changed", "One more individual session a week for now."),
    ("contacted", None),
)


def times(
    severity: str, found: datetime, now: datetime, so_far: Care | None, chance: Random
) -> tuple[datetime | None, datetime | None]:
    """When an alert is acknowledged and when it is resolved; None: not.

    `so_far` says how far it has come by `now`; without it things take the time they take.
    """
    (soonest, latest), (shortest, longest) = _PACE[severity]
    wait = (now - found) / 3 if so_far else timedelta(minutes=chance.uniform(soonest, latest))
    work = wait if so_far else timedelta(minutes=chance.uniform(shortest, longest))
    taken_up = None if so_far == "open" else found + wait
    return taken_up, None if taken_up is None or so_far == "acknowledged" else taken_up + work


def outcome(rule: str, chance: Random) -> tuple[str, str | None]:
    """An outcome code that fits such an alert, and perhaps a note."""
    return chance.choice(_OUTCOMES.get(rule.split(".", maxsplit=1)[0], _OTHERWISE))
