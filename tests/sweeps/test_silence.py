"""When silence is told, and when it is not: rules, moments, episodes. Sweeps are real, and so are commits."""

from datetime import date, datetime, timedelta

from app.rules.conditions import AnyOf, Silence, Threshold
from app.rules.default_pack import DEFAULT_PACK
from app.rules.rule import Severity
from tests.rules.making import rule
from tests.sweeps.ward import (
    DAY,
    HOUR,
    MONDAY,
    SECOND,
    Told,
    Ward,
    checks_in_daily,
    day,
    is_heard_weekly,
    local,
)


async def test_who_checks_in_daily_and_answers_weekly_raises_nothing(ward: Ward) -> None:
    nora = await ward.admit()
    for each in range(2, 24):
        await ward.sweep(local(nora, day(each), 0.5))
        await ward.checks_in(nora, local(nora, day(each), 8 + each % 13))
        if each % 7 == 4:
            await is_heard_weekly(ward, nora, each)
        await ward.sweep(local(nora, day(each), 23.5))
    assert ward.told(nora) == []


async def test_three_days_are_routine_and_seven_are_high_each_to_the_second(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.sweep(local(nora, MONDAY, 10))
    last = await checks_in_daily(ward, nora, 2, 6)
    await is_heard_weekly(ward, nora, 6)
    await ward.sweep(last + 2 * DAY)
    assert ward.told(nora) == [], "the rule over two days is off"
    await ward.just_in_time(last + 3 * DAY, nora, "checkin.missed_3_days")
    await ward.sweep(local(nora, day(11)))  # on the 10th the check-ins have thinned out, too
    await ward.just_in_time(last + 7 * DAY, nora, "checkin.missed_7_days")
    severities = {each.rule: each.severity for each in ward.told(nora)}
    assert severities == {
        "checkin.missed_3_days": "routine", "checkin.thinning": "routine", "checkin.missed_7_days": "high",
    }  # fmt: skip


async def test_a_late_sweep_tells_it_late_and_once(ward: Ward) -> None:
    nora = await ward.admit()
    for hours in (7 * 24 + 5, 7 * 24 + 5, 7 * 24 + 6):
        await ward.sweep(local(nora, MONDAY) + hours * HOUR)
    late = local(nora, MONDAY) + (7 * 24 + 5) * HOUR
    assert ward.told(nora) == [
        Told("checkin.missed_3_days", "routine", late), Told("checkin.missed_7_days", "high", late),
        Told("checkin.thinning", "routine", late),
    ]  # fmt: skip


async def test_two_days_are_told_where_the_rule_is_switched_on(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 5)
    on = [
        each.model_copy(update={"enabled": True}) if each.code == "checkin.missed_2_days" else each
        for each in DEFAULT_PACK.rules
    ]
    await ward.publishes(on, last + HOUR)
    await ward.sweep(last + 2 * HOUR)
    await ward.just_in_time(last + 2 * DAY, nora, "checkin.missed_2_days")
    await ward.just_in_time(last + 3 * DAY, nora, "checkin.missed_3_days")


async def test_a_resolved_silence_is_told_again_only_after_another_word(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 6)
    await is_heard_weekly(ward, nora, 6)
    await ward.just_in_time(last + 3 * DAY, nora, "checkin.missed_3_days")
    await ward.resolves(nora, "checkin.missed_3_days", last + 3 * DAY + HOUR)
    await ward.sweeps_until(last + 3 * DAY + 2 * HOUR, last + 5 * DAY)
    assert [each.rule for each in ward.told(nora)] == ["checkin.missed_3_days", "checkin.thinning"]
    again = last + 5 * DAY + HOUR
    await ward.checks_in(nora, again)
    await ward.sweeps_until(again, again + 2 * DAY)
    assert len(ward.told(nora)) == 2
    await ward.just_in_time(again + 3 * DAY, nora, "checkin.missed_3_days")


async def test_a_further_silence_is_an_occurrence_of_an_alert_that_stands(ward: Ward) -> None:
    nora = await ward.admit()
    first = local(nora, MONDAY, 18)
    await ward.checks_in(nora, first)
    await ward.just_in_time(first + 3 * DAY, nora, "checkin.missed_3_days")
    again = first + 4 * DAY
    await ward.checks_in(nora, again)
    await ward.sweep(again + 3 * DAY - SECOND)
    assert ward.told(nora)[0].occurrences == 1
    await ward.sweep(again + 3 * DAY)
    silence = [each for each in ward.told(nora) if each.rule == "checkin.missed_3_days"]
    assert silence == [Told("checkin.missed_3_days", "routine", first + 3 * DAY, occurrences=2)]
    # Whoever closes it has seen the second silence: it opens no alert of its own behind their back.
    await ward.resolves(nora, "checkin.missed_3_days", again + 3 * DAY + HOUR)
    await ward.sweeps_until(again + 3 * DAY + 2 * HOUR, again + 6 * DAY)
    assert [each for each in ward.told(nora) if each.rule == "checkin.missed_3_days"] == silence


async def test_an_urgent_silence_that_begins_anew_takes_back_an_acknowledgement(ward: Ward) -> None:
    nora = await ward.admit()
    silent = rule(Silence(signal="check_in", days=1), "own.silent", severity=Severity.URGENT)
    await ward.publishes([silent], local(nora, MONDAY, 9.5))
    await ward.sweep(local(nora, MONDAY) + DAY)
    ward.psql.execute(
        "update alert set status = 'acknowledged', acknowledged_at = opened_at, acknowledged_by = %s,"
        " timer_at = opened_at + interval '9 days'",
        [ward.clinic.sam.id],
    )
    again = local(nora, day(3), 9)
    await ward.checks_in(nora, again)
    await ward.sweep(again + DAY)
    (own,) = ward.rows("select status, occurrences from alert where patient_id = %s", nora.id)
    assert own == ("open", 2)


async def test_check_ins_that_thin_out(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.sweep(local(nora, MONDAY, 10))
    await checks_in_daily(ward, nora, 2, 8)
    await is_heard_weekly(ward, nora, 5, 11, 15)
    for number, hour in ((11, 17), (14, 16)):  # never three days of silence
        await ward.sweep(local(nora, day(number), hour - 1))
        if number == 14:
            assert [each.rule for each in ward.told(nora)] == ["checkin.thinning"]
        await ward.checks_in(nora, local(nora, day(number), hour))
        # In the week up to the 12th there were four check-ins, up to the 13th three.
        if number == 11:
            await ward.just_in_time(local(nora, day(13)), nora, "checkin.thinning")
            await ward.resolves(nora, "checkin.thinning", local(nora, day(13), 9))
    # The blocks of seven days are counted from the first of the stay: the next begins on the 15th.
    await ward.just_in_time(local(nora, day(15)), nora, "checkin.thinning")
    await ward.sweeps_until(local(nora, day(15), 6), local(nora, day(17), 12))
    assert [each.rule for each in ward.told(nora)] == ["checkin.thinning"] * 2


async def test_scores_are_overdue_after_ten_days(ward: Ward) -> None:
    nora = await ward.admit()
    for each in range(2, 24):
        await ward.checks_in(nora, local(nora, day(each), 18))
    await ward.scores(nora, "phq-9", 1, local(nora, day(4), 15))
    await ward.just_in_time(local(nora, MONDAY) + 10 * DAY, nora, "gad7.overdue")
    await ward.just_in_time(local(nora, day(14), 15), nora, "phq9.overdue")
    await ward.resolves(nora, "phq9.overdue", local(nora, day(14), 16))
    await ward.sweep(local(nora, day(15)))
    await ward.scores(nora, "phq-9", 1, local(nora, day(12), 9) + 4 * DAY, local(nora, day(12), 9))
    await ward.just_in_time(local(nora, day(22), 9), nora, "phq9.overdue")


async def test_silence_counts_from_the_first_day_of_the_stay(ward: Ward) -> None:
    past = await ward.admit(day(2), now=local_noon(day(4)))
    today = await ward.admit(day(4), now=local_noon(day(4)))
    later = await ward.admit(day(9), now=local_noon(day(4)))
    await ward.sweep(local_noon(day(4)))
    for nora, first in ((past, 2), (today, 4), (later, 9)):
        await ward.just_in_time(local(nora, day(first)) + 3 * DAY, nora, "checkin.missed_3_days")


def local_noon(of: date) -> datetime:
    return datetime.fromisoformat(f"{of}T12:00:00-05:00")


async def test_a_word_before_the_stay_counts_for_nothing(ward: Ward) -> None:
    nora = await ward.admit(day(9), now=local_noon(day(2)))
    await ward.checks_in(nora, local(nora, day(8), 23))
    await ward.just_in_time(local(nora, day(9)) + 3 * DAY, nora, "checkin.missed_3_days")


async def test_a_rule_of_ones_own_over_silence_or_craving(ward: Ward) -> None:
    nora = await ward.admit()
    either = AnyOf(
        conditions=(Silence(signal="check_in", hours=30), Threshold(signal="craving", op=">=", value=8))
    )
    await ward.publishes([rule(either, "own.rule")], local(nora, MONDAY, 9.5))
    last = local(nora, MONDAY, 12)
    await ward.checks_in(nora, last, craving=9)
    await ward.sweep(last + HOUR)
    assert ward.told(nora) == [], "that was no sweep's to tell"
    assert ward.rows("select occurrences from alert where patient_id = %s", nora.id) == [(1,)]
    await ward.resolves(nora, "own.rule", last + 2 * HOUR)
    await ward.checks_in(nora, last + 3 * HOUR, craving=2)
    await ward.just_in_time(last + 33 * HOUR, nora, "own.rule")


async def test_a_late_word_puts_the_silence_off_and_a_revised_one_brings_it_forward(ward: Ward) -> None:
    nora = await ward.admit()
    evening = local(nora, MONDAY, 18)
    await ward.checks_in(nora, evening)
    # On the 5th, an hour before it would be told, there comes what was written on the 4th.
    written = local(nora, day(4), 20)
    sent = await ward.checks_in(nora, evening + 3 * DAY - HOUR, lived=written)
    await ward.sweep(evening + 3 * DAY)
    assert ward.told(nora) == []
    assert ward.due(nora) == written + 3 * DAY
    # The phone's clock was wrong: it was on the 3rd.
    right = local(nora, day(3), 20)
    await ward.checks_in(nora, written + 2 * DAY - SECOND, lived=right, id=sent)
    await ward.just_in_time(right + 3 * DAY, nora, "checkin.missed_3_days")


async def test_a_rule_that_counts_in_hours(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.publishes([rule(Silence(signal="check_in", hours=30), "own.rule")], local(nora, MONDAY, 9.5))
    last = local(nora, MONDAY, 10) + timedelta(minutes=7, seconds=13)
    await ward.checks_in(nora, last)
    await ward.just_in_time(last + 30 * HOUR, nora, "own.rule")
