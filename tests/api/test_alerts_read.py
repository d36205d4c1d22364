"""GET /v1/alerts/{id} and GET /v1/alerts/{id}/explanation."""

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.feed.raising import craves, is_not_safe, only_alert, says
from tests.feed.watching import colleague_elsewhere
from tests.people import Clinic

VIEWS = ["", "/explanation"]


async def test_an_alert_tells_everything_that_happened_to_it(clinic: Clinic) -> None:
    await craves(clinic.ana)
    await craves(clinic.ana, 10)
    path = f"/v1/alerts/{(await only_alert(clinic.clara))['id']}"
    await clinic.clara.client.post(f"{path}/acknowledgement", json={})
    note = {"id": str(uuid7()), "text": "Called, no answer."}
    await clinic.sam.client.post(f"{path}/notes", json=note)
    alert = (await clinic.clara.client.get(path)).json()
    assert alert["patient_name"] == "ana Example"
    log = [each for each in alert["log"] if each["step"] is None]  # the ladder depends on the time of day
    assert [each["kind"] for each in log] == ["opened", "repeated", "acknowledged", "noted"]
    assert [each["author_name"] for each in log] == [None, None, "clara", "sam"]
    assert alert["log"][-1]["text"] == "Called, no answer."
    assert [each["number"] for each in alert["findings"]] == [1, 2]
    assert "9" in alert["findings"][0]["sentence"]
    assert "10" in alert["findings"][1]["sentence"]
    assert alert["sentence"] == alert["findings"][1]["sentence"]


async def test_the_explanation_recomputes_what_was_found(clinic: Clinic) -> None:
    await says(clinic.ana, craving=3, mood=6)
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    why = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}/explanation")).json()
    assert why["recomputed"] == {"holds": True, "same_sentence": True}
    assert why["sentence"] == alert["sentence"]
    assert why["rule_set_version"] == 1
    assert why["rule"]["code"] == "craving.high"
    assert why["rule"]["condition"]["kind"] == "any"
    assert why["evidence"] == why["rule"]["evidence"]
    assert why["evidence"]["citation"]
    assert why["next_step"] == why["rule"]["next_step"]
    assert why["comparison"]
    decisive = [each for each in why["readings"] if each["decisive"]]
    assert [(each["signal"], each["value"]) for each in decisive] == [("craving", 9.0)]
    assert decisive[0]["source"]["kind"] == "check_in"


@pytest.mark.parametrize(("query", "value"), [("", 10.0), ("?occurrence=1", 9.0), ("?occurrence=2", 10.0)])
async def test_each_occurrence_is_explained_the_newest_unless_asked(
    clinic: Clinic, query: str, value: float
) -> None:
    await craves(clinic.ana)
    await craves(clinic.ana, 10)
    alert = await only_alert(clinic.clara)
    why = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}/explanation{query}")).json()
    assert [each["value"] for each in why["readings"] if each["decisive"]] == [value]
    assert why["recomputed"] == {"holds": True, "same_sentence": True}


async def test_every_rule_that_one_check_in_raises_explains_itself(clinic: Clinic) -> None:
    await says(
        clinic.ana, craving=10, feels_safe=False, used=True, substances=["opioids"], mood=0, sleep_hours=1
    )
    alerts = (await clinic.clara.client.get("/v1/alerts")).json()["items"]
    assert len(alerts) >= 3
    for alert in alerts:
        why = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}/explanation")).json()
        assert why["recomputed"] == {"holds": True, "same_sentence": True}, alert["rule"]


async def test_evidence_that_was_changed_does_not_explain_the_alert(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    (evidence,) = psql.execute(
        "select evidence from alert_occurrence where alert_id = %s", [alert["id"]]
    ).fetchone()
    path = f"/v1/alerts/{alert['id']}/explanation"
    for value, expected in ((2, (False, False)), (10, (True, False))):
        for reading in (*evidence["looked_at"], *evidence["decisive"]):
            reading["value"] = value
        psql.execute(
            "update alert_occurrence set evidence = %s where alert_id = %s", [Jsonb(evidence), alert["id"]]
        )
        again = (await clinic.clara.client.get(path)).json()["recomputed"]
        assert (again["holds"], again["same_sentence"]) == expected


async def test_a_rule_that_failed_has_nothing_to_recompute(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update rule_set set rules = jsonb_build_array(jsonb_set(rules->0, '{condition}', %s))"
        " where organization_id = %s",
        [Jsonb({"kind": "moon"}), clinic.organization_id],
    )
    await says(clinic.ana, mood=5)
    alert = await only_alert(clinic.clara)
    why = await clinic.clara.client.get(f"/v1/alerts/{alert['id']}/explanation")
    assert why.status_code == 200, why.text
    assert why.json()["recomputed"] is None
    assert why.json()["rule"] is None
    assert why.json()["comparison"]


async def test_an_occurrence_that_never_was_is_not_found(clinic: Clinic) -> None:
    await craves(clinic.ana)
    alert = await only_alert(clinic.clara)
    path = f"/v1/alerts/{alert['id']}/explanation"
    assert (await clinic.clara.client.get(f"{path}?occurrence=2")).status_code == 404
    assert (await clinic.clara.client.get(f"{path}?occurrence=0")).status_code == 422


@pytest.mark.parametrize("view", VIEWS)
async def test_reading_an_alert_is_written_down(clinic: Clinic, psql: psycopg.Connection, view: str) -> None:
    await is_not_safe(clinic.ana)
    alert_id = (await only_alert(clinic.clara))["id"]
    await clinic.clara.client.get(f"/v1/alerts/{alert_id}{view}")
    found = psql.execute(
        "select patient_id from audit_entry where action = 'alert:read' and resource_id = %s", [alert_id]
    ).fetchall()
    assert found == [(clinic.ana.id,)]


@pytest.mark.parametrize("view", VIEWS)
async def test_an_alert_that_is_not_yours_does_not_exist(clinic: Clinic, view: str) -> None:
    await craves(clinic.ana)
    path = f"/v1/alerts/{(await only_alert(clinic.clara))['id']}{view}"
    carl = await colleague_elsewhere(clinic)
    assert (await clinic.dmitri.client.get(path)).status_code == 404
    assert (await carl.client.get(path)).status_code == 404
    assert (await clinic.ben.client.get(path)).status_code == 404
    for person in (clinic.ana, clinic.adele, clinic.olga):
        assert (await person.client.get(path)).status_code == 403
    assert (await clinic.nobody.get(path)).status_code == 401
    assert (await clinic.clara.client.get(f"/v1/alerts/{uuid7()}{view}")).status_code == 404
    assert (await clinic.clara.client.get(f"/v1/alerts/none{view}")).status_code == 404
