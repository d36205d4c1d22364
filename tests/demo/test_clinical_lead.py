"""The README's walk through the demonstration, as it stands there: a check-in, a week, another threshold."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from app import clock
from app.demo.cast import id_of
from tests.demo.conftest import Demonstration, copy_of
from tests.demo.serving import serving

README = Path(__file__).parents[2] / "README.md"
WRITTEN_FOR = "http://127.0.0.1:8000"
EVENING = str(id_of("program", "evening"))


def walk() -> list[str]:
    """The blocks of the README that a newcomer pastes into their shell, in order."""
    return re.findall(r"^```bash\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Clinic:
    """A demonstration that is served."""

    demo: Demonstration
    base_url: str

    def ask(self, username: str, method: str, path: str, body: Any = None, **query: str) -> Any:
        form = {"grant_type": "password", "username": username, "password": self.demo.password(username)}
        with httpx.Client(base_url=self.base_url, trust_env=False, timeout=60) as http:
            token = http.post("/v1/auth/token", data=form).raise_for_status().json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            reply = http.request(method, path, json=body, params=query, headers=headers)
            return reply.raise_for_status().json()

    def craving(self, username: str, value: int) -> None:
        now = clock.now().isoformat()
        body = {"id": str(uuid7()), "occurred_at": now, "time_zone": "UTC", "answers": {"craving": value}}
        self.ask(username, "POST", "/v1/patients/me/check-ins", body)

    def alerts(self, **query: str) -> list[dict[str, Any]]:
        """Those about a strong craving, newest first of the resolved ones."""
        found = self.ask("sam", "GET", "/v1/alerts", limit="200", program_id=EVENING, **query)["items"]
        return [alert for alert in found if alert["rule"] == "craving.high"]

    def explained(self, alert: dict[str, Any]) -> dict[str, Any]:
        return dict(self.ask("sam", "GET", f"/v1/alerts/{alert['id']}/explanation"))

    def paste(self, folder: Path) -> str:
        """What the README's blocks print, in a folder that looks like a checkout after `make run`."""
        (folder / ".handrail").symlink_to(self.demo.settings.data_dir)
        (folder / ".venv/bin").mkdir(parents=True)
        (folder / ".venv/bin/python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (folder / ".venv/bin/python").chmod(0o755)
        script = "set -e\n" + "\necho\n".join(walk()).replace(WRITTEN_FOR, self.base_url)
        said = subprocess.run(
            ["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout


@pytest.fixture
def clinic(demo: Demonstration, tmp_path: Path) -> Iterator[Clinic]:
    own = copy_of(demo, tmp_path / "data")
    with serving(own.url, own.settings.data_dir) as server:
        yield Clinic(own, server.base_url)


def threshold(explanation: dict[str, Any]) -> int:
    return int(explanation["rule"]["condition"]["conditions"][0]["value"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's walk needs curl")
def test_the_walk_and_from_eight_to_seven_on_ninety_days_of_history(clinic: Clinic, tmp_path: Path) -> None:
    old = clinic.alerts(status="resolved")[0]
    before = clinic.explained(old)
    (tmp_path / "checkout").mkdir()
    said = clinic.paste(tmp_path / "checkout")

    assert json.loads(said.splitlines()[0])["care_team_told"] is True
    assert re.search(r"^20\S+Z  Evening group A: None$", said, re.MULTILINE), "a session of the patient's"
    assert re.search(r"^Attend 12 meetings: \d+ of 12, \w+$", said, re.MULTILINE)
    assert "excused by policy" in said
    assert re.search(r"^  20\S+Z  Evening group B", said, re.MULTILINE), "what makes up for it"
    assert re.search(r"^.+: \d+ of \d+ here, \d+ missing$", said, re.MULTILINE)
    assert re.search(r"^  .*988.*: call 988$", said, re.MULTILINE), "whom to call"
    assert "breathing from group" in said, "her own plan"
    assert re.search(r"counselor has seen this at", said), "who has seen it"
    assert re.search(r"^[0-9a-f-]{36}: from 20\S+ to 20\S+$", said, re.MULTILINE), "who is asked again"
    draft, live = map(int, re.findall(r"^(\d+) alerts instead of (\d+)$", said, re.MULTILINE)[0])
    assert draft > live > 50
    assert re.search(r"^craving\.high: [1-9]\d* more, \d+ fewer, \d+ earlier$", said, re.MULTILINE)
    assert re.search(r"^  day \d+: ", said, re.MULTILINE)
    difference = json.loads(said.splitlines()[-1])
    assert [each["code"] for each in difference["changed"]] == ["craving.high"]
    (change,) = difference["changed"][0]["changes"]
    assert (change["before"], change["after"]) == (8, 7)

    current = clinic.ask("sam", "GET", "/v1/rule-sets/current", program_id=EVENING)
    assert (current["version"], current["author"]) == (2, "Sam Okafor")
    clinic.craving("oscar", 7)
    (new,) = [alert for alert in clinic.alerts(status="open") if alert["patient_name"] == "Oscar Lindt"]
    why = clinic.explained(new)
    assert (new["rule_set_version"], why["rule_set_version"], threshold(why)) == (2, 2, 7)
    assert clinic.explained(old) == before
    assert (before["rule_set_version"], threshold(before)) == (1, 8)
    assert before["recomputed"] == {"holds": True, "same_sentence": True}


def test_a_seven_alone_is_no_news_before(clinic: Clinic) -> None:
    clinic.craving("oscar", 7)
    assert "Oscar Lindt" not in {alert["patient_name"] for alert in clinic.alerts(status="open")}


def test_the_readme_is_written_for_the_usual_port() -> None:
    assert len(walk()) == 5
    assert {found for block in walk() for found in re.findall(r"http://[\d.]+:\d+", block)} == {WRITTEN_FOR}
