"""Accounts at telehealth platforms: add, read, change; secrets, meetings, and the ids of patients."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.etag import tagged
from app.dependencies.office import CurrentOffice
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import telehealth_integrations as stored
from app.schemas.telehealth import (
    MeetingId,
    TelehealthGivenId,
    TelehealthIntegrationBody,
    TelehealthIntegrationChange,
    TelehealthIntegrationList,
    TelehealthIntegrationMade,
    TelehealthIntegrationRead,
    TelehealthMeetingBody,
    TelehealthMeetingList,
    TelehealthMeetingRead,
    TelehealthRotationBody,
)
from app.services import telehealth_integrations
from app.services.telehealth_integrations import Draft

router = strict_router("/v1/telehealth-integrations", "telehealth")
ONE = "/{telehealth_integration_id}"

Manager = Annotated[Actor, requires(Permission.TELEHEALTH_MANAGE)]


@router.get("", operation_id="list_telehealth_integrations")
async def many(actor: Manager, db: Db, now: Now) -> TelehealthIntegrationList:
    """The organization's accounts, the oldest first."""
    found = await stored.listed(db, actor)
    audit.record(db, actor, now, Permission.TELEHEALTH_MANAGE, of="telehealth_integration")
    return TelehealthIntegrationList(items=[TelehealthIntegrationRead.of(each) for each in found])


@router.post(
    "",
    status_code=201,
    operation_id="add_telehealth_integration",
    responses={200: {"model": TelehealthIntegrationMade, "description": "Added before; without the secret."}},
)
async def add(
    *,
    body: TelehealthIntegrationBody,
    actor: Manager,
    office: CurrentOffice,
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> TelehealthIntegrationMade:
    """Take the calls of this account from now on. A secret that Handrail makes is shown only here."""
    if first := await once.first(body, body.id):
        return tagged(response, TelehealthIntegrationMade.model_validate(first))
    draft = Draft(body.id or uuid7(), body.platform, body.name, body.secret)
    integration, secret = await telehealth_integrations.add(db, actor, draft, office=office, now=now)
    # What is kept for who asks again is no place for a secret.
    made = once.keep(TelehealthIntegrationMade.of(integration, secret=None))
    return tagged(response, made.model_copy(update={"secret": secret}))


@router.get(ONE, operation_id="read_telehealth_integration")
async def one(
    telehealth_integration_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> TelehealthIntegrationRead:
    """One account, without its secret."""
    found = await stored.find(db, actor, telehealth_integration_id)
    audit.record(db, actor, now, Permission.TELEHEALTH_MANAGE, of="telehealth_integration", id=found.id)
    return tagged(response, TelehealthIntegrationRead.of(found))


@router.patch(ONE, operation_id="change_telehealth_integration")
async def change(
    *,
    telehealth_integration_id: UUID,
    body: TelehealthIntegrationChange,
    actor: Manager,
    db: Db,
    now: Now,
    version: ExpectedVersion,
    response: Response,
) -> TelehealthIntegrationRead:
    """Call it otherwise; take its calls no more, or again."""
    changed = await telehealth_integrations.change(
        db, actor, telehealth_integration_id, name=body.name, enabled=body.enabled, version=version, now=now
    )
    return tagged(response, TelehealthIntegrationRead.of(changed))


@router.post(ONE + "/secret-rotation", operation_id="rotate_telehealth_secret")
async def rotate(
    *,
    telehealth_integration_id: UUID,
    body: TelehealthRotationBody,
    actor: Manager,
    office: CurrentOffice,
    db: Db,
    now: Now,
    version: ExpectedVersion,
    response: Response,
) -> TelehealthIntegrationMade:
    """Have another secret from now on; the old one is good for a while, so that no call is lost meanwhile."""
    changed, secret = await telehealth_integrations.rotate(
        db, actor, telehealth_integration_id, body.secret, timedelta(hours=body.overlap_hours),
        office=office, version=version, now=now,
    )  # fmt: skip
    return tagged(response, TelehealthIntegrationMade.of(changed, secret=secret))


@router.get(ONE + "/meetings", operation_id="list_telehealth_meetings")
async def meetings(
    telehealth_integration_id: UUID, actor: Manager, db: Db, now: Now
) -> TelehealthMeetingList:
    """Which of the platform's meetings is which session, or series."""
    integration = await stored.find(db, actor, telehealth_integration_id)
    found = await stored.meetings(db, integration.id)
    audit.record(db, actor, now, Permission.TELEHEALTH_MANAGE, of="telehealth_meeting")
    return TelehealthMeetingList(items=[TelehealthMeetingRead.of(each) for each in found])


@router.put(ONE + "/meetings/{meeting_id}", operation_id="put_telehealth_meeting")
async def bind(
    *,
    telehealth_integration_id: UUID,
    meeting_id: MeetingId,
    body: TelehealthMeetingBody,
    actor: Manager,
    db: Db,
    now: Now,
) -> TelehealthMeetingRead:
    """Say which session, or series, a meeting is. What was told of it already counts from now on."""
    meeting = await telehealth_integrations.bind(
        db, actor, telehealth_integration_id, meeting_id, body.bound(), now
    )
    return TelehealthMeetingRead.of(meeting)


@router.put(ONE + "/participants/{patient_id}", operation_id="put_telehealth_participant")
async def give_id(
    telehealth_integration_id: UUID, patient_id: Whose, actor: Manager, db: Db, now: Now
) -> TelehealthGivenId:
    """The id by which the platform is to know a patient: the same each time, and another at each account."""
    given = await telehealth_integrations.give_id(db, actor, telehealth_integration_id, patient_id, now)
    return TelehealthGivenId(patient_id=patient_id, participant_id=given.participant_key)
