"""GET /v1/patients/{id}/hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from app.access import Role
from tests.api.conftest import add_nora
from tests.api.test_payer_rules import added
from tests.moments import at
from tests.people import Clinic, Person
from tests.treatment.recorded import record
from tests.treatment.sessions import Timetable

MONDAY = date(2026, 11, 16)
"""Of the running week; it is Wednesday at noon."""
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=NEW_YORK)
HOUR = timedelta(hours=1)
FAR_FROM_IT = "The plan for this week is four hours and 45 minutes short of nine hours."
ASK = " Ask your care team for one more session."
LEJOS = "Para llegar a nueve horas esta semana, hay que planear cuatro horas y 45 minutos más."
PIDA = " Pida una sesión más a su equipo de salud."


def day(number: int) -> date:
    """0 is the Monday of the running week."""
    return MONDAY + timedelta(days=number)


def evening(number: int, hour: float = 18) -> datetime:
    local = datetime(2026, 11, 16, int(hour), int(hour % 1 * 60), tzinfo=NEW_YORK) + timedelta(days=number)
    return local.astimezone(UTC)


class Week:
    """Ana's groups, and what became of them."""

    def __init__(self, clinic: Clinic, psql: psycopg.Connection) -> None:
        self.clinic, self.psql = clinic, psql
        engine = clinic.app.state.engine
        self.timetable = Timetable(engine, clinic.organization_id, clinic.program_id)

    async def group(self, number: int, minutes: int = 180, hour: float = 18, **how: Any) -> UUID:
        return await self.timetable.group(
            evening(number, hour), minutes, **{"places": (self.clinic.ana.id,), **how}
        )

    async def attended(self, number: int, minutes: int = 180, hour: float = 18, **how: Any) -> UUID:
        group = await self.group(number, minutes, hour, **how)
        self.record(
            group, "attended", evening(number, hour), evening(number, hour) + timedelta(minutes=minutes)
        )
        return group

    def record(self, session_id: UUID, status: str, *times: datetime, **columns: Any) -> UUID:
        return record(self.psql, session_id, self.clinic.ana.id, status, *times, **columns)

    async def read(self, who: Person | None = None, now: datetime = NOW, **asked: Any) -> Any:
        """The reply; `first` and `last` are days, `language` what the app asks for."""
        params = {name: asked[key] for name, key in (("from", "first"), ("to", "last")) if key in asked}
        headers = {"Accept-Language": asked["language"]} if "language" in asked else {}
        async with at(self.clinic, who or self.clinic.clara, now) as client:
            path = f"/v1/patients/{self.clinic.ana.id}/hours"
            return await client.get(path, params={k: str(v) for k, v in params.items()}, headers=headers)

    async def weeks(self, **asked: Any) -> list[dict[str, Any]]:
        reply = await self.read(**asked)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["weeks"]
        return found

    async def running(self, **asked: Any) -> dict[str, Any]:
        return (await self.weeks(**asked))[-1]


@pytest.fixture
def week(clinic: Clinic, psql: psycopg.Connection) -> Week:
    return Week(clinic, psql)


def minutes(week: dict[str, Any]) -> tuple[int, ...]:
    """Attended, scheduled, missed, made up, projected."""
    names = ("attended", "scheduled", "missed", "made_up", "projected")
    return tuple(week[f"{name}_minutes"] for name in names)


async def test_the_running_week_and_the_three_before(week: Week) -> None:
    weeks = await week.weeks()
    assert [each["week_of"] for each in weeks] == [str(day(-7 * ago)) for ago in (3, 2, 1, 0)]
    assert {minutes(each) for each in weeks} == {(0, 0, 0, 0, 0)}
    assert [each["sentence"] for each in weeks] == [
        *["Nothing was planned."] * 3, "Nothing is planned for this week yet.",
    ]  # fmt: skip


