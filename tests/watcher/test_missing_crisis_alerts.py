"""The watcher puts back the alert of a crisis flag, and of a follow-up that nobody did."""

from datetime import timedelta

from app.watching import Fault
from tests.feed.raising import is_not_safe, only_alert
from tests.watcher.conftest import World

FLAGS = "/v1/patients/me/crisis-flags"


async def test_a_flag_without_an_alert_gets_one_and_knows_it(world: World) -> None:
    flag = (await world.clinic.ana.client.post(FLAGS)).json()
    world.delete_alerts(flag["alert_id"])
    assert [trouble.fault for trouble in await world.pass_by()] == [Fault.ALERT_MISSING]
    alert = await only_alert(world.clinic.clara)
    assert (alert["rule"], alert["severity"]) == ("si.crisis_flag", "critical")
    assert [str(each) for (each,) in world.rows("select alert_id from crisis_flag")] == [alert["id"]]
    assert await world.pass_by() == set()


async def test_whoever_has_one_needs_no_other(world: World) -> None:
    for _ in range(2):
        await world.clinic.ana.client.post(FLAGS)
        await is_not_safe(world.clinic.ben)
    assert await world.pass_by() == set()


async def test_a_follow_up_that_nobody_did_is_told_again(world: World) -> None:
    flag = (await world.clinic.ana.client.post(FLAGS)).json()
    over = {"outcome": "contacted", "occurrences_seen": 1}
    path = f"/v1/alerts/{flag['alert_id']}/resolution"
    assert (await world.clinic.clara.client.post(path, json=over)).status_code == 200
    await world.pass_by(timedelta(hours=73))
    rule = "select id from alert where rule = 'crisis.follow_up_overdue'"
    world.delete_alerts(world.rows(rule)[0][0])
    assert Fault.ALERT_MISSING in {trouble.fault for trouble in await world.pass_by()}
    assert len(world.rows(rule)) == 1
