"""POST /v1/rule-sets."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from app.access import Actor, Role
from app.database import unit_of_work
from app.queries import rule_sets
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR
from app.rules.rule import MOST_RULES, RuleSet
from app.services.programs import reach
from tests.api.publishing import (
    CRAVING,
    REASON,
    craving_at_seven,
    current,
    edited,
    faults,
    own_rule,
    place_of,
    publish,
    published,
    rule_in,
)
from tests.api.test_add_program import choice, number
from tests.api.test_add_program import program as another_program
from tests.feed.raising import alerts_of, craves, is_not_safe, says
from tests.people import Clinic, Person, add_person


async def test_a_lower_threshold_holds_from_then_on(clinic: Clinic) -> None:
    made = await craving_at_seven(clinic.sam)
    assert (made["version"], made["author"], made["reason"]) == (2, "sam", REASON)
    assert made["author_id"] == str(clinic.sam.id)
    assert await current(clinic.clara) == made
    await craves(clinic.ana, 7)
    (alert,) = await alerts_of(clinic.clara)
    assert (alert["rule"], alert["rule_set_version"]) == ("craving.high", 2)


async def test_old_alerts_keep_and_explain_with_their_version(clinic: Clinic) -> None:
    await craves(clinic.ana, 8)
    (old,) = await alerts_of(clinic.clara)
    path = f"/v1/alerts/{old['id']}/explanation"
    before = (await clinic.clara.client.get(path)).json()
    await craving_at_seven(clinic.sam)
    await craves(clinic.ben, 7)
    (new,) = [each for each in await alerts_of(clinic.clara) if each["patient_id"] == str(clinic.ben.id)]
    assert new["rule_set_version"] == 2

    assert (await clinic.clara.client.get(path)).json() == before
    assert before["rule_set_version"] == 1
    assert before["rule"]["condition"]["conditions"][0]["value"] == 8
    assert before["recomputed"] == {"holds": True, "same_sentence": True}
    again = (await clinic.clara.client.get(f"/v1/alerts/{new['id']}/explanation")).json()
    assert again["rule"]["condition"]["conditions"][0]["value"] == 7
    assert again["recomputed"] == {"holds": True, "same_sentence": True}

    await craves(clinic.ana, 7)  # the same alert, found again under the new rules
    newest = (await clinic.clara.client.get(path)).json()
    first = (await clinic.clara.client.get(path, params={"occurrence": 1})).json()
    assert (newest["rule_set_version"], first["rule_set_version"]) == (2, 1)
    assert first == before


async def test_a_rule_that_is_switched_off_is_silent_and_one_that_is_added_speaks(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    rule_in(body, "craving.high")["enabled"] = False
    mood = {"kind": "threshold", "signal": "mood", "op": "<=", "value": 1}
    body["rules"].append(own_rule(mood, sentence="Mood was {value}."))
    await published(clinic.sam, body)
    await says(clinic.ana, craving=10, mood=1)
    assert [(each["rule"], each["sentence"]) for each in await alerts_of(clinic.clara)] == [
        ("own.rule", "Mood was 1.")
    ]


async def test_the_floor_holds_whatever_is_published(clinic: Clinic) -> None:
    made = await published(clinic.sam, {"base_version": 1, "reason": "None at all", "rules": []})
    assert [rule["code"] for rule in made["rules"]] == [rule.code for rule in FLOOR]
    await is_not_safe(clinic.ana)
    await craves(clinic.ana)
    assert [each["rule"] for each in await alerts_of(clinic.clara)] == ["si.not_safe"]


async def test_what_was_read_can_be_sent_back_and_the_floor_is_not_stored(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = await edited(clinic.sam)
    made = await published(clinic.sam, body)
    assert made["rules"] == body["rules"]
    stored = psql.execute(
        "select rules from rule_set where program_id = %s order by version", [clinic.program_id]
    ).fetchall()
    assert stored[0] == stored[1] == ([rule.model_dump(mode="json") for rule in DEFAULT_PACK.rules],)


async def test_the_reach_of_the_rules_travels_with_their_version(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    condition = {**CRAVING, "kind": "count", "at_least": 2, "window_days": 100}
    await published(clinic.sam, {"base_version": 1, "reason": "Long", "rules": [own_rule(condition)]})
    expected = reach(RuleSet.model_validate({"version": 2, "rules": [own_rule(condition)]}))
    assert expected["lookback_days"] == 100
    columns = psql.execute(
        "select lookback_days, lookback_latest, mixes_sources, rule_set_version from program where id = %s",
        [clinic.program_id],
    ).fetchone()
    assert columns == (*expected.values(), 2)


async def test_every_running_stay_is_looked_at_anew_for_absence(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    elsewhere = (await clinic.adele.client.post("/v1/programs", json=another_program())).json()["id"]
    cleo = await add_person(clinic.app, clinic.organization_id, elsewhere, Role.PATIENT, "cleo")
    long_ago, later = datetime(2026, 1, 5, tzinfo=UTC), datetime(2099, 1, 5, tzinfo=UTC)
    psql.execute("update enrollment set absence_due_at = %s where patient_id <> %s", [later, clinic.ben.id])
    psql.execute(
        "update enrollment set absence_due_at = null, status = 'completed', ends_on = '2026-02-01'"
        " where patient_id = %s",
        [clinic.ben.id],
    )
    made = await craving_at_seven(clinic.sam)

    def due(person: Person) -> datetime | None:
        row = psql.execute(
            "select absence_due_at from enrollment where patient_id = %s", [person.id]
        ).fetchone()
        assert row is not None
        return row[0]  # type: ignore[no-any-return]  # a row of psycopg's knows no types

    assert due(clinic.ana) == datetime.fromisoformat(made["published_at"]) > long_ago
    assert due(clinic.ben) is None
    assert due(cleo) == due(clinic.ivan) == later


async def test_it_is_audited_and_kept_for_good(clinic: Clinic, psql: psycopg.Connection) -> None:
    await craving_at_seven(clinic.sam)
    trail = psql.execute(
        "select actor_id, resource, resource_id, outcome from audit_entry where action = 'rule_set:publish'"
        " and organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    assert trail == [(clinic.sam.id, "rule_set", clinic.program_id, "done")]


async def test_who_was_second_is_told_what_is_in_force(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    await craving_at_seven(clinic.sam)
    late = await publish(clinic.sam, body)
    assert (late.status_code, late.json()["code"]) == (409, "newer_rule_set")
    assert late.json()["current_version"] == 2
    assert faults(await publish(clinic.sam, {**body, "base_version": 3})) == [
        ("/base_version", "unknown_version")
    ]


async def test_of_two_at_once_one_is_second(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    replies = await asyncio.gather(*(publish(clinic.sam, body) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]
    assert {reply.json().get("current_version") for reply in replies} == {None, 2}
    assert (await current(clinic.sam))["version"] == 2


async def test_an_alert_does_not_wait_for_a_publication(clinic: Clinic) -> None:
    sam = clinic.sam
    actor = Actor(sam.organization_id, "staff", sam.id, sam.role, sam.credential_id)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await rule_sets.to_publish(db, actor, clinic.program_id)
        await asyncio.wait_for(is_not_safe(clinic.ana), 2)
    assert [each["rule"] for each in await alerts_of(clinic.clara)] == ["si.not_safe"]


async def test_the_same_key_publishes_once(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    key = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
    first = await publish(clinic.sam, body, **key)
    again = await publish(clinic.sam, body, **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await current(clinic.sam))["version"] == 2
    other = await publish(clinic.sam, {**body, "reason": "Another"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        (lambda rule: rule.update(enabled=False), ["/enabled"]),
        (lambda rule: rule.update(floor=False), ["/floor"]),
        (lambda rule: rule.update(severity="routine", title="Soft"), ["/title", "/severity"]),
        (lambda rule: rule["condition"].update(value=2), ["/condition/value"]),
        (lambda rule: rule.update(condition=CRAVING), ["/condition/value", "/condition/signal"]),
        (lambda rule: rule.update(answer_within_minutes=600), ["/answer_within_minutes"]),
    ],
)  # fmt: skip
async def test_a_floor_rule_is_not_touched(clinic: Clinic, change: Change, pointers: list[str]) -> None:
    body = await edited(clinic.sam)
    change(rule_in(body, "si.phq9_item9"))
    place = place_of(body, "si.phq9_item9")
    assert faults(await publish(clinic.sam, body)) == [
        (f"/rules/{place}{pointer}", "floor_rule") for pointer in pointers
    ]
    assert (await current(clinic.sam))["version"] == 1


def wrong(**members: Any) -> dict[str, Any]:
    return own_rule({**CRAVING, **members})


RISK = {"signal": "cssrs.risk", "op": "=="}
COUNT = {**CRAVING, "kind": "count", "at_least": 2, "window_days": 3}
CHANGE = {"kind": "change", "signal": "craving", "against": "previous", "direction": "rise", "by": 3}
SUM = {"kind": "total", "signal": "meetings_attended", "op": "<", "value": 2, "window": "program_week"}


ROLLING = {**SUM, "window": "rolling", "window_days": 7}
NOT_EQUAL = {"kind": "not", "condition": {**CRAVING, "op": "=="}}


def any_of(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "conditions": list(conditions)}


def nested(levels: int) -> dict[str, Any]:
    condition: dict[str, Any] = CRAVING
    for _ in range(levels - 1):
        condition = {"kind": "not", "condition": condition}
    return condition


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        (wrong(signal="steps"), "/condition/signal", "unknown_signal"),
        (wrong(value=80), "/condition/value", "out_of_range"),
        (wrong(op=">", value=10), "/condition/value", "never_true"),
        (wrong(**RISK, value="extreme"), "/condition/value", "not_a_choice"),
        (wrong(op="==", value="high"), "/condition/value", "not_a_code"),
        (wrong(op="=="), "/condition/op", "unfit_comparison"),
        (wrong(op="~"), "/condition/op", "not_a_choice"),
        (wrong(value=True), "/condition/value", "wrong_type"),
        (wrong(value=None), "/condition/value", "wrong_type"),
        (wrong(value="8 or so"), "/condition/value", "malformed"),
        (wrong(value=1e9), "/condition/value", "too_large"),
        (wrong(kind="formula"), "/condition", "not_a_choice"),
        (wrong(secret=1), "/condition", "unknown_member"),
        (own_rule({"signal": "craving"}), "/condition", "missing"),
        (own_rule({"kind": "run", "signal": "mood", "op": "<", "value": 2}), "/condition/n", "missing"),
        (own_rule({**COUNT, "at_least": 4}), "/condition/at_least", "unreachable"),
        (own_rule({**COUNT, "at_least": "2"}), "/condition/at_least", "wrong_type"),
        (own_rule({**COUNT, "window_days": 121}), "/condition/window_days", "too_large"),
        (own_rule({**CHANGE, "by": 11}), "/condition/by", "never_true"),
        (own_rule({**CHANGE, "n": 3}), "/condition/n", "needs_best_of_last"),
        (own_rule({**CHANGE, "against": "best_of_last"}), "/condition/n", "needs_best_of_last"),
        (own_rule({**CHANGE, "window_days": 3}), "/condition/window_days", "needs_median"),
        (own_rule({**CHANGE, "signal": "cssrs.risk"}), "/condition/signal", "not_a_number"),
        (own_rule({"kind": "silence", "signal": "check_in"}), "/condition", "days_or_hours"),
        (own_rule({**SUM, "window_days": 7}), "/condition/window_days", "needs_rolling"),
        (own_rule({**SUM, "op": "==", "value": "many"}), "/condition/value", "sum_of_codes"),
        (own_rule({**SUM, "value": -1}), "/condition/value", "sum_out_of_range"),
        (own_rule({**ROLLING, "project": True}), "/condition/project", "unfit_projection"),
        (own_rule(any_of({**CRAVING, "value": 80})), "/condition/conditions/0/value", "out_of_range"),
        (own_rule(any_of(CRAVING, NOT_EQUAL)), "/condition/conditions/1/condition/op", "unfit_comparison"),
        (own_rule(NOT_EQUAL), "/condition/condition/op", "unfit_comparison"),
        (own_rule({"kind": "all", "conditions": []}), "/condition/conditions", "too_short"),
        (own_rule(nested(5)), "/condition", "too_deep"),
        (own_rule(any_of(*[any_of(*[CRAVING] * 8)] * 4)), "/condition", "too_many_tests"),
        (own_rule(sentence="Craving was {count}."), "/sentence", "unknown_placeholder"),
        (own_rule(sentence="Craving was {value."), "/sentence", "unpaired_brace"),
        (own_rule(sentence="A\nB"), "/sentence", "malformed"),
        (own_rule(floor=True), "/floor", "no_floor_rule"),
        (own_rule(enabled="no"), "/enabled", "wrong_type"),
        (own_rule(code="Own Rule"), "/code", "malformed"),
        (own_rule(code="rule_error.own"), "/code", "reserved_code"),
        (own_rule(code="craving.high"), "/code", "twice"),
        (own_rule(severity="panic"), "/severity", "not_a_choice"),
        (own_rule(answer_within_minutes=0), "/answer_within_minutes", "too_small"),
        (own_rule(evidence={"grade": "design"}), "/evidence/citation", "missing"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_pointed_at(
    clinic: Clinic, rule: dict[str, Any], pointer: str, code: str
) -> None:
    body = await edited(clinic.sam)
    body["rules"].append(rule)
    reply = await publish(clinic.sam, body)
    assert faults(reply) == [(f"/rules/{len(body['rules']) - 1}{pointer}", code)]
    (fault,) = reply.json()["errors"]
    assert fault["detail"] != "Is not acceptable."
    assert "{" not in fault["detail"]
    assert (await current(clinic.sam))["version"] == 1


async def test_a_sentence_says_which_placeholders_there_are(clinic: Clinic) -> None:
    body = {"base_version": 1, "reason": "R", "rules": [own_rule(sentence="{SECRET}")]}
    reply = await publish(clinic.sam, body)
    (fault,) = reply.json()["errors"]
    assert fault["detail"] == "Of placeholders, this condition fills: asked, day, name, threshold, value."
    assert "SECRET" not in reply.text


async def test_every_fault_is_told_at_once(clinic: Clinic) -> None:
    rules = [wrong(value=80), own_rule(floor=True), wrong(signal="steps")]
    reply = await publish(clinic.sam, {"base_version": 1, "reason": "R", "rules": rules})
    assert faults(reply) == [
        ("/rules/0/condition/value", "out_of_range"),
        ("/rules/1/code", "twice"),
        ("/rules/1/floor", "no_floor_rule"),
        ("/rules/2/code", "twice"),
        ("/rules/2/condition/signal", "unknown_signal"),
    ]


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"reason": ""}, "/reason", "too_short"),
        ({"reason": "  \n "}, "/reason", "too_short"),
        ({"reason": "x" * 501}, "/reason", "too_long"),
        ({"reason": None}, "/reason", "wrong_type"),
        ({"base_version": "1"}, "/base_version", "wrong_type"),
        ({"base_version": 0}, "/base_version", "too_small"),
        ({"rules": {}}, "/rules", "wrong_type"),
        ({"secret": 1}, "", "unknown_member"),
    ],
)
async def test_the_body_around_them(clinic: Clinic, members: dict[str, Any], pointer: str, code: str) -> None:
    body = {"base_version": 1, "reason": "Because", "rules": [], **members}
    assert faults(await publish(clinic.sam, body)) == [(pointer, code)]


async def test_a_reason_is_required(clinic: Clinic) -> None:
    assert faults(await publish(clinic.sam, {"base_version": 1, "rules": []})) == [("/reason", "missing")]


async def test_the_questions_of_this_program_count(clinic: Clinic) -> None:
    rules = [
        wrong(signal="steps", value=9),
        wrong(signal="place", op="==", value="work") | {"code": "own.place"},
    ]
    body = {"base_version": 1, "reason": "Our questions", "rules": rules}
    assert [code for _, code in faults(await publish(clinic.sam, body))] == ["unknown_signal"] * 2
    asked = {"questions": [number(), choice("home", "work")]}
    changed = await clinic.adele.client.patch(
        f"/v1/programs/{clinic.program_id}", json=asked, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    await published(clinic.sam, body)
    await says(clinic.ana, steps=9, place="work")
    assert {each["rule"] for each in await alerts_of(clinic.clara)} == {"own.rule", "own.place"}


async def test_as_many_rules_as_a_set_has_and_no_more(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    floor = [rule for rule in body["rules"] if rule["floor"]]
    own = [own_rule(code=f"own.rule_{place}") for place in range(MOST_RULES)]
    too_many = [*floor[1:], *own, own_rule()]
    assert faults(await publish(clinic.sam, {**body, "rules": too_many})) == [("/rules", "too_long")]
    assert faults(await publish(clinic.sam, {**body, "rules": [*floor, *own, own_rule()]})) == [
        ("/rules", "too_long")
    ]
    made = await published(clinic.sam, {**body, "rules": [*floor, *own]})
    assert len(made["rules"]) == MOST_RULES + len(FLOOR)


async def test_a_large_set_fits_through_the_door(clinic: Clinic) -> None:
    long = "x" * 500
    own = [
        own_rule(code=f"own.rule_{place}", sentence=long, next_step=long, title="x" * 120)
        for place in range(MOST_RULES)
    ]
    body = {"base_version": 1, "reason": "Many words", "rules": own}
    assert 100_000 < len(json.dumps(body)) < 256 * 1024
    await published(clinic.sam, body)


async def test_a_supervisor_publishes_for_their_own_program_only(clinic: Clinic) -> None:
    elsewhere = (await clinic.adele.client.post("/v1/programs", json=another_program())).json()["id"]
    body = {"base_version": 1, "reason": "Not mine", "rules": []}
    assert faults(await publish(clinic.sam, {**body, "program_id": elsewhere})) == [
        ("/program_id", "not_your_program")
    ]
    assert faults(await publish(clinic.sam, {**body, "program_id": str(clinic.ivan.program_id)})) == [
        ("/program_id", "unknown_program")
    ]
    assert (await current(clinic.adele, program_id=elsewhere))["version"] == 1
    both = {"program_ids": [str(clinic.program_id), elsewhere]}
    await clinic.adele.client.patch(f"/v1/staff/{clinic.sam.id}", json=both, headers={"If-Match": '"1"'})
    assert faults(await publish(clinic.sam, body)) == [("/program_id", "missing")]
    made = await published(clinic.sam, {**body, "program_id": elsewhere})
    assert (made["program_id"], made["version"]) == (elsewhere, 2)


@pytest.mark.parametrize("who", ["ana", "ben", "clara", "adele", "olga", "dmitri"])
async def test_only_a_supervisor_may(clinic: Clinic, who: str) -> None:
    body = {"program_id": str(clinic.program_id), "base_version": 1, "reason": "Mine", "rules": []}
    assert (await publish(getattr(clinic, who), body)).status_code == 403
    assert (await current(clinic.clara))["version"] == 1


async def test_nobody_is_asked_to_sign_in(clinic: Clinic) -> None:
    body = {"base_version": 1, "reason": "Mine", "rules": []}
    assert (await clinic.nobody.post("/v1/rule-sets", json=body)).status_code == 401
