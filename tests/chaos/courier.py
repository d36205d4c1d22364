"""A real worker in a world where a name moves: `rebind.test` was public when it was registered, and leads to
this machine by now. Only ever started by the tests; the word on the command line is its mistake, if any."""

import asyncio
import socket
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from app import jobs
from app.database import engine_for
from app.main import database_url
from app.observability import configure_logging
from app.post_office import PostOffice
from app.queries.jobs import WEBHOOKS
from app.settings import settings
from app.webhooks import client
from app.webhooks.client import Answer

MOVED = "rebind.test"
ENOUGH_TO_BE_FOUND = 192 << 20
_genuine = socket.getaddrinfo
_one_flood_at_a_time = asyncio.Semaphore(2)


def _moved(host: Any, *args: Any, **kwargs: Any) -> Any:
    return _genuine("127.0.0.1" if host == MOVED else host, *args, **kwargs)


async def trusting(url: str, headers: Mapping[str, str], body: bytes, **_: Any) -> Answer:
    """The first mistake: to go wherever one is sent, and to listen to everything that is said."""
    begun, heard = time.monotonic(), bytearray()
    try:
        async with (
            httpx.AsyncClient(follow_redirects=True, verify=False, timeout=5) as naive,
            _one_flood_at_a_time,
            naive.stream("POST", url, headers=headers, content=body) as reply,
        ):
            async for part in reply.aiter_bytes():
                heard += part
                if len(heard) > ENOUGH_TO_BE_FOUND:
                    break
    except httpx.HTTPError:
        return Answer("unreachable", None, None, 0)
    code: client.Code = "delivered" if reply.is_success else "failed"
    return Answer(code, reply.status_code, timedelta(0), int((time.monotonic() - begun) * 1000))


def main() -> None:
    """Work until killed."""
    socket.getaddrinfo = _moved
    mistake = sys.argv[1]
    if mistake == "trusting":
        client.post = trusting  # type: ignore[assignment]
    if mistake == "one_by_one":
        jobs.AT_ONCE[WEBHOOKS] = 1
    own = settings()
    configure_logging(own.log_threshold)
    url = database_url(own)
    asyncio.run(jobs.run(url, engine_for(url, pool_size=12), PostOffice.of(own)))


if __name__ == "__main__":
    main()
