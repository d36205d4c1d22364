"""The worst that can befall an alert."""

from collections.abc import Sequence
from uuid import UUID

import psycopg


def delete_alerts(superuser: psycopg.Connection, alert_ids: Sequence[UUID | str]) -> None:
    """Delete alerts and whatever says that they were there, past every wall."""
    superuser.execute(
        "update crisis_flag set alert_id = null where alert_id = any(%s::uuid[])", [list(alert_ids)]
    )
    of_pages = "select id from page where alert_id = any(%s::uuid[])"
    superuser.execute(f"delete from page_attempt where page_id in ({of_pages})", [list(alert_ids)])
    for table in ("page", "alert_occurrence", "alert_entry", "event"):
        superuser.execute(f"delete from {table} where alert_id = any(%s::uuid[])", [list(alert_ids)])
    superuser.execute("delete from alert where id = any(%s::uuid[])", [list(alert_ids)])
