"""Say what an organization sends its pages through, and where its crisis service is reached."""

from datetime import datetime

from app.access import Actor, Permission
from app.database import Db
from app.errors import Unacceptable
from app.post_office import PostOffice, gateway_place
from app.queries import audit
from app.queries import gateways as stored
from app.services import addresses


async def require_fit(office: PostOffice, channel: str, address: str) -> None:
    """Raise `Unacceptable` for what no page could go through. Asks the DNS: hold no transaction."""
    if found := await addresses.fault_of_gateway(channel, address, office.private_hosts):
        raise Unacceptable([addresses.fault("/address", found)])


async def put(db: Db, actor: Actor, channel: str, address: str, *, office: PostOffice, now: datetime) -> None:
    """Make this fit address the gateway of a channel, sealed."""
    sealed = office.sealer.seal(address, place=gateway_place(actor.organization_id, channel))
    hint = addresses.hint_of_gateway(channel, address, office.private_hosts)
    await stored.write(db, channel, sealed, hint, now)
    _audit(db, actor, now)


async def remove(db: Db, actor: Actor, channel: str, now: datetime) -> None:
    """Have none any more. Raises `NotFound`."""
    await stored.remove(db, actor, channel)
    _audit(db, actor, now)


def _audit(db: Db, actor: Actor, now: datetime) -> None:
    audit.record(db, actor, now, Permission.GATEWAY_MANAGE, of="gateway")
