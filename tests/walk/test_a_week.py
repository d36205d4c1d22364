"""docs/a-week-in-the-program.md is true: its calls are made, in order, and answered as it shows.

When the API has changed, let it be written anew, and read what came of it:

    HANDRAIL_WALK=write .venv/bin/python -m pytest tests/walk/test_a_week.py
"""

import os
from collections.abc import AsyncIterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
import pytest

from app.main import create_app
from app.observability import configure_logging
from app.settings import Settings
from tests.conftest import new_database
from tests.people import client_for
from tests.walk import writing
from tests.walk.matching import Names, Unknown
from tests.walk.misprints import misprints
from tests.walk.playing import Played, Player, faults_of
from tests.walk.script import read
from tests.walk.stage import CHICAGO, START, staged

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "a-week-in-the-program.md"


class Week(NamedTuple):
    """The document, and what became of its calls."""

    document: str
    played: Sequence[Played]
    stopped: str | None
    """Why the last calls could not be made."""


@pytest.fixture(scope="module")
async def week(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Week]:
    """Played once, from the morning before the first call, in a database of its own."""
    configure_logging(stream=StringIO())
    document, url = DOCUMENT.read_text("utf-8"), new_database()
    calls = read(document, CHICAGO)
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("week")), url)
    options = "-c timezone=UTC"
    async with app.router.lifespan_context(app), staged(app) as stage, client_for(app) as client:
        with psycopg.connect(url, autocommit=True, options=options) as superuser:
            player = Player(app, client, superuser, START, stage, Names(**stage.names()))
            played: list[Played] = []
            stopped = None
            for call in calls:
                try:
                    played.append(await player.play(call))
                except Unknown as name:
                    stopped = f"line {call.line}: {name} stands for nothing yet"
                    break
            yield Week(document, played, stopped)


def corrected(week: Week) -> str:
    """The document with the true replies."""
    document = week.document
    for each in reversed(week.played):
        true = writing.message(each.answer, each.call.reply, each.names)
        document = document[: each.call.place.start] + true + document[each.call.place.stop :]
    return document


def report(week: Week) -> str:
    """Which replies the document has wrong, and what it should say."""
    return "\n".join(
        f"\nline {each.call.line}, {each.call.request.first}:\n  "
        + "\n  ".join(each.faults)
        + f"\n\n{writing.message(each.answer, each.call.reply, each.names)}"
        for each in week.played
        if each.faults
    )


async def test_the_week_is_as_the_document_tells_it(week: Week) -> None:
    if os.environ.get("HANDRAIL_WALK") == "write":
        DOCUMENT.write_text(corrected(week), "utf-8")
    assert not any(each.faults for each in week.played), report(week)
    assert week.stopped is None


async def test_a_changed_reply_is_found_whatever_of_it_was_changed(week: Week) -> None:
    tried = 0
    for each in week.played:
        for wrong in misprints(each.call.reply):
            tried += 1
            found = list(faults_of(each.answer, wrong, Names(**each.names.known)))
            assert found, f"line {each.call.line}: {wrong.first}\n{wrong.body}"
    assert tried >= 3 * len(week.played) > 0


async def test_what_is_written_anew_is_what_stands_there(week: Week) -> None:
    assert corrected(week) == week.document
