"""Try a draft of a program's rules on its history."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from anyio import BrokenWorkerProcess, to_process
from fastapi import Depends, Request

from app import clock
from app.access import Actor, Permission
from app.database import unit_of_work
from app.dependencies import Now, requires
from app.edge.strict_route import BATCH_BYTES
from app.edge.strict_route import router as strict_router
from app.errors import TooMany, Unavailable
from app.rules.replay import Compared
from app.rules.replay_tally import Tally
from app.schemas.backtest import BacktestBody, BacktestRead
from app.services import backtests, rule_sets
from app.services.backtests import Plan

router = strict_router("/v1/rule-sets", "rules", max_body_size=BATCH_BYTES)

RETRY_SECONDS = 5
NICENESS = 5
"""Of the process that replays: requests go first."""

_running: set[object] = set()
Tester = Annotated[Actor, requires(Permission.RULE_SET_BACKTEST)]


async def place(_actor: Tester) -> AsyncIterator[None]:
    """The one backtest that this process does at a time. Raises `TooMany`."""
    if _running:
        raise TooMany(RETRY_SECONDS, "backtest_running", "Another backtest is running; wait a little.")
    mine = object()
    _running.add(mine)
    try:
        yield
    finally:
        _running.discard(mine)


@router.post("/backtests", operation_id="backtest_rule_set", dependencies=[Depends(place)])
async def backtest(request: Request, body: BacktestBody, actor: Tester, now: Now) -> BacktestRead:
    """What a draft would have told the care team over these days, beside the rules in force.

    Replays the stored answers of the program's patients whom you see, each as it came, through the evaluator
    that is in use. Nothing is kept. One at a time: 429 while another runs.
    """
    started, engine = clock.stopwatch(), request.app.state.engine
    async with unit_of_work(engine, actor.organization_id) as db:
        program = await rule_sets.program_of(db, actor, body.program_id)
        draft = await rule_sets.draft(db, actor, program, body.rules)
        plan = await backtests.plan(
            db, program, draft, base_version=body.base_version, first_day=body.first_day,
            last_day=body.last_day, now=now,
        )  # fmt: skip
    tally = await backtests.run(engine, actor, plan, replay=_elsewhere, now=now)
    seconds = clock.stopwatch() - started
    return BacktestRead.of(plan.scope.program_id, Compared(plan.live, plan.draft), tally, seconds)


async def _elsewhere(plan: Plan, texts: Sequence[str]) -> Tally:
    """Replay in another process: this one has check-ins to answer. Raises `Unavailable` when that dies."""
    try:
        return await to_process.run_sync(backtests.replayed, plan, texts, NICENESS, cancellable=True)
    except BrokenWorkerProcess:
        raise Unavailable from None
