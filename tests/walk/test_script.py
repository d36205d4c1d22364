"""A walk is read as it stands, and what is none is refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.walk.script import Message, Misprint, read

CHICAGO = ZoneInfo("America/Chicago")
WALK = """
# A walk

## Sunday, November 1, 2026

**00:30** Before the clocks go back.

```http
GET /v1/bootstrap
Authorization: Bearer $ana
```

Prose between.

```http
HTTP/1.1 200 OK
ETag: "1"

{"a": 1,

 "b": 2}
```

```json
{"not": "a call"}
```

**17:55** After.

```http
DELETE /v1/things/$thing
```

```http
HTTP/1.1 204 No Content
```
"""


def test_a_walk_is_its_calls_at_their_moments() -> None:
    first, second = read(WALK, CHICAGO)
    assert first.at.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert second.at.astimezone(UTC) == datetime(2026, 11, 1, 23, 55, tzinfo=UTC)
    assert first.request == Message("GET /v1/bootstrap", {"authorization": "Bearer $ana"}, None)
    assert first.reply == Message("HTTP/1.1 200 OK", {"etag": '"1"'}, '{"a": 1,\n\n "b": 2}')
    assert (second.reply.status, second.reply.body, second.line) == (204, None, 30)
    assert [WALK[each.place].split("\n", maxsplit=1)[0] for each in (first, second)] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 204 No Content",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("Sunday, November", "Monday, November", "line 4: this is a Sunday"),
        ("**17:55**", "**00:30**", "line 28: not later than the moment before"),
        ("**17:55**", "**00:29**", "line 28: not later than the moment before"),
        ("200 OK", "200 Fine", "line 15: no status line"),
        ("GET /v1", "LOOK /v1", "line 8: no request line"),
        ("## Sunday, November 1, 2026", "Sunday", "line 6: a time of no day"),
        ("```http\nHTTP/1.1 204 No Content\n```", "", "line 30: a request without a reply"),
        ("```http\nGET /v1/bootstrap\nAuthorization: Bearer $ana\n```", "", "a reply without a request"),
        ("Authorization: ", "Authorization", "line 8: a header without a value"),
        ("**00:30**", "Soon", "line 8: a call at no moment"),
    ],
)
def test_what_is_no_walk_is_refused(right: str, wrong: str, said: str) -> None:
    assert right in WALK
    with pytest.raises(Misprint, match=said):
        read(WALK.replace(right, wrong), CHICAGO)
