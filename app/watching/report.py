"""What one pass of the watcher has found so far."""

from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import NamedTuple
from uuid import UUID

import structlog

from app.watching.faults import Fault, Trouble

log = structlog.get_logger()


@dataclass
class Report:
    """Everything that is wrong, and what is counted: seconds, but for `pages_waiting`.

    What was late before the watcher came is not held against the worker, which may just have been started
    along with it: nobody is told of it yet, but `is_settled` is false, and all is not well either.
    """

    watched_since: datetime
    troubles: set[Trouble] = field(default_factory=set)
    is_settled: bool = True
    ladder_lag: float = 0.0
    pages_waiting: int = 0
    unacknowledged: dict[str, float] = field(default_factory=dict)

    def add(self, fault: Fault, about: UUID | str | None = None) -> None:
        """One more fault."""
        self.troubles.add(Trouble(fault, about))

    def add_late(self, fault: Fault, about: UUID | str | None, since: datetime, until: datetime) -> None:
        """What has waited `since` then is wrong if it should have been done `until` then at the latest."""
        if since >= until:
            return
        if self.watched_since < until:
            self.add(fault, about)
        else:
            self.is_settled = False

    def going_on(self, what: str, organization_id: UUID | None = None) -> "_GoingOn":
        """A block in which whatever fails is a fault, and stops nothing that comes after it."""
        return _GoingOn(self, what, organization_id)


class _GoingOn(NamedTuple):
    report: Report
    what: str
    organization_id: UUID | None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        log.error("reconcile_failed", kind=self.what, organization_id=self.organization_id, exc_info=error)
        self.report.add(Fault.RECONCILE_FAILED, f"{self.what} {self.organization_id}")
        return True
