"""Signatures, against the official package in both directions; and calls that are not genuine."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.datastructures import Headers

from app.webhooks import signature
from app.webhooks.signature import TOLERANCE, Verified, new_secret, verify

RAW = b'{"type":"alert.opened","data":{"n":1.5}}'
ID = "msg_0192f0c123457678"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRET, OTHER = new_secret(), new_secret()
SENT = signature.headers([SECRET], ID, NOW, RAW)


def test_secrets_are_long_and_never_the_same() -> None:
    assert SECRET != OTHER
    assert SECRET.startswith("whsec_")
    assert len(b64decode(SECRET.removeprefix("whsec_"))) == 32


def test_the_official_package_verifies_what_we_sign() -> None:
    now = datetime.now(UTC)
    sent = signature.headers([SECRET], ID, now, RAW)
    assert Webhook(SECRET).verify(RAW, sent)["type"] == "alert.opened"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(RAW, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(RAW + b" ", sent)


def test_during_a_rotation_both_secrets_verify() -> None:
    sent = signature.headers([OTHER, SECRET], ID, datetime.now(UTC), RAW)
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(RAW, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(RAW, sent)


def test_we_verify_what_the_official_package_signs() -> None:
    sent = {
        "webhook-id": ID,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(ID, NOW, RAW.decode()),
    }
    assert verify([SECRET], sent, RAW, NOW) == Verified(ID, int(NOW.timestamp()))
    assert verify([OTHER, SECRET], Headers(sent), RAW, NOW)
    assert verify([OTHER], sent, RAW, NOW) is None


def test_bytes_that_are_no_text_are_verified_as_they_are() -> None:
    raw = b"\xff\x00{"
    assert verify([SECRET], signature.headers([SECRET], ID, NOW, raw), raw, NOW)


@pytest.mark.parametrize("away", [timedelta(0), TOLERANCE, -TOLERANCE])
def test_five_minutes_either_way_are_let_pass(away: timedelta) -> None:
    assert verify([SECRET], SENT, RAW, NOW + away)


@pytest.mark.parametrize("away", [TOLERANCE, -TOLERANCE])
def test_more_is_stale_or_of_the_future(away: timedelta) -> None:
    beyond = NOW + away * 1.004
    assert verify([SECRET], SENT, RAW, beyond) is None


def changed(**headers: str) -> Mapping[str, str]:
    return SENT | {f"webhook-{name}": value for name, value in headers.items()}


GOOD = SENT["webhook-signature"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        changed(id=""),
        changed(id="msg_other"),
        changed(id="msg_\u00e4"),
        changed(id="m" * 256),
        changed(timestamp=""),
        changed(timestamp="nan"),
        changed(timestamp="-1"),
        changed(timestamp="1e9"),
        changed(timestamp="9" * 400),
        changed(timestamp="\u0661\u0662"),
        changed(timestamp=str(int(NOW.timestamp()) + 1)),
        changed(timestamp=SENT["webhook-timestamp"] + "\n"),
        changed(signature=""),
        changed(signature="v1"),
        changed(signature="v1,"),
        changed(signature="v1,A"),
        changed(signature="v1,\u00e4"),
        changed(signature="v2" + GOOD[2:]),
        changed(signature=GOOD[3:]),
        changed(signature=GOOD.replace("v1,", "v1, ")),
        changed(signature=GOOD[:-2] + "="),
        changed(signature="v1," + b64encode(bytes(32)).decode()),
        changed(signature=" ".join(["v1," + b64encode(bytes(32)).decode()] * 16 + [GOOD])),
    ],
)
def test_whatever_is_wrong_is_one_refusal(headers: Mapping[str, str]) -> None:
    assert verify([SECRET], headers, RAW, NOW) is None


@pytest.mark.parametrize("raw", [b"", RAW[:-1], RAW + b"\n", RAW.replace(b"1.5", b"1.50")])
def test_other_bytes_are_refused(raw: bytes) -> None:
    assert verify([SECRET], SENT, raw, NOW) is None


def test_the_parts_cannot_be_moved_into_each_other() -> None:
    """What is signed is the three joined by dots: an id with a dot would let one pass for another."""
    raw = b"1795521600.{}"
    headers = signature.headers([SECRET], "msg_1", NOW, raw)
    moved = headers | {
        "webhook-id": f"msg_1.{headers['webhook-timestamp']}",
        "webhook-timestamp": "1795521600",
    }
    assert verify([SECRET], headers, raw, NOW)
    assert verify([SECRET], moved, b"{}", NOW) is None


def test_other_versions_beside_it_are_left_alone() -> None:
    assert verify([SECRET], changed(signature=f"v1a,abc {GOOD} v9,"), RAW, NOW)


def test_without_a_secret_nothing_is_genuine() -> None:
    assert verify([], SENT, RAW, NOW) is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "secret"])
def test_a_secret_that_is_none_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - base64's own is one, and no text may quote a secret
        signature.headers([secret], ID, NOW, RAW)
