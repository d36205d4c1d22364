"""What the command line does for an operator: found an organization, let a machine in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from uuid_utils.compat import uuid7

from app import clock
from app.access import Actor, Permission, Role
from app.database import Db, engine_for, unit_of_work
from app.errors import HandrailError
from app.main import database_url
from app.schemas.fields import time_zones
from app.services import credentials, invitations, organizations, staff
from app.services.credentials import Client
from app.services.invitations import Invited
from app.settings import settings

organization = typer.Typer(help="Organizations.", no_args_is_help=True)
client = typer.Typer(help="Integrations that sign in by themselves.", no_args_is_help=True)
console = Console()


@organization.command("create")
def create_organization(
    name: str,
    administrator: Annotated[str, typer.Option(help="Name of the first administrator.")],
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "America/New_York",
    country: Annotated[str, typer.Option(help="ISO 3166 code: whose crisis lines hold.")] = "US",
    locale: Annotated[str, typer.Option(help="en or es.")] = "en",
) -> None:
    """Found an organization, and invite its first administrator."""
    if time_zone not in time_zones():
        raise typer.BadParameter("not an IANA time zone", param_hint="--time-zone")
    if locale not in {"en", "es"}:
        raise typer.BadParameter("en or es", param_hint="--locale")
    draft = organizations.Draft(uuid7(), name, country, locale, time_zone)
    invited = asyncio.run(_found(draft, administrator))
    console.print(f"Organization {draft.id}", highlight=False)
    console.print(f"Invitation code of {administrator}: [bold]{invited.code}[/]", highlight=False)
    console.print("It is good once, for seven days, at POST /v1/invitations/acceptance.")


@client.command("create")
def create_client(
    organization_id: UUID,
    name: str,
    scope: Annotated[list[Permission], typer.Option(help="What it may do; repeat the option.")],
) -> None:
    """Let an integration in: a client id and its secret, shown once."""
    try:
        made = asyncio.run(_let_in(organization_id, name, scope))
    except HandrailError as refusal:
        raise typer.BadParameter(refusal.message) from None
    console.print(f"client_id     {made.client_id}\nclient_secret {made.client_secret}", highlight=False)


async def _found(draft: organizations.Draft, administrator: str) -> Invited:
    now, member_id = clock.now(), uuid7()
    member = staff.Draft(
        member_id, administrator, Role.ADMINISTRATOR, None, None, draft.locale, draft.time_zone, ()
    )
    async with _work(draft.id) as db:
        await organizations.found(db, draft, now)
        await staff.add(db, None, member, now)
        themselves = Actor(draft.id, "staff", member_id, Role.ADMINISTRATOR, member_id)
        return await invitations.invite(db, themselves, patient_id=None, staff_member_id=member_id, now=now)


async def _let_in(organization_id: UUID, name: str, scope: list[Permission]) -> Client:
    async with _work(organization_id) as db:
        return await credentials.add_integration(db, client_name=name, scope=scope, now=clock.now())


@asynccontextmanager
async def _work(organization_id: UUID) -> AsyncIterator[Db]:
    engine = engine_for(database_url(settings()))
    try:
        async with unit_of_work(engine, organization_id) as db:
            yield db
    finally:
        await engine.dispose()
