"""The stories of attendance in `attendance_stories.txt`: each is played as it is written."""

import re

import psycopg
import pytest
from fastapi import FastAPI

from tests.services.attendance_stories import Stage, Story, stories

TOLD = stories()


def test_there_are_stories_of_every_status_and_every_rule() -> None:
    assert len(TOLD) >= 40
    assert len({story.title for story in TOLD}) == len(TOLD)
    text = "\n".join(line for story in TOLD for line in story.lines)
    told = set(re.findall(r"=> .+: (\w+), \d+ minutes", text)) | set(re.findall(r"(session\.\w+)", text))
    assert told >= {
        "expected", "arrived", "late", "left_early", "attended", "excused", "unexcused", "made_up",
        "cancelled", "session.missed", "session.missed_twice", "session.missed_three",
        "session.missed_at_risk",
    }  # fmt: skip


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.title)
async def test_a_story_goes_as_it_is_told(app: FastAPI, psql: psycopg.Connection, story: Story) -> None:
    stage = await Stage.empty(app, psql)
    await stage.play(story)


async def test_a_story_that_went_otherwise_is_found(app: FastAPI, psql: psycopg.Connection) -> None:
    group = "Group Mon 2, 18:00-21:00"
    for wrong in (
        "Mon 2 group: attended, 180 minutes",
        "Mon 2 group: nothing is known",
        "no alert",
        "alerts: session.missed routine corrected",
        "week of Mon 2: 1 minutes",
    ):
        stage = await Stage.empty(app, psql)
        with pytest.raises(AssertionError):
            await stage.play(Story("wrong", [group, f"=> {wrong}"]))
