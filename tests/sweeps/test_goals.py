"""Goals and the sweep: it is told at the right moment that one fell behind, and once.

At the end, three goals as people in treatment agree on them, from the first day to the last.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import unit_of_work
from app.goals.examples import daily_meditation, job_training, twelve_meetings
from app.rules.conditions import Threshold
from app.rules.rule import Severity
from app.services import goal_standings
from tests.goals.agreeing import (
    agree,
    agreed,
    ask,
    body_of,
    change,
    check_in,
    draft,
    entry,
    kept,
    morning,
    note,
    ok,
    read,
    told,
)
from tests.people import token_for
from tests.rules.making import rule
from tests.sweeps.ward import DAY, SECOND, Ward

FIRST = date(2026, 11, 1)
BEHIND = rule(Threshold(signal="goal.behind", op=">=", value=1), "goal.behind", severity=Severity.ROUTINE)


def midnight(number: int) -> datetime:
    """Of November where ana lives, after the change of the clocks on the 1st."""
    return datetime(2026, 11, 1, 5, tzinfo=UTC) + (number - 1) * DAY


@pytest.fixture
async def watching(ward: Ward) -> Ward:
    """The program watches for goals that fall behind, and for nothing else."""
    await ward.publishes([BEHIND], morning(0))
    return ward


def opened(ward: Ward) -> list[tuple[str, str, datetime, int]]:
    return ward.rows(  # type: ignore[return-value]  # rule, status, when, how often
        "select rule, status, opened_at, occurrences from alert where patient_id = %s order by opened_at",
        ward.clinic.ana.id,
    )


async def test_it_falls_behind_at_the_patients_midnight_and_an_alert_says_so(watching: Ward) -> None:
    ward = watching
    goal_id = await agreed(ward.clinic)
    assert kept(ward.psql, goal_id) == ("on_track", midnight(7))
    await ward.sweep(midnight(7) - SECOND)
    assert (kept(ward.psql, goal_id)[0], told(ward.psql, goal_id)) == ("on_track", [])
    await ward.sweep(midnight(7))
    assert kept(ward.psql, goal_id) == ("behind", midnight(34))
    assert told(ward.psql, goal_id) == [True]
    assert opened(ward) == [("goal.behind", "open", midnight(7), 1)]
    ((kind, source_id),) = ward.rows("select source_kind, source_id from alert_occurrence")
    ((standing_id, at, day),) = ward.rows("select id, at, local_date from goal_standing")
    assert (kind, source_id, at, day) == ("goal", standing_id, midnight(7), date(2026, 11, 7))
    for hours in (1, 24, 100):
        await ward.sweep(midnight(7) + timedelta(hours=hours))
    assert told(ward.psql, goal_id) == [True], "once"
    await ward.sweep(midnight(34))
    assert kept(ward.psql, goal_id) == ("not_achieved", None)
    assert told(ward.psql, goal_id) == [True], "it is over, and did not catch up"
    ((since,),) = ward.rows("select status_since from goal")
    assert since == midnight(34)


async def test_it_catches_up_and_falls_behind_anew(watching: Ward) -> None:
    ward = watching
    goal_id = await agreed(ward.clinic)
    await ward.sweep(midnight(7))
    await note(ward.clinic, goal_id, morning(7), 3)
    assert told(ward.psql, goal_id) == [True, False]
    # 3 and a tenth of the way are what was expected after ten and a half days.
    assert kept(ward.psql, goal_id) == ("on_track", midnight(14))
    await ward.sweep(midnight(14))
    assert told(ward.psql, goal_id) == [True, False, True]
    assert opened(ward) == [("goal.behind", "open", midnight(7), 2)]


async def test_what_comes_in_from_check_ins_is_seen_at_the_next_midnight(ward: Ward) -> None:
    goal_id = await agreed(ward.clinic, fed_by="meetings_attended")
    assert kept(ward.psql, goal_id)[1] == midnight(2)
    for number in range(2, 8):
        await ward.sweep(midnight(number))
        assert kept(ward.psql, goal_id)[1] == midnight(number + 1)
    assert told(ward.psql, goal_id) == [True]
    await check_in(ward.clinic, morning(7), meetings_attended=4)
    assert (await read(ward.clinic, goal_id, morning(7)))["status"] == "on_track"
    assert told(ward.psql, goal_id) == [True]
    await ward.sweep(midnight(8))
    assert told(ward.psql, goal_id) == [True, False]
    await ward.sweep(midnight(34))
    assert kept(ward.psql, goal_id) == ("not_achieved", None)


async def test_a_patient_who_moves_is_looked_at_by_the_clock_of_where_she_lives(ward: Ward) -> None:
    goal_id = await agreed(ward.clinic)
    ward.psql.execute(
        "update patient set time_zone = 'America/Los_Angeles' where id = %s", [ward.clinic.ana.id]
    )
    await ward.sweep(midnight(7))
    assert kept(ward.psql, goal_id) == ("on_track", midnight(7) + timedelta(hours=3))
    await ward.sweep(midnight(7) + timedelta(hours=3))
    assert kept(ward.psql, goal_id)[0] == "behind"


async def test_what_is_closed_or_a_draft_or_starts_later_is_not_looked_at(ward: Ward) -> None:
    by_hand = await agreed(ward.clinic, starts_on="2026-11-10")
    fed = await agreed(ward.clinic, starts_on="2026-11-10", fed_by="used")
    assert kept(ward.psql, fed)[1] == midnight(10)
    looked_at = kept(ward.psql, by_hand)[1]
    assert looked_at is not None and looked_at > midnight(10)
    closed = await agreed(ward.clinic)
    await ok(ward.clinic, ward.clinic.ana, morning(2), "POST", f"/v1/goals/{closed}/achievement", {})
    unsigned = await draft(ward.clinic)
    await ward.sweep(midnight(40))
    assert kept(ward.psql, closed) == ("achieved", None)
    assert kept(ward.psql, unsigned) == ("draft", None)
    assert told(ward.psql, closed) == []


async def test_two_sweeps_at_the_same_time_tell_it_once(watching: Ward, another_engine: AsyncEngine) -> None:
    ward = watching
    goals = [await agreed(ward.clinic) for _ in range(4)]
    now = midnight(7)
    await asyncio.gather(
        sweeps.sweep(ward.engine, now), sweeps.sweep(another_engine, now), sweeps.sweep(ward.engine, now)
    )
    await ward.sweep(now + SECOND)
    assert [told(ward.psql, each) for each in goals] == [[True]] * 4
    assert [row[3] for row in opened(ward)] == [4], "four occurrences of one alert"


async def test_one_who_comes_second_does_not_wait(ward: Ward, another_engine: AsyncEngine) -> None:
    goal_id = UUID(await agreed(ward.clinic))
    now = midnight(7)
    async with unit_of_work(ward.engine, ward.organization_id) as one:
        assert await goal_standings.look(one, goal_id, now)
        async with unit_of_work(another_engine, ward.organization_id) as other:
            assert not await goal_standings.look(other, goal_id, now), "somebody else is at it"
    async with unit_of_work(another_engine, ward.organization_id) as late:
        assert not await goal_standings.look(late, goal_id, now), "it is done"
    assert told(ward.psql, str(goal_id)) == [True]


async def test_a_sweep_that_dies_leaves_nothing_half_done(watching: Ward) -> None:
    ward = watching
    goal_id = await agreed(ward.clinic)

    async def killed() -> None:
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            assert await goal_standings.look(db, UUID(goal_id), midnight(7))
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await killed()
    assert kept(ward.psql, goal_id) == ("on_track", midnight(7))
    assert (told(ward.psql, goal_id), opened(ward)) == ([], [])
    await ward.sweep(midnight(7))
    assert (told(ward.psql, goal_id), len(opened(ward))) == ([True], 1)


async def test_entries_and_sweeps_at_once_end_with_what_is_true(
    watching: Ward, another_engine: AsyncEngine
) -> None:
    """An entry that catches up, and a sweep that finds the goal behind: the last word fits."""
    ward = watching
    goals = [await agreed(ward.clinic) for _ in range(4)]
    now = midnight(7)
    path = "/v1/goals/{}/progress"
    bodies = [_late(each) for each in range(4)]
    clock, ward.clinic.app.state.clock = ward.clinic.app.state.clock, lambda: now
    try:
        client = ward.clinic.ana.client
        replies = await asyncio.gather(
            *(
                client.post(path.format(each), json=bodies[n], headers=_as_of(ward, now))
                for n, each in enumerate(goals)
            ),
            sweeps.sweep(ward.engine, now),
            sweeps.sweep(another_engine, now),
        )
    finally:
        ward.clinic.app.state.clock = clock
    assert [reply.status_code for reply in replies[:4]] == [201] * 4
    await ward.sweep(now + SECOND)
    assert ward.value("select facts ->> 'failures' from pulse where name = 'sweep'") == "0"
    for goal_id in goals:
        assert kept(ward.psql, goal_id)[0] == "on_track"
        assert told(ward.psql, goal_id)[-1:] in ([], [False])


def _late(number: int) -> dict[str, Any]:
    return entry(morning(6, number), 3)


def _as_of(ward: Ward, now: datetime) -> dict[str, str]:
    ana = ward.clinic.ana
    token = token_for(
        ward.clinic.app, organization_id=ana.organization_id, id=ana.id, role=ana.role,
        credential_id=ana.credential_id, now=now,
    )  # fmt: skip
    return {"Authorization": f"Bearer {token}"}


async def test_a_goal_that_cannot_be_looked_at_stops_no_other(
    ward: Ward, logs: list[dict[str, object]]
) -> None:
    broken, sound = await agreed(ward.clinic), await agreed(ward.clinic)
    ward.psql.execute(
        'update goal_version set terms = terms || \'{"cadence": {"kind": "lunar"}}\' where goal_id = %s',
        [broken],
    )
    assert await ward.sweep(midnight(7)) == {"failures": 1}
    assert [told(ward.psql, each) for each in (broken, sound)] == [[], [True]]


# Three goals, from the first day to the last.


async def test_twelve_meetings_in_thirty_days(watching: Ward) -> None:
    """Ana writes it down, clara and she agree, and from then on she only checks in."""
    ward, clinic = watching, watching.clinic
    goal_id = await draft(clinic, morning(1), **body_of(twelve_meetings(FIRST)))
    assert (await agree(clinic, goal_id, morning(1)))["review_on"] == "2026-11-15"
    attended = {2: 1, 4: 1, 5: 0, 8: 1, 10: 1}
    for number in range(1, 15):
        await ward.sweep(midnight(number))
        if number not in attended:
            continue
        await check_in(clinic, morning(number, 6), mood=6, meetings_attended=attended[number])
    assert told(ward.psql, goal_id) == []
    # Then her car breaks down: four of twelve, and none in ten days.
    for number in range(15, 21):
        await ward.sweep(midnight(number))
    await check_in(clinic, morning(19, 6), mood=3, meetings_attended=0)
    goal = await read(clinic, goal_id, morning(20))
    assert (goal["status"], goal["progress"]) == (
        "behind",
        {"value": 4, "expected": 7.6, "pace": "behind"},
    )
    assert told(ward.psql, goal_id) == [True]
    assert [(name, status) for name, status, *_ in opened(ward)] == [("goal.behind", "open")]
    overdue = await ok(clinic, clinic.clara, morning(20), "GET", "/v1/goals?review_overdue=true")
    assert [each["id"] for each in overdue["items"]] == [goal_id]
    path = f"/v1/goals/{goal_id}"
    reviewed = await ok(
        clinic, clinic.clara, morning(20, 1), "POST", f"{path}/review", {"note": "Rides with Joan."}
    )
    assert reviewed["review_on"] == "2026-12-04"
    # Joan takes her along, two a day; on one of them her phone was offline until December.
    for number in (21, 22, 23):
        await check_in(clinic, morning(number, 6), mood=7, meetings_attended=2)
        await ward.sweep(midnight(number + 1))
    assert told(ward.psql, goal_id) == [True, False]
    await check_in(clinic, morning(30), mood=8, meetings_attended=1)
    await ward.sweep(midnight(33))
    assert (await read(clinic, goal_id, midnight(33)))["progress"]["value"] == 11
    await check_in(clinic, morning(33), lived=morning(29), mood=8, meetings_attended=1)
    done = await read(clinic, goal_id, morning(33))
    assert (done["status"], done["progress"]["value"]) == ("achieved", 12)
    await ward.sweep(midnight(34))
    assert kept(ward.psql, goal_id) == ("achieved", None)
    closed = await ok(
        clinic, clinic.clara, morning(34), "POST", f"{path}/achievement", {"note": "All twelve."}
    )
    assert (closed["status"], closed["close_reason"]) == ("achieved", "All twelve.")
    assert ward.value("select count(*) from goal_progress") == 0, "she never entered anything twice"


async def test_meditation_every_day_with_a_look_at_it_every_week(watching: Ward) -> None:
    ward, clinic = watching, watching.clinic
    goal_id = await draft(clinic, morning(1), **body_of(daily_meditation(FIRST)))
    assert (await agree(clinic, goal_id, morning(1)))["review_on"] == "2026-11-08"
    path = f"/v1/goals/{goal_id}"
    for number in range(1, 8):
        await note(clinic, goal_id, morning(number, 8), 10)
        await ward.sweep(midnight(number + 1))
    goal = await read(clinic, goal_id, morning(8))
    assert goal["streak"] == {"unit": "days", "current": 7, "longest": 7}
    assert goal["progress"] == {"value": 7, "expected": 6, "pace": "on_track"}
    assert (await ok(clinic, clinic.clara, morning(8), "POST", f"{path}/review", {}))[
        "review_on"
    ] == "2026-11-15"
    # A weekend in the woods: the phone sends nothing for three days, and then everything.
    for number in (8, 9):
        await note(clinic, goal_id, morning(number, 8), 10)
    for number in (10, 11, 12):
        await ward.sweep(midnight(number + 1))
        assert (await read(clinic, goal_id, midnight(number + 1)))["streak"]["longest"] == 9
    assert (await read(clinic, goal_id, midnight(12)))["streak"]["current"] == 9
    assert (await read(clinic, goal_id, midnight(13)))["streak"]["current"] == 0
    for number in (10, 11, 12):
        await note(clinic, goal_id, morning(13, number / 100), lived=morning(number, 8))
    assert (await read(clinic, goal_id, morning(13, 1)))["streak"] == {
        "unit": "days", "current": 12, "longest": 12,
    }  # fmt: skip
    assert told(ward.psql, goal_id) == []
    # Nobody looked at it on the 15th.
    overdue = await ok(clinic, clinic.clara, morning(16), "GET", "/v1/goals?review_overdue=true")
    assert [each["id"] for each in overdue["items"]] == [goal_id]
    # A bad week: nothing from the 13th on. On the 20th it is behind, on the 22nd she goes on.
    for number in range(14, 22):
        await ward.sweep(midnight(number))
    assert told(ward.psql, goal_id) == [True]
    (behind_at,) = ward.rows("select at from goal_standing where goal_id = %s", goal_id)[0]
    assert behind_at == midnight(20)
    await ok(clinic, clinic.clara, morning(22), "POST", f"{path}/review", {"note": "Mornings instead."})
    for number in range(22, 29):
        await note(clinic, goal_id, morning(number, 0.5), 10)
        await ward.sweep(midnight(number + 1))
    goal = await read(clinic, goal_id, morning(29))
    assert goal["streak"] == {"unit": "days", "current": 7, "longest": 12}
    assert (goal["progress"]["value"], goal["status"]) == (19, "behind")
    await ward.sweep(midnight(31))
    assert kept(ward.psql, goal_id) == ("not_achieved", None)
    # No blame: they agree on four more weeks.
    proposal = {"due_on": "2026-12-26", "reason": "It works in the mornings."}
    assert (await change(clinic, goal_id, morning(31), clinic.clara, **proposal)).status_code == 200
    goal = await agree(clinic, goal_id, morning(31, 1))
    assert (goal["status"], goal["progress"]["value"], goal["version"]) == ("on_track", 19, 2)
    assert told(ward.psql, goal_id) == [True, False]


async def test_forty_hours_of_job_training_in_sixty_days(watching: Ward) -> None:
    ward, clinic = watching, watching.clinic
    goal_id = await draft(clinic, morning(1), **body_of(job_training(FIRST)))
    goal = await agree(clinic, goal_id, morning(1))
    assert (goal["due_on"], goal["status"], goal["streak"]) == ("2026-12-31", "on_track", None)
    # Four hours each Tuesday and Thursday; the course pauses over Thanksgiving.
    hours = 0
    for number in range(1, 41):
        weekday = (FIRST + (number - 1) * DAY).weekday()
        if weekday in (1, 3):
            await ward.sweep(midnight(number))
        if weekday in (1, 3) and number not in (24, 26):
            hours += 4
            await note(clinic, goal_id, morning(number, 10), 4)
            goal = await read(clinic, goal_id, morning(number, 11))
            assert goal["progress"]["value"] == hours
            assert goal["status"] == ("on_track" if hours < 40 else "achieved")
    assert (hours, told(ward.psql, goal_id)) == (40, [])
    assert kept(ward.psql, goal_id) == ("achieved", None)
    # One day was not hers: it is taken back, and with it what was reached.
    path = f"/v1/goals/{goal_id}"
    entries = (await ok(clinic, clinic.ana, morning(40, 12), "GET", f"{path}/progress"))["items"]
    assert [each["local_date"] for each in entries[:3]] == ["2026-12-10", "2026-12-08", "2026-12-03"]
    gone = await ask(clinic, clinic.ana, morning(40, 12), "DELETE", f"{path}/progress/{entries[1]['id']}")
    assert gone.status_code == 204
    assert kept(ward.psql, goal_id) == ("on_track", midnight(64))
    await note(clinic, goal_id, morning(47, 10), 4)
    closed = await ok(
        clinic, clinic.ana, morning(48), "POST", f"{path}/achievement", {"note": "I have the licence!"}
    )
    assert (closed["status"], closed["closed_by"]) == ("achieved", str(clinic.ana.id))
    await ward.sweep(midnight(70))
    assert (kept(ward.psql, goal_id), told(ward.psql, goal_id)) == (("achieved", None), [])
