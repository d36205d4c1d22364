"""Every token here is refused with TokenRefused, for the reason beside it, and with nothing else."""

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.token_keys import KeyRing
from app.tokens import TokenCache, TokenRefused, verify
from tests.tokens.forging import ABSENT, AUDIENCE, ISSUED, ISSUER, MEMBERS, NOW, Forge, encode

Hostile = tuple[str, Callable[[Forge], str | bytes]]


def public_bytes(forge: Forge, encoding: Encoding) -> bytes:
    return forge.key.public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def resigned(forge: Forge, signature: bytes) -> str:
    return f"{forge.content()}.{encode(signature)}"


def segments(forge: Forge) -> list[str]:
    return forge.signed().split(".")


def swapped(forge: Forge) -> str:
    signature = forge.signature(forge.content())
    return resigned(forge, signature[32:] + signature[:32])


def other_spelling(forge: Forge) -> str:
    """The last character of a signature has four bits to spare; base64 decoders ignore them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = forge.signed()
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


def doubled(text: bytes, member: bytes) -> bytes:
    """JSON in which `member` stands a second time, first with another value."""
    return b'{"' + member + b'": "other", ' + text[1:]


SHAPES: dict[str, Hostile] = {
    "empty": ("malformed", lambda f: ""),
    "empty_bytes": ("malformed", lambda f: b""),
    "whitespace": ("malformed", lambda f: " \t\r\n"),
    "one_part": ("malformed", lambda f: segments(f)[0]),
    "two_parts": ("malformed", lambda f: f.content()),
    "four_parts": ("malformed", lambda f: f.signed() + ".AAAA"),
    "five_parts": ("malformed", lambda f: f.signed() + ".AAAA.AAAA"),
    "encrypted_shape": (
        "malformed",
        lambda f: ".".join(
            [encode(b'{"alg":"ECDH-ES","enc":"A256GCM","zip":"DEF"}'), "", "AAAA", "AAAA", "AAAA"]
        ),
    ),
    "json_serialization": (
        "malformed",
        lambda f: json.dumps(dict(zip(("protected", "payload", "signature"), segments(f), strict=True))),
    ),
    "only_dots": ("malformed", lambda f: ".."),
    "empty_payload_part": ("malformed", lambda f: f"{segments(f)[0]}..{segments(f)[2]}"),
    "bearer_in_front": ("malformed", lambda f: "Bearer " + f.signed()),
    "space_in_front": ("malformed", lambda f: " " + f.signed()),
    "newline_behind": ("malformed", lambda f: f.signed() + "\n"),
    "newline_within": ("malformed", lambda f: f.signed()[:90] + "\n" + f.signed()[90:]),
    "garbage_behind": ("malformed", lambda f: f.signed() + "garbage"),
    "dot_behind": ("malformed", lambda f: f.signed() + "."),
    "second_token_behind": ("malformed", lambda f: f.signed() + "," + f.signed()),
    "nul_in_front": ("malformed", lambda f: "\0" + f.signed()),
    "nul_behind": ("malformed", lambda f: f.signed() + "\0"),
    "nul_bytes": ("malformed", lambda f: f.signed().encode() + b"\0"),
    "not_ascii": ("malformed", lambda f: f.signed() + "é"),
    "letters_that_look_the_same": ("malformed", lambda f: f.signed().replace("e", "е")),
    "full_width_dots": ("malformed", lambda f: f.signed().replace(".", "．")),
    "lone_surrogate": ("malformed", lambda f: f.signed() + "\ud800"),
    "bytes_that_are_no_text": ("malformed", lambda f: f.signed().encode() + b"\xff\xfe"),
    "padding_on_header": ("malformed", lambda f: f.signed().replace(".", "=.", 1)),
    "padding_on_payload": ("malformed", lambda f: "=.".join(f.signed().rsplit(".", 1))),
    "padding_on_signature": ("malformed", lambda f: f.signed() + "=="),
    "plain_base64_alphabet": ("malformed", lambda f: f"{f.content()}.{'+/' * 43}"),
    "a_megabyte": ("malformed", lambda f: "A" * 1_000_000),
    "a_megabyte_of_dots": ("malformed", lambda f: b"." * 1_000_000),
    "a_little_too_long": ("malformed", lambda f: f.with_claims(scope="a" * 8_000)),
    "a_length_no_base64_has": ("malformed", lambda f: "AAAAA." + f.signed().split(".", 1)[1]),
}

SIGNATURES: dict[str, Hostile] = {
    "of_another_key": ("signature", lambda f: f.stranger_signed()),
    "of_another_token": ("signature", lambda f: f"{f.content(members=f.members(role='x'))}.{segments(f)[2]}"),
    "zero": ("signature", lambda f: resigned(f, bytes(64))),
    "of_ones": ("signature", lambda f: resigned(f, b"\xff" * 64)),
    "r_zero_s_one": ("signature", lambda f: resigned(f, bytes(63) + b"\x01")),
    "halves_swapped": ("signature", swapped),
    "der_encoded": ("malformed", lambda f: resigned(f, f.der_signature(f.content()))),
    "empty": ("malformed", lambda f: f.content() + "."),
    "one_byte_short": ("malformed", lambda f: resigned(f, f.signature(f.content())[:-1])),
    "one_byte_long": ("malformed", lambda f: resigned(f, f.signature(f.content()) + b"\0")),
    "other_spelling_of_the_same": ("malformed", other_spelling),
    "over_the_payload_only": ("signature", lambda f: resigned(f, f.signature(f.content().split(".")[1]))),
}

HEADERS: dict[str, Hostile] = {
    "alg_none_unsigned": ("malformed", lambda f: f.content(f.header(alg="none")) + "."),
    "alg_none_signed": ("header", lambda f: f.with_header(alg="none")),
    "alg_none_in_capitals": ("header", lambda f: f.with_header(alg="NONE")),
    "alg_absent": ("header", lambda f: f.with_header(alg=ABSENT)),
    "alg_null": ("header", lambda f: f.with_header(alg=None)),
    "alg_list": ("header", lambda f: f.with_header(alg=["ES256"])),
    "alg_lower_case": ("header", lambda f: f.with_header(alg="es256")),
    "alg_es384_over_our_key": ("header", lambda f: f.with_header(alg="ES384")),
    "hs256_with_public_pem": ("malformed", lambda f: f.hmac_signed("HS256", public_bytes(f, Encoding.PEM))),
    "hs256_with_public_der": ("malformed", lambda f: f.hmac_signed("HS256", public_bytes(f, Encoding.DER))),
    "hs256_without_secret": ("malformed", lambda f: f.hmac_signed("HS256", b"")),
    "hs256_named_in_a_well_shaped_token": ("header", lambda f: f.with_header(alg="HS256")),
    "rs256": ("malformed", lambda f: f.rsa_signed()),
    "es384": ("malformed", lambda f: f.p384_signed()),
    "typ_absent": ("header", lambda f: f.with_header(typ=ABSENT)),
    "typ_null": ("header", lambda f: f.with_header(typ=None)),
    "typ_jwt": ("header", lambda f: f.with_header(typ="JWT")),
    "typ_in_capitals": ("header", lambda f: f.with_header(typ="AT+JWT")),
    "typ_list": ("header", lambda f: f.with_header(typ=["at+jwt"])),
    "kid_absent": ("header", lambda f: f.with_header(kid=ABSENT)),
    "kid_null": ("unknown_key", lambda f: f.with_header(kid=None)),
    "kid_number": ("unknown_key", lambda f: f.with_header(kid=0)),
    "kid_list": ("unknown_key", lambda f: f.with_header(kid=[f.key.kid])),
    "kid_object": ("unknown_key", lambda f: f.with_header(kid={"kid": f.key.kid})),
    "kid_empty": ("unknown_key", lambda f: f.with_header(kid="")),
    "kid_unknown": ("unknown_key", lambda f: f.with_header(kid="2020")),
    "kid_in_capitals": ("unknown_key", lambda f: f.with_header(kid=f.key.kid.upper() + "X")),
    "kid_path_traversal": ("unknown_key", lambda f: f.with_header(kid=f"../ring/{f.key.kid}")),
    "kid_absolute_path": ("unknown_key", lambda f: f.with_header(kid="/dev/null")),
    "kid_with_suffix": ("unknown_key", lambda f: f.with_header(kid=f.key.kid + ".pem")),
    "kid_with_nul": ("unknown_key", lambda f: f.with_header(kid=f.key.kid + "\0")),
    "kid_with_quote": ("unknown_key", lambda f: f.with_header(kid="' or 1=1 --")),
    "kid_lone_surrogate": ("unknown_key", lambda f: f.with_header(kid="\ud800")),
    "crit": ("header", lambda f: f.with_header(crit=["exp"])),
    "crit_b64": ("header", lambda f: f.with_header(b64=False, crit=["b64"])),
    "jku": ("header", lambda f: f.with_header(jku="https://evil.example/jwks.json")),
    "jwk_of_a_stranger": ("header", lambda f: f.stranger_signed(jwk=f.key.jwk())),
    "x5u": ("header", lambda f: f.with_header(x5u="https://evil.example/cert.pem")),
    "x5c": ("header", lambda f: f.with_header(x5c=["AAAA"])),
    "cty": ("header", lambda f: f.with_header(cty="JWT")),
    "zip": ("header", lambda f: f.with_header(zip="DEF")),
    "no_members": ("header", lambda f: f.signed(header={})),
    "list": ("malformed", lambda f: f.signed(header=[f.header()])),
    "string": ("malformed", lambda f: f.signed(header="ES256")),
    "null": ("malformed", lambda f: f.signed(header=b"null")),
    "not_json": ("malformed", lambda f: f.signed(header=b"\x00\x01")),
    "single_quotes": ("malformed", lambda f: f.signed(header=str(f.header()).encode())),
    "garbage_behind": ("malformed", lambda f: f.signed(header=json.dumps(f.header()).encode() + b"{}")),
    "byte_order_mark": ("malformed", lambda f: f.signed(header=json.dumps(f.header()).encode("utf-8-sig"))),
    "utf_16": ("malformed", lambda f: f.signed(header=json.dumps(f.header()).encode("utf-16"))),
    "bytes_that_are_no_text": ("malformed", lambda f: f.signed(header=b'{"alg":"\xff"}')),
    "alg_twice": ("malformed", lambda f: f.signed(header=doubled(json.dumps(f.header()).encode(), b"alg"))),
    "kid_twice": ("malformed", lambda f: f.signed(header=doubled(json.dumps(f.header()).encode(), b"kid"))),
    "nested_brackets": ("malformed", lambda f: f.signed(header=b"[" * 1_500)),
    "nested_objects": ("malformed", lambda f: f.signed(header=b'{"a":' * 900)),
    "nested_and_closed": ("malformed", lambda f: f.signed(header=b"[" * 1_200 + b"]" * 1_200)),
    "kid_nested": (
        "malformed",
        lambda f: f.signed(
            header=b'{"alg":"ES256","typ":"at+jwt","kid":' + b"[" * 1_200 + b"]" * 1_200 + b"}"
        ),
    ),
    "not_a_number": ("malformed", lambda f: f.signed(header=b'{"alg":"ES256","typ":"at+jwt","kid":NaN}')),
}

PAYLOADS: dict[str, Hostile] = {
    "no_members": ("claims", lambda f: f.signed(members={})),
    "list": ("malformed", lambda f: f.signed(members=[f.members()])),
    "string": ("malformed", lambda f: f.signed(members="patient")),
    "number": ("malformed", lambda f: f.signed(members=7)),
    "null": ("malformed", lambda f: f.signed(members=b"null")),
    "not_json": ("malformed", lambda f: f.signed(members=b"\x00")),
    "bytes_that_are_no_text": ("malformed", lambda f: f.signed(members=b'{"iss":"\xff"}')),
    "byte_order_mark": ("malformed", lambda f: f.signed(members=json.dumps(f.members()).encode("utf-8-sig"))),
    "utf_16": ("malformed", lambda f: f.signed(members=json.dumps(f.members()).encode("utf-16"))),
    "garbage_behind": ("malformed", lambda f: f.signed(members=json.dumps(f.members()).encode() + b"x")),
    "second_object_behind": ("malformed", lambda f: f.signed(members=json.dumps(f.members()).encode() * 2)),
    "sub_twice": ("malformed", lambda f: f.signed(members=doubled(json.dumps(f.members()).encode(), b"sub"))),
    "exp_twice": ("malformed", lambda f: f.signed(members=doubled(json.dumps(f.members()).encode(), b"exp"))),
    "exp_twice_by_escape": (
        "malformed",
        lambda f: f.signed(members=doubled(json.dumps(f.members()).encode(), b"\\u0065xp")),
    ),
    "nested_brackets": ("malformed", lambda f: f.signed(members=b"[" * 3_000)),
    "nested_in_a_claim": ("malformed", lambda f: f.with_text("scope", "[" * 2_000 + "]" * 2_000)),
    "one_claim_more": ("claims", lambda f: f.with_claims(admin=True)),
    "nbf": ("claims", lambda f: f.with_claims(nbf=ISSUED)),
    "claim_in_capitals": ("claims", lambda f: f.with_claims(sub=ABSENT, SUB=f.members()["sub"])),
}

CLAIMS: dict[str, Hostile] = {
    "iss_of_another": ("issuer", lambda f: f.with_claims(iss="https://evil.example")),
    "iss_with_slash": ("issuer", lambda f: f.with_claims(iss=ISSUER + "/")),
    "iss_in_capitals": ("issuer", lambda f: f.with_claims(iss=ISSUER.upper())),
    "iss_longer": ("issuer", lambda f: f.with_claims(iss=ISSUER + ".evil.example")),
    "iss_with_nul": ("issuer", lambda f: f.with_claims(iss=ISSUER + "\0")),
    "iss_lone_surrogate": ("issuer", lambda f: f.with_claims(iss="\ud800")),
    "iss_empty": ("claims", lambda f: f.with_claims(iss="")),
    "iss_list": ("claims", lambda f: f.with_claims(iss=[ISSUER])),
    "aud_of_another": ("audience", lambda f: f.with_claims(aud="billing-api")),
    "aud_with_space": ("audience", lambda f: f.with_claims(aud=AUDIENCE + " ")),
    "aud_empty": ("claims", lambda f: f.with_claims(aud="")),
    "aud_list": ("claims", lambda f: f.with_claims(aud=[AUDIENCE])),
    "aud_list_with_others": ("claims", lambda f: f.with_claims(aud=[AUDIENCE, "billing-api"])),
    "sub_word": ("claims", lambda f: f.with_claims(sub="ana")),
    "sub_in_capitals": ("claims", lambda f: f.with_claims(sub=str(f.members()["sub"]).upper())),
    "sub_in_braces": ("claims", lambda f: f.with_claims(sub=f"{{{f.members()['sub']}}}")),
    "sub_as_urn": ("claims", lambda f: f.with_claims(sub=f"urn:uuid:{f.members()['sub']}")),
    "sub_without_hyphens": ("claims", lambda f: f.with_claims(sub=str(f.members()["sub"]).replace("-", ""))),
    "sub_with_nul": ("claims", lambda f: f.with_claims(sub=f"{f.members()['sub']}\0")),
    "sub_in_other_digits": (
        "claims",
        lambda f: f.with_claims(sub=str(f.members()["sub"]).replace("0", "\u0660")),
    ),
    "kind_unknown": ("claims", lambda f: f.with_claims(kind="root")),
    "kind_in_capitals": ("claims", lambda f: f.with_claims(kind="Staff")),
    "role_empty": ("claims", lambda f: f.with_claims(role="")),
    "role_with_space": ("claims", lambda f: f.with_claims(role="patient administrator")),
    "role_with_newline": ("claims", lambda f: f.with_claims(role="patient\n")),
    "role_too_long": ("claims", lambda f: f.with_claims(role="a" * 41)),
    "scope_list": ("claims", lambda f: f.with_claims(scope=["goal:read"])),
    "scope_two_spaces": ("claims", lambda f: f.with_claims(scope="goal:read  goal:write")),
    "scope_space_behind": ("claims", lambda f: f.with_claims(scope="goal:read ")),
    "scope_with_nul": ("claims", lambda f: f.with_claims(scope="goal:read\0")),
    "scope_not_ascii": ("claims", lambda f: f.with_claims(scope="goal:réad")),
    "scope_lone_surrogate": ("claims", lambda f: f.with_claims(scope="\udfff")),
    "device_id_false": ("claims", lambda f: f.with_claims(device_id=False)),
    "device_id_empty": ("claims", lambda f: f.with_claims(device_id="")),
}

TIMES: dict[str, Hostile] = {
    "exp_text": ("claims", lambda f: f.with_claims(exp=str(ISSUED + 600))),
    "exp_float": ("malformed", lambda f: f.with_claims(exp=ISSUED + 600.5)),
    "exp_whole_float": ("malformed", lambda f: f.with_claims(exp=ISSUED + 600.0)),
    "exp_exponent": ("malformed", lambda f: f.with_text("exp", "1e999")),
    "exp_nan": ("malformed", lambda f: f.with_text("exp", "NaN")),
    "exp_infinity": ("malformed", lambda f: f.with_text("exp", "Infinity")),
    "exp_minus_infinity": ("malformed", lambda f: f.with_text("exp", "-Infinity")),
    "exp_true": ("claims", lambda f: f.with_claims(exp=True)),
    "exp_negative": ("lifetime", lambda f: f.with_claims(exp=-1)),
    "exp_zero": ("lifetime", lambda f: f.with_claims(exp=0)),
    "exp_30_digits": ("malformed", lambda f: f.with_claims(exp=10**30)),
    "exp_5000_digits": ("malformed", lambda f: f.with_text("exp", "9" * 5_000)),
    "exp_in_milliseconds": ("malformed", lambda f: f.with_claims(exp=(ISSUED + 600) * 1_000)),
    "exp_leading_zero": ("malformed", lambda f: f.with_text("exp", f"0{ISSUED + 600}")),
    "exp_hexadecimal": ("malformed", lambda f: f.with_text("exp", hex(ISSUED + 600))),
    "exp_is_iat": ("lifetime", lambda f: f.with_claims(exp=ISSUED)),
    "exp_before_iat": ("lifetime", lambda f: f.with_claims(exp=ISSUED - 1)),
    "lifetime_over_ten_minutes": ("lifetime", lambda f: f.with_claims(exp=ISSUED + 601)),
    "lifetime_of_a_year": ("lifetime", lambda f: f.with_claims(exp=ISSUED + 31_536_000)),
    "expires_now": ("expired", lambda f: f.with_claims(iat=ISSUED - 600, exp=ISSUED)),
    "expired_a_second_ago": ("expired", lambda f: f.with_claims(iat=ISSUED - 601, exp=ISSUED - 1)),
    "issued_in_a_second": ("not_yet", lambda f: f.with_claims(iat=ISSUED + 1, exp=ISSUED + 600)),
    "iat_true": ("claims", lambda f: f.with_claims(iat=True)),
    "iat_text": ("claims", lambda f: f.with_claims(iat=str(ISSUED))),
    "iat_float": ("malformed", lambda f: f.with_claims(iat=ISSUED + 0.0)),
    "iat_negative": ("lifetime", lambda f: f.with_claims(iat=-1)),
    "both_negative": ("expired", lambda f: f.with_claims(iat=-600, exp=-1)),
    "before_the_calendar": ("malformed", lambda f: f.with_claims(iat=-(10**12), exp=-(10**12) + 600)),
}


def claim_by_claim() -> dict[str, Hostile]:
    """Each claim in turn: absent, and of every type that it is not."""
    table: dict[str, Hostile] = {}
    wrong: dict[str, object] = {"true": True, "list": [], "object": {}, "number": 7, "null": None}
    for claim in MEMBERS:
        table[f"{claim}_absent"] = ("claims", lambda f, c=claim: f.with_claims(**{c: ABSENT}))
        for name, value in wrong.items():
            allowed = (claim, name) in {("device_id", "null"), ("iat", "number"), ("exp", "number")}
            if not allowed:
                table[f"{claim}_is_{name}"] = ("claims", lambda f, c=claim, v=value: f.with_claims(**{c: v}))
    return table


TABLES = {
    "shape": SHAPES,
    "signature": SIGNATURES,
    "header": HEADERS,
    "payload": PAYLOADS,
    "claim": CLAIMS,
    "time": TIMES,
    "each": claim_by_claim(),
}
HOSTILE = {f"{table}-{name}": entry for table, entries in TABLES.items() for name, entry in entries.items()}


def read(ring: KeyRing, token: str | bytes) -> object:
    return verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=NOW)


@pytest.mark.parametrize(("reason", "make"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_token_is_refused(
    ring: KeyRing, forge: Forge, reason: str, make: Callable[[Forge], str | bytes]
) -> None:
    with pytest.raises(TokenRefused) as refusal:
        read(ring, make(forge))
    assert refusal.value.reason == reason


@pytest.mark.parametrize("make", [make for _, make in HOSTILE.values()], ids=HOSTILE)
def test_the_cache_refuses_it_too_and_keeps_nothing(
    ring: KeyRing, forge: Forge, make: Callable[[Forge], str | bytes]
) -> None:
    cache = TokenCache(ring, issuer=ISSUER, audience=AUDIENCE)
    with pytest.raises(TokenRefused):
        cache.verify(make(forge), now=NOW)
    assert len(cache) == 0


@pytest.mark.parametrize("make", [make for _, make in HOSTILE.values()], ids=HOSTILE)
def test_the_refusal_holds_nothing_of_the_token(
    ring: KeyRing, forge: Forge, make: Callable[[Forge], str | bytes]
) -> None:
    with pytest.raises(TokenRefused) as refusal:
        read(ring, make(forge))
    assert refusal.value.args == (refusal.value.reason,)
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


@pytest.mark.parametrize("token", [None, 7, [], {}, object(), bytearray(b"a.b.c"), memoryview(b"a.b.c")])
def test_what_is_no_text_at_all_is_refused(ring: KeyRing, token: object) -> None:
    with pytest.raises(TokenRefused):
        read(ring, token)  # type: ignore[arg-type]


def test_the_table_is_long_enough_and_its_forge_can_make_a_good_token(ring: KeyRing, forge: Forge) -> None:
    assert len(HOSTILE) >= 47
    read(ring, forge.signed())
    read(ring, forge.with_claims(device_id=None, scope=""))
    read(ring, forge.with_text("exp", str(ISSUED + 600)))
