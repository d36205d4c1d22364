"""Secrets at rest."""

import multiprocessing
import stat
from base64 import b64encode
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from app.sealing import KEY_FILE, Sealer, SealingKeyError, Unsealable

KEY = bytes(range(32))
PLACE = "contact_method:riverside:clara"


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KEY)


def seal_in(folder: Path) -> bytes:
    return Sealer.load(None, folder, generate=True).seal("+15550100000", place=PLACE)


def race(folders: list[Path], gate: Barrier, name: str) -> None:
    for folder in folders:
        gate.wait(30)
        sealed = seal_in(folder)
        (folder.parent / f"{folder.name}.{name}").write_bytes(sealed)


@pytest.mark.parametrize("plain", ["", "slack://a/b/c", "ñ \U0001f9ed", "x" * 4000])
def test_what_was_sealed_is_unsealed(sealer: Sealer, plain: str) -> None:
    sealed = sealer.seal(plain, place=PLACE)
    assert plain.encode() not in sealed or not plain
    assert sealer.unseal(sealed, place=PLACE) == plain


def test_the_same_text_is_never_sealed_into_the_same_bytes(sealer: Sealer) -> None:
    assert len({sealer.seal("again", place=PLACE) for _ in range(100)}) == 100


def test_it_opens_at_its_own_place_only(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    with pytest.raises(Unsealable):
        sealer.unseal(sealed, place="contact_method:riverside:dmitri")


def test_every_changed_bit_is_noticed(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    for index in range(len(sealed)):
        for bit in (1, 128):
            changed = bytearray(sealed)
            changed[index] ^= bit
            with pytest.raises(Unsealable):
                sealer.unseal(bytes(changed), place=PLACE)


def test_every_piece_of_it_is_refused(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Unsealable):
            sealer.unseal(sealed[:length], place=PLACE)
    with pytest.raises(Unsealable):
        sealer.unseal(sealed + b"\0", place=PLACE)


def test_another_key_opens_nothing(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    with pytest.raises(Unsealable):
        Sealer(bytes(32)).unseal(sealed, place=PLACE)


def test_an_error_says_nothing_of_the_secret(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", place=PLACE)
    with pytest.raises(Unsealable) as caught:
        sealer.unseal(sealed, place="elsewhere")
    assert str(caught.value) == ""


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    folders, gate = [tmp_path / f"keys{number}" for number in range(100)], context.Barrier(4)
    racers = [context.Process(target=race, args=(folders, gate, str(number))) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0] * 4
    for folder in folders:
        sealer = Sealer.load(None, folder, generate=False)
        sealed = [(tmp_path / f"{folder.name}.{number}").read_bytes() for number in range(4)]
        assert [sealer.unseal(each, place=PLACE) for each in sealed] == ["+15550100000"] * 4
        assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_nobody_else_may_read_the_key(tmp_path: Path) -> None:
    seal_in(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys" / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_key_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b64encode(KEY) + b"\n")
    assert Sealer(KEY).unseal(seal_in(tmp_path), place=PLACE) == "+15550100000"


def test_the_setting_comes_first_and_makes_no_file(tmp_path: Path) -> None:
    sealer = Sealer.load(b64encode(KEY).decode(), tmp_path / "keys", generate=True)
    assert Sealer(KEY).unseal(sealer.seal("secret", place=PLACE), place=PLACE) == "secret"
    assert not (tmp_path / "keys").exists()


def test_without_a_key_and_without_leave_to_make_one_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SealingKeyError, match="HANDRAIL_SEALING_KEY"):
        Sealer.load(None, tmp_path, generate=False)


@pytest.mark.parametrize("content", ["", "hunter2", b64encode(b"hunter2" * 4).decode(), "\xff" * 44])
def test_a_broken_key_is_named_and_not_quoted(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content, encoding="latin-1")
    with pytest.raises(SealingKeyError, match=KEY_FILE) as caught:
        Sealer.load(None, tmp_path, generate=True)
    assert not content or content not in str(caught.value)
