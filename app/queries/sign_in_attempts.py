"""Failed sign-ins of each account and each address, counted before the password is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import text

from app.database import Db

WINDOW = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
FIRST_BLOCK_SECONDS = 60
LONGEST_BLOCK_SECONDS = 3600

# The count is forgotten when the window ends without a block, or when a blocked subject was quiet for a day.
# A row that is blocked is left as it is, and not returned.
_COUNT = text(
    """
    insert into sign_in_attempt as kept (subject_hash, failures, first_at, last_at, blocked_until)
    values (:subject, 1, :now, :now, null)
    on conflict (subject_hash) do update set (failures, first_at, last_at, blocked_until) = (
      select n, case when n = 1 then :now else kept.first_at end, :now,
        case when n >= :allowed then
          :now + make_interval(secs => least(:longest, :shortest * power(2, least(n - :allowed, 20))))
        end
      from (select case
        when kept.failures < :allowed and kept.first_at <= :window_start then 1
        when kept.last_at <= :forgotten then 1
        else kept.failures + 1
      end as n) as counted)
    where kept.blocked_until is null or kept.blocked_until <= :now
    returning failures
    """
)
_BLOCKED_UNTIL = text("select blocked_until from sign_in_attempt where subject_hash = :subject")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Whose attempts are counted, and how many may fail before they are blocked. Keeps no name or address."""

    hash: bytes
    allowed: int
    is_account: bool


def account(name_hash: bytes) -> Subject:
    """The account that a sign-in name belongs to, whether there is one or not."""
    return Subject(sha256(b"account\0" + name_hash).digest(), 10, is_account=True)


def address(text: str) -> Subject:
    """Where attempts come from: an IPv4 address, or of an IPv6 one the household's /64 network."""
    try:
        ip = ip_address(text)
    except ValueError:
        known = text.encode()
    else:
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        known = (mapped or ip).packed if mapped or ip.version == 4 else ip.packed[:8]
    return Subject(sha256(b"address\0" + known).digest(), 50, is_account=False)


async def count(db: Db, subjects: Sequence[Subject], now: datetime) -> int | None:
    """Count one more attempt as failed, for now. None, or when a subject is blocked the seconds to wait: then
    the caller rolls back.

    Counting comes first so that of many attempts at once only as many as allowed get to try a password.
    Always in the same order, so that two attempts cannot wait for each other.
    """
    for subject in sorted(subjects):
        values = {
            "subject": subject.hash, "allowed": subject.allowed, "now": now, "window_start": now - WINDOW,
            "forgotten": now - FORGOTTEN_AFTER, "shortest": FIRST_BLOCK_SECONDS,
            "longest": LONGEST_BLOCK_SECONDS,
        }  # fmt: skip
        if (await db.execute(_COUNT, values)).first() is None:
            until = (await db.execute(_BLOCKED_UNTIL, {"subject": subject.hash})).scalar_one_or_none()
            return 1 if until is None else max(1, ceil((until - now).total_seconds()))
    return None


def forgive(db: Db, subjects: Sequence[Subject]) -> None:
    """The attempt was good: clear the account, and take back what was counted against the address.

    An address keeps its other failures, or whoever owns one account could guess at all others for ever.
    """
    for subject in sorted(subjects):
        if subject.is_account:
            db.at_commit("delete from sign_in_attempt where subject_hash = %s", (subject.hash,))
        else:
            db.at_commit(
                "update sign_in_attempt set failures = greatest(failures - 1, 0), blocked_until ="
                " case when failures > %s then blocked_until end where subject_hash = %s",
                (subject.allowed, subject.hash),
            )
