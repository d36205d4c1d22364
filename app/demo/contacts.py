"""How the demonstration's staff are reached: each by their own of the demonstration's pagers."""

from datetime import datetime

from sqlalchemy import select

from app.database import Db
from app.demo import reach
from app.demo.cast import Organization, id_of
from app.models import ContactMethod
from app.post_office import contact_place
from app.rules.rule import Severity
from app.sealing import Sealer, Unsealable
from app.settings import Settings

CHANNEL = "pager"


async def give(db: Db, organization: Organization, sealer: Sealer, own: Settings, now: datetime) -> None:
    """Give everybody a pager, which they hear for alerts of every severity."""
    await db.add(
        *(
            ContactMethod(
                organization_id=organization.id, staff_member_id=id_of("staff", member.key), channel=CHANNEL,
                position=0, severities=[severity.value for severity in Severity],
                **_sealed(organization, member.key, sealer, own), changed_at=now,
            )
            for member in organization.staff
        )
    )  # fmt: skip


async def follow(db: Db, organization: Organization, sealer: Sealer, own: Settings, now: datetime) -> None:
    """Let the pagers that are still the demonstration's go where they are now: it may have another port."""
    keys = {id_of("staff", member.key): member.key for member in organization.staff}
    mine = select(ContactMethod).where(
        ContactMethod.organization_id == organization.id, ContactMethod.channel == CHANNEL
    )
    for method in await db.scalars(mine):
        key = keys.get(method.staff_member_id)
        if key and _is_to_move(method, organization, key, sealer, own):
            for column, value in _sealed(organization, key, sealer, own).items():
                setattr(method, column, value)
            method.changed_at = now
    await db.flush()


def _is_to_move(
    method: ContactMethod, organization: Organization, key: str, sealer: Sealer, own: Settings
) -> bool:
    """Whether it leads to a pager of the demonstration elsewhere, or nobody can tell any more whereto."""
    try:
        known = sealer.unseal(method.address, place=_place(organization, key))
    except Unsealable:
        return True
    return reach.is_of_a_demonstration(known, key) and known != reach.address(own, key)


def _sealed(organization: Organization, key: str, sealer: Sealer, own: Settings) -> dict[str, str | bytes]:
    address = reach.address(own, key)
    return {
        "address": sealer.seal(address, place=_place(organization, key)),
        "hint": address.removesuffix(f"/{key}"),
    }


def _place(organization: Organization, key: str) -> str:
    return contact_place(organization.id, id_of("staff", key), CHANNEL)
