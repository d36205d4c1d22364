import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.token_keys import KeyRing, KeyRingError, add_key
from app.tokens import TokenRefused, verify
from tests.tokens.forging import AUDIENCE, ISSUER, NOW, Forge

ROOT = Path(__file__).parents[2]
LOADS_WHEN_TOLD = """
import sys
from pathlib import Path
from app.token_keys import KeyRing
print("ready", flush=True)
sys.stdin.readline()
print(KeyRing.load(Path(sys.argv[1]), generate=True).jwks())
"""


def private_pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


P256 = ec.generate_private_key(ec.SECP256R1())
NOT_KEYS = {
    "empty": b"",
    "text": b"not a key",
    "der": P256.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "cut_short": private_pem(P256)[:120],
    "public_half": P256.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "encrypted": private_pem(P256, b"secret"),
    "p384": private_pem(ec.generate_private_key(ec.SECP384R1())),
    "secp256k1": private_pem(ec.generate_private_key(ec.SECP256K1())),
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "ed25519": ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
}


def test_the_first_key_is_made_and_kept_private(folder: Path) -> None:
    ring = KeyRing.load(folder, generate=True)
    (file,) = folder.glob("*.pem")
    assert file.stem == ring.signing.kid
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_open_is_closed_when_a_key_comes_to_lie_in_it(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    KeyRing.load(folder, generate=True)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_key_that_is_there_is_used(folder: Path) -> None:
    first = KeyRing.load(folder, generate=True).jwks()
    assert KeyRing.load(folder, generate=True).jwks() == first
    assert KeyRing.load(folder, generate=False).jwks() == first


@pytest.mark.parametrize("exists", [True, False])
def test_no_key_and_none_to_be_made_is_an_error(folder: Path, exists: bool) -> None:
    if exists:
        folder.mkdir()
    with pytest.raises(KeyRingError):
        KeyRing.load(folder, generate=False)
    assert folder.exists() is exists


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_start_at_once_agree_on_one_key(folder: Path, round_: int) -> None:
    command = [sys.executable, "-c", LOADS_WHEN_TOLD, str(folder)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert printed == {f"{KeyRing.load(folder, generate=False).jwks()}\n"}
    assert len(list(folder.glob("*.pem"))) == 1


def test_what_a_killed_process_left_is_no_key(folder: Path) -> None:
    folder.mkdir()
    (folder / "01900000.unfinished").write_bytes(private_pem(P256)[:100])
    ring = KeyRing.load(folder, generate=True)
    assert len(ring.keys) == 1
    assert "01900000" not in ring.keys


def test_the_key_set_is_public_only_and_complete(ring: KeyRing) -> None:
    (key,) = ring.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert key["kid"] == ring.signing.kid
    assert [len(key[name]) for name in ("x", "y")] == [43, 43]


def test_a_coordinate_with_leading_zeros_keeps_its_length(folder: Path) -> None:
    folder.mkdir()
    small = next(
        key
        for key in (ec.derive_private_key(secret, ec.SECP256R1()) for secret in range(1, 20_000))
        if key.public_key().public_numbers().x < 1 << 248
    )
    (folder / "small.pem").write_bytes(private_pem(small))
    (key,) = KeyRing.load(folder, generate=False).jwks()["keys"]
    assert len(key["x"]) == 43


def test_an_added_key_signs_after_a_reload_and_the_old_one_still_verifies(folder: Path) -> None:
    ring = KeyRing.load(folder, generate=True)
    old_token, old = Forge(ring).signed(), ring.signing.kid
    new = add_key(folder)
    assert ring.signing.kid == old
    ring.reload()
    assert ring.signing.kid == new
    assert [key["kid"] for key in ring.jwks()["keys"]] == [old, new]
    for token in (old_token, Forge(ring).signed()):
        verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=NOW)


def test_a_key_taken_away_verifies_no_longer(folder: Path) -> None:
    ring = KeyRing.load(folder, generate=True)
    token, old = Forge(ring).signed(), ring.signing.kid
    add_key(folder)
    (folder / f"{old}.pem").unlink()
    ring.reload()
    with pytest.raises(TokenRefused, match="unknown_key"):
        verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=NOW)


def test_keys_added_in_a_row_sort_by_their_age(folder: Path) -> None:
    kids = [add_key(folder) for _ in range(20)]
    assert kids == sorted(set(kids))


@pytest.mark.parametrize("content", NOT_KEYS.values(), ids=NOT_KEYS)
def test_a_file_that_is_no_p256_key_is_an_error_that_names_it(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "broken.pem").write_bytes(content)
    with pytest.raises(KeyRingError, match=r"broken\.pem is not") as error:
        KeyRing.load(folder, generate=True)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


@pytest.mark.parametrize("name", ["a b.pem", "é.pem", "a.b.pem", f"{'a' * 65}.pem", ".pem.pem"])
def test_a_name_that_is_no_kid_is_an_error(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_bytes(private_pem(P256))
    with pytest.raises(KeyRingError, match="name"):
        KeyRing.load(folder, generate=False)


def test_a_reload_that_fails_leaves_the_ring_as_it_was(folder: Path) -> None:
    ring = KeyRing.load(folder, generate=True)
    keys = ring.keys
    (folder / "broken.pem").write_bytes(b"not a key")
    with pytest.raises(KeyRingError):
        ring.reload()
    assert ring.keys is keys
