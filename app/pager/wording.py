"""What a page says: fixed sentences of the catalogue, and a link. Never what it is about, and whom only where
the database is away that would tell: then by their id."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.sentences import sentence


class Kind(StrEnum):
    """The notices that there are."""

    CRITICAL = "critical"
    URGENT = "urgent"
    HIGH = "high"
    ROUTINE = "routine"
    DIGEST = "digest"
    TEST = "test"
    CRISIS_SERVICE = "crisis_service"
    OPERATOR = "operator"
    WEBHOOK_DISABLED = "webhook_disabled"
    FALLBACK = "fallback"
    FALLBACK_UNKEPT = "fallback_unkept"


_OF_THEIR_OWN = frozenset({Kind.OPERATOR, Kind.FALLBACK, Kind.FALLBACK_UNKEPT})


@dataclass(frozen=True, slots=True)
class Notice:
    """One page as its reader sees it. The body says everything: some services have no title."""

    title: str
    body: str
    link: str
    kind: Kind = Kind.TEST


def notice(kind: Kind, locale: str, link: str) -> Notice:
    """The notice of a kind, in the nearest language to `locale`."""
    assert kind not in _OF_THEIR_OWN, "these say more than a link"
    body = sentence(f"page.{kind}.body", locale, link=link)
    return Notice(sentence(f"page.{kind}.title", locale), body, link, kind)


def operator_notice(faults: Iterable[tuple[StrEnum, int]], locale: str, link: str) -> Notice:
    """What the operator is told: the codes of what is at fault, and how many there are of each."""
    named = ", ".join(f"{fault.value} ({count})" for fault, count in faults)
    body = sentence("page.operator.body", locale, link=link, fault=named)
    return Notice(sentence("page.operator.title", locale), body, link, Kind.OPERATOR)


def fallback_notice(patient_id: str, reference: str | None, locale: str, link: str) -> Notice:
    """What is said while the database is away: that this patient asks for help, and where what they said can
    be read; without a `reference` nowhere, for it could not be kept."""
    kind = Kind.FALLBACK if reference else Kind.FALLBACK_UNKEPT
    body = sentence(f"page.{kind}.body", locale, patient=patient_id, reference=reference or "")
    return Notice(sentence(f"page.{kind}.title", locale), body, link, kind)


def alert_link(dashboard: str, alert_id: UUID) -> str:
    """Where one alert opens, on the dashboard that stands at `dashboard`."""
    return f"{dashboard}/board/#/alerts/{alert_id}"


def list_link(dashboard: str) -> str:
    """Where the list of alerts opens."""
    return f"{dashboard}/board/"
