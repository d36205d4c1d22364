"""The README's table of settings is the settings."""

import re
from pathlib import Path

from app.settings import Settings

README = Path(__file__).parents[2] / "README.md"


def rows(text: str) -> dict[str, str]:
    return {
        name.lower(): meaning
        for name, meaning in re.findall(r"^\| `HANDRAIL_(\w+)` \|.*\| (.+) \|$", text, re.MULTILINE)
    }


def test_every_setting_stands_in_the_readme_with_its_meaning() -> None:
    settings = {name: field.description for name, field in Settings.model_fields.items()}
    assert rows(README.read_text(encoding="utf-8")) == settings


def test_a_row_is_read() -> None:
    assert rows("| `HANDRAIL_PORT` | `8000` | Where. |") == {"port": "Where."}
