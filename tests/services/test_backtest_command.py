"""`handrail backtest`."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from typer.testing import CliRunner

from app.cli import command
from app.rules.default_pack import DEFAULT_PACK
from app.settings import settings
from tests.api.publishing import CRAVING, own_rule
from tests.api.test_backtest import craves
from tests.demo.serving import environment
from tests.people import Clinic

DAYS = ("--from", "2026-09-01", "--to", "2026-09-30")


async def handrail(url: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of the command, and what it says in a wide terminal."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "app.cli", "backtest", *arguments],
        env=environment(url, folder, 0) | {"COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


async def refused(url: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """The same without a process of its own: starting one takes longer than the command."""
    settings.cache_clear()
    try:
        done = await asyncio.to_thread(
            CliRunner(env=environment(url, folder, 0)).invoke, command, ["backtest", *arguments]
        )
    finally:
        settings.cache_clear()
    assert isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def saved(folder: Path, rules: list[dict[str, Any]], name: str = "RULES.json") -> str:
    file = folder / name
    file.write_text(json.dumps({"version": 7, "rules": rules}), encoding="utf-8")
    return str(file)


def pack(craving: dict[str, Any]) -> list[dict[str, Any]]:
    """The default rules, with another condition for a strong craving."""
    rules = [each.model_dump(mode="json") for each in DEFAULT_PACK.rules]
    next(each for each in rules if each["code"] == "craving.high")["condition"] = craving
    return rules


async def test_a_draft_is_compared_and_shown(
    clinic: Clinic, database_url: str, tmp_path: Path, psql: psycopg.Connection
) -> None:
    await craves(clinic, clinic.ana, 6, 2, 8)
    draft = saved(tmp_path, pack({**CRAVING, "value": 6}))
    program = ("--program", str(clinic.program_id), *DAYS)
    code, said = await handrail(database_url, tmp_path, draft, *program)
    assert code == 0, said
    row = next(line.split() for line in said.splitlines() if line.startswith("craving.high"))
    assert row[1:7] == ["2", "1", "1", "1", "0", "1"]
    assert "3 check-ins and 0 assessments of 2 patients" in said
    assert "craving.high (only_draft, day 240): Craving was 6; the rule asks for 6 or more." in said
    assert "2/2" in said, "the bar has counted the patients"
    assert "resolved when its answer is due" in said.replace("\n", " ")
    read = psql.execute(
        "select actor_kind, patient_ids from audit_entry where organization_id = %s and action = %s",
        [clinic.organization_id, "rule_set:backtest"],
    ).fetchall()
    assert [(kind, set(ids)) for kind, ids in read] == [("operator", {clinic.ana.id, clinic.ben.id})]


async def test_without_a_file_the_rules_in_force_are_compared_with_themselves(
    clinic: Clinic, database_url: str, tmp_path: Path
) -> None:
    await craves(clinic, clinic.ana, 9)
    code, said = await handrail(database_url, tmp_path, "--program", str(clinic.program_id), *DAYS)
    assert code == 0, said
    row = next(line.split() for line in said.splitlines() if line.startswith("craving.high"))
    assert row[1:] == ["1", "1", "1", "0", "0", "0"]


async def test_what_cannot_be_replayed_is_said_in_a_sentence(
    clinic: Clinic, database_url: str, tmp_path: Path
) -> None:
    program = ("--program", str(clinic.program_id), *DAYS)
    unknown = own_rule({"kind": "threshold", "signal": "no_such", "op": ">=", "value": 1})
    for arguments, sentence in (
        (
            [saved(tmp_path, [unknown]), *program],
            "/rules/0/condition/signal: This program has no such signal.",
        ),
        ([saved(tmp_path, [{"code": "x"}], "broken.json"), *program], "/rules/0/title: Field required"),
        (["--program", "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e23", *DAYS], "There is no such program."),
        ([*program[:3], "2026-10-02", *program[4:]], "/to: Not before the first day."),
    ):
        code, said = await refused(database_url, tmp_path, *arguments)
        assert (code, sentence in said, "Traceback" in said) == (1, True, False), said