async def test_two_more_groups_reach_nine_hours(week: Week) -> None:
    await week.attended(0)
    for number in (2, 3):
        await week.group(number)
    found = await week.running()
    assert minutes(found) == (180, 540, 0, 0, 540)
    assert found["sentence"] == "Two more groups reach nine hours."
    assert found["required"]["minimum_hours"] == 9
    assert [each["date"] for each in found["days"]] == [str(day(number)) for number in range(7)]
    assert [each["attended_minutes"] for each in found["days"]] == [180, 0, 0, 0, 0, 0, 0]
    assert [each["scheduled_minutes"] for each in found["days"]] == [180, 0, 180, 180, 0, 0, 0]
    assert found["treatment_days"] == 1


async def test_partial_attendance_counts_by_the_minute_and_overlap_once(week: Week) -> None:
    late = await week.group(0)
    week.record(late, "late", evening(0, 18.5) + timedelta(seconds=59), evening(0, 21))
    early = await week.group(1)
    week.record(early, "left_early", evening(1, 17), evening(1, 20) + timedelta(seconds=59))
    await week.attended(1, 60, hour=19)  # while the other one runs
    found = await week.running()
    assert minutes(found) == (150 + 120, 360, 30 + 60, 0, 270)


async def test_who_is_in_the_room_is_counted_up_to_now(week: Week) -> None:
    here = await week.group(2, hour=10)
    week.record(here, "arrived", evening(2, 10.25))
    found = await week.running()
    assert minutes(found) == (105, 180, 0, 0, 165)


async def test_a_correction_takes_the_place_of_what_was_recorded(week: Week) -> None:
    group = await week.attended(0)
    assert minutes(await week.running())[:3] == (180, 180, 0)
    week.record(group, "unexcused")
    assert minutes(await week.running())[:3] == (0, 180, 180)


async def test_a_make_up_counts_where_it_was_lived(week: Week) -> None:
    missed = await week.group(-6)
    first = week.record(missed, "made_up")
    extra = await week.timetable.group(evening(1), 120)
    week.record(extra, "attended", evening(1), evening(1, 20), makes_up_id=first)
    before, running = (await week.weeks())[-2:]
    assert minutes(before) == (0, 180, 180, 0, 0)
    assert minutes(running) == (120, 120, 0, 120, 120)
    assert before["sentence"] == "You had no sessions."


async def test_what_the_program_cancelled_was_not_scheduled(week: Week) -> None:
    group = await week.group(0)
    week.record(group, "cancelled")
    week.psql.execute("update treatment_session set status = 'cancelled' where id = %s", [group])
    assert minutes(await week.running()) == (0, 0, 0, 0, 0)


async def test_who_was_there_when_it_was_broken_off_was_there(week: Week) -> None:
    group = await week.group(0)
    week.record(group, "attended", evening(0), evening(0, 19))
    week.psql.execute("update treatment_session set status = 'cancelled' where id = %s", [group])
    assert minutes(await week.running()) == (60, 0, 0, 0, 60)


@pytest.mark.parametrize("status", ["excused", "expected"])
async def test_who_said_ahead_that_they_will_not_come_is_not_projected(week: Week, status: str) -> None:
    group = await week.group(3)
    week.record(group, status, notice_kind="work", notice_at=evening(1))
    found = await week.running()
    assert minutes(found) == (0, 180, 0, 0, 0)


async def test_a_row_that_outlived_its_booking_is_no_session_of_theirs(week: Week) -> None:
    group = await week.timetable.group(evening(0))
    week.record(group, "expected")
    assert minutes(await week.running()) == (0, 0, 0, 0, 0)


