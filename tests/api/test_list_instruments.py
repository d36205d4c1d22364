"""GET /v1/instruments."""

from tests.people import Clinic

PATH = "/v1/instruments"


async def test_every_instrument_is_listed_with_what_an_app_needs(clinic: Clinic) -> None:
    reply = await clinic.ana.client.get(PATH)
    assert reply.status_code == 200
    listed = {each["code"]: each for each in reply.json()["items"]}
    assert len(listed) == 16
    phq9 = listed["phq-9"]
    assert phq9["licence"].pop("terms").startswith("No permission required")
    assert phq9 == {
        "code": "phq-9", "version": "1.0.0", "title": "Patient Health Questionnaire-9", "languages": ["en"],
        "has_text": True, "recall_days": 14, "cadence": "At intake, every one or two weeks, at discharge",
        "licence": {"tier": 1, "holder": "Pfizer Inc."},
    }  # fmt: skip


async def test_what_has_no_wording_says_so(clinic: Clinic) -> None:
    listed = {each["code"]: each for each in (await clinic.ana.client.get(PATH)).json()["items"]}
    worded = {code for code, each in listed.items() if each["has_text"]}
    assert worded == {"phq-9", "phq-2", "gad-7", "gad-2", "pcl-5", "craving-nrs"}
    assert all(each["languages"] == [] for code, each in listed.items() if code not in worded)
    assert all(each["cadence"] and each["licence"]["terms"] for each in listed.values())


async def test_an_unchanged_list_is_304(clinic: Clinic) -> None:
    first = await clinic.ana.client.get(PATH)
    again = await clinic.ana.client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_everybody_who_is_signed_in_may_ask(clinic: Clinic) -> None:
    for person in (clinic.ben, clinic.clara, clinic.sam, clinic.adele, clinic.olga, clinic.dmitri):
        assert (await person.client.get(PATH)).status_code == 200
    assert (await clinic.nobody.get(PATH)).status_code == 401
