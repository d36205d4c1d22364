"""Where a page of a list begins that has the newest first."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies import CurrentPage
from app.errors import Unacceptable


async def position(page: CurrentPage) -> tuple[datetime, UUID] | None:
    """The moment and id of the last item shown. Raises `Unacceptable` for the cursor of another list."""
    if page.after is None:
        return None
    try:
        moment, key = page.after
        found = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        found = None
    if found is None or found[0].tzinfo is None:
        raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.")
    return found


Position = Annotated[tuple[datetime, UUID] | None, Depends(position)]
