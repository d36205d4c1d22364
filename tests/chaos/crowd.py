"""So many clients that load the lists of the care team again and again, each as soon as it has its answer.

Started by the tests as a process of its own: what it computes must not delay what they measure. Its first
argument is how many, the others are addresses; the token is in the environment. It ends when it is told to,
and says how often it got which answer, as JSON.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter

import httpx

TOKEN = "HANDRAIL_TEST_TOKEN"


async def load(client: httpx.AsyncClient, addresses: list[str], first: int, answers: Counter[str]) -> None:
    """One client, going round the lists. It has no ETag: each list is read anew."""
    at = first
    while True:
        try:
            reply = await client.get(addresses[at % len(addresses)])
            answers[str(reply.status_code)] += 1
        except httpx.HTTPError as failure:
            answers[type(failure).__name__] += 1
        at += 1


async def crowd(clients: int, addresses: list[str]) -> Counter[str]:
    """All of them, until SIGTERM."""
    over, answers = asyncio.Event(), Counter[str]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    headers = {"Authorization": f"Bearer {os.environ[TOKEN]}"}
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=30, trust_env=False) as client:
        loading = [asyncio.create_task(load(client, addresses, n, answers)) for n in range(clients)]
        await over.wait()
        for each in loading:
            each.cancel()
        await asyncio.gather(*loading, return_exceptions=True)
    return answers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(crowd(int(sys.argv[1]), sys.argv[2:]))))
