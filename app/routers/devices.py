"""See where one is signed in, and sign out there."""

from typing import Annotated
from uuid import UUID

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.models import Device
from app.queries import devices as stored
from app.schemas.device import DeviceList, DeviceRead
from app.services import devices

router = strict_router("/v1/devices", "sign-in")
Owner = Annotated[Actor, requires(Permission.DEVICE_MANAGE)]


@router.get("", operation_id="list_devices")
async def listed(actor: Owner, db: Db, now: Now) -> DeviceList:
    """The caller's own devices that are signed in, last seen first."""
    return DeviceList(items=[_read(each, actor) for each in await stored.signed_in(db, actor, now)])


@router.delete("/{device_id}", status_code=204, operation_id="sign_out_device")
async def sign_out(device_id: UUID, actor: Owner, db: Db, now: Now) -> None:
    """Sign out on one of the caller's own devices: it gets no more access tokens."""
    await devices.sign_out(db, actor, device_id, now)


def _read(device: Device, actor: Actor) -> DeviceRead:
    return DeviceRead(
        id=device.id,
        name=device.name,
        created_at=device.created_at,
        last_seen_at=device.last_seen_at,
        is_this=device.id == actor.device_id,
    )
