"""Each scenario has a folder of its own, on a disk."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not in memory: what is kept here is fsynced."""
    path = Path(tempfile.mkdtemp(prefix="handrail-chaos-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
