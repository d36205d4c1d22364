"""A sign of life to somebody outside, who notices when it stays away: even when this machine is gone."""

import asyncio

import httpx
import structlog
from pydantic import SecretStr

log = structlog.get_logger()
SECONDS = 10.0


class Heartbeat:
    """Asks for one address, again and again; `failures` counts how often nobody took it."""

    def __init__(self, url: SecretStr | None) -> None:
        self._url = url
        self.failures = 0

    async def beat(self) -> None:
        """Say that all is well. A failure is logged and counted; redirects are not followed."""
        if self._url is None:
            return
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client,
                client.stream("GET", self._url.get_secret_value()) as reply,
            ):
                status = reply.status_code
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as failure:
            self._fail(type(failure).__name__)
        else:
            if not 200 <= status < 300:
                self._fail(str(status))

    def _fail(self, code: str) -> None:
        self.failures += 1
        log.error("heartbeat_failed", code=code, count=self.failures)
