from pathlib import Path

import pytest

from app.token_keys import KeyRing
from tests.tokens.forging import Forge


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """A ring that no test reloads or adds to."""
    return KeyRing.load(tmp_path_factory.mktemp("ring"), generate=True)


@pytest.fixture(scope="module")
def forge(ring: KeyRing) -> Forge:
    return Forge(ring)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where keys will be; not there yet."""
    return tmp_path / "keys"
