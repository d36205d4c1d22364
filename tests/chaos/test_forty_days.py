"""Forty days of thirty people: what the sweeps found is what visiting everybody at every sweep finds."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.sweeps.conftest import another_engine, looks, superuser, ward  # noqa: F401 - fixtures
from tests.sweeps.forty_days import Story
from tests.sweeps.test_forty_days import compare
from tests.sweeps.ward import Ward


@pytest.mark.parametrize("seed", [5, 8])
async def test_the_sweeps_find_what_visiting_everybody_finds(
    ward: Ward,  # noqa: F811 - the fixture
    another_engine: AsyncEngine,  # noqa: F811 - likewise
    looks: list[str],  # noqa: F811 - likewise
    seed: int,
) -> None:
    await compare(Story(ward, seed), another_engine, looks, people=30, days=40)
