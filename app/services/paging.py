"""Send the pages that are written down: claim one, and keep what became of it.

Between the two nothing is locked and nothing is in a transaction: the network may take its time. A worker
that dies there leaves a claim that runs out, and the page is sent again: twice rather than not at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from app.database import Db
from app.ladders.ladder import Tell
from app.models import Alert, HandOff, Page, PageAttempt, WebhookEndpoint
from app.post_office import Whereto
from app.queries import hand_offs as stored_hand_offs
from app.queries import ladders as stored_ladders
from app.queries import pages as stored
from app.queries import staff
from app.queries.pages import ToSend
from app.services import hand_offs, ladders, pages

CLAIM = timedelta(minutes=1)
"""Longer than any attempt may take."""

RETRIES = (timedelta(seconds=15), timedelta(seconds=45))
"""When somebody who has no other channel is tried again by the same; our own choice."""

WORTH_RETRYING = frozenset({"timed_out", "failed"})


class Outside(NamedTuple):
    """A hand-off to the outside crisis service, the endpoint that takes it, and when this attempt begins."""

    hand_off: HandOff
    endpoint: WebhookEndpoint
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Pages that are this worker's for a while: one, or those of a digest; all say the same to one place.

    `attempts` are the pages by id, with the number of this attempt at each. `whereto` is None for somebody
    who may no longer be told of them. With `outside` it goes there, and not through a gateway.
    """

    attempts: Mapping[UUID, int]
    alert_id: UUID
    recipient_id: UUID
    channel: str
    severity: str
    digest: bool
    whereto: Whereto | None
    outside: Outside | None

    @classmethod
    def of(cls, pages: Sequence[Page], whereto: Whereto | None, outside: Outside | None = None) -> Self:
        """Of pages that were just taken."""
        page = pages[0]
        return cls(
            attempts={each.id: each.attempts for each in pages}, alert_id=page.alert_id,
            recipient_id=page.recipient_id, channel=page.channel, severity=page.severity,
            digest=len(pages) > 1, whereto=whereto, outside=outside,
        )  # fmt: skip

    def single(self) -> Iterator[Self]:
        """The same, page by page."""
        for page_id, number in self.attempts.items():
            yield replace(self, attempts={page_id: number})


async def claim(db: Db, page_id: UUID, now: datetime) -> Claim | None:
    """Take a page on, if it is still to be sent; with a digest, all that goes out in it.

    A page of an alert that somebody has answered meanwhile is dropped.
    """
    found = await stored.to_send(db, page_id, now)
    found = [each for each in found if not _dropped(each.page, each.alert, now)]
    if found and (endpoint := await _endpoint(db, found[0].page)):
        return await _claim_outside(db, found, page_id, endpoint, now)
    wanted = [each.page for each in found]
    allowed = await _of_those_in_care(db, wanted)
    pages = allowed or wanted
    await _take(db, pages, now)
    if not pages:
        return None
    page = pages[0]
    whereto = await stored.whereto(db, page.recipient_id, page.channel) if allowed else None
    return Claim.of(pages, whereto)


async def _take(db: Db, pages: Sequence[Page], now: datetime) -> None:
    for page in pages:
        page.claimed_until = page.look_at = now + CLAIM
        page.attempts += 1
    await db.flush()


async def _endpoint(db: Db, page: Page) -> WebhookEndpoint | None:
    """Where the outside crisis service takes hand-offs; None for any other page, and where it takes none."""
    return await stored_hand_offs.endpoint(db) if page.channel == Tell.CRISIS_SERVICE else None


async def _claim_outside(
    db: Db, found: Sequence[ToSend], page_id: UUID, endpoint: WebhookEndpoint, now: datetime
) -> Claim | None:
    """Take a page on that is a hand-off: it goes out alone, for each is answered by itself.

    What was answered has arrived, whatever became of the worker that sent it.
    """
    for page, alert in found:
        if page.id != page_id:
            continue
        hand_off = await hand_offs.request(db, page, alert, endpoint, now)
        if hand_off.answer is None:
            await _take(db, [page], now)
            return Claim.of([page], None, Outside(hand_off, endpoint, now))
        _settle(page, "sent", now)
    await db.flush()
    return None


