"""A brute-force oracle: a year of wall clocks, read every five minutes, and nothing else.

It knows no rule about clocks: every answer is a search through what the clocks showed. Every zone's changes
and all times asked about lie on the grid.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

FIVE_MINUTES = 300


class WalkedYear:
    """`moments` are seconds since 1970, five minutes apart; `walls` is what the clocks showed then."""

    def __init__(self, zone: ZoneInfo, first: datetime, until: datetime) -> None:
        self.zone = zone
        self.moments = range(int(first.timestamp()), int(until.timestamp()), FIVE_MINUTES)
        self.walls = [datetime.fromtimestamp(at, zone).replace(tzinfo=None) for at in self.moments]
        self.days = list(dict.fromkeys(wall.date() for wall in self.walls))
        self._first_shown: dict[datetime, int] = {}
        for place, wall in enumerate(self.walls):
            self._first_shown.setdefault(wall, place)

    def at(self, place: int) -> datetime:
        return datetime.fromtimestamp(self.moments[place], UTC)

    def place(self, moment: datetime) -> int:
        """The place of a moment on the grid."""
        return self.moments.index(int(moment.timestamp()))

    def jumps(self) -> list[int]:
        """The places at which the clock does not show five minutes more than at the place before."""
        step = timedelta(seconds=FIVE_MINUTES)
        pairs = zip(self.walls, self.walls[1:], strict=False)
        return [place for place, (before, after) in enumerate(pairs, 1) if after - before != step]

    def places_to_ask(self, every: int, around: int = 300) -> list[int]:
        """Every so many places, and each one for a day before and after a change of the clocks."""
        near = {near for jump in self.jumps() for near in range(jump - around, jump + around)}
        return sorted({*range(0, len(self.walls), every), *near} & set(range(len(self.walls))))

    def when(self, day: date, shown: time) -> datetime:
        """When the clock first shows this; if it jumps over it, when it would have without the jump."""
        wall = datetime.combine(day, shown)
        if (place := self._first_shown.get(wall)) is not None:
            return self.at(place)
        last = next(place for place in self.jumps() if self.walls[place - 1] < wall < self.walls[place]) - 1
        return self.at(last) + (wall - self.walls[last])

    def next_where(self, holds: Callable[[datetime], bool]) -> list[int | None]:
        """For each place the first one from there on whose wall time is such."""
        found: list[int | None] = [None] * len(self.walls)
        following = None
        for place in range(len(self.walls) - 1, -1, -1):
            if holds(self.walls[place]):
                following = place
            found[place] = following
        return found

    def spells_where(self, holds: Callable[[datetime], bool], low: int, high: int) -> list[tuple[int, int]]:
        """The longest runs of places in [low, high) at which the wall time is such, as [from, until)."""
        spells = []
        for such, run in groupby(range(low, high), key=lambda place: holds(self.walls[place])):
            places = list(run)
            if such:
                spells.append((places[0], places[-1] + 1))
        return spells


def first_from(ordered: Sequence[datetime], moment: datetime) -> datetime:
    return ordered[bisect_left(ordered, moment)]