async def test_of_somebody_on_leave_nothing_was_expected(week: Week, clinic: Clinic) -> None:
    await week.group(0)
    async with at(clinic, clinic.sam, NOW) as client:
        (stay,) = (await client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
        body = {"from": str(day(-1)), "back_on": str(day(1))}
        reply = await client.post(f"/v1/enrollments/{stay['id']}/leaves", json=body)
        assert reply.status_code == 201
    assert minutes(await week.running()) == (0, 0, 0, 0, 0)


async def test_a_session_over_the_edge_of_the_week_is_split_at_midnight(week: Week) -> None:
    night = await week.group(-1, 120, hour=23)
    week.record(night, "attended", evening(-1, 23), evening(-1, 23) + 2 * HOUR)
    before, running = (await week.weeks())[-2:]
    assert (minutes(before)[0], minutes(running)[0]) == (60, 60)
    assert running["days"][0]["attended_minutes"] == 60


async def test_weeks_begin_where_and_when_the_program_says(week: Week) -> None:
    """For the program in Los Angeles it is Saturday still, when ana's clock shows Sunday."""
    week.psql.execute(
        "update program set time_zone = 'America/Los_Angeles', week_starts_on = 6 where id = %s",
        [week.clinic.program_id],
    )
    await week.attended(-1, 180, hour=1)
    before, running = (await week.weeks())[-2:]
    assert (before["week_of"], running["week_of"]) == (str(day(-8)), str(day(-1)))
    assert (minutes(before)[0], minutes(running)[0]) == (120, 60)
    assert before["days"][-1] == {
        "date": str(day(-2)), "attended_minutes": 120, "scheduled_minutes": 120,
        "short_of_daily_minimum": None,
    }  # fmt: skip


@pytest.mark.parametrize(("first", "ends_at"), [("2026-10-26", 2), ("2026-03-02", 4)])
async def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(
    week: Week, first: str, ends_at: int
) -> None:
    """From ten on Saturday evening for five hours, while the clocks are put back, or forward."""
    monday = datetime.fromisoformat(first).replace(tzinfo=NEW_YORK)
    saturday = (monday + timedelta(days=5, hours=22)).astimezone(UTC)
    group = await week.timetable.group(saturday, 300, places=(week.clinic.ana.id,))
    week.record(group, "attended", saturday, saturday + 5 * HOUR)
    assert (saturday + 5 * HOUR).astimezone(NEW_YORK).hour == ends_at
    (found,) = await week.weeks(first=first, last=first)
    assert minutes(found)[0] == 300
    assert [each["attended_minutes"] for each in found["days"]][-2:] == [120, 180]


async def test_any_weeks_may_be_asked_for(week: Week) -> None:
    await week.group(9)
    found = await week.weeks(first=day(-10), last=day(9))
    assert [each["week_of"] for each in found] == [str(day(-14)), str(day(-7)), str(day(0)), str(day(7))]
    assert found[-1]["sentence"].startswith("The plan for this week is six hours short of nine hours.")
    assert len(await week.weeks(first=day(-52 * 7))) == 53
    assert [each["week_of"] for each in await week.weeks(last=day(-40))] == [
        str(day(-42 - 7 * ago)) for ago in (3, 2, 1, 0)
    ]
    assert [each["week_of"] for each in await week.weeks(first=day(14))] == [str(day(14))]


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
async def test_the_furthest_days_have_their_weeks(week: Week, day: str) -> None:
    (found,) = await week.weeks(first=day, last=day)
    assert found["week_of"] <= day and minutes(found) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [
        (day(-53 * 7), day(0), "/from"), (day(0), day(-1), "/to"), ("2026-02-30", day(0), "/from"),
        ("x", "", "/from"),
    ],
)  # fmt: skip
async def test_weeks_that_cannot_be_shown_are_refused(
    week: Week, first: object, last: object, pointer: str
) -> None:
    reply = await week.read(first=first, last=last)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"].endswith(pointer)


async def test_before_and_after_every_stay_nothing_is_required(week: Week, clinic: Clinic) -> None:
    (found,) = await week.weeks(first="2025-12-29", last="2025-12-29")
    assert (found["required"], found["sentence"]) == (None, None)
    (found,) = await week.weeks(first="2026-01-05", last="2026-01-05")
    assert found["required"]["source"] == "Evening IOP"


