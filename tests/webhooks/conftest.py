import socket
from collections.abc import Callable
from itertools import repeat
from typing import Any

import pytest

Names = dict[str, list[list[str]]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A name server: what each host resolves to, at the first question, the second, …; the last stays."""
    known: Names = {}
    real: Callable[..., Any] = socket.getaddrinfo

    def answer(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in known:
            return real(host, *args, **kwargs)
        found = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each, port in zip(found, repeat(args[0]))
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known
