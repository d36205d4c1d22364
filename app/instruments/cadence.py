"""How often each instrument is usually asked in an intensive outpatient program.

Design choices for a clinical lead to change, within what the recall period of the instrument allows: asking
about the past year every week measures nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

USUAL_CADENCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "audit": "At intake, then every three to six months",
        "audit-c": "At intake, then every three months",
        "bam-r": "Every 30 days",
        "barc-10": "At intake, every month, at discharge",
        "c-ssrs-screener": "At intake, when PHQ-9 item 9 is 1 or more, after a crisis flag",
        "craving-nrs": "Every day",
        "dast-10": "At intake, then every six to twelve months",
        "ders-16": "At intake, every month, at discharge",
        "gad-2": "Every week",
        "gad-7": "Every one or two weeks",
        "pacs": "Every week",
        "pcl-5": "At intake, then every month",
        "phq-2": "Every week; PHQ-9 when it is 3 or more",
        "phq-9": "At intake, every one or two weeks, at discharge",
        "promis-global-10": "At intake, every month, at discharge",
        "who-5": "Every two weeks",
    }
)
