"""What a route asks for that seals addresses, or sends a page."""

from typing import Annotated

from fastapi import Depends, Request

from app.post_office import PostOffice


async def office(request: Request) -> PostOffice:
    """The post office of this process."""
    found: PostOffice = request.app.state.office
    return found


CurrentOffice = Annotated[PostOffice, Depends(office)]
