"""What patients read, and staff in a page: one catalogue of sentences in English and Spanish.

`app/locale/en.po` and `app/locale/es.po` are the source and are read once, at start. The msgid is a key
without spaces (`help.urgent`), so a patient's sentence that stands in code is recognised by its spaces.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from babel import negotiate_locale
from babel.messages.pofile import read_po

LOCALES: Final = ("en", "es")
DEFAULT_LOCALE: Final = "en"

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_RANGE: Final = re.compile(
    r"([A-Za-z0-9_-]{1,35}|\*)(?:\s*;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?", re.IGNORECASE
)


def _read(locale: str) -> Mapping[str, str]:
    with (files("app") / "locale" / f"{locale}.po").open("rb") as source:
        entries = read_po(source, locale=locale, abort_invalid=True)
    return MappingProxyType({str(entry.id): str(entry.string) for entry in entries if entry.id})


_CATALOGUES: Final = MappingProxyType({locale: _read(locale) for locale in LOCALES})


def sentence(
    key: str, locale: str, /, *, overrides: Mapping[str, str] | None = None, **values: str | int
) -> str:
    """The sentence under `key` in the nearest language to `locale` (English when there is none).

    `overrides` are a program's own wordings by key, in the same language; one that is empty or has other
    placeholders than the catalogue's is passed over, so a program cannot lose a phone number.
    Raises `KeyError` for an unknown key and for a placeholder without a value.
    """
    text = _CATALOGUES[_nearest(locale)][key]
    if overrides and key in overrides and _fits(overrides[key], text):
        text = overrides[key]
    # Not str.format: an override could ask it for attributes or for a field a gigabyte wide.
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


def unfit_overrides(overrides: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of `overrides` that `sentence` would pass over: unknown, empty, or with other placeholders."""
    known = _CATALOGUES[DEFAULT_LOCALE]
    return tuple(key for key, text in overrides.items() if key not in known or not _fits(text, known[key]))


def placeholders(text: str) -> frozenset[str]:
    """The names in braces that `text` wants values for."""
    return frozenset(_PLACEHOLDER.findall(text))


def negotiate(
    preferred: str | None,
    accept_language: str | None,
    available: Sequence[str] = LOCALES,
    *,
    default: str = DEFAULT_LOCALE,
) -> str:
    """The language to answer in: the patient's, then `Accept-Language` by weight (RFC 9110), else `default`.

    Returns a member of `available`, whatever is sent; the first one when `default` is not among them.
    """
    wanted = [preferred] if preferred else []
    wanted += _accepted(accept_language or "", available)
    chosen = negotiate_locale([tag.replace("_", "-") for tag in wanted], available, sep="-") or default
    spelled = {locale.lower(): locale for locale in available}
    return spelled.get(chosen.lower(), available[0])


def _fits(override: str, text: str) -> bool:
    return bool(override.strip()) and placeholders(override) == placeholders(text)


@lru_cache(maxsize=64)
def _nearest(locale: str) -> str:
    return locale if locale in _CATALOGUES else negotiate(locale, None)


def _accepted(header: str, available: Sequence[str]) -> list[str]:
    """Language ranges, dearest first; what cannot be read or has weight 0 is left out, `*` is the rest."""
    found = (_RANGE.fullmatch(part.strip()) for part in header.split(","))
    weights = {match[1].lower(): float(match[2] or 1) for match in found if match}
    for locale in available if "*" in weights else ():
        weights.setdefault(locale.lower(), weights["*"])
    weights.pop("*", None)
    return sorted((tag for tag in weights if weights[tag] > 0), key=lambda tag: -weights[tag])
