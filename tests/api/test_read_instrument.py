"""GET /v1/instruments/{code}."""

import json
import shutil
from pathlib import Path

import pytest
from httpx import AsyncClient

from app.instruments.catalogue import CATALOGUE
from app.instruments.content import ContentPackRefused
from app.main import create_app
from app.settings import Settings
from tests.people import Clinic, client_for, token_for

PACS = {
    "code": "pacs", "version": "1.0.0", "language": "en",
    "licence": "Licensed to Riverside for its own patients.",
}  # fmt: skip


async def test_an_instrument_is_a_fhir_questionnaire(clinic: Clinic) -> None:
    reply = await clinic.ana.client.get("/v1/instruments/phq-9")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/fhir+json"
    resource = reply.json()
    assert (resource["resourceType"], resource["version"]) == ("Questionnaire", "1.0.0")
    assert "Pfizer" in resource["copyright"]
    items = {item["linkId"]: item for item in resource["item"]}
    assert items["phq9-9"]["code"][0]["code"] == "44260-8"
    option = items["phq9-9"]["answerOption"][1]
    assert option["extension"][0]["valueDecimal"] == 1
    assert option["valueCoding"]["display"] == "Several days"


async def test_every_listed_instrument_can_be_read_in_its_version(clinic: Clinic) -> None:
    for each in (await clinic.ana.client.get("/v1/instruments")).json()["items"]:
        path = f"/v1/instruments/{each['code']}"
        newest, asked = (
            await clinic.ana.client.get(path),
            await clinic.ana.client.get(path, params={"version": each["version"]}),
        )
        assert newest.status_code == asked.status_code == 200
        assert newest.json() == asked.json()


async def test_an_unchanged_instrument_is_304(clinic: Clinic) -> None:
    first = await clinic.ana.client.get("/v1/instruments/gad-7")
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = await clinic.ana.client.get("/v1/instruments/gad-7", headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == tag
    for unknown in ('"other"', tag.strip('"'), ""):
        again = await clinic.ana.client.get("/v1/instruments/gad-7", headers={"If-None-Match": unknown})
        assert again.status_code == 200
    other = await clinic.ana.client.get("/v1/instruments/phq-9", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["phq-10", "PHQ-9", "phq-9?version=0.9.0", "phq-9?version=%00", "..%2fphq-9", "%00", "%F0%9F%99%82"],
)
async def test_what_there_is_not_is_404(clinic: Clinic, path: str) -> None:
    assert (await clinic.ana.client.get(f"/v1/instruments/{path}")).status_code == 404


async def test_nobody_is_401(clinic: Clinic) -> None:
    assert (await clinic.nobody.get("/v1/instruments/phq-9")).status_code == 401


def pack(folder: Path) -> Path:
    instrument = CATALOGUE.instrument("pacs")
    items = {item.link_id: f"Question {item.link_id}" for item in instrument.items}
    options = {
        item.link_id: {str(option.value): f"Answer {option.value}" for option in item.options}
        for item in instrument.items
    }
    (folder / "pacs.json").write_text(json.dumps(PACS | {"items": items, "options": options}))
    return folder


async def ask(clinic: Clinic, settings: Settings, database_url: str, packs: Path) -> AsyncClient:
    keys = settings.model_copy(
        update={"content_packs": packs, "keys_dir": clinic.app.state.settings.signing_keys}
    )
    token = token_for(
        clinic.app, organization_id=clinic.organization_id, id=clinic.ana.id, role=clinic.ana.role,
        credential_id=clinic.ana.credential_id,
    )  # fmt: skip
    return client_for(create_app(keys, database_url), token)


async def test_a_content_pack_gives_the_wording_and_changes_no_score(
    clinic: Clinic, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    async with await ask(clinic, settings, database_url, pack(tmp_path)) as client:
        resource = (await client.get("/v1/instruments/pacs")).json()
        listed = {each["code"]: each for each in (await client.get("/v1/instruments")).json()["items"]}
    questions = [item["text"] for item in resource["item"] if item["type"] != "display"]
    assert questions[0] == "Question pacs-1"
    assert "Licensed to Riverside" in resource["copyright"]
    assert listed["pacs"]["has_text"] is True
    assert listed["pacs"]["languages"] == ["en"]
    without = (await clinic.ana.client.get("/v1/instruments/pacs")).json()
    assert [item["linkId"] for item in without["item"]] == [item["linkId"] for item in resource["item"]]


async def test_a_bad_content_pack_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(PACS | {"items": {"pacs-99": "No such question"}}))
    with pytest.raises(ContentPackRefused, match=r"bad\.json: there is no pacs-99"):
        create_app(settings.model_copy(update={"content_packs": tmp_path}), "postgresql://nowhere/none")
    shutil.rmtree(tmp_path)
    with pytest.raises(ContentPackRefused, match="does not exist"):
        create_app(settings.model_copy(update={"content_packs": tmp_path}), "postgresql://nowhere/none")
