"""What stands in the spool. Times are seconds since 1970, ids are texts: so SQLite knows them."""

from typing import NamedTuple


def place_of(organization_id: str, entry_id: str) -> str:
    """Where an entry is kept, as its seal knows it."""
    return f"spool:{organization_id}:{entry_id}"


class NewEntry(NamedTuple):
    """Something to be kept. `digest` is the same for the same thing sent twice.

    Only what is needed to order, to count and to page stands beside `sealed`: what somebody said is in there,
    and it alone is believed when the entry is worked on.
    """

    id: str
    digest: bytes
    organization_id: str
    patient_id: str
    kind: str
    kept_at: float
    urgent: bool
    sealed: bytes


class Placed(NamedTuple):
    """What is kept: under the id of an earlier entry when the same thing was there already."""

    id: str
    is_paged: bool


class Entry(NamedTuple):
    """An entry as it is kept. `urgent`: on the safety floor, so that somebody must be paged; `paged_at` is
    when somebody was. `parked` is the code of what keeps it from the database for good."""

    id: str
    organization_id: str
    patient_id: str
    kind: str
    kept_at: float
    urgent: bool
    sealed: bytes
    paged_at: float | None
    attempts: int
    parked: str | None

    @property
    def place(self) -> str:
        """As `place_of`."""
        return place_of(self.organization_id, self.id)


class Tally(NamedTuple):
    """How much is kept, and since when: `oldest_at` of what waits. `size` is in bytes."""

    waiting: int
    parked: int
    unpaged: int
    oldest_at: float | None
    size: int
