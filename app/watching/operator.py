"""Pages the operator: what is new at once, what stands every half an hour, until it was delivered."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import structlog

from app import pager
from app.sentences import DEFAULT_LOCALE
from app.settings import Settings
from app.watching.faults import Fault, Trouble, counted

log = structlog.get_logger()
AGAIN = timedelta(minutes=30)


class Operator:
    """Who runs this, and what they were told.

    It is remembered here only: after a restart they are told again, which is better than not at all.
    """

    def __init__(self, own: Settings) -> None:
        self._own = own
        self._addresses = pager.fallback_addresses(own)
        self._told: dict[Trouble, datetime] = {}
        self._owed: set[Trouble] = set()

    async def tell(self, troubles: Collection[Trouble], now: datetime) -> bool:
        """Page what they do not know yet. False when that could not be delivered: it is owed."""
        self._told = {each: at for each, at in self._told.items() if each in troubles}
        self._owed |= {each for each in troubles if self._is_news(each, now)}
        if not self._owed:
            return True
        numbers = counted(self._owed)
        for fault, count in numbers.items():
            log.error("watch_fault", code=fault.value, count=count)
        if self._addresses and not await self._page(numbers):
            return False
        self._told |= dict.fromkeys(self._owed, now)
        self._owed.clear()
        return True

    def _is_news(self, trouble: Trouble, now: datetime) -> bool:
        told = self._told.get(trouble)
        return told is None or now - told >= AGAIN

    async def _page(self, numbers: Mapping[Fault, int]) -> bool:
        """Whether anybody at all was reached."""
        said = pager.operator_notice(numbers.items(), DEFAULT_LOCALE, f"{self._own.dashboard}/readyz")
        hosts = self._own.private_hosts
        outcomes = await asyncio.gather(
            *(pager.notify(address, said, private_hosts=hosts) for address in self._addresses)
        )
        for outcome in outcomes:
            if not outcome.delivered:
                log.error("operator_not_paged", code=outcome.code)
        return any(outcome.delivered for outcome in outcomes)
