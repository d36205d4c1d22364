"""The locks name every requirement with hashes, agree with each other, and name no index."""

import re

import pytest

from tests.architecture.sources import ROOT

PINNED = re.compile(r"^([a-z0-9.-]+)==(\S+)(?: ; [^\\]+)? \\$")
LOCKS = ("requirements.txt", "requirements-dev.txt")


def pins(lock: str) -> dict[str, str]:
    """Name to version. Raises ValueError at a line that is neither pin, hash nor comment."""
    found: dict[str, str] = {}
    hashes = 1
    for line in lock.splitlines():
        if pin := PINNED.match(line):
            if not hashes:
                raise ValueError(f"no hash before {line}")
            found[pin[1]], hashes = pin[2], 0
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            hashes += 1
        elif not line.startswith("#"):
            raise ValueError(f"not a pin with a hash: {line}")
    if not hashes:
        raise ValueError("no hash at the end")
    return found


def wanted(requirements: str) -> set[str]:
    """The normalized names that a .in file asks for."""
    lines = re.findall(r"^([A-Za-z][\w.-]*)", requirements, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_asked_for(lock: str) -> None:
    asked = wanted((ROOT / lock.replace(".txt", ".in")).read_text("utf-8"))
    assert asked
    assert asked - pins((ROOT / lock).read_text("utf-8")).keys() == set()


def test_tests_run_on_the_versions_that_are_served() -> None:
    served, tested = (pins((ROOT / lock).read_text("utf-8")) for lock in LOCKS)
    assert {name: tested.get(name) for name in served} == served


@pytest.mark.parametrize(
    "planted",
    [
        "fastapi>=1",
        "fastapi==1 \\",
        "--index-url http:" + "//x",
        "fastapi==1 \\\nhttpx==2 \\\n    --hash=sha256:" + "0" * 64,
        "fastapi @ http:" + "//x/fastapi.whl",
    ],
)
def test_a_loose_requirement_is_found(planted: str) -> None:
    with pytest.raises(ValueError, match=r"hash"):
        pins(planted)
