"""What is left to do stands in an issue; nothing names a machine or an index that readers do not have."""

import re

import pytest

from tests.architecture.sources import texts

UNDONE = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
ELSEWHERE = re.compile(
    r"(?<![\w.~-])/(?:" + r"work|root|home/\w+|Users/\w+" + r")/"
    r"|(?:py" + r"pi\.org|python" + r"hosted|registry\.np" + r"mjs|deb\.deb" + r"ian\.org)"
    r"|index-url[ =]+\S*//"
)


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [line.strip()[:80] for line in text.splitlines() if pattern.search(line)]


def test_nothing_is_left_undone() -> None:
    assert {path: lines for path, text in texts() if (lines := found(UNDONE, text))} == {}


def test_nothing_names_a_place_that_readers_do_not_have() -> None:
    assert {path: lines for path, text in texts() if (lines := found(ELSEWHERE, text))} == {}


def test_the_search_sees_the_project() -> None:
    paths = {path for path, _ in texts()}
    assert {
        "Makefile",
        ".ci/run",
        "pyproject.toml",
        "app/settings.py",
        "tests/architecture/test_marks.py",
    } <= paths


@pytest.mark.parametrize("planted", ["# TO" + "DO: later", "FIX" + "ME", "# X" + "XX why"])
def test_a_mark_is_found(planted: str) -> None:
    assert found(UNDONE, planted)


@pytest.mark.parametrize(
    "planted",
    [
        "see /wo" + "rk/main",
        "cd /ro" + "ot/",
        "https://py" + "pi.org/simple",
        "--extra-index-url=http:" + "//x",
    ],
)
def test_a_place_is_found(planted: str) -> None:
    assert found(ELSEWHERE, planted)


def test_routes_and_relative_paths_are_left_alone() -> None:
    assert not found(ELSEWHERE, "homework/ ./root/x uv --no-emit-index-url /v1/root")
