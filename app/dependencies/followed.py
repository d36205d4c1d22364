"""Which version of something a `PUT` follows, where the first one follows none."""

from typing import Annotated

from fastapi import Depends, Header

from app.dependencies import CurrentActor, expected_version
from app.errors import PreconditionFailed


async def followed_version(
    actor: CurrentActor,
    if_match: Annotated[str | None, Header(description="The ETag that was read; not for the first.")] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only if there is none.")] = None,
) -> int | None:
    """The version that `If-Match` names, 0 for `If-None-Match: *`, None for neither.

    Raises `PreconditionFailed` for a tag that is none of ours.
    """
    if if_match is not None:
        version = await expected_version(actor, if_match)
        if version == 0:
            raise PreconditionFailed
        return version
    return 0 if if_none_match == "*" else None


FollowedVersion = Annotated[int | None, Depends(followed_version)]
