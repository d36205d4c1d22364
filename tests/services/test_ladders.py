"""Stories of alerts that nobody answers, with a moving clock and real units of work.

clara is ana's primary counselor, olive is on call, sam supervises. Minutes count from ten in the morning of
Wednesday, November 18, 2026, in New York.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.models import Alert
from app.queries import ladders as stored
from app.services import ladders
from tests.api.test_escalation_policies import ladder, put, step
from tests.api.test_on_call_schedules import added, reach, use
from tests.moments import at
from tests.people import Clinic, Person, add_person

TEN = datetime(2026, 11, 18, 15, tzinfo=UTC)
HOUR, DAY = 60, 24 * 60


class Story:
    """An alert of ana's, and what happens to it in the course of time."""

    def __init__(self, clinic: Clinic, psql: psycopg.Connection, olive: Person, schedule: str) -> None:
        self.clinic, self.psql, self.olive, self.schedule = clinic, psql, olive, schedule
        self.start = self.now = TEN

    def begin(self, moment: datetime) -> None:
        """Let it start at another time."""
        self.start = self.now = moment

    def rule_is(self, severity: str) -> None:
        """From now on ana's craving is so pressing."""
        self.psql.execute(
            "insert into rule_set (organization_id, program_id, version, author_id, reason, published_at,"
            " rules)"
            " select organization_id, program_id, version + 1, author_id, reason, published_at,"
            " (select jsonb_agg(case each->>'code' when 'craving.high' then each || %s else each end)"
            " from jsonb_array_elements(rules) each)"
            " from rule_set where program_id = %s order by version desc limit 1",
            [Jsonb({"severity": severity, "answer_within_minutes": None}), self.clinic.program_id],
        )
        self.psql.execute(
            "update program set rule_set_version = rule_set_version + 1 where id = %s",
            [self.clinic.program_id],
        )

    async def craves(self) -> dict[str, Any]:
        """Ana says so now; the alert as it then is."""
        body = {
            "id": str(uuid7()), "occurred_at": self.now.isoformat(), "time_zone": "America/New_York",
            "answers": {"craving": 9},
        }  # fmt: skip
        async with at(self.clinic, self.clinic.ana, self.now) as ana:
            reply = await ana.post("/v1/patients/me/check-ins", json=body)
        assert reply.status_code == 201, reply.text
        return await self.alert()

    async def alert(self) -> dict[str, Any]:
        """The newest alert about ana's craving, with its log."""
        ((alert_id,),) = self.psql.execute(
            "select id from alert where patient_id = %s and rule = 'craving.high'"
            " order by opened_at desc limit 1",
            [self.clinic.ana.id],
        ).fetchall()
        async with at(self.clinic, self.clinic.clara, self.now) as clara:
            reply = await clara.get(f"/v1/alerts/{alert_id}")
        found: dict[str, Any] = reply.json()
        return found

    async def does(self, verb: str, who: Person | None = None, **body: Any) -> None:
        """Somebody, or clara, does something about it now."""
        alert_id = (await self.alert())["id"]
        async with at(self.clinic, who or self.clinic.clara, self.now) as client:
            reply = await client.post(f"/v1/alerts/{alert_id}/{verb}", json=body)
        assert reply.status_code in {200, 201}, reply.text

    async def notes(self) -> None:
        await self.does("notes", id=str(uuid7()), text="Called, no answer.")

    async def resolves(self) -> None:
        seen = (await self.alert())["occurrences"]
        await self.does("resolution", outcome="contacted", occurrences_seen=seen)

    async def until(self, minute: int) -> None:
        """Let time pass. A sweep a second too early does nothing; one on time does what is due."""
        end = self.start + timedelta(minutes=minute)
        while (due := self._next_timer()) is not None and due <= end:
            self.now = max(self.now, due)
            if due > self.start:
                assert await self.sweep(due - timedelta(seconds=1)) == 0
            assert await self.sweep(self.now) == 1
        self.now = end

    async def sweep(self, now: datetime) -> int:
        """As `app.sweeps` does it: how many alerts something was done about."""
        engine, organization_id = self.clinic.app.state.engine, self.clinic.organization_id
        async with unit_of_work(engine, organization_id) as db:
            due = await stored.due(db, now, 100)
        done = 0
        for alert_id in due:
            async with unit_of_work(engine, organization_id) as db:
                done += await ladders.ring(db, alert_id, now)
        return done

    def _next_timer(self) -> datetime | None:
        ((due,),) = self.psql.execute(
            "select min(timer_at) from alert where organization_id = %s", [self.clinic.organization_id]
        ).fetchall()
        return due

    def pages(self) -> list[str]:
        """Minute and name of everybody who was to be told."""
        rows = self.psql.execute(
            "select extract(epoch from page.created_at - %s)::int / 60,"
            " coalesce(staff_member.name, page.tell) from page"
            " left join staff_member on staff_member.id = page.recipient_id"
            " where page.organization_id = %s order by page.created_at, page.cycle, page.step, 2",
            [self.start, self.clinic.organization_id],
        )
        return [f"{minute} {name}" for minute, name in rows]

    async def log(self) -> list[str]:
        """Kind, and step and whom it tells where there is one."""
        kept = (await self.alert())["log"]
        parts = ((each["kind"], each["step"], each["tell"]) for each in kept)
        return [" ".join(str(part) for part in each if part is not None) for each in parts]


