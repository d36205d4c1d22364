"""What Zoom and any other platform say, read into the same words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.telehealth import generic, zoom
from app.telehealth.told import Told, Unreadable, Who, content_hash

SIX = datetime(2026, 11, 23, 23, tzinfo=UTC)
KEY = "5f0c1d9a7be24c3f8a6e0d2b4c9f1e37"


def of_zoom(event: str = "participant_joined", **participant: Any) -> dict[str, Any]:
    """As in Zoom's documentation, with these members of the participant otherwise."""
    who = {
        "user_id": "16778240", "user_name": "Jill Chill", "id": "iFxeBPYun6SAiWUzBcEkX", "email": "",
        "participant_uuid": "55555AAAiAAAAAiAiAiiAii", "join_time": "2026-11-23T23:00:00Z",
        "leave_time": "2026-11-23T23:00:00Z", "registrant_id": "abcdefghij0-klmnopq23456",
        "participant_user_id": "rstuvwxyza789-cde", "customer_key": KEY, **participant,
    }  # fmt: skip
    about = {
        "id": 1234567890, "uuid": "4444AAAiAAAAAiAiAiiAii==", "host_id": "x1yCzABCDEfg23HiJKl4mN",
        "topic": "My Meeting", "type": 8, "start_time": "2026-11-23T23:00:00Z", "duration": 60,
        "end_time": "2026-11-23T23:00:00Z", "timezone": "America/New_York", "participant": who,
    }  # fmt: skip
    return {"event": f"meeting.{event}", "event_ts": 1, "payload": {"account_id": "a", "object": about}}


@pytest.mark.parametrize(
    ("missing", "key"),
    [
        ((), KEY),
        (("customer_key",), "registrant:abcdefghij0-klmnopq23456"),
        (("customer_key", "registrant_id"), "user:rstuvwxyza789-cde"),
        (("customer_key", "registrant_id", "participant_user_id"), "user:iFxeBPYun6SAiWUzBcEkX"),
        (("customer_key", "registrant_id", "participant_user_id", "id"),
         "once:4444AAAiAAAAAiAiAiiAii==:16778240"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("nothing", ["", None])
def test_zooms_participants_are_known_by_the_most_lasting_of_their_ids(
    missing: tuple[str, ...], key: str, nothing: str | None
) -> None:
    said = zoom.read(of_zoom(**dict.fromkeys(missing, nothing)))
    connection = "4444AAAiAAAAAiAiAiiAii==/16778240"
    assert said == Told("joined", SIX, "1234567890", Who(key, "Jill Chill"), connection)


def test_nobody_gets_another_persons_id_by_choosing_a_name() -> None:
    """What somebody can choose themselves, as a guest, is not what we look patients up by."""
    said = zoom.read(of_zoom(customer_key="", registrant_id=KEY, user_name=KEY, id=KEY))
    assert isinstance(said, Told)
    assert said.who is not None
    assert said.who.key != KEY


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("started", "started"),
        ("ended", "ended"),
        ("participant_joined", "joined"),
        ("participant_left", "left"),
    ],
)
def test_what_zoom_calls_it(event: str, kind: str) -> None:
    said = zoom.read(of_zoom(event))
    assert isinstance(said, Told)
    assert (said.kind, said.at, said.meeting_id) == (kind, SIX, "1234567890")
    assert (said.who is None) == (kind in {"started", "ended"})


def test_what_is_none_of_our_business_is_nothing() -> None:
    for value in (None, [], 7, {}, {"event": None}, {"event": ["meeting.ended"]}, of_zoom("deleted")):
        assert zoom.read(value) is None
        assert generic.read(value) is None


def test_who_is_nobody_cannot_be_read() -> None:
    with pytest.raises(Unreadable):
        zoom.read(of_zoom(**dict.fromkeys(of_zoom()["payload"]["object"]["participant"], "")))


def test_a_generic_event_of_somebody_and_of_all() -> None:
    data = {"meeting_id": "room", "participant_id": "p", "connection_id": "c", "name": " A\nB "}
    said = {"type": "participant.left", "timestamp": "2026-11-23T18:00:00.123456789-05:00", "data": data}
    left = generic.read(said)
    assert left == Told("left", SIX.replace(microsecond=123456), "room", Who("p", "A B"), "c")
    ended = generic.read({**said, "type": "session.ended"})
    assert ended is not None
    assert ended.who is None


def test_the_same_content_is_the_same_however_it_is_written() -> None:
    assert content_hash({"a": 1, "b": [2]}) == content_hash({"b": [2], "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 2})
