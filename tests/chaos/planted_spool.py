"""The same application with one mistake in how it keeps what is said while the database is away. Only ever
started by the tests; the first word on the command line names the mistake."""

import asyncio
import sys
from collections.abc import Sequence

import uvicorn

from app.keeping.fallback import Cry, Fallback
from app.settings import settings
from app.spool import NewEntry, Placed, Spool

put, page = Spool.put, Fallback.page
LATE_SECONDS = 0.5
_behind: set[asyncio.Task[object]] = set()


async def answer_and_then_keep(self: Spool, entries: Sequence[NewEntry], page_at: float) -> Sequence[Placed]:
    """The first mistake: to say that it is kept, and then to keep it."""

    async def later() -> None:
        await asyncio.sleep(LATE_SECONDS)
        await put(self, entries, page_at)

    _behind.add(asyncio.create_task(later()))
    return [Placed(entry.id, False) for entry in entries]


async def page_when_it_suits(self: Fallback, cries: Sequence[Cry]) -> bool:
    """The second mistake: to leave the page to whoever looks for it now and then."""
    return False


async def page_rarely(self: Fallback) -> None:
    """And to look for it when the database is back."""


def main() -> None:
    """Serve until killed."""
    if sys.argv[1] == "answer_first":
        Spool.put = answer_and_then_keep  # type: ignore[method-assign]
    if sys.argv[1] == "page_later":
        Fallback.page = page_when_it_suits  # type: ignore[method-assign]
        Fallback.page_again = page_rarely  # type: ignore[method-assign]
    uvicorn.run("app.main:application", factory=True, port=settings().port, access_log=False, log_config=None)


if __name__ == "__main__":
    main()
