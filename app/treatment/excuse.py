"""Whether an absence that somebody told of ahead is excused by itself."""

from datetime import datetime, timedelta

from app.treatment.policy import AttendancePolicy, NoticeKind


def is_excused(policy: AttendancePolicy, kind: NoticeKind, told_at: datetime, starts_at: datetime) -> bool:
    """Told in time, and of a kind that the program excuses; anything else is for staff to decide.

    "Excused needs 48 h notice" is one policy seen (clinical.md, C, "Attendance").
    """
    in_time = told_at <= starts_at - timedelta(hours=policy.excused_notice_hours)
    return in_time and kind in policy.excused_kinds
