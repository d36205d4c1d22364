"""The moment at which a stay is looked at: set with the stay, brought forward, put off, never lost."""

from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.rules.conditions import AllOf, Silence, Threshold
from app.rules.default_pack import DEFAULT_PACK
from app.services import absences, check_ins
from tests.rules.making import rule
from tests.sweeps.ward import DAY, HOUR, MONDAY, SECOND, Ward, checks_in_daily, is_heard_weekly, local

AFTER_TWO = [
    each.model_copy(update={"enabled": True}) if each.code == "checkin.missed_2_days" else each
    for each in DEFAULT_PACK.rules
]


async def test_it_is_set_with_the_stay_and_the_first_look_sets_the_next(ward: Ward) -> None:
    nora = await ward.admit()
    assert ward.due(nora) == local(nora, MONDAY, 9)
    await ward.sweep(local(nora, MONDAY, 9))
    assert ward.due(nora) == local(nora, MONDAY) + 3 * DAY


async def test_an_answer_that_puts_it_off_writes_nothing_and_costs_one_look(
    ward: Ward, looks: list[str]
) -> None:
    nora = await ward.admit()
    await ward.sweep(local(nora, MONDAY, 9))
    promised = ward.due(nora)
    looks.clear()
    last = await checks_in_daily(ward, nora, 2, 4)
    assert ward.due(nora) == promised
    await ward.sweeps_until(last, last + 3 * DAY - SECOND, every=HOUR)
    assert looks == ["looked"]
    assert ward.due(nora) == last + 3 * DAY


async def test_an_answer_brings_it_forward(ward: Ward) -> None:
    nora = await ward.admit()
    both = AllOf(
        conditions=(Silence(signal="check_in", days=1), Threshold(signal="craving", op=">=", value=7))
    )
    await ward.publishes([rule(both, "own.rule")], local(nora, MONDAY, 9))
    await ward.sweep(local(nora, MONDAY, 9))
    assert ward.due(nora) is None
    last = local(nora, MONDAY, 12)
    await ward.checks_in(nora, last, craving=7)
    assert ward.due(nora) == last + DAY
    await ward.just_in_time(last + DAY, nora, "own.rule")


async def test_so_does_a_craving_scale_that_is_sent_on_its_own(ward: Ward) -> None:
    nora = await ward.admit()
    both = AllOf(
        conditions=(Silence(signal="check_in", days=1), Threshold(signal="craving", op=">=", value=7))
    )
    await ward.publishes([rule(both, "own.rule")], local(nora, MONDAY, 9))
    last = local(nora, MONDAY, 12)
    await ward.checks_in(nora, last, craving=2)
    await ward.sweep(last)
    await ward.scores(nora, "craving-nrs", 8, last + HOUR)
    await ward.just_in_time(last + DAY, nora, "own.rule")


async def test_so_do_scores_where_a_rule_reads_both(ward: Ward) -> None:
    nora = await ward.admit()
    both = AllOf(
        conditions=(Silence(signal="check_in", days=1), Threshold(signal="phq9.total", op=">=", value=8))
    )
    await ward.publishes([rule(both, "own.rule")], local(nora, MONDAY, 9))
    last = local(nora, MONDAY, 12)
    await ward.checks_in(nora, last)
    await ward.sweep(last)
    await ward.scores(nora, "phq-9", 1, last + HOUR)
    await ward.just_in_time(last + DAY, nora, "own.rule")


async def test_a_stay_whose_moment_was_lost_has_one_again_with_the_next_answer(ward: Ward) -> None:
    nora = await ward.admit()
    ward.psql.execute("update enrollment set absence_due_at = null where id = %s", [nora.stay_id])
    await ward.checks_in(nora, local(nora, MONDAY, 12))
    assert ward.due(nora) == local(nora, MONDAY, 12) + 3 * DAY


async def test_new_rules_are_asked_at_once_of_those_who_are_silent(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 6)
    await is_heard_weekly(ward, nora, 6)
    await ward.sweep(last + HOUR)
    await ward.publishes(AFTER_TWO, last + 2 * DAY + HOUR)
    await ward.sweep(last + 2 * DAY + HOUR)
    assert [each.rule for each in ward.told(nora)] == ["checkin.missed_2_days"]
    # Off and on again is no news: it is the same silence, and was told.
    await ward.resolves(nora, "checkin.missed_2_days", last + 2 * DAY + 2 * HOUR)
    await ward.publishes(DEFAULT_PACK.rules, last + 2 * DAY + 3 * HOUR)
    await ward.publishes(AFTER_TWO, last + 2 * DAY + 4 * HOUR)
    await ward.sweep(last + 2 * DAY + 5 * HOUR)
    assert len(ward.told(nora)) == 1


async def test_rules_that_are_published_during_a_look_are_asked_by_the_next(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    nora = await ward.admit()
    now = local(nora, MONDAY) + 2 * DAY + HOUR
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        assert await absences.look(db, nora.stay_id, now), "by the old rules there is nothing yet"
        await ward.publishes(AFTER_TWO, now + SECOND, another_engine)
    assert ward.due(nora) == now + SECOND
    await ward.sweep(now + 20 * SECOND)
    assert [each.rule for each in ward.told(nora)] == ["checkin.missed_2_days"]


async def test_rules_that_are_published_during_an_answer_are_asked_by_the_next_sweep(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    nora = await ward.admit()
    ward.psql.execute("update enrollment set absence_due_at = null where id = %s", [nora.stay_id])
    now = local(nora, MONDAY, 12)
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        draft = check_ins.Draft(uuid7(), now, nora.zone.key, {"mood": 5}, None, None)
        await check_ins.submit(db, ward.actor(nora), nora.id, draft, accept_language=None, now=now)
        await ward.publishes(AFTER_TWO, now + SECOND, another_engine)
    assert ward.due(nora) == now + SECOND, "and not three days from now, by the old rules"
