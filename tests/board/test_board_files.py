"""What the board is made of, looked at without a browser."""

import re
from itertools import product

import pytest
from httpx import AsyncClient

from app.board import PAGE
from tests.people import Clinic

SCRIPTS = sorted(PAGE.glob("*.js"))
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|srcdoc"
)
KEEPING = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie")
SEVERITIES = ("critical", "urgent", "high", "routine")


async def test_every_file_comes_with_the_strict_headers(clinic: Clinic) -> None:
    for file in PAGE.iterdir():
        reply = await clinic.nobody.get(f"/board/{file.name}")
        assert reply.status_code == 200
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert reply.headers["x-content-type-options"] == "nosniff"


async def test_the_address_alone_leads_to_the_board(clinic: Clinic) -> None:
    assert await leads_to(clinic.nobody, "/") == "/board/"
    assert (await leads_to(clinic.nobody, "/board")).endswith("/board/")
    assert (await clinic.nobody.get("/board/")).text.startswith("<!doctype html>")


async def leads_to(client: AsyncClient, path: str) -> str:
    return str((await client.get(path)).headers["location"])


@pytest.mark.parametrize("path", ["/board/../settings.py", "/board/%2e%2e/__init__.py", "/board/nothing.js"])
async def test_nothing_else_is_served(clinic: Clinic, path: str) -> None:
    assert (await clinic.nobody.get(path)).status_code == 404


def test_no_script_makes_markup_of_text() -> None:
    assert len(SCRIPTS) >= 6
    assert [file.name for file in SCRIPTS if MARKUP.search(file.read_text("utf-8"))] == []
    assert MARKUP.search("part.innerHTML = note")


def test_no_script_keeps_anything() -> None:
    assert [file.name for file in SCRIPTS if KEEPING.search(file.read_text("utf-8"))] == []


def test_nothing_comes_from_elsewhere() -> None:
    for file in [*SCRIPTS, PAGE / "index.html", PAGE / "board.css"]:
        assert not re.search(r"https?://", file.read_text("utf-8")), file.name


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (PAGE / "index.html").read_text("utf-8")
    assert re.findall(r"<script[^>]*>", page) == ['<script type="module" src="main.js">']
    assert not re.search(r"<style|\bstyle=|\son\w+=", page)


def test_every_field_has_a_label() -> None:
    page = (PAGE / "index.html").read_text("utf-8") + (PAGE / "detail.js").read_text("utf-8")
    fields = set(re.findall(r"<input id=\"(\w+)\"", page))
    fields |= set(re.findall(r"element\('(?:select|textarea)', \{ id: '(\w+)'", page))
    assert fields == {"username", "password", "outcome", "note"}
    for field in fields:
        assert f'for="{field}"' in page or f"for: '{field}'" in page


def palettes() -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme."""
    blocks = re.findall(r":root \{(.*?)\}", (PAGE / "board.css").read_text("utf-8"), re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_text_can_be_read_on_its_ground() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    texts = ("ink", "soft", "accent", "fault", *SEVERITIES)
    schemes = palettes()
    assert len(schemes) == 2
    for colours in schemes:
        for text, ground in product(texts, ("page", "card")):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        assert contrast(colours["accent-ink"], colours["accent"]) >= 4.5
        assert contrast(colours["ink"], colours["tint"]) >= 4.5


def test_a_severity_has_a_shape_of_its_own() -> None:
    style = (PAGE / "board.css").read_text("utf-8")
    shapes = [
        re.findall(rf"^\.{severity} \.shape \{{(.*?)\}}", style, re.MULTILINE) for severity in SEVERITIES
    ]
    assert all(len(shape) == 1 for shape in shapes)
    assert len({shape[0] for shape in shapes}) == 4
