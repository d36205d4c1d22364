from time import process_time

import pytest
from argon2.exceptions import InvalidHashError, VerificationError

from app.passwords import Passwords

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


@pytest.fixture(scope="module")
def stored(passwords: Passwords) -> str:
    return passwords.hash(PASSWORD)


def processor_seconds(passwords: Passwords, stored: str | None) -> float:
    start = process_time()
    passwords.verify(stored, "wrong")
    return process_time() - start


def test_the_right_password_is_the_right_one(passwords: Passwords, stored: str) -> None:
    assert passwords.verify(stored, PASSWORD) is True


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        PASSWORD + " ",
        PASSWORD.upper(),
        PASSWORD[:-1],
        PASSWORD + "\0",
        "\0",
        "é",
        "\ud800",
        "密码",
        "a" * 100_000,
    ],
    ids=lambda wrong: ascii(wrong[-9:]) + str(len(wrong)),
)
def test_a_wrong_password_is_false_and_raises_nothing(passwords: Passwords, stored: str, wrong: str) -> None:
    assert passwords.verify(stored, wrong) is False


@pytest.mark.parametrize(
    "password", ["", "a\0b", "\ud800", "contraseña 🔑", "a" * 100_000], ids=lambda p: ascii(p[:9])
)
def test_whatever_is_hashed_can_be_verified(passwords: Passwords, password: str) -> None:
    stored = passwords.hash(password)
    assert passwords.verify(stored, password)
    assert not passwords.verify(stored, password + "x")


def test_a_nul_does_not_end_a_password(passwords: Passwords) -> None:
    assert not passwords.verify(passwords.hash("a\0b"), "a\0c")


def test_two_phones_that_compose_a_letter_differently_type_the_same(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash("contrase\u00f1a"), "contrasen\u0303a")


def test_each_hash_has_its_own_salt_and_says_its_costs(passwords: Passwords, stored: str) -> None:
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in stored
    assert passwords.hash(PASSWORD) != stored


@pytest.mark.parametrize("password", ["", "password", "\0" * 32, PASSWORD])
def test_an_account_that_does_not_exist_has_no_password(passwords: Passwords, password: str) -> None:
    assert passwords.verify(None, password) is False


@pytest.mark.parametrize("costs", [{}, {"passes": 4}, {"memory_kib": 40_000}], ids=repr)
def test_an_account_that_does_not_exist_takes_as_long(costs: dict[str, int]) -> None:
    costly = Passwords(**costs)
    stored = costly.hash(PASSWORD)
    pairs = [(processor_seconds(costly, stored), processor_seconds(costly, None)) for _ in range(15)]
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert unknown == pytest.approx(known, rel=0.4)


@pytest.mark.parametrize("costs", [{"passes": 3}, {"memory_kib": 19_457}, {"lanes": 2}], ids=repr)
def test_other_costs_ask_for_a_new_hash_and_still_verify(
    passwords: Passwords, stored: str, costs: dict[str, int]
) -> None:
    assert passwords.needs_rehash(stored) is False
    raised = Passwords(**costs)
    assert raised.needs_rehash(stored) is True
    assert raised.verify(stored, PASSWORD)
    assert raised.needs_rehash(raised.hash(PASSWORD)) is False


@pytest.mark.parametrize("costs", [{"memory_kib": 19_455}, {"passes": 1}, {"lanes": 0}], ids=repr)
def test_costs_under_the_minimum_are_refused(costs: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="weaker"):
        Passwords(**costs)


@pytest.mark.parametrize("broken", ["", PASSWORD, "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$AAAA"])
def test_a_stored_value_that_is_no_hash_is_loud(passwords: Passwords, broken: str) -> None:
    with pytest.raises((InvalidHashError, VerificationError)) as error:
        passwords.verify(broken, PASSWORD)
    assert PASSWORD not in str(error.value)
