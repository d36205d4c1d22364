"""These tests break things on purpose, and what the application then logs is not for the screen."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[dict[str, object]]]:
    """What was logged meanwhile; kept from the development renderer, which takes seconds for a traceback."""
    with capture_logs() as lines:
        yield lines
