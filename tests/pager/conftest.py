from collections.abc import AsyncIterator

import pytest

from tests.pager.receivers import Mailbox, Receiver, http_server, mail_server


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with http_server() as receiver:
        yield receiver
