"""A pager that could not page is found when a process starts, and said without its secrets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from app.cli import command
from app.pager import Misconfigured, check, fallback_addresses
from app.settings import Settings, settings

GOOD = {
    "fallback_pager": "mailtos://user:hunter2@smtp.clinic.example?from=h@clinic.example&to=e@clinic.example\n"
    "ntfys://push.clinic.example/ward",
    "email_gateway": "mailtos://user:hunter2@smtp.clinic.example?from=h@clinic.example",
    "sms_gateway": "vonage://01234567:hunter2hunter2ab@15550100001",
}


def test_good_ones_are_taken() -> None:
    own = Settings.model_validate(GOOD)
    check(own)
    assert len(fallback_addresses(own)) == 2


def test_none_at_all_is_taken() -> None:
    check(Settings())
    assert fallback_addresses(Settings()) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fallback_pager", "hunter2"),
        ("fallback_pager", "https://hunter2.example/hook"),
        ("fallback_pager", "ntfys://push.clinic.example/ward hunter2://x"),
        ("fallback_pager", "json://hooks.clinic.example/hunter2"),
        ("fallback_pager", "jsons://hooks.clinic.example/hunter2?verify=no"),
        ("email_gateway", "vonage://01234567:hunter2hunter2ab@15550100001"),
        (
            "email_gateway",
            "mailtos://user:hunter2@smtp.clinic.example?from=h@clinic.example&to=e@clinic.example",
        ),
        ("email_gateway", "slack://hunter2"),
        ("sms_gateway", "mailtos://user:hunter2@smtp.clinic.example?from=h@clinic.example"),
        ("sms_gateway", "vonage://hunter2"),
    ],
)
def test_a_bad_one_is_named_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(
        Misconfigured, match=f"^HANDRAIL_{name.upper()} cannot be used .* Set it to "
    ) as caught:
        check(Settings.model_validate(GOOD | {name: value}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sealing_key", "hunter2"),
        ("sealing_key", "aHVudGVyMg=="),
        ("heartbeat_url", "hunter2.example"),
        ("heartbeat_url", "file:///hunter2"),
        ("public_url", "hunter2.example"),
        ("public_url", "https://"),
    ],
)
def test_a_setting_of_the_wrong_shape_is_not_quoted_either(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})
    assert "hunter2" not in str(caught.value)
    assert name in str(caught.value)


def test_private_hosts_and_the_dashboard_are_read() -> None:
    own = Settings.model_validate(
        {"webhook_private_hosts": " Mail.inside, 10.0.0.5 ,,", "public_url": "https://h.clinic.example/"}
    )
    assert own.private_hosts == {"mail.inside", "10.0.0.5"}
    assert own.dashboard == "https://h.clinic.example"
    assert Settings(port=8123).dashboard == "http://127.0.0.1:8123"


PLAIN = "json://hooks.clinic.example/hunter2"


def test_a_process_does_not_start_with_it(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "worker"],
        env=os.environ | {"HANDRAIL_FALLBACK_PAGER": PLAIN, "HANDRAIL_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    is_refused(ended.returncode, ended.stdout + ended.stderr, "HANDRAIL_FALLBACK_PAGER", tmp_path)


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [
        ("run", "HANDRAIL_FALLBACK_PAGER", PLAIN),
        ("api", "HANDRAIL_FALLBACK_PAGER", PLAIN),
        ("worker", "HANDRAIL_SEALING_KEY", "hunter2"),
    ],
)
def test_no_command_starts_with_it(name: str, variable: str, value: str, tmp_path: Path) -> None:
    settings.cache_clear()
    own = {variable: value, "HANDRAIL_DATA_DIR": str(tmp_path / "data")}
    try:
        ended = CliRunner(env=own).invoke(command, [name])
    finally:
        settings.cache_clear()
    assert isinstance(ended.exception, SystemExit), ended.exception
    is_refused(ended.exit_code, ended.output, variable, tmp_path)


def is_refused(code: int, said: str, variable: str, folder: Path) -> None:
    assert code == 2
    assert variable in said.replace("\n", "")
    assert "hunter2" not in said
    assert "Traceback" not in said
    assert not (folder / "data").exists()
