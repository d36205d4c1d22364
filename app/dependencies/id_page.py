"""Pages of a list whose cursor is the id of the last item."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends

from app.dependencies import CurrentPage
from app.errors import Unacceptable

Item = TypeVar("Item")


class IdPage:
    """Which part of the list: items behind the one with the id `after`; ask for `limit`, one more than shown.

    Raises `Unacceptable` for a cursor of another list.
    """

    def __init__(self, page: CurrentPage) -> None:
        self._page = page
        self.limit = page.limit + 1
        self.after: UUID | None = None
        try:
            if page.after is not None:
                (last,) = page.after
                self.after = UUID(last)
        except ValueError:
            raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.") from None

    def cut(self, found: Sequence[Item], id_of: Callable[[Item], UUID]) -> tuple[Sequence[Item], str | None]:
        """The items to show, and the cursor of the next page."""
        shown = found[: self._page.limit]
        more = len(found) > len(shown)
        return shown, self._page.next_cursor(more, *(id_of(each) for each in shown[-1:]))


async def id_page(page: CurrentPage) -> IdPage:
    """The page, in a function: FastAPI makes a class in a thread."""
    return IdPage(page)


CurrentIdPage = Annotated[IdPage, Depends(id_page)]
