"""Sending leaves no trace of addresses, secrets and the far side's words: not in a log, not on the disk."""

import logging
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from app.observability import configure_logging
from app.pager import Kind, fault_of, join, notice, notify
from tests.pager.receivers import HOSTS, http_server, mail_server

SECRETS = ("hunter2", "clara", "ana", "127.0.0.1", "clinic.example", "hunter2.example", "apprise://")


@pytest.fixture
def logged() -> StringIO:
    stream = StringIO()
    configure_logging(logging.DEBUG, stream)
    logging.getLogger().setLevel(1)  # whatever a library has to say
    return stream


async def test_a_log_holds_no_word_of_it(logged: StringIO) -> None:
    told = notice(Kind.URGENT, "en", "https://handrail.clinic.example/board/")
    async with http_server("500 Oops") as receiver, mail_server(refuses=True) as mailbox:
        gateway = mailbox.gateway().replace("127", "hunter2:hunter2@127", 1)
        for address in (
            receiver.address("/hunter2?+Authorization=hunter2"),
            join(gateway, "clara@clinic.example"),
            join(mailbox.gateway(), "clara@clinic.example"),
            "jsons://user:hunter2@nowhere.invalid/hunter2",
            "slack://hunter2",
            "hunter2",
        ):
            assert not (await notify(address, told, private_hosts=HOSTS)).delivered
            await fault_of(address, private_hosts=HOSTS)
        assert len(receiver.asked) == 1
    said = logged.getvalue()
    assert '"logger":"apprise"' in said  # the operator sees that something went wrong, and where
    assert "custom_json.py" in said
    assert not [secret for secret in SECRETS if secret in said]


def test_nothing_is_written_to_the_disk(tmp_path: Path) -> None:
    """In a process and a home of its own, with every kind of address that apprise keeps notes of."""
    program = """
import asyncio
from app.pager import Kind, notice, notify
told = notice(Kind.URGENT, "en", "https://handrail.clinic.example/board/")
async def main():
    for address in ("matrixs://user:pw@127.0.0.1:9/%21room:x", "tgram://123456789:abcdefg_hijklmnop/1",
                    "mailto://127.0.0.1:9?from=h@clinic.example&to=c@clinic.example"):
        print(await notify(address, told, private_hosts={"127.0.0.1"}, timeout=3))
asyncio.run(main())
"""
    home, scratch = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    scratch.mkdir()
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(scratch), "XDG_DATA_HOME": str(home)}
    # The one service of the three with a host of its own in the world is not to be reached from a test.
    environment |= {"HTTPS_PROXY": "http://127.0.0.1:9", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.count("Outcome(delivered=False") == 3
    assert ended.stderr == ""
    assert [path for folder in (home, scratch) for path in folder.rglob("*")] == []
