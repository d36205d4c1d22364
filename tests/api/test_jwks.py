"""GET /.well-known/jwks.json."""

from jose import jwt

from tests.people import Clinic
from tests.phones import signed_in


async def test_others_can_check_an_access_token_with_the_published_keys(clinic: Clinic) -> None:
    token = (await signed_in(clinic.app, clinic.ana))["access_token"]
    keys = {each["kid"]: each for each in (await clinic.nobody.get("/.well-known/jwks.json")).json()["keys"]}
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], audience="handrail-api", issuer="handrail")
    assert claims["sub"] == str(clinic.ana.id)


async def test_the_keys_are_public_and_may_be_cached_for_five_minutes(clinic: Clinic) -> None:
    reply = await clinic.nobody.get("/.well-known/jwks.json")
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "public, max-age=300"


async def test_no_private_half_is_published(clinic: Clinic) -> None:
    for key in (await clinic.nobody.get("/.well-known/jwks.json")).json()["keys"]:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
