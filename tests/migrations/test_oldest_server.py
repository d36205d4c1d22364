"""The API on every server that we support: one check-in that alarms, from the request to the row."""

from pathlib import Path

import psycopg

from app import migration
from app.main import create_app
from app.settings import Settings
from tests.people import open_clinics
from tests.walls.story import check_in


async def test_a_check_in_opens_its_alert(server_url: str, tmp_path: Path) -> None:
    migration.ensure_database(server_url, "clinic")
    url = server_url.replace("/postgres?", "/clinic?")
    migration.upgrade(url)
    app = create_app(Settings(data_dir=tmp_path), url)
    async with app.router.lifespan_context(app), open_clinics(app) as clinic:
        body = check_in(craving=9, feels_safe=False)
        path = "/v1/patients/me/check-ins"
        first = await clinic.ana.client.post(path, json=body)
        again = await clinic.ana.client.post(path, json=body)
        other = await clinic.ana.client.post(path, json=body | {"answers": {"mood": 5}})
        assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
        assert first.json()["help"] is not None
        with psycopg.connect(url) as superuser:
            alerts = superuser.execute(
                "select rule, occurrences from alert where patient_id = %s order by rule", [clinic.ana.id]
            ).fetchall()
            positions = superuser.execute(
                "select position from event where organization_id = %s order by 1", [clinic.organization_id]
            ).fetchall()
        assert alerts == [("craving.high", 1), ("si.not_safe", 1)]
        assert positions == [(1,), (2,)]