async def _of_those_in_care(db: Db, wanted: Sequence[Page]) -> Sequence[Page]:
    """Those of whose patients the recipient may still be told: who has left a program is told nothing more.

    Of a digest the others get their own turn.
    """
    allowed = {
        patient_id: await _may_be_told(db, wanted[0], patient_id)
        for patient_id in {page.patient_id for page in wanted}
    }
    return [page for page in wanted if allowed[page.patient_id]]


async def _may_be_told(db: Db, page: Page, patient_id: UUID) -> bool:
    if page.recipient_id == db.organization_id:
        return True
    if await staff.may_be_told(db, page.recipient_id, patient_id):
        return True
    return page.tell == Tell.SUPERVISOR and await stored.stands_in(db, page)


def _dropped(page: Page, alert: Alert, now: datetime) -> bool:
    if _is_to_be_told(alert):
        return False
    _settle(page, "dropped", now)
    return True


def _is_to_be_told(alert: Alert) -> bool:
    return alert.status == "open" and alert.snoozed_until is None


async def settle(db: Db, claim: Claim, delivered: bool, code: str, now: datetime) -> None:
    """Keep what became of an attempt. Who was not reached is tried otherwise, and then the next one is told.

    `code` is of a closed set: what the far side says is not kept. An attempt that took longer than its claim
    is kept too; whether the page is done is then for whoever has claimed it since, unless it was delivered.
    """
    tried = await stored.locked(db, claim.attempts)
    await db.add(
        *(
            PageAttempt(
                organization_id=page.organization_id, page_id=page.id, number=claim.attempts[page.id], at=now,
                delivered=delivered, code=code,
            )
            for page in tried
        )
    )  # fmt: skip
    for page in tried:
        if page.status != "waiting":
            continue
        if delivered:
            _settle(page, "sent", now)
        elif page.attempts == claim.attempts[page.id]:
            await _go_on(db, page, code, now)
    await db.flush()


async def _go_on(db: Db, page: Page, code: str, now: datetime) -> None:
    """After a failure: the recipient's next channel; this one again if there is none; then the next step."""
    alert = await stored.alert_of(db, page)
    if not _is_to_be_told(alert):
        _settle(page, "dropped", now)
        return
    if await _by_next_channel(db, alert, page, now):
        _settle(page, "failed", now)
        return
    if code in WORTH_RETRYING and page.attempts <= len(RETRIES):
        page.claimed_until = page.look_at = now + RETRIES[page.attempts - 1]
        return
    _settle(page, "failed", now)
    await db.flush()
    if all(each.status in {"failed", "dropped"} for each in await stored.of_step(db, page)):
        await ladders.step_failed(db, alert, cycle=page.cycle, step=page.step, tell=page.tell, now=now)


async def _by_next_channel(db: Db, alert: Alert, page: Page, now: datetime) -> bool:
    """Intend the same page by a channel that was not tried yet. False when there is none."""
    situation = await stored_ladders.situation(db, alert.patient_id, alert.program_id, now)
    if page.recipient_id not in situation.methods and page.tell == Tell.SUPERVISOR:
        situation = await stored_ladders.with_all_supervisors(db, situation)
    tried = {
        each.channel for each in await stored.of_step(db, page) if each.recipient_id == page.recipient_id
    }
    left = [each for each in situation.channels(page.recipient_id, page.severity) if each not in tried]
    if not left:
        return False
    return await pages.intend(
        db, alert, tell=page.tell, step=page.step, recipient_id=page.recipient_id, channel=left[0],
        due_at=now, now=now, cycle=page.cycle,
    )  # fmt: skip


def _settle(page: Page, status: str, now: datetime) -> None:
    page.status, page.settled_at, page.look_at, page.claimed_until = status, now, None, None