async def test_the_weeks_are_those_of_the_program_of_the_running_stay(week: Week, nora: Person) -> None:
    week.psql.execute("update program set week_starts_on = 6 where id = %s", [nora.program_id])
    week.psql.execute(
        "insert into enrollment (organization_id, id, patient_id, program_id, starts_on, ends_on, status,"
        " created_at, row_version)"
        " values (%s, gen_random_uuid(), %s, %s, '2025-11-03', '2026-01-01', 'completed', now(), 1)",
        [week.clinic.organization_id, week.clinic.ana.id, nora.program_id],
    )
    before, first = await week.weeks(first="2025-12-29", last="2026-01-05")
    assert [each["week_of"] for each in (before, first)] == ["2025-12-29", "2026-01-05"]
    assert (before["required"]["source"], first["required"]["source"]) == ("Morning IOP", "Evening IOP")
    week.psql.execute(
        "update enrollment set status = 'completed', ends_on = '2026-11-17' where patient_id = %s and"
        " status = 'active'",
        [week.clinic.ana.id],
    )
    assert (await week.running(who=week.clinic.sam))["week_of"] == str(day(0)), "else of the latest"


async def test_somebody_who_was_never_in_a_program_has_no_weeks(clinic: Clinic) -> None:
    body = {
        "given_name": "Nuria", "family_name": "Example", "locale": "es", "time_zone": "America/New_York",
        "enrollment": None,
    }  # fmt: skip
    made = (await clinic.adele.client.post("/v1/patients", json=body)).json()
    reply = await clinic.sam.client.get(f"/v1/patients/{made['id']}/hours")
    assert (reply.status_code, reply.json()) == (200, {"weeks": []})


async def of_payer(clinic: Clinic, payer: str) -> None:
    (stay,) = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    reply = await clinic.sam.client.patch(
        f"/v1/enrollments/{stay['id']}", json={"payer": payer},
        headers={"If-Match": f'"{stay["row_version"]}"'},
    )  # fmt: skip
    assert reply.status_code == 200, reply.text


async def test_the_strictest_of_what_applies_binds_and_is_named(week: Week, clinic: Clinic) -> None:
    await added(clinic, minimum_hours=10, maximum_hours=25)
    await of_payer(clinic, "blue_river")
    required = (await week.running())["required"]
    assert (required["minimum_hours"], required["source"]) == (10, "Blue River Health Plan")
    assert (required["maximum_hours"], required["maximum_source"]) == (19, "Evening IOP")
    assert [(each["kind"], each["name"]) for each in required["all"]] == [
        ("payer", "Blue River Health Plan"), ("program", "Evening IOP"),
    ]  # fmt: skip
    assert required["all"][0]["citation"] == "Provider manual 2026, 4.2"


async def test_a_rule_that_begins_in_mid_week_counts_from_the_next(week: Week, clinic: Clinic) -> None:
    await added(clinic, minimum_hours=10, first_day="2026-01-01")
    await added(clinic, minimum_hours=12, first_day=str(day(1)))
    await of_payer(clinic, "blue_river")
    weeks = await week.weeks(first=day(-7), last=day(7))
    assert [each["required"]["minimum_hours"] for each in weeks] == [10, 10, 12]


async def test_a_minor_in_an_adults_program_is_held_to_the_level_of_care(week: Week) -> None:
    week.psql.execute(
        "update patient set born_on = %s where id = %s", [date(2008, 11, 18), week.clinic.ana.id]
    )
    weeks = await week.weeks(first=day(0), last=day(7))
    assert [each["required"]["minimum_hours"] for each in weeks] == [6, 9], "18 on Wednesday"
    assert weeks[0]["required"]["source"] == "ASAM 3rd edition, Level 2.1, adolescents"
    assert [each["kind"] for each in weeks[0]["required"]["all"]] == ["level_of_care"]


