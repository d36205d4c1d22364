"""What a week still needs, and how it is said."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.schemas.hours import worded
from app.sentences import LOCALES
from app.treatment.forecast import Forecast, Kind, forecast
from app.treatment.minutes import Span
from app.treatment.reckoning import Case, Stay, reckon
from app.treatment.requirement import Care, Requirement
from app.treatment.week import Part, mid_week, next_mid_week, report, times

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 18, 12, tzinfo=ZONE)
"""Of Wednesday."""


def group(day: int, hours: float = 3, at: float = 18, kind: str = "group", status: str | None = None) -> Part:
    """A session on a day of the week, 0 being Monday; attended from start to end when the status says so."""
    start = datetime(2026, 11, 16, int(at), int(at % 1 * 60), tzinfo=ZONE) + timedelta(days=day)
    span = Span(start, start + timedelta(hours=hours))
    there = (start, span.end) if status == "attended" else (None, None)
    return Part(span, kind, status, *there, is_make_up=False, said_ahead=False, is_cancelled=False)


def came(day: int, hours: float = 3, at: float = 9) -> Part:
    return group(day, hours, at, status="attended")


def requirement(minimum: float = 9, maximum: float | None = 19) -> Requirement:
    most = None if maximum is None else Decimal(str(maximum))
    return Requirement(Decimal(str(minimum)), most, None, None, "a rule", None, ())


def of(parts: list[Part], needs: Requirement, monday: date = MONDAY, now: datetime = NOON) -> Forecast:
    (week,) = report([monday], times(parts, now), ZONE)
    return forecast(week, needs, parts, ZONE, now)


MORE, HOUR = Kind.MORE, 60


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([came(0), group(2), group(3)], Forecast(MORE, 540, 180, 2, True)),
        ([came(0), came(1), group(2), group(3)], Forecast(MORE, 540, 360, 1, True)),
        # The next ones count, not the longest.
        ([came(0), group(2, 1), group(3, 1), group(4, 5)], Forecast(MORE, 540, 180, 3, True)),
        ([came(0), group(4, 5), group(3, 1), group(2, 1)], Forecast(MORE, 540, 180, 3, True)),
        ([came(0), group(2, kind="individual"), group(3)], Forecast(MORE, 540, 180, 2, False)),
        ([came(0), group(2), group(3), group(4, kind="family")], Forecast(MORE, 540, 180, 2, True)),
        # One in the time of another brings nothing.
        ([came(0), group(2), group(2, 2), group(3)], Forecast(MORE, 540, 180, 2, True)),
        ([came(0), group(2), group(2, 4, 19), group(3, 1)], Forecast(MORE, 540, 180, 3, True)),
        # What is running counts for what is left of it; the morning is lost.
        ([group(2, 6, 9), group(3, 6)], Forecast(MORE, 540, 0, 2, True)),
        ([group(2, 6, 9), group(3, 5.5)], Forecast(Kind.SHORT, 540, 30)),
        ([came(0), group(3)], Forecast(Kind.SHORT, 540, 180)),
        ([came(0), group(3, status="excused"), group(4, 6)], Forecast(MORE, 540, 180, 1, True)),
        # Next Monday is another week.
        ([came(0), group(3), group(7)], Forecast(Kind.SHORT, 540, 180)),
        ([came(0), group(3), group(6, 6, 21)], Forecast(MORE, 540, 180, 2, True)),
        ([came(0, 9)], Forecast(Kind.REACHED, 540, 540)),
        ([came(0, 9), group(3)], Forecast(Kind.REACHED, 540, 540)),
        ([came(0, 9), group(3, 10)], Forecast(Kind.REACHED, 540, 540)),
        ([came(0, 9), group(3, 10), group(4, 0.1)], Forecast(Kind.PLANNED_OVER_MAXIMUM, 1140, 1146)),
        ([came(0, 10), came(1, 9)], Forecast(Kind.REACHED, 540, 1140)),
        ([came(0, 10), came(1, 9.1)], Forecast(Kind.OVER_MAXIMUM, 1140, 1146)),
        # The minimum is nearer than the maximum.
        ([came(0), group(2), group(3, 6), group(4, 9)], Forecast(MORE, 540, 180, 2, True)),
        ([], Forecast(Kind.NOTHING, 540, 0)),
        ([group(0), group(1)], Forecast(Kind.NOTHING, 540, 0)),
    ],
)
def test_a_running_week(parts: list[Part], expected: Forecast) -> None:
    assert of(parts, requirement()) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([came(-7, 9)], Forecast(Kind.REACHED, 540, 540)),
        ([came(-7, 10), came(-6, 10)], Forecast(Kind.OVER_MAXIMUM, 1140, 1200)),
        ([came(-7), group(-6)], Forecast(Kind.WAS_SHORT, 540, 180)),
        ([group(-6)], Forecast(Kind.WAS_SHORT, 540, 0)),
        ([], Forecast(Kind.WAS_NOTHING, 540, 0)),
    ],
)
def test_a_week_that_is_over(parts: list[Part], expected: Forecast) -> None:
    assert of(parts, requirement(), MONDAY - timedelta(weeks=1)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([group(7), group(8), group(9)], Forecast(Kind.PLANNED, 540, 540)),
        ([group(7)], Forecast(Kind.SHORT, 540, 360)),
        ([group(7, 10), group(8, 10)], Forecast(Kind.PLANNED_OVER_MAXIMUM, 1140, 1200)),
        ([group(7, 10), group(8, 9)], Forecast(Kind.PLANNED, 540, 1140)),
        ([], Forecast(Kind.NOTHING, 540, 0)),
    ],
)
def test_a_week_to_come(parts: list[Part], expected: Forecast) -> None:
    assert of(parts, requirement(), MONDAY + timedelta(weeks=1)) == expected


@pytest.mark.parametrize(
    ("parts", "weeks", "expected"),
    [
        ([came(0)], 0, Forecast(Kind.ATTENDED, 0, 180)),
        ([group(3)], 0, Forecast(Kind.PLANNED, 0, 180)),
        ([came(-7)], -1, Forecast(Kind.ATTENDED, 0, 180)),
        ([group(7)], 1, Forecast(Kind.PLANNED, 0, 180)),
        ([came(0, 20)], 0, Forecast(Kind.ATTENDED, 0, 1200)),
    ],
)
def test_without_a_minimum_or_a_maximum(parts: list[Part], weeks: int, expected: Forecast) -> None:
    assert of(parts, requirement(0, None), MONDAY + timedelta(weeks=weeks)) == expected


@pytest.mark.parametrize(
    ("forecast", "english", "spanish"),
    [
        (Forecast(MORE, 540, 0, 1, True), "One more group reaches nine hours.",
         "Con un grupo más llega a nueve horas."),
        (Forecast(MORE, 540, 0, 2, True), "Two more groups reach nine hours.",
         "Con dos grupos más llega a nueve horas."),
        (Forecast(MORE, 540, 0, 1), "One more session reaches nine hours.",
         "Con una sesión más llega a nueve horas."),
        (Forecast(MORE, 540, 0, 3), "Three more sessions reach nine hours.",
         "Con tres sesiones más llega a nueve horas."),
        (Forecast(MORE, 1290, 0, 21), "21 more sessions reach 21 hours and 30 minutes.",
         "Con 21 sesiones más llega a 21 horas y 30 minutos."),
        (Forecast(Kind.REACHED, 60, 0), "You reached one hour.", "Llegó a una hora."),
        (Forecast(Kind.REACHED, 1200, 0), "You reached twenty hours.",
         "Llegó a veinte horas."),
        (Forecast(Kind.WAS_SHORT, 540, 61), "You had one hour and one minute of nine hours.",
         "Tuvo una hora y un minuto de nueve horas."),
        (Forecast(Kind.WAS_SHORT, 570, 45), "You had 45 minutes of nine hours and 30 minutes.",
         "Tuvo 45 minutos de nueve horas y 30 minutos."),
        (Forecast(Kind.WAS_SHORT, 540, 0), "You had no sessions.", "No tuvo sesiones."),
        (Forecast(Kind.PLANNED, 540, 660), "The plan for this week comes to eleven hours.",
         "El plan de esta semana suma once horas."),
        (Forecast(Kind.ATTENDED, 0, 180), "You had three hours.", "Tuvo tres horas."),
        (Forecast(Kind.NOTHING, 540, 0), "Nothing is planned for this week yet.",
         "Aún no hay nada en el plan de esta semana."),
    ],
)  # fmt: skip
def test_how_it_is_said(forecast: Forecast, english: str, spanish: str) -> None:
    assert worded(forecast, "en", {}) == english
    assert worded(forecast, "es", {}) == spanish


@pytest.mark.parametrize("locale", LOCALES)
def test_whatever_it_is_it_can_be_said(locale: str) -> None:
    said = {worded(Forecast(kind, goal, minutes, 2), locale, {}) for kind in Kind for goal in (0, 540, 1141)
            for minutes in (0, 1, 59, 60, 61, 1500)}  # fmt: skip
    assert len(said) > len(Kind)
    assert not [text for text in said if "{" in text or text[0].islower()]


def test_noon_of_the_third_day_is_the_middle() -> None:
    assert mid_week(MONDAY, ZONE) == NOON
    assert next_mid_week(NOON - timedelta(seconds=1), 0, ZONE) == NOON
    assert next_mid_week(NOON, 0, ZONE) == NOON + timedelta(weeks=1)
    assert next_mid_week(NOON, 6, ZONE) == NOON + timedelta(days=6)
    before_the_change = datetime(2026, 10, 28, 12, tzinfo=ZONE)
    assert next_mid_week(before_the_change, 0, ZONE) - mid_week(date(2026, 10, 26), ZONE) == timedelta(
        days=7, hours=1
    )


def stay(first: date, last: date | None, minimum: int) -> Stay:
    care = Care(f"{minimum} hours", "2.1", "adults", Decimal(minimum), Decimal(19), None)
    return Stay(first, last, care)


def test_of_two_stays_in_a_week_the_later_one_decides() -> None:
    stays = [stay(date(2026, 11, 17), None, 12), stay(date(2026, 9, 1), date(2026, 11, 16), 9)]
    weeks = [MONDAY + timedelta(weeks=ahead) for ahead in (-12, -1, 0, 1)]
    found = reckon(weeks, Case(stays, None, [], []), ZONE, NOON)
    assert [each.requirement and each.requirement.source for each in found] == [
        None, "9 hours", "12 hours", "12 hours",
    ]  # fmt: skip
    assert found[0].forecast is None


@pytest.mark.parametrize(
    ("first", "last", "touches", "fills"),
    [
        (date(2026, 11, 15), None, True, True), (date(2026, 11, 16), None, True, True),
        (date(2026, 11, 22), None, True, False), (date(2026, 11, 23), None, False, False),
        (date(2026, 11, 1), date(2026, 11, 23), True, True),
        (date(2026, 11, 1), date(2026, 11, 22), True, False),
        (date(2026, 11, 1), date(2026, 11, 16), True, False),
        (date(2026, 11, 1), date(2026, 11, 15), False, False),
    ],
)  # fmt: skip
def test_a_stay_touches_a_week_or_fills_it(
    first: date, last: date | None, touches: bool, fills: bool
) -> None:
    of_it = stay(first, last, 9)
    assert (of_it.touches(MONDAY), of_it.fills(MONDAY)) == (touches, fills)
