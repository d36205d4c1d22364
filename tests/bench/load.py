"""A load generator in a process of its own: raw HTTP/1.1 on kept-alive sockets, so that the load costs less
than what it measures. Reads requests, each preceded by its length in four bytes, from standard input; sends
them over so many connections as asked for, each its next when it has its answer; prints what came of it as
JSON."""

import asyncio
import json
import sys
import time
from collections import Counter, deque

Queue = deque[bytes]


class Connection(asyncio.Protocol):
    """One socket that always has one request on its way."""

    def __init__(self, queue: Queue, statuses: Counter[int], waits: list[float], done: asyncio.Event) -> None:
        self._queue, self._statuses, self._waits, self._done = queue, statuses, waits, done
        self._buffer = bytearray()
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready; the load begins when all are."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        """Send the next request, or be done."""
        assert self._transport is not None
        if not self._queue:
            self._transport.close()
            self._done.set()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._queue.popleft())

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        status = int(self._buffer[9:12])
        whole = end + 4 + (0 if status in {204, 304} else _content_length(self._buffer[:end]))
        if len(self._buffer) < whole:
            return
        del self._buffer[:whole]
        self._statuses[status] += 1
        self._waits.append(time.perf_counter() - self._sent_at)
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that the server closed is a failed run."""
        if not self._done.is_set():
            self._statuses[0] += 1
            self._done.set()


def _content_length(head: bytearray) -> int:
    lower = bytes(head).lower()
    start = lower.index(b"content-length:") + len(b"content-length:")
    return int(lower[start:].split(b"\r\n", 1)[0])


async def run(port: int, connections: int, queue: Queue) -> dict[str, object]:
    """Send everything; how many, in how long, with which answers."""
    statuses: Counter[int] = Counter()
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    ends = [asyncio.Event() for _ in range(connections)]
    opened = [
        await loop.create_connection(
            lambda done=done: Connection(queue, statuses, waits, done), "127.0.0.1", port
        )
        for done in ends
    ]
    started = time.perf_counter()
    for _, connection in opened:
        connection.next()
    for done in ends:
        await done.wait()
    seconds = time.perf_counter() - started
    waits.sort()
    return {
        "requests": len(waits), "seconds": seconds, "statuses": dict(statuses),
        "p50_ms": waits[len(waits) // 2] * 1e3, "p99_ms": waits[int(len(waits) * 0.99)] * 1e3,
    }  # fmt: skip


def _requests() -> Queue:
    data, queue, at = sys.stdin.buffer.read(), deque(), 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        queue.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return queue


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), _requests()))))
