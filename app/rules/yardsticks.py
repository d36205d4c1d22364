"""When a rule is noise: what others have published of alerts from patients' own reports."""

from typing import Final, Literal, NamedTuple

Measure = Literal["surveys_alerting_share", "acted_on_share"]

ENOUGH_TO_JUDGE: Final = 10
"""Alerts of a rule, below which a share says nothing yet: a design choice."""


class Yardstick(NamedTuple):
    """What one study measured, as a share of 1, and where it is told."""

    measure: Measure
    value: float
    source: str


_SLOAN_KETTERING: Final = (
    "Strachna and Asan, JMIR Medical Informatics 2022, e38483 (Memorial Sloan Kettering)"
)
_PRO_TECT: Final = "PRO-TECT (AFT-39), doi:10.1007/s11136-024-03675-3"
_PROMPT_CARE: Final = "PROMPT-Care, Int J Environ Res Public Health 2023, 20(3), 2001: 877 alerts"

ACTED_ON_IN_PROMPT_CARE: Final = 0.437
YARDSTICKS: Final = (
    Yardstick("surveys_alerting_share", 0.078, _SLOAN_KETTERING),
    Yardstick("surveys_alerting_share", 0.34, _PRO_TECT),
    Yardstick("acted_on_share", ACTED_ON_IN_PROMPT_CARE, _PROMPT_CARE),
    Yardstick("acted_on_share", 0.59, f"{_PRO_TECT}: acted on at once"),
)


def noisy_because(alerts: int, acted_on: int) -> str | None:
    """Why a rule is held to be noise, in a sentence; None when it is not, or there are too few to tell."""
    if alerts < ENOUGH_TO_JUDGE or acted_on / alerts >= ACTED_ON_IN_PROMPT_CARE:
        return None
    return (
        f"{acted_on} of {alerts} alerts were acted on ({acted_on / alerts:.1%}), "
        f"less than the {ACTED_ON_IN_PROMPT_CARE:.1%} of PROMPT-Care."
    )
