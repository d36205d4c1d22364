"""`handrail run --demo`: one command, and a clinic is there."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import embedded
from tests.demo.serving import environment, free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a path short enough for a Unix socket; its database is stopped at the end."""
    made = Path(tempfile.mkdtemp(prefix="handrail-run-"))
    yield made
    embedded.stop(embedded.start(made))
    shutil.rmtree(made, ignore_errors=True)


def test_it_serves_the_demonstration_and_says_how_to_sign_in(folder: Path) -> None:
    port = free_port()
    own = environment("", folder, port) | {"COLUMNS": "120"}
    del own["HANDRAIL_DATABASE_URL"]
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "run", "--demo"], env=own, stdout=subprocess.PIPE, text=True
    ) as process:
        base_url = f"http://127.0.0.1:{port}"
        try:
            wait_for_the_board(base_url, process)
            known = json.loads((folder / "demo.json").read_text("utf-8"))
            assert known["base_url"] == base_url
            clara = next(person for person in known["people"] if person["username"] == "clara")
            form = {"grant_type": "password", "username": "clara", "password": clara["password"]}
            assert httpx.post(f"{base_url}/v1/auth/token", data=form, trust_env=False).status_code == 200
            page = wait_for_a_page(f"http://127.0.0.1:{port + 1}")
            assert page["title"] == "Handrail: urgent alert"
            assert f"{base_url}/board/#/alerts/" in page["body"]
        finally:
            process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=40)
    assert process.returncode == 0
    for words in ("Clara Jensen", clara["password"], "supervisor", "Ivan Markov", str(folder / "demo.json")):
        assert words in said
    assert f"{base_url}/board/" in said
    assert f"http://127.0.0.1:{port + 1}/" in said


def wait_for_a_page(pagers: str) -> dict[str, str]:
    """Somebody's alert has waited long enough: the first sweep has the next one paged."""
    for _ in range(450):
        try:
            if pages := httpx.get(f"{pagers}/pages", trust_env=False).json():
                return dict(pages[0])
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("nobody was paged")


def wait_for_the_board(base_url: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            assert httpx.get(f"{base_url}/board/", trust_env=False).status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("it never came up")
