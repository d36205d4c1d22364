"""An alert is handed to an outside crisis service, which is told by a signed message and calls back."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.moments import at
from tests.pager.receivers import Receiver
from tests.paging.outside import crisis_line
from tests.paging.post import Post

TOLD = "0 crisis_service crisis_service"
WORDS = ("ana", "craving", "crav", "riverside", "evening", "sober")


async def handed_over(post: Post) -> None:
    await post.craves()
    await post.work()


async def seen_by_staff(post: Post) -> list[dict[str, str]]:
    alert_id = (await post.alert())["id"]
    async with at(post.clinic, post.clinic.clara, post.now) as clara:
        reply = await clara.get(f"/v1/alerts/{alert_id}/hand-offs")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, str]] = reply.json()["items"]
    return items


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_it_is_told_in_a_signed_message_of_ids_and_times(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        (message,) = line.heard()
        assert post.told() == [f"{TOLD} sent sent"]
        alert = await post.alert()
        (own,) = await seen_by_staff(post)
        assert message == {
            "type": "alert.handed_off",
            "timestamp": f"{post.now:%Y-%m-%dT%H:%M:%S.000Z}",
            "data": {
                "hand_off_id": own["id"],
                "alert_id": alert["id"],
                "patient_id": str(post.clinic.ana.id),
                "answer_by": f"{post.now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S.000Z}",
                "answer_url": f"{post.office.dashboard}/v1/hand-offs/{post.clinic.organization_id}/"
                f"{own['id']}/answer",
            },
        }
        ((first, headers, raw),) = line.receiver.asked
        assert first == "POST /hand-offs HTTP/1.1"
        assert headers["webhook-id"] == f"msg_{UUID(own['id']).hex}"
        assert int(headers["webhook-timestamp"]) == post.now.timestamp()
        assert not [word for word in WORDS if word in f"{headers} {raw.decode()}".lower()]
        assert (own["status"], own["answer"]) == ("requested", None)


async def test_an_acknowledgement_is_the_alerts(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        post.later(minutes=3)
        reply = await line.answers(reference="2026-4711")
        assert reply.status_code == 200, reply.text
        assert reply.json()["status"] == "acknowledged"
    alert = await post.alert()
    assert (alert["status"], alert["acknowledged_by"], alert["assignee_id"]) == ("acknowledged", None, None)
    assert moment(alert["acknowledged_at"]) == post.now
    assert await post.log() == ["opened", "told 0 crisis_service", "acknowledged 0 crisis_service"]
    assert post.minutes_to_next() == 15, "it holds as any acknowledgement does, and no longer"
    (own,) = await seen_by_staff(post)
    assert (own["status"], own["answer"], own["reference"]) == ("acknowledged", "acknowledged", "2026-4711")
    kinds = post.psql.execute("select type from event order by position").fetchall()
    assert kinds == [("alert.opened",), ("alert.acknowledged",)]
    post.later(minutes=15)
    await post.sweep_now()
    assert (await post.alert())["status"] == "open"


async def test_without_an_answer_the_next_one_is_told(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        post.later(minutes=5)
        await post.sweep_now()
        assert await post.log() == ["opened", "told 0 crisis_service", "told 1 supervisor"]
        post.later(seconds=1)
        (own,) = await seen_by_staff(post)
        assert (own["status"], own["answer"]) == ("expired", None)
        late = await line.answers()
    assert (late.status_code, late.json()["status"]) == (200, "expired")
    assert (await post.alert())["status"] == "open", "somebody else is being told by now"
    (own,) = await seen_by_staff(post)
    assert (own["status"], own["answer"]) == ("expired", "acknowledged")
    assert moment(own["answered_at"]) == post.now
    assert (await post.log())[-1] == "answered_late 0 crisis_service"


async def test_an_answer_on_the_last_moment_counts(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        post.later(minutes=5)
        assert (await line.answers()).json()["status"] == "acknowledged"
    assert (await post.alert())["status"] == "acknowledged"


async def test_who_declines_is_waited_for_no_longer(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        assert (await line.answers("declined")).json()["status"] == "declined"
        assert post.minutes_to_next() == 0
        await post.sweep_now()
        assert await post.log() == [
            "opened", "told 0 crisis_service", "declined 0 crisis_service", "told 1 supervisor",
        ]  # fmt: skip
        assert (await post.alert())["status"] == "open"


@pytest.mark.parametrize("answer", ["acknowledged", "declined"])
async def test_what_somebody_of_the_clinic_has_taken_on_stays_theirs(post: Post, answer: str) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        await post.does("acknowledgement")
        post.later(minutes=1)
        for _ in range(2):
            assert (await line.answers(answer)).json()["status"] == "without_effect"
            post.later(seconds=1)
        alert = await post.alert()
        assert alert["acknowledged_by"] == str(post.clinic.clara.id)
        assert (post.minutes_to_next() or 0) * 60 == 14 * 60 - 2
        assert await post.log() == [
            "opened", "told 0 crisis_service", "acknowledged", "answered_in_vain 0 crisis_service",
        ]  # fmt: skip
        (own,) = await seen_by_staff(post)
        assert (own["status"], own["answer"]) == ("without_effect", answer)


async def test_what_is_resolved_stays_so(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        await post.resolves()
        assert (await line.answers()).json()["status"] == "without_effect"
        assert (await post.alert())["status"] == "resolved"
        assert (await post.log())[-2:] == ["resolved", "answered_in_vain 0 crisis_service"]


async def test_too_late_for_what_is_resolved_is_said_too(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        await post.resolves()
        post.later(minutes=5, seconds=3)
        assert (await line.answers()).json()["status"] == "expired"
        assert (await post.log())[-1] == "answered_late 0 crisis_service"


async def test_what_happened_since_is_not_acknowledged_with_it(post: Post) -> None:
    async with crisis_line(post) as line:
        await handed_over(post)
        first = line.heard()[0]["data"]
        await handed_over(post)  # ana craves again: people are told once more
        second = line.heard()[-1]["data"]
        assert first["hand_off_id"] != second["hand_off_id"]
        assert (await line.answers(hand_off=first)).json()["status"] == "without_effect"
        assert (await post.alert())["status"] == "open"
        assert (await post.log())[-1] == "answered_in_vain 0 crisis_service"
        assert [each["status"] for each in await seen_by_staff(post)] == ["requested", "without_effect"]
        assert (await line.answers(hand_off=second)).json()["status"] == "acknowledged"
        assert (await post.alert())["status"] == "acknowledged"


async def test_one_that_fails_is_asked_again_in_the_same_words(post: Post) -> None:
    async with crisis_line(post, "503 Service Unavailable") as line:
        await handed_over(post)
        assert post.told() == [f"{TOLD} waiting failed"]
        for seconds in (15, 45):
            post.later(seconds=seconds)
            await post.sweep_now()
            await post.work()
        assert post.told() == [f"{TOLD} failed failed,failed,failed"]
        messages = [(headers["webhook-id"], raw) for _, headers, raw in line.receiver.asked]
    assert len(messages) == 3
    assert len(set(messages)) == 1
    assert len(await seen_by_staff(post)) == 1
    assert (await post.log())[-1] == "undelivered 0 crisis_service"
    assert post.minutes_to_next() == 0, "the next one is told at once"


async def test_one_that_refuses_is_not_asked_again(post: Post) -> None:
    async with crisis_line(post, "410 Gone"):
        await handed_over(post)
        assert post.told() == [f"{TOLD} failed refused"]
        assert post.minutes_to_next() == 0
        enabled = post.psql.execute("select status from webhook_endpoint").fetchall()
        assert enabled == [("enabled",)], "the next cry for help is handed over all the same"


async def test_one_that_has_answered_is_not_told_again(post: Post) -> None:
    """The worker died between sending and marking, and the service was quick."""
    async with crisis_line(post) as line:
        await handed_over(post)
        assert (await line.answers("declined")).status_code == 200
        post.psql.execute("update page set status = 'waiting', settled_at = null, look_at = now()")
        for page_id in post.page_ids():
            await post.deliver(page_id)
        assert len(line.receiver.asked) == 1
        assert post.told() == [f"{TOLD} sent sent"]


async def test_after_a_rotation_both_secrets_do(post: Post) -> None:
    async with crisis_line(post) as line:
        ((endpoint_id,),) = post.psql.execute("select id from webhook_endpoint").fetchall()
        async with at(post.clinic, post.clinic.adele, post.now) as adele:
            path = f"/v1/webhook-endpoints/{endpoint_id}/secret-rotation"
            rotated = await adele.post(path, json={"overlap_hours": 1}, headers={"If-Match": '"1"'})
        new = rotated.json()["secret"]
        await handed_over(post)
        ((_, headers, raw),) = line.receiver.asked
        assert len(headers["webhook-signature"].split()) == 2
        assert line.heard(), "the old one verifies"
        line.secret, old = new, line.secret
        assert line.heard(), "and so does the new one"
        assert (await line.answers(secret=old)).status_code == 200
        post.later(minutes=61)
        assert (await line.answers(secret=old)).status_code == 401
        assert (await line.answers(secret=new)).status_code == 200
        assert raw


async def test_where_it_takes_no_hand_offs_the_gateway_is_paged(post: Post, receiver: Receiver) -> None:
    async with at(post.clinic, post.clinic.adele, post.now) as adele:
        own = await adele.put("/v1/gateways/crisis_service", json={"address": receiver.address("/line")})
    assert own.status_code == 200, own.text
    async with crisis_line(post) as line:
        post.psql.execute("update webhook_endpoint set status = 'disabled', disabled_code = 'by_hand'")
        await handed_over(post)
        assert post.told() == [f"{TOLD} sent sent"]
        assert (len(line.receiver.asked), len(receiver.asked)) == (0, 1)
        assert await seen_by_staff(post) == []


async def test_without_either_the_step_is_skipped(post: Post) -> None:
    async with crisis_line(post):
        post.psql.execute("update webhook_endpoint set status = 'deleted'")
        await handed_over(post)
        assert (await post.log())[:3] == ["opened", "skipped 0 crisis_service", "told 1 supervisor"]


async def test_a_supervisor_of_another_program_is_told_where_the_service_is_not_there(
    post: Post, receiver: Receiver
) -> None:
    """They do not work with ana, and by their first channel they are not reached."""
    async with crisis_line(post):
        post.psql.execute("update webhook_endpoint set status = 'disabled', disabled_code = 'by_hand'")
        post.psql.execute(
            "update escalation_policy set ladder = jsonb_set(ladder, '{steps}', (ladder->'steps') - 1)"
        )
        await post.reach(post.clinic.sam, chat=f"slack://T/A/{'x' * 24}", pager=receiver.address("/sam"))
        post.psql.execute("delete from program_staff where staff_member_id = %s", [post.clinic.sam.id])
        await handed_over(post)
        told = post.told()
    assert told[-1] == "0 sam pager sent sent", told
    assert all("not_in_care" not in each for each in told)
    assert len(receiver.asked) == 1


async def test_each_of_a_digest_is_handed_over_by_itself(post: Post) -> None:
    """Routine alerts go out together, but each is answered by itself."""
    async with crisis_line(post) as line:
        await handed_over(post)
        post.psql.execute(
            "update page set digest = true, status = 'waiting', settled_at = null, claimed_until = null"
        )
        post.psql.execute(
            "insert into page (organization_id, id, alert_id, patient_id, cycle, step, tell, recipient_id,"
            " channel, severity, digest, status, created_at, due_at, look_at, attempts)"
            " select organization_id, gen_random_uuid(), alert_id, patient_id, 9, step, tell, recipient_id,"
            " channel, severity, true, 'waiting', created_at, due_at, look_at, 0 from page"
        )
        for page_id in post.page_ids():
            await post.deliver(page_id)
        told = [message["data"]["hand_off_id"] for message in line.heard()]
    assert len(told) == 3, "the first one twice: it was made to wait again"
    assert len(set(told)) == 2


async def test_the_patient_reads_who_has_seen_it(post: Post) -> None:
    async with crisis_line(post) as line:
        async with at(post.clinic, post.clinic.ana, post.now) as ana:
            raised = await ana.post("/v1/patients/me/crisis-flags", json={})
            assert raised.status_code == 201, raised.text
        await post.work()
        post.later(minutes=2)
        assert (await line.answers()).status_code == 200
    async with at(post.clinic, post.clinic.ana, post.now) as ana:
        flag = (await ana.get(f"/v1/crisis-flags/{raised.json()['id']}")).json()
    assert flag["status"] == "acknowledged"
    assert flag["seen"] == "The crisis line that works with your program has seen this at 10:02."
