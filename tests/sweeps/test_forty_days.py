"""Many days of many people: what the sweeps found is what visiting everybody at every sweep finds.

Here it is twenty-five days of sixteen, in which clocks are put back twice; in tests/chaos forty of thirty.
"""

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from tests.sweeps.forty_days import Story, live
from tests.sweeps.ward import Ward

PEOPLE, DAYS, SEED = 16, 25, 11


async def test_the_sweeps_find_what_visiting_everybody_finds(
    ward: Ward, another_engine: AsyncEngine, looks: list[str]
) -> None:
    await compare(Story(ward, SEED), another_engine, looks, people=PEOPLE, days=DAYS)


async def compare(
    story: Story, another_engine: AsyncEngine, looks: list[str], *, people: int, days: int
) -> None:
    """Let it happen, and hold what two workers found against what the oracle did."""
    ward = story.ward

    async def sweep(now: datetime) -> None:
        """One in four comes twice at the same time, one in ten again a little later."""
        doubled = story.random.random() < 0.25
        engines = [ward.engine, another_engine] if doubled else [ward.engine]
        await asyncio.gather(*(sweeps.sweep(engine, now) for engine in engines))
        if story.random.random() < 0.1:
            await sweeps.sweep(ward.engine, now)
        ward.psql.execute(
            "update alert set timer_at = null"
        )  # ladders have tests of their own, and take time
        assert ward.value("select facts ->> 'failures' from pulse where name = 'sweep'") == "0"

    swept = await live(story, sweep, people=people, days=days)
    print(f"{swept} sweeps, {story.visits} visits by the oracle, {len(looks)} looks by the service,", end=" ")
    print(f"{len(story.expected)} found; {dict(story.did)}")
    assert sorted(story.found()) == sorted(story.expected)
    assert len(story.expected) > 5 * people, "else this proves little"
    assert len(looks) < story.visits / 4
    assert ward.value("select count(*) from alert where status <> 'resolved'") > 0
