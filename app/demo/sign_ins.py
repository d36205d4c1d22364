"""`demo.json`: the names and passwords of the demonstration, made anew for each installation."""

import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.demo.cast import INTEGRATION_SCOPE, ORGANIZATIONS, SUPPORTERS, Organization, id_of
from app.settings import Settings
from app.webhooks.signature import new_secret

FILE = "demo.json"
SUBSCRIBERS = ("webhooks", "crisis-service")
"""Where those listen who are told by webhooks; nobody's pager."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Person(_Frozen):
    """One who signs in with a password. `patient_id` is there for patients, and for who stands by one."""

    name: str
    role: str
    organization: str
    username: str
    password: str
    patient_id: str | None = None


class Client(_Frozen):
    """An integration of one organization. `scope` is separated by spaces."""

    client_id: str
    client_secret: str
    organization: str
    scope: str


class Webhook(_Frozen):
    """An endpoint that is told of events, or of hand-offs (`purpose`), and what it is signed with."""

    organization: str
    purpose: str
    path: str
    secret: str


class Platform(_Frozen):
    """A telehealth platform of one organization, and what it signs its calls with."""

    organization: str
    integration_id: str
    meeting_id: str
    secret: str


class SignIns(_Frozen):
    """Everything in the file."""

    base_url: str
    people: tuple[Person, ...]
    clients: tuple[Client, ...]
    webhooks: tuple[Webhook, ...] = ()
    platforms: tuple[Platform, ...] = ()

    def of(self, role: str) -> list[Person]:
        """Who has this role."""
        return [person for person in self.people if person.role == role]


def path(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.data_dir / FILE


def base_url(settings: Settings) -> str:
    """Where a client on this machine finds the API."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def read(file: Path) -> SignIns | None:
    """What the file holds; None when there is none, or it was damaged."""
    try:
        return SignIns.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write(file: Path, sign_ins: SignIns) -> None:
    """Replace the file, readable for its owner alone. Never half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as target:
        target.write(sign_ins.model_dump_json(indent=1, exclude_none=True) + "\n")
        target.flush()
        os.fsync(target.fileno())
    new.replace(file)


def invent() -> SignIns:
    """Sign-ins for everybody, with passwords that nobody else has."""
    people = tuple(person for organization in ORGANIZATIONS for person in _people(organization))
    clients = tuple(
        Client(
            client_id=f"{organization.key}-{secrets.token_hex(4)}",
            client_secret=secrets.token_urlsafe(24),
            organization=organization.name,
            scope=" ".join(INTEGRATION_SCOPE),
        )
        for organization in ORGANIZATIONS
    )
    return SignIns(base_url="", people=people, clients=clients, webhooks=_webhooks(), platforms=_platforms())


def _platforms() -> tuple[Platform, ...]:
    video = Platform(
        organization=ORGANIZATIONS[0].name,
        integration_id=str(id_of("telehealth-integration", "video")),
        meeting_id="evening-video",
        secret=new_secret(),
    )
    return (video,)


def _webhooks() -> tuple[Webhook, ...]:
    name = ORGANIZATIONS[0].name
    return tuple(
        Webhook(organization=name, purpose=purpose, path=path, secret=new_secret())
        for purpose, path in zip(("events", "hand_off"), SUBSCRIBERS, strict=True)
    )


def _people(organization: Organization) -> list[Person]:
    staff = [
        Person(
            name=member.name,
            role=member.role,
            organization=organization.name,
            username=member.key,
            password=secrets.token_urlsafe(12),
        )
        for member in organization.staff
    ]
    patients = [
        Person(
            name=f"{patient.given_name} {patient.family_name}",
            role="patient",
            organization=organization.name,
            username=patient.key,
            password=secrets.token_urlsafe(12),
            patient_id=str(id_of("patient", patient.key)),
        )
        for patient in organization.patients
    ]
    mine = {patient.key for patient in organization.patients}
    supporters = [
        Person(
            name=supporter.name,
            role="supporter",
            organization=organization.name,
            username=supporter.key,
            password=secrets.token_urlsafe(12),
            patient_id=str(id_of("patient", supporter.patient)),
        )
        for supporter in SUPPORTERS
        if supporter.patient in mine
    ]
    return staff + patients + supporters
