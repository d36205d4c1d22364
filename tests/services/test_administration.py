"""`handrail organization create` and `handrail client create`: from nothing to a signed-in administrator."""

import asyncio
import re
from pathlib import Path

import pytest
from httpx import AsyncClient
from typer.testing import CliRunner

from app.cli import command
from app.main import create_app
from app.settings import Settings, settings
from tests.people import client_for


@pytest.fixture
def operator(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("HANDRAIL_DATABASE_URL", own_database)
    monkeypatch.setenv("HANDRAIL_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield CliRunner()
    settings.cache_clear()


def run(operator: CliRunner, *words: str) -> str:
    result = operator.invoke(command, list(words))
    assert result.exit_code == 0, result.output
    return result.output


async def sign_in(client: AsyncClient, **form: str) -> dict[str, str]:
    reply = await client.post("/v1/auth/token", data=form)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_an_operator_founds_an_organization_and_lets_a_machine_in(
    operator: CliRunner, own_database: str, tmp_path: Path
) -> None:
    said = run(operator, "organization", "create", "Riverside", "--administrator", "Adele Example")
    organization_id = re.search(r"Organization (\S+)", said)[1]
    code = re.search(r"Adele Example: (\S+)", said)[1]
    made = run(operator, "client", "create", organization_id, "Hospital", "--scope", "alert:read")
    client_id, secret = re.findall(r"client_(?:id|secret)\s+(\S+)", made)

    async def story() -> None:
        app = create_app(Settings(data_dir=tmp_path), own_database)
        async with app.router.lifespan_context(app), client_for(app) as client:
            password = "correct horse battery"
            accepted = await client.post(
                "/v1/invitations/acceptance",
                json={"code": code, "username": "adele@example.org", "password": password},
            )
            assert accepted.status_code in {200, 201, 204}, accepted.text
            token = await sign_in(
                client, grant_type="password", username="adele@example.org", password=password
            )
            me = await client.get(
                "/v1/bootstrap", headers={"Authorization": f"Bearer {token['access_token']}"}
            )
            assert me.json()["me"]["role"] == "administrator"
            machine = await sign_in(
                client, grant_type="client_credentials", client_id=client_id, client_secret=secret
            )
            assert "refresh_token" not in machine

    asyncio.run(story())


def test_what_no_machine_may_have_is_refused(operator: CliRunner) -> None:
    said = run(operator, "organization", "create", "Riverside", "--administrator", "Adele Example")
    organization_id = re.search(r"Organization (\S+)", said)[1]
    refused = operator.invoke(
        command, ["client", "create", organization_id, "Hospital", "--scope", "staff:manage"]
    )
    assert refused.exit_code == 2


@pytest.mark.parametrize("wrong", [["--time-zone", "Moon/Sea"], ["--locale", "tlh"]])
def test_a_bad_option_founds_nothing(operator: CliRunner, wrong: list[str]) -> None:
    words = ["organization", "create", "Riverside", "--administrator", "Adele", *wrong]
    assert operator.invoke(command, words).exit_code == 2
