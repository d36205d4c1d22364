"""Each test here migrates a server that nobody has touched."""

from collections.abc import Iterator

import pytest

from tests.migrations.servers import NEWEST, OLDEST_SUPPORTED, server


@pytest.fixture(
    params=[
        pytest.param(NEWEST, id="newest"),
        pytest.param(
            OLDEST_SUPPORTED,
            id="oldest-supported",
            marks=pytest.mark.skipif(
                not OLDEST_SUPPORTED.exists(), reason="PostgreSQL 15 is not installed on this machine"
            ),
        ),
    ]
)
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The superuser's URL of a new server: the one we bring, and the oldest that we support."""
    with server(request.param) as url:
        yield url
