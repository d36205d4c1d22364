"""An exception from a check names the check and gives its reason: `# noqa: S608 - a fixed name`."""

import re

import pytest

from tests.architecture.sources import modules

EXCEPTION = re.compile(r"# (noqa|type: ignore)")
REASONED = re.compile(r"# (noqa: [A-Z]+\d+(, ?[A-Z]+\d+)* - \w|type: ignore\[[a-z, -]+\]  # \w)")


def unexplained(text: str) -> list[str]:
    return [
        line.strip() for line in text.splitlines() if EXCEPTION.search(line) and not REASONED.search(line)
    ]


def test_every_exception_carries_its_reason() -> None:
    found = {module.path: unexplained(module.text) for module in modules("app", "migrations")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "planted", ["x  # noqa", "x  # noqa: S608", "x  # type: ignore[misc]", "x  # type: ignore - y"]
)
def test_an_exception_without_a_reason_is_found(planted: str) -> None:
    assert unexplained(planted) == [planted]


@pytest.mark.parametrize(
    "fine", ["x  # noqa: S608, E501 - why", "x  # type: ignore[no-any-return]  # why", "x  # why"]
)
def test_a_reason_is_enough(fine: str) -> None:
    assert unexplained(fine) == []