async def test_a_day_that_falls_short_of_the_daily_minimum_says_by_how_much(
    week: Week, clinic: Clinic
) -> None:
    await of_payer(clinic, "h0015")
    await week.attended(0)
    late = await week.group(1)
    week.record(late, "late", evening(1, 19), evening(1, 21))
    await week.group(3, 150)
    found = await week.running()
    assert [each["short_of_daily_minimum"] for each in found["days"]] == [0, 60, None, 30, None, None, None]
    assert found["treatment_days"] == 1
    assert (found["required"]["minimum_days"], found["required"]["daily_minimum_minutes"]) == (3, 180)


@pytest.mark.parametrize(
    ("attended", "planned", "english", "spanish"),
    [
        ([180], [180, 180], "Two more groups reach nine hours.", "Con dos grupos más llega a nueve horas."),
        ([180, 180], [180], "One more group reaches nine hours.", "Con un grupo más llega a nueve horas."),
        ([180, 360], [180], "You reached nine hours.", "Llegó a nueve horas."),
        ([180], [75], FAR_FROM_IT + ASK, LEJOS + PIDA),
        (
            [600, 601], [], "You had more than nineteen hours.",
            "Tuvo más de diecinueve horas.",
        ),
        (
            [540], [601],
            "With all that is planned, you come to more than nineteen hours this week.",
            "Con todo lo planeado, pasa de diecinueve horas esta semana.",
        ),
    ],
)  # fmt: skip
async def test_a_week_says_how_it_stands_in_the_readers_language(
    week: Week, attended: list[int], planned: list[int], english: str, spanish: str
) -> None:
    for number, length in enumerate(attended):
        await week.attended(number, length, hour=6)
    for number, length in enumerate(planned, 2):
        await week.group(number, length, hour=12.5)
    assert (await week.running())["sentence"] == english
    assert (await week.running(language="es-MX, en;q=0.5"))["sentence"] == spanish
    week.psql.execute("update patient set locale = 'es' where id = %s", [week.clinic.ana.id])
    assert (await week.running(who=week.clinic.ana, language="en"))["sentence"] == spanish


async def test_not_only_groups_are_sessions(week: Week) -> None:
    await week.attended(0)
    await week.group(2, kind="individual")
    await week.group(3)
    assert (await week.running())["sentence"] == "Two more sessions reach nine hours."


async def test_a_program_may_say_it_in_its_own_words(week: Week) -> None:
    week.psql.execute(
        "update program set sentences = %s where id = %s",
        ['{"en": {"hours.reached": "{goal}: done!"}}', week.clinic.program_id],
    )
    await week.attended(0, 540, hour=9)
    assert (await week.running())["sentence"] == "Nine hours: done!"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("ana", 200),
        ("ben", 404),
        ("clara", 200),
        ("sam", 200),
        ("adele", 403),
        ("olga", 403),
        ("dmitri", 404),
    ],
)
async def test_whose_hours_somebody_may_read(week: Week, who: str, status: int) -> None:
    reply = await week.read(getattr(week.clinic, who))
    assert reply.status_code == status
    if status == 200:
        assert reply.headers["cache-control"] == "private, no-store"


async def test_me_is_the_caller_and_a_stranger_is_nobody(week: Week, clinic: Clinic) -> None:
    assert (await clinic.ana.client.get("/v1/patients/me/hours")).status_code == 200
    assert (await clinic.clara.client.get("/v1/patients/me/hours")).status_code == 404
    assert (await clinic.nobody.get(f"/v1/patients/{clinic.ana.id}/hours")).status_code == 401
    nora = await add_nora(clinic.app, clinic.organization_id)
    async with nora.client:
        assert nora.role is Role.COUNSELOR
        assert (await nora.client.get(f"/v1/patients/{clinic.ana.id}/hours")).status_code == 404


async def test_a_reading_leaves_an_audit_row(week: Week) -> None:
    await week.read()
    trail = week.psql.execute(
        "select action, resource, patient_id from audit_entry where actor_id = %s", [week.clinic.clara.id]
    )
    assert trail.fetchall() == [("hours:read", "attendance", week.clinic.ana.id)]
