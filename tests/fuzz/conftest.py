"""A real server on a database of its own, with two clinics in it, and a token for whoever asks."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis import APIOperation
from uuid_utils.compat import uuid7

from app.main import create_app
from app.settings import Settings
from tests.conftest import new_database
from tests.people import Clinic, Person, open_clinics, token_for
from tests.walls.catalogue import tenant_tables
from tests.walls.story import tell

ROOT = Path(__file__).parents[2]
_NOUNS = {"assignee_id": "staff_member", "session_id": "treatment_session"}
TOKEN_LIVES = 240.0  # seconds, of the ten minutes that it is valid for


@dataclass
class Served:
    """The running service, and what is known of its clinics."""

    base: str
    clinic: Clinic
    operations: dict[str, APIOperation]
    ids: dict[str, list[str]]
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    def headers(self, who: str) -> dict[str, str]:
        """The token of one of the people; of nobody, none."""
        if who == "nobody":
            return {}
        made, token = self._tokens.get(who, (0.0, ""))
        if time.monotonic() - made > TOKEN_LIVES:
            token = self._token(getattr(self.clinic, who))
            self._tokens[who] = (time.monotonic(), token)
        return {"Authorization": f"Bearer {token}"}

    def known(self, name: str) -> list[str]:
        """What may stand for a parameter or a member of this name, of what is there."""
        if name == "code":
            return ["phq-9", "gad-7", "c-ssrs-screener"]
        return self.ids.get(_NOUNS.get(name, name.removesuffix("_id")), [])

    def really(self, shown: Any, chance: Random) -> Any:
        """The example of a body, with ids of what is there, and a new one of its own."""
        if isinstance(shown, list):
            return [self.really(each, chance) for each in shown]
        if not isinstance(shown, dict):
            return shown
        found = {name: self.really(value, chance) for name, value in shown.items()}
        for name, value in shown.items():
            if name == "id":
                found[name] = str(uuid7())
            elif isinstance(value, str) and name.endswith("_id") and self.known(name):
                found[name] = chance.choice(self.known(name))
        return found

    def _token(self, person: Person) -> str:
        return token_for(
            self.clinic.app, organization_id=person.organization_id, id=person.id, role=person.role,
            credential_id=person.credential_id,
        )  # fmt: skip


async def furnish(app: FastAPI) -> Clinic:
    """Two clinics, of which one has a story."""
    async with app.router.lifespan_context(app), open_clinics(app) as made:
        await tell(made)
        return made


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Served by a process of its own, and described by the document that it serves."""
    url = new_database()
    made = asyncio.run(furnish(create_app(Settings(data_dir=tmp_path_factory.mktemp("fuzz")), url)))
    with serving(made.app, url) as base:
        schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
        schema.config.checks.negative_data_rejection.expected_statuses += ["412", "428"]  # asked for first
        found = [result.ok() for result in schema.get_all_operations()]
        with psycopg.connect(url) as superuser:
            ids = ids_of(superuser, made.organization_id)
        ids["patient"] += [str(made.ana.id), "me", str(made.ana.id)]
        yield Served(base, made, {operation.label: operation for operation in found}, ids)


def ids_of(superuser: psycopg.Connection, organization_id: UUID) -> dict[str, list[str]]:
    """By noun: `alert_id` in a path may be any of these."""
    with_id = superuser.execute(
        "select table_name from information_schema.columns where column_name = 'id' and table_name = any(%s)",
        [tenant_tables(superuser)],
    ).fetchall()
    return {
        table: [
            each
            for (each,) in superuser.execute(
                f"select id::text from {table} where organization_id = %s order by 1 limit 20",
                [organization_id],
            )
        ]
        for (table,) in with_id
    }


@contextmanager
def serving(app: FastAPI, url: str) -> Iterator[str]:
    """`handrail api`, until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder: Path = app.state.settings.data_dir
    environment = os.environ | {
        "HANDRAIL_DATA_DIR": str(folder), "HANDRAIL_PORT": str(port), "HANDRAIL_DATABASE_URL": url,
    }  # fmt: skip
    log = folder / "api.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "api"], env=environment, cwd=ROOT, stdout=stream, stderr=stream
        )
    base = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while not _answers(base):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(20)
        print(
            f"server's errors: {[line for line in log.read_text().splitlines() if 'unexpected' in line][:5]}"
        )


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/.well-known/jwks.json", timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False
