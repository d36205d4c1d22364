"""The demonstration's pagers: a small receiver that pages really go to."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from app import pager
from app.demo import reach
from app.demo.pagers import KEPT, MOST_BYTES, application
from app.pager import Kind
from app.settings import Settings
from tests.demo.serving import environment, free_port

ALERT = UUID("019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21")


@pytest.fixture
async def pagers() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://pagers.test") as client:
        yield client


async def heard(pagers: httpx.AsyncClient) -> list[dict[str, Any]]:
    return list((await pagers.get("/pages")).json())


def said(message: str, title: str = "Handrail: urgent alert") -> dict[str, str]:
    return {"version": "1.1", "title": title, "message": message, "type": "failure"}


async def test_what_comes_is_shown_with_its_link(pagers: httpx.AsyncClient) -> None:
    link = pager.alert_link("http://127.0.0.1:8000", ALERT)
    assert (await pagers.post("/clara", json=said(f"Open it: {link}"))).status_code == 204
    page = await pagers.get("/")
    assert "Clara Jensen, counselor, Riverside Recovery Center" in page.text
    assert f'<a href="{link}"' in page.text
    assert "refresh" in page.text
    (only,) = await heard(pagers)
    assert (only["person"], only["title"]) == ("clara", "Handrail: urgent alert")


async def test_the_newest_is_on_top(pagers: httpx.AsyncClient) -> None:
    for message in ("message one", "message two"):
        await pagers.post("/sam", json=said(message))
    text = (await pagers.get("/")).text
    assert text.index("message two") < text.index("message one")


async def test_before_anybody_is_paged_it_says_so(pagers: httpx.AsyncClient) -> None:
    assert "Nobody was paged" in (await pagers.get("/")).text


async def test_what_is_sent_stays_text(pagers: httpx.AsyncClient) -> None:
    attack = '<script>alert(1)</script> http://x.test/"onmouseover="x'
    await pagers.post("/operator", json=said(attack, title="<b>title</b>"))
    page = await pagers.get("/")
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert 'onmouseover="' not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"[]", b'{"title": "no message"}', b'{"title": 1, "message": "x"}']
)
async def test_what_is_no_page_is_refused(pagers: httpx.AsyncClient, content: bytes) -> None:
    assert (await pagers.post("/clara", content=content)).status_code == 400
    assert await heard(pagers) == []


async def test_too_much_is_refused_and_strangers_have_no_pager(pagers: httpx.AsyncClient) -> None:
    assert (await pagers.post("/clara", json=said("x" * MOST_BYTES))).status_code == 400
    assert (await pagers.post("/mallory", json=said("x"))).status_code == 404
    assert await heard(pagers) == []


async def test_the_last_ones_are_kept(pagers: httpx.AsyncClient) -> None:
    for number in range(KEPT + 5):
        await pagers.post("/noor", json=said(str(number)))
    kept = await heard(pagers)
    assert len(kept) == KEPT
    assert kept[-1]["body"] == str(KEPT + 4)


def own(**settings: Any) -> Settings:
    return Settings(_env_file=None, **settings)


def test_what_is_set_leads_pages_to_the_pagers(tmp_path: Path) -> None:
    plain = own(data_dir=tmp_path, port=8000)
    assert reach.environment(plain) == {
        "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
        "HANDRAIL_FALLBACK_PAGER": "json://127.0.0.1:8001/operator",
        "HANDRAIL_PUBLIC_URL": "http://127.0.0.1:8000",
    }
    pager.check(
        plain.model_copy(
            update={
                "fallback_pager": SecretStr(reach.address(plain, reach.OPERATOR)),
                "webhook_private_hosts": "127.0.0.1",
            }
        )
    )


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, "json://127.0.0.1:8001/clara"),
        ("0.0.0.0", 8000, "json://127.0.0.1:8001/clara"),
        ("10.0.0.5", 80, "json://10.0.0.5:81/clara"),
        ("::1", 9000, "json://[::1]:9001/clara"),
        ("127.0.0.1", 65_535, "json://127.0.0.1:65534/clara"),
    ],
)
def test_a_pager_has_an_address_beside_the_api(host: str, port: int, address: str) -> None:
    assert reach.address(own(host=host, port=port), "clara") == address


def test_who_keeps_private_hosts_out_is_left_alone() -> None:
    assert reach.environment(own(webhook_private_hosts="pages.internal")) == {}
    allowed = reach.environment(own(webhook_private_hosts="pages.internal, 127.0.0.1"))
    assert allowed["HANDRAIL_FALLBACK_PAGER"] == "json://127.0.0.1:8001/operator"


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("json://127.0.0.1:8001/clara", True),
        ("json://192.168.1.7:9/clara", True),
        ("json://localhost:9/clara", True),
        ("json://127.0.0.1:8001/sam", False),
        ("json://pages.example.org/clara", False),
        ("jsons://127.0.0.1:8001/clara", False),
        ("ntfy://127.0.0.1/clara", False),
    ],
)
def test_only_a_pager_of_a_demonstration_is_moved(address: str, is_ours: bool) -> None:
    assert reach.is_of_a_demonstration(address, "clara") is is_ours


def wait_for(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    for _ in range(300):
        assert process.poll() is None
        try:
            return httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it never came up")


def test_a_page_really_comes_and_a_taken_port_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + 1)) as stranger:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "demo", "pagers"],
            env=environment("postgresql:///nowhere", tmp_path, port) | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert f"Port {port + 1} is taken" in process.stdout.readline()
        stranger.close()
    try:
        url = f"http://127.0.0.1:{port + 1}"
        wait_for(url, process)
        notice = pager.notice(Kind.CRITICAL, "en", pager.alert_link("http://127.0.0.1:8000", ALERT))
        address = reach.address(own(port=port), "clara")
        sent = asyncio.run(pager.notify(address, notice, private_hosts=["127.0.0.1"]))
        assert sent.delivered
        (page,) = httpx.get(f"{url}/pages", trust_env=False).json()
        assert (page["person"], page["title"], page["body"]) == ("clara", notice.title, notice.body)
    finally:
        process.terminate()
        process.communicate(timeout=20)
