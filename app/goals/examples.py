"""Three goals as people in treatment agree on them, from a day on."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from app.goals.terms import ByDate, Daily, Measure, Terms


def twelve_meetings(starts_on: date) -> Terms:
    """Twelve mutual-help meetings in thirty days, read from the check-ins."""
    return Terms(
        area="sobriety",
        statement="Attend 12 meetings",
        measure=Measure(unit="meetings", baseline=0, target=12, direction="increase"),
        relevance="At meetings I am not alone with it.",
        confidence=7,
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=30),
        cadence=ByDate(kind="by_date"),
        fed_by="meetings_attended",
        review_every_days=14,
    )


def daily_meditation(starts_on: date) -> Terms:
    """Meditation every day for four weeks, looked at together every week."""
    return Terms(
        area="mental_health",
        statement="Meditate for ten minutes every day",
        measure=Measure(unit="days", baseline=0, target=24, direction="increase"),
        relevance="I sleep better when my head is quiet.",
        confidence=8,
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=27),
        cadence=Daily(kind="daily"),
        review_every_days=7,
    )


def job_training(starts_on: date) -> Terms:
    """Forty hours of job training in sixty days."""
    return Terms(
        area="life_skills",
        statement="Finish the forklift course",
        measure=Measure(unit="hours", baseline=0, target=40, direction="increase"),
        relevance="With the licence I can work at the harbor again.",
        confidence=8,
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=60),
        cadence=ByDate(kind="by_date"),
        review_every_days=14,
    )


EXAMPLES: Final[Mapping[str, Callable[[date], Terms]]] = {
    "twelve_meetings": twelve_meetings,
    "daily_meditation": daily_meditation,
    "job_training": job_training,
}
"""By name, as a function of the day on which they start."""
