"""A token that expired is good for one thing more, for a while; in all else it must be in order."""

from datetime import timedelta

import pytest

from app.token_keys import KeyRing
from app.tokens import TokenCache, TokenRefused, verify
from tests.tokens.forging import AUDIENCE, ISSUER, NOW, Forge
from tests.tokens.test_hostile_tokens import HOSTILE

SECOND, WEEK = timedelta(seconds=1), timedelta(days=7)
END = NOW + 600 * SECOND


def cache_of(ring: KeyRing) -> TokenCache:
    return TokenCache(ring, issuer=ISSUER, audience=AUDIENCE)


def test_it_is_good_until_the_grace_is_over(ring: KeyRing, forge: Forge) -> None:
    for moment in (END, END + WEEK - SECOND):
        claims = verify(ring, forge.signed(), issuer=ISSUER, audience=AUDIENCE, now=moment, grace=WEEK)
        assert claims.expires_at == END
    with pytest.raises(TokenRefused, match="expired"):
        verify(ring, forge.signed(), issuer=ISSUER, audience=AUDIENCE, now=END + WEEK, grace=WEEK)
    with pytest.raises(TokenRefused, match="not_yet"):
        verify(ring, forge.signed(), issuer=ISSUER, audience=AUDIENCE, now=NOW - SECOND, grace=WEEK)


def test_whoever_grants_none_refuses_it_before_and_after(ring: KeyRing, forge: Forge) -> None:
    cache, token = cache_of(ring), forge.signed()
    for _ in range(2):
        with pytest.raises(TokenRefused, match="expired"):
            cache.verify(token, now=END)
        claims = cache.verify(token, now=END, grace=WEEK)
        assert cache.is_expired(claims, END)
    assert len(cache) == 0, "what has expired is not remembered"


def test_one_that_is_known_from_before_is_good_too(ring: KeyRing, forge: Forge) -> None:
    cache, token = cache_of(ring), forge.signed()
    first = cache.verify(token, now=NOW, grace=WEEK)
    assert not cache.is_expired(first, NOW)
    assert cache.verify(token, now=END + SECOND, grace=WEEK) == first
    with pytest.raises(TokenRefused, match="expired"):
        cache.verify(token, now=END + SECOND)


def test_another_key_issuer_or_audience_is_none_of_ours(ring: KeyRing, forge: Forge) -> None:
    tokens = [forge.stranger_signed(), forge.with_claims(iss="https://elsewhere"), forge.with_claims(aud="x")]
    for token in tokens:
        with pytest.raises(TokenRefused):
            verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=END + SECOND, grace=WEEK)


def test_no_hostile_token_is_better_for_it(ring: KeyRing, forge: Forge) -> None:
    makers = [make for reason, make in HOSTILE.values() if reason != "expired"]
    assert len(makers) > 200
    for make in makers:
        with pytest.raises(TokenRefused):
            verify(ring, make(forge), issuer=ISSUER, audience=AUDIENCE, now=NOW, grace=WEEK)
