"""The only place that asks what time it is.

Everything else takes `now` as an argument. A test of a service passes a literal; a test of the whole
application gives it another `app.state.clock`, or wraps itself in
`time_machine.travel(…, tick=False)`, which this function obeys.
"""

from datetime import UTC, datetime
from time import perf_counter


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def stopwatch() -> float:
    """Seconds from an arbitrary start, for measuring how long something took; travels with nobody."""
    return perf_counter()
