"""Whatever is done to a token: TokenRefused, or the very claims that were signed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.token_claims import claim_members
from app.token_keys import KeyRing
from app.tokens import Claims, TokenRefused, verify
from tests.tokens.forging import AUDIENCE, ISSUER, MEMBERS, NOW, Forge

unhurried = settings(deadline=None)  # a busy machine is no failure

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(ring: KeyRing, token: str | bytes) -> Claims | None:
    try:
        return verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=NOW)
    except TokenRefused:
        return None


@unhurried
@given(data=st.data())
def test_any_byte_changed(ring: KeyRing, forge: Forge, data: st.DataObject) -> None:
    token = forge.signed().encode()
    position = data.draw(st.integers(0, len(token) - 1))
    byte = data.draw(st.integers(0, 255))
    mutant = token[:position] + bytes([byte]) + token[position + 1 :]
    assert read(ring, mutant) == (read(ring, token) if mutant == token else None)


def test_every_bit_flipped_once(ring: KeyRing, forge: Forge) -> None:
    token = forge.signed().encode()
    for position, byte in enumerate(token):
        for bit in range(8):
            mutant = token[:position] + bytes([byte ^ (1 << bit)]) + token[position + 1 :]
            assert read(ring, mutant) is None, (position, bit)


@unhurried
@given(data=st.data())
def test_any_piece_cut_out_doubled_or_put_in(ring: KeyRing, forge: Forge, data: st.DataObject) -> None:
    token = forge.signed()
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(token))] * 2)))
    piece = data.draw(st.one_of(st.just(""), st.just(token[start:end] * 2), st.text(max_size=5)))
    mutant = token[:start] + piece + token[end:]
    assert read(ring, mutant) == (read(ring, token) if mutant == token else None)


@unhurried
@given(token=st.text() | st.binary() | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]", fullmatch=True))
def test_any_text_or_bytes(ring: KeyRing, token: str | bytes) -> None:
    assert read(ring, token) is None


@unhurried
@given(name=st.sampled_from(sorted(MEMBERS)) | st.text(), value=json_values)
def test_any_claim_of_any_value_under_a_good_signature(
    ring: KeyRing, forge: Forge, name: str, value: object
) -> None:
    members = forge.members(**{name: value})
    claims = read(ring, forge.signed(members=members))
    assert claims is None or claim_members(claims) == members


@unhurried
@given(name=st.sampled_from(["alg", "kid", "typ"]) | st.text(), value=json_values)
def test_any_header_of_any_value_under_a_good_signature(
    ring: KeyRing, forge: Forge, name: str, value: object
) -> None:
    header = forge.header(**{name: value})
    claims = read(ring, forge.signed(header=header))
    assert claims is None or header == forge.header()