@pytest.fixture
async def story(clinic: Clinic, psql: psycopg.Connection) -> AsyncIterator[Story]:
    olive = await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.COUNSELOR, "olive")
    reach(psql, clinic.clara, clinic.sam, olive)
    schedule = await added(clinic, olive)
    use(psql, clinic, schedule)
    async with olive.client:
        yield Story(clinic, psql, olive, schedule)


async def test_a_critical_ladder_has_no_end(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    assert story.pages() == ["0 clara"], "in the unit of work of the answer itself"
    await story.until(20)
    assert story.pages() == ["0 clara", "5 olive", "10 sam", "15 clara", "20 olive"]
    await story.until(DAY)
    assert len(story.pages()) == DAY // 5 + 1
    assert story.pages()[-3:] == [f"{DAY - 10} olive", f"{DAY - 5} sam", f"{DAY} clara"]
    assert (await story.alert())["next_at"] == "2026-11-19T15:05:00Z"


async def test_every_step_is_said_in_the_log(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.until(15)
    assert await story.log() == [
        "opened", "told 0 primary", "told 1 on_call", "told 2 supervisor", "told 3 primary",
    ]  # fmt: skip


async def test_who_acknowledges_stops_it(story: Story) -> None:
    await story.craves()
    await story.until(30)
    await story.does("acknowledgement")
    await story.until(23 * HOUR)
    assert story.pages() == ["0 clara"]
    assert (await story.alert())["next_at"] == "2026-11-19T15:30:00Z", "24 hours are given for high"


async def test_an_acknowledgement_without_action_runs_out(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.until(7)
    await story.does("acknowledgement", story.clinic.sam)
    await story.until(21)
    assert story.pages() == ["0 clara", "5 olive"]
    await story.until(32)
    alert = await story.alert()
    assert (alert["status"], alert["acknowledged_by"], alert["cycle"]) == ("open", None, 2)
    # Whoever had taken it on is asked in the primary counselor's place.
    assert story.pages()[2:] == ["22 sam", "27 olive", "32 sam"]
    assert (await story.log())[3:6] == ["acknowledged", "expired", "told 0 primary"]


@pytest.mark.parametrize("action", ["note", "assignment"])
async def test_who_does_something_keeps_it(story: Story, action: str) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.until(2)
    await story.does("acknowledgement")
    for minute in (15, 28):
        await story.until(minute)
        await (story.notes() if action == "note" else _hand_over(story, minute))
    await story.until(42)
    assert story.pages() == ["0 clara"]
    await story.until(43)
    assert (await story.alert())["status"] == "open"


async def _hand_over(story: Story, minute: int) -> None:
    to = story.olive if minute == 15 else story.clinic.clara
    await story.does("assignment", assignee_id=str(to.id))


async def test_a_resolution_ends_everything(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.until(6)
    await story.resolves()
    await story.until(DAY)
    assert story.pages() == ["0 clara", "5 olive"]
    assert (await story.alert())["next_at"] is None


async def test_a_snooze_lets_it_rest_and_then_it_begins_anew(story: Story) -> None:
    await story.craves()
    await story.until(3 * HOUR)
    await story.does("snooze", minutes=2 * HOUR)
    await story.until(5 * HOUR - 1)
    assert story.pages() == ["0 clara"]
    await story.until(9 * HOUR)
    assert story.pages() == ["0 clara", f"{5 * HOUR} clara", f"{9 * HOUR} olive"]
    assert (await story.log())[2:] == ["snoozed", "woken", "told 0 primary", "told 1 on_call"]
    alert = await story.alert()
    assert (alert["snoozed_until"], alert["cycle"], alert["step"]) == (None, 2, 2)


async def test_what_was_acknowledged_and_then_snoozed_wakes(story: Story) -> None:
    await story.craves()
    await story.does("acknowledgement")
    await story.does("snooze", minutes=60)
    await story.notes()
    await story.until(60)
    assert (await story.log())[2:] == ["acknowledged", "snoozed", "noted", "woken", "told 0 primary"]
    assert (await story.alert())["status"] == "open"


async def test_a_new_occurrence_wakes_what_is_urgent_and_lets_the_rest_sleep(story: Story) -> None:
    await story.craves()
    await story.does("snooze", minutes=60)
    await story.until(10)
    assert (await story.craves())["snoozed_until"] is not None
    assert story.pages() == ["0 clara"]
    story.rule_is("urgent")
    await story.until(20)
    alert = await story.craves()
    assert (alert["snoozed_until"], alert["severity"]) == (None, "urgent")
    assert story.pages() == ["0 clara", "20 clara"]


async def test_a_new_occurrence_of_an_urgent_one_pages_again_and_the_ladder_goes_on(story: Story) -> None:
    story.rule_is("urgent")
    await story.craves()
    for minute in (10, 20, 29):
        await story.until(minute)
        await story.craves()
    await story.until(60)
    assert story.pages() == [
        "0 clara", "10 clara", "15 olive", "20 olive", "29 olive", "30 sam", "60 clara",
    ]  # fmt: skip


async def test_a_new_occurrence_of_a_high_one_pages_nobody(story: Story) -> None:
    await story.craves()
    await story.until(10)
    alert = await story.craves()
    assert (alert["occurrences"], alert["next_at"]) == (2, "2026-11-18T19:00:00Z")
    assert story.pages() == ["0 clara"]


async def test_what_was_acknowledged_begins_anew_when_it_happens_again(story: Story) -> None:
    story.rule_is("urgent")
    await story.craves()
    await story.until(16)
    await story.does("acknowledgement")
    await story.until(40)
    assert (await story.craves())["status"] == "open"
    await story.until(70)
    assert story.pages() == ["0 clara", "15 olive", "40 clara", "55 olive", "70 sam"]


async def test_when_those_who_were_told_are_gone_the_next_are_told(story: Story) -> None:
    story.rule_is("urgent")
    await story.craves()
    await story.until(3)
    story.psql.execute("update staff_member set active = false where id = %s", [story.clinic.clara.id])
    await story.craves()
    await story.until(4)
    assert story.pages() == ["0 clara", "3 olive"]


async def test_a_step_with_nobody_is_skipped_and_that_is_said(story: Story) -> None:
    use(story.psql, story.clinic, None)
    story.rule_is("critical")
    await story.craves()
    await story.until(10)
    assert story.pages() == ["0 clara", "5 sam", "10 clara"]
    assert await story.log() == [
        "opened", "told 0 primary", "skipped 1 on_call", "told 2 supervisor", "told 3 primary",
    ]  # fmt: skip


async def test_a_hole_in_the_schedule_is_skipped(story: Story) -> None:
    story.rule_is("critical")
    body = {
        "starts_at": "2026-11-18T15:04:00Z", "ends_at": "2026-11-18T15:06:00Z", "staff_member_id": None,
    }  # fmt: skip
    async with at(story.clinic, story.clinic.sam, TEN) as sam:
        assert (await sam.post(f"{story.schedule}/overrides", json=body)).status_code == 201
    await story.craves()
    await story.until(15)
    assert story.pages() == ["0 clara", "5 sam", "10 clara", "15 olive"]


async def test_who_is_on_call_without_working_in_the_program_is_nobody(story: Story) -> None:
    story.psql.execute("delete from program_staff where staff_member_id = %s", [story.olive.id])
    story.rule_is("critical")
    await story.craves()
    await story.until(5)
    assert story.pages() == ["0 clara", "5 sam"]


async def test_a_whole_round_with_nobody_waits_and_begins_again(story: Story) -> None:
    story.psql.execute(
        "update staff_member set email = null where organization_id = %s", [story.clinic.organization_id]
    )
    story.rule_is("critical")
    await story.craves()
    assert await story.log() == ["opened", "skipped 0 primary", "skipped 1 on_call", "skipped 2 supervisor"]
    await story.until(4)
    reach(story.psql, story.olive)
    await story.until(5)
    assert story.pages() == ["5 olive"]
    assert (await story.log())[4:] == ["skipped 3 primary", "told 4 on_call"]


async def test_who_took_it_on_and_cannot_be_reached_is_replaced_by_the_primary(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.does("acknowledgement", story.olive)
    story.psql.execute("update staff_member set email = null where id = %s", [story.olive.id])
    await story.until(15)
    assert story.pages() == ["0 clara", "15 clara"]


async def test_quiet_hours_put_off_what_is_high(story: Story) -> None:
    story.begin(TEN + timedelta(hours=9))  # seven in the evening
    await story.craves()
    assert (await story.alert())["next_at"] == "2026-11-19T13:00:00Z", "not eleven at night"
    await story.until(12 * HOUR)
    assert story.pages() == ["0 clara"]
    await story.until(13 * HOUR)
    assert story.pages() == ["0 clara", f"{13 * HOUR} olive"]


async def test_what_comes_in_quiet_hours_waits_for_the_morning(story: Story) -> None:
    story.begin(TEN + timedelta(hours=12))  # ten at night
    await story.craves()
    assert (await story.alert())["next_at"] == "2026-11-19T13:00:00Z"
    async with at(story.clinic, story.clinic.clara, story.now) as clara:
        known = {"If-None-Match": (await clara.get("/v1/alerts")).headers["etag"]}
    await story.until(10 * HOUR)
    assert story.pages() == [f"{10 * HOUR} clara"]
    async with at(story.clinic, story.clinic.clara, story.now) as clara:
        reply = await clara.get("/v1/alerts", headers=known)
    assert reply.status_code == 200, "the list says who was told"
    assert reply.json()["items"][0]["next_at"] == "2026-11-19T17:00:00Z"


@pytest.mark.parametrize("severity", ["critical", "urgent"])
async def test_nothing_waits_that_is_pressing(story: Story, severity: str) -> None:
    story.begin(datetime(2026, 12, 25, 8, tzinfo=UTC))  # three at night, at Christmas
    story.rule_is(severity)
    await story.craves()
    await story.until(15)
    assert story.pages()[0] == "0 clara"
    assert "15 olive" in story.pages() or severity == "critical"


async def test_routine_waits_for_a_working_day_and_goes_out_with_others(story: Story) -> None:
    story.psql.execute(
        "update program set calendar = %s where id = %s",
        [Jsonb({"holidays": {"country": "US", "subdivision": None}}), story.clinic.program_id],
    )
    story.rule_is("routine")
    story.begin(datetime(2026, 11, 26, 2, tzinfo=UTC))  # nine at night before Thanksgiving
    await story.craves()
    assert story.pages() == []
    await story.until(6 * DAY)
    rows = story.psql.execute(
        "select staff_member.name, page.created_at, page.due_at, digest from page"
        " join staff_member on staff_member.id = page.recipient_id where page.organization_id = %s"
        " order by page.created_at",
        [story.clinic.organization_id],
    ).fetchall()
    friday, monday = (datetime(2026, 11, day, 13, tzinfo=UTC) for day in (27, 30))
    half_an_hour = timedelta(minutes=30)
    # clara has a day to answer from when she hears of it: until Saturday, and so until Monday.
    assert rows[:2] == [
        ("clara", friday, friday + half_an_hour, True), ("sam", monday, monday + half_an_hour, True),
    ]  # fmt: skip


async def test_who_is_told_in_a_digest_has_the_time_to_answer_from_then_on(story: Story) -> None:
    story.rule_is("routine")
    await story.craves()
    # At ten the digest of the day is out; clara hears of it on Thursday at half past eight.
    assert (await story.alert())["next_at"] == "2026-11-20T13:30:00Z"


async def test_an_outside_crisis_service_without_a_gateway_is_nobody(story: Story) -> None:
    own = ladder(step("crisis_service", 5), step("supervisor", 5))
    assert (await put(story.clinic.sam, story.clinic, "critical", own)).status_code == 200
    story.rule_is("critical")
    await story.craves()
    assert (await story.log())[1:] == ["skipped 0 crisis_service", "told 1 supervisor"]
    story.psql.execute(
        "insert into gateway (organization_id, channel, address, hint, changed_at)"
        " values (%s, 'crisis_service', 'x', 'x', now())",
        [story.clinic.organization_id],
    )
    await story.until(10)
    assert story.pages() == ["0 sam", "5 crisis_service", "10 sam"]


def only_the_crisis_service(psql: psycopg.Connection, clinic: Clinic, severity: str = "critical") -> None:
    """A policy from before that was forbidden."""
    own = ladder(step("crisis_service", 1))
    psql.execute(
        "insert into escalation_policy (organization_id, program_id, severity, ladder, changed_at, changed_by"
        ", row_version) values (%s, %s, %s, %s, now(), %s, 1)",
        [clinic.organization_id, clinic.program_id, severity, Jsonb(own), clinic.sam.id],
    )


@pytest.mark.parametrize("severity", ["critical", "urgent"])
async def test_a_supervisor_is_told_in_the_stead_of_a_round_that_told_nobody(
    story: Story, severity: str
) -> None:
    only_the_crisis_service(story.psql, story.clinic, severity)
    story.rule_is(severity)
    await story.craves()
    assert story.pages() == ["0 sam"]
    assert (await story.log())[1:] == ["skipped 0 crisis_service", "told 0 supervisor"]
    await story.until(2)
    assert story.pages() == ["0 sam", "1 sam", "2 sam"], "round by round, without an end"
    await story.does("acknowledgement", story.clinic.sam)
    await story.until(14)
    assert len(story.pages()) == 3


async def test_a_new_occurrence_tells_them_at_once(story: Story) -> None:
    only_the_crisis_service(story.psql, story.clinic)
    story.rule_is("critical")
    await story.craves()
    story.now += timedelta(seconds=20)
    await story.craves()
    assert story.pages() == ["0 sam", "0 sam"]
    assert (await story.log())[3:] == ["repeated", "skipped 1 crisis_service", "told 1 supervisor"]


async def test_without_one_in_the_program_those_of_the_organization_are_told(story: Story) -> None:
    only_the_crisis_service(story.psql, story.clinic)
    story.psql.execute("delete from program_staff where staff_member_id = %s", [story.clinic.sam.id])
    story.rule_is("critical")
    await story.craves()
    assert story.pages() == ["0 sam"]
    story.psql.execute("update staff_member set active = false where id = %s", [story.clinic.sam.id])
    await story.until(3)
    assert story.pages() == ["0 sam"], "who has left is told nothing"
    assert (await story.log())[3:] == [f"skipped {number} crisis_service" for number in (1, 2, 3)]


async def test_a_round_that_told_somebody_needs_nobody_in_its_stead(story: Story) -> None:
    own = ladder(step("primary", 5), step("crisis_service", 5))
    assert (await put(story.clinic.sam, story.clinic, "critical", own)).status_code == 200
    story.rule_is("critical")
    await story.craves()
    await story.until(9)
    assert story.pages() == ["0 clara"]
    assert (await story.log())[1:] == ["told 0 primary", "skipped 1 crisis_service"]


async def test_what_is_high_waits_for_its_next_round(story: Story) -> None:
    only_the_crisis_service(story.psql, story.clinic, "high")
    await story.craves()
    assert story.pages() == []


async def test_the_ladder_that_was_copied_stays(story: Story) -> None:
    story.rule_is("urgent")
    await story.craves()
    own = ladder(step("supervisor", 5))
    assert (await put(story.clinic.sam, story.clinic, "urgent", own)).status_code == 200
    await story.until(10)
    await story.craves()
    await story.until(30)
    assert story.pages() == ["0 clara", "10 clara", "15 olive", "30 sam"]


async def test_what_becomes_more_pressing_is_told_of_at_once_by_its_new_ladder(story: Story) -> None:
    await story.craves()
    await story.until(30)
    story.rule_is("critical")
    alert = await story.craves()
    assert (alert["severity"], alert["ladder"]["hold_minutes"]) == ("critical", 15)
    await story.until(40)
    assert story.pages() == ["0 clara", "30 clara", "35 olive", "40 sam"]


async def test_what_becomes_less_pressing_goes_on_by_its_new_ladder(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    await story.until(5)
    story.rule_is("high")
    assert (await story.craves())["severity"] == "high"
    await story.until(3 * HOUR)
    assert story.pages() == ["0 clara", "5 olive", "10 sam"]


async def test_a_ladder_with_an_end_ends_and_a_new_occurrence_begins_it_anew(story: Story) -> None:
    own = ladder(step("primary", 5), step("supervisor", 10), rounds=1, hold_minutes=30)
    assert (await put(story.clinic.sam, story.clinic, "urgent", own)).status_code == 200
    story.rule_is("urgent")
    await story.craves()
    await story.until(100)
    assert story.pages() == ["0 clara", "5 sam"]
    assert (await story.log())[1:] == ["told 0 primary", "told 1 supervisor", "ended"]
    assert (await story.alert())["next_at"] is None
    await story.craves()
    await story.until(120)
    assert story.pages()[2:] == ["100 clara", "105 sam"]


async def test_a_step_that_reached_nobody_is_followed_by_the_next_at_once(story: Story) -> None:
    story.rule_is("critical")
    alert_id = UUID((await story.craves())["id"])
    await story.until(2)
    await _fails(story, alert_id, 0)
    await story.until(2)
    assert story.pages() == ["0 clara", "2 olive"]
    await _fails(story, alert_id, 0)
    assert await story.sweep(story.now) == 0, "that was another step"
    await story.until(7)
    await _fails(story, alert_id, 2)
    assert await story.sweep(story.now) == 0, "the round is over: it waits"
    await story.until(12)
    assert story.pages() == ["0 clara", "2 olive", "7 sam", "12 clara"]
    assert [each for each in await story.log() if "undelivered" in each] == [
        "undelivered 0 primary", "undelivered 0 primary", "undelivered 2 supervisor",
    ]  # fmt: skip


async def test_a_page_of_before_that_fails_late_hastens_nothing(story: Story) -> None:
    story.rule_is("urgent")
    alert_id = UUID((await story.craves())["id"])
    await story.until(3)
    await story.craves()
    await _fails(story, alert_id, 0)
    assert await story.sweep(story.now) == 0, "clara was told once more"
    await _fails(story, alert_id, 0, cycle=2)
    assert await story.sweep(story.now) == 1
    assert story.pages() == ["0 clara", "3 clara", "3 olive"]


async def _fails(story: Story, alert_id: UUID, number: int, cycle: int = 1) -> None:
    tell = ("primary", "on_call", "supervisor")[number]
    async with unit_of_work(story.clinic.app.state.engine, story.clinic.organization_id) as db:
        orm = await db.orm()
        alert = await orm.get_one(Alert, (story.clinic.organization_id, alert_id))
        await ladders.step_failed(db, alert, cycle=cycle, step=number, tell=tell, now=story.now)


async def test_two_sweeps_at_the_same_time_tell_once(story: Story) -> None:
    story.rule_is("critical")
    alert_id = UUID((await story.craves())["id"])
    engine, organization_id = story.clinic.app.state.engine, story.clinic.organization_id
    now = TEN + timedelta(minutes=5)
    async with unit_of_work(engine, organization_id) as one:
        assert await ladders.ring(one, alert_id, now)
        async with unit_of_work(engine, organization_id) as other:
            assert not await ladders.ring(other, alert_id, now), "somebody else is at it"
    async with unit_of_work(engine, organization_id) as late:
        assert not await ladders.ring(late, alert_id, now), "it is done"
    assert story.pages() == ["0 clara", "5 olive"]
    for minute in range(10, 60, 5):
        moment = TEN + timedelta(minutes=minute)
        done = await asyncio.gather(*(story.sweep(moment) for _ in range(4)))
        assert sum(done) == 1
    assert len(story.pages()) == 12


async def test_a_sweep_that_dies_leaves_the_step_to_the_next(story: Story) -> None:
    story.rule_is("critical")
    alert_id = UUID((await story.craves())["id"])
    engine, organization_id = story.clinic.app.state.engine, story.clinic.organization_id

    async def killed() -> None:
        async with unit_of_work(engine, organization_id) as db:
            assert await ladders.ring(db, alert_id, TEN + timedelta(minutes=5))
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await killed()
    assert story.pages() == ["0 clara"]
    await story.until(5)
    assert story.pages() == ["0 clara", "5 olive"]


async def test_a_late_sweep_takes_one_step_and_waits_from_then(story: Story) -> None:
    story.rule_is("critical")
    await story.craves()
    story.now = TEN + timedelta(minutes=33)
    assert await story.sweep(story.now) == 1
    assert story.pages() == ["0 clara", "33 olive"]
    await story.until(38)
    assert story.pages()[2:] == ["38 sam"]


async def test_each_change_that_a_list_shows_is_in_the_feed(story: Story) -> None:
    await story.craves()
    await story.until(4 * HOUR)
    await story.does("acknowledgement")
    await story.until(28 * HOUR)
    await story.does("snooze", minutes=30)
    await story.until(28 * HOUR + 30)
    rows = story.psql.execute(
        "select type from event where organization_id = %s order by position", [story.clinic.organization_id]
    )
    assert [kind for (kind,) in rows] == [
        "alert.opened", "alert.escalated", "alert.acknowledged", "alert.reopened", "alert.snoozed",
        "alert.woken",
    ]  # fmt: skip
