"""Sending a message leaves nothing of its address, its signature and the far side's words in a log."""

import logging
from io import StringIO

from app.observability import configure_logging
from app.webhooks.addresses import fault_of
from app.webhooks.client import post
from tests.pager.receivers import http_server

SECRETS = ("hunter2", "127.0.0.1", "nowhere.invalid", "v1,signed", "patient ana", "0192f0c1")


async def test_a_log_holds_no_word_of_it() -> None:
    stream = StringIO()
    configure_logging(logging.DEBUG, stream)
    logging.getLogger().setLevel(1)  # whatever a library has to say
    headers = {"webhook-id": "msg_0192f0c1", "webhook-signature": "v1,signed"}
    async with http_server("500 hunter2", headers="x-secret: hunter2\r\n") as receiver:
        for url in (
            f"http://127.0.0.1:{receiver.port}/hunter2",
            f"https://127.0.0.1:{receiver.port}/hunter2",
            "https://nowhere.invalid/hunter2",
            "https://10.0.0.1/hunter2",
            "hunter2",
        ):
            answer = await post(url, headers, b"hunter2", private_hosts={"127.0.0.1"}, timeout=0.5)
            assert answer.code != "delivered"
            await fault_of(url)
        assert len(receiver.asked) == 1
    said = stream.getvalue()
    assert '"logger":"httpcore.connection"' in said  # that there is something to be heard
    assert not [secret for secret in SECRETS if secret in said]
