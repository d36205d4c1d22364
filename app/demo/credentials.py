"""The sign-ins of the demonstration, as credentials in the database."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from app.database import Db
from app.demo.cast import SUPPORTERS, Organization, id_of
from app.demo.sign_ins import SignIns
from app.services.credentials import add_integration, hashed, set_password


async def hashes(sign_ins: SignIns, organization: Organization) -> Mapping[str, str]:
    """What is kept of the passwords, by user name."""
    mine = [person for person in sign_ins.people if person.organization == organization.name]
    made = await asyncio.gather(*(hashed(person.password) for person in mine))
    return dict(zip((person.username for person in mine), made, strict=True))


async def give(
    db: Db, organization: Organization, sign_ins: SignIns, hashes: Mapping[str, str], now: datetime
) -> None:
    """Let everybody of the organization sign in with these, and with no others any more."""
    for patient in organization.patients:
        patient_id, secret_hash = id_of("patient", patient.key), hashes[patient.key]
        await set_password(db, patient.key, secret_hash, patient_id=patient_id, staff_member_id=None, now=now)
    for member in organization.staff:
        member_id, secret_hash = id_of("staff", member.key), hashes[member.key]
        await set_password(db, member.key, secret_hash, patient_id=None, staff_member_id=member_id, now=now)
    patients = {patient.key for patient in organization.patients}
    for supporter in SUPPORTERS:
        if supporter.patient in patients:
            await set_password(
                db, supporter.key, hashes[supporter.key], patient_id=None, staff_member_id=None,
                supporter_id=id_of("supporter", supporter.key), now=now,
            )  # fmt: skip
    for client in sign_ins.clients:
        if client.organization == organization.name:
            await add_integration(
                db, client_name="Dashboard", scope=client.scope.split(), now=now, client_id=client.client_id,
                client_secret=client.client_secret,
            )  # fmt: skip
