"""Things that happen, each at its moment, in order."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

Act = Callable[[datetime], Awaitable[None]]


class _Step(NamedTuple):
    at: datetime
    number: int  # two steps of one moment keep their order
    act: Act


class Sequence:
    """What is to happen until `now`; a step may bring about others."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._steps: list[_Step] = []
        self._number = 0

    def at(self, moment: datetime, act: Act) -> None:
        """Have this happen at a moment; what lies after now does not happen."""
        self._number += 1
        heappush(self._steps, _Step(moment, self._number, act))

    async def play(self, settle: Callable[[], Awaitable[None]]) -> None:
        """Let it all happen, and call `settle` after each step."""
        while self._steps and self._steps[0].at <= self.now:
            step = heappop(self._steps)
            await step.act(step.at)
            await settle()
