"""Every real answer that we have goes through the API, and opens exactly the alerts of a second count."""

import psycopg

from tests.people import Clinic
from tests.real_data.test_real_answers import live_through


async def test_alerts_are_exactly_those_of_a_second_count(clinic: Clinic, psql: psycopg.Connection) -> None:
    await live_through(clinic, psql, every=1)
