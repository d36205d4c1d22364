"""What an operator sees of the spool: ids to everybody, and what somebody said for a reason that is kept."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.keeping import commands
from app.keeping.commands import spool
from app.settings import Settings
from app.spool import Store
from app.spool.store import FILE
from tests.edge.conftest import Logs
from tests.spool.conftest import Away
from tests.spool.test_kept import FLAGS, SECRET


@pytest.fixture
def operator(away: Away, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(commands, "settings", lambda: away.own)
    return CliRunner()


async def test_the_list_names_whom_and_not_what(away: Away, operator: CliRunner) -> None:
    assert "Nothing is kept" in operator.invoke(spool, ["list"]).output
    await away.ana.post(FLAGS, json={"what": SECRET})
    told = operator.invoke(spool, ["list"], env={"COLUMNS": "300"})
    assert told.exit_code == 0
    assert away.entries()[0].id[:8] in told.output
    assert SECRET not in told.output


async def test_it_is_shown_to_somebody_who_says_why(away: Away, operator: CliRunner, logs: Logs) -> None:
    await away.ana.post(FLAGS, json={"what": SECRET + "\x1b[2J", "where": "at home"})
    (entry,) = away.entries()
    assert operator.invoke(spool, ["show", entry.id]).exit_code != 0, "nobody says why"
    assert operator.invoke(spool, ["show", entry.id, "--reason", "curious"]).exit_code == 2
    told = operator.invoke(spool, ["show", entry.id], input="reach_patient\n")
    assert told.exit_code == 0, told.output
    assert SECRET in told.output
    assert str(away.ana_id) in told.output
    assert "\x1b" not in told.output, "what somebody wrote gives no orders to a terminal"
    with sqlite3.connect(away.own.spool_folder / FILE) as database:
        shown = database.execute(
            "select entry_id, reason from shown where entry_id = ?", (entry.id,)
        ).fetchall()
    database.close()
    assert shown == [(entry.id, "reach_patient")]
    assert "spool_entry_shown" in logs.text
    assert SECRET not in logs.text


async def test_what_is_not_there_is_said(away: Away, operator: CliRunner) -> None:
    told = operator.invoke(spool, ["show", "nothing", "--reason", "test"])
    assert (told.exit_code, "no such entry" in told.output) == (1, True)


async def test_what_was_parked_is_tried_again(away: Away, operator: CliRunner) -> None:
    await away.ana.post(FLAGS)
    store = Store(away.own.spool_folder, 1)
    store.park(away.entries()[0].id, "not_found")
    assert "not_found" in operator.invoke(spool, ["list"], env={"COLUMNS": "300"}).output
    assert "1 to be tried" in operator.invoke(spool, ["retry"]).output
    assert store.tally()[:2] == (1, 0)
    store.close()


def test_another_key_opens_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.spool.test_store import entry

    own = Settings(data_dir=tmp_path)
    monkeypatch.setattr(commands, "settings", lambda: own)
    store = Store(own.spool_folder, 1)
    store.put([new := entry(said=b"\x01" + b"0" * 60)], 0)
    store.close()
    told = CliRunner().invoke(spool, ["show", new.id, "--reason", "test"])
    assert (told.exit_code, "another key" in told.output) == (1, True)
