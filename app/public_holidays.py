"""Public holidays by country, with the `holidays` library: days off by law, days in lieu among them."""

import warnings
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from holidays import country_holidays, list_supported_countries


@cache
def _known() -> Mapping[str, list[str]]:
    return list_supported_countries(include_aliases=False)


def is_known(country: str, subdivision: str | None = None) -> bool:
    """Whether there are holidays for the ISO 3166-1 alpha-2 country and this subdivision of it."""
    return country in _known() and (subdivision is None or subdivision in _known()[country])


@dataclass(frozen=True)
class _Holidays:
    country: str
    subdivision: str | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _of_year(self.country, self.subdivision, day.year)


@lru_cache(maxsize=1024)
def _of_year(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    with warnings.catch_warnings():
        # Of years that a country has not announced yet the library gives what it can, and says so.
        warnings.simplefilter("ignore")
        return frozenset(country_holidays(country, subdiv=subdivision, years=year, expand=False))


def public_holidays(country: str, subdivision: str | None = None) -> Container[date]:
    """The public holidays, each year computed when a day of it is first asked for.

    There are none in years that the library does not cover, and none in places that it does not know (ask
    `is_known` when one is chosen): an alert is not lost because a province was renamed.
    """
    return _Holidays(country, subdivision) if is_known(country, subdivision) else frozenset()
