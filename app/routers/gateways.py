"""What an organization sends its pages through: read, set, remove."""

from typing import Annotated

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.office import CurrentOffice
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import gateways as stored
from app.schemas.gateway import GatewayBody, GatewayChannel, GatewayRead, Gateways
from app.services import gateways

router = strict_router("/v1/gateways", "ladders")

Manager = Annotated[Actor, requires(Permission.GATEWAY_MANAGE)]


@router.get("", operation_id="list_gateways")
async def many(actor: Manager, db: Db, now: Now) -> Gateways:
    """The organization's own gateways."""
    found = await stored.listed(db, actor)
    audit.record(db, actor, now, Permission.GATEWAY_MANAGE, of="gateway")
    return Gateways(items=[GatewayRead.model_validate(each) for each in found])


@router.put("/{channel}", operation_id="put_gateway")
async def put(
    *, channel: GatewayChannel, body: GatewayBody, actor: Manager, office: CurrentOffice, db: Db, now: Now
) -> GatewayRead:
    """Send through this from now on; for `crisis_service`: reach it there."""
    await gateways.require_fit(office, channel, body.address)
    await gateways.put(db, actor, channel, body.address, office=office, now=now)
    (kept,) = [each for each in await stored.listed(db, actor) if each.channel == channel]
    return GatewayRead.model_validate(kept)


@router.delete("/{channel}", status_code=204, operation_id="remove_gateway")
async def remove(channel: GatewayChannel, actor: Manager, db: Db, now: Now) -> None:
    """Send through the server's own, if it has one; reach no crisis service."""
    await gateways.remove(db, actor, channel, now)
