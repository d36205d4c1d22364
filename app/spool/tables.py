"""The tables of the spool, and its one long statement."""

from typing import Final

TABLES: Final = (
    """
    create table if not exists entry (
      seq integer primary key autoincrement,
      id text not null unique,
      digest blob not null unique,
      organization_id text not null,
      patient_id text not null,
      kind text not null,
      kept_at real not null,
      urgent integer not null,
      sealed blob not null,
      page_at real,
      paged_at real,
      try_at real not null,
      attempts integer not null default 0,
      parked text
    )
    """,
    "create index if not exists entry_in_turn on entry (parked, patient_id, seq)",
    "create index if not exists entry_to_page on entry (page_at) where page_at is not null",
    """
    create table if not exists shown (
      entry_id text not null,
      at real not null,
      reason text not null,
      shown_to text not null
    )
    """,
)
"""`try_at` is from when on somebody may work on an entry, `page_at` from when on somebody may page for it:
whoever does, puts the moment off first, so that nobody else does the same and somebody does if they die.
`shown` tells who looked at what somebody said, and why."""

COLUMNS: Final = "id, organization_id, patient_id, kind, kept_at, urgent, sealed, paged_at, attempts, parked"

NEXT: Final = f"""
    select {COLUMNS} from entry
    where seq in (select min(seq) from entry where parked is null group by organization_id, patient_id)
      and try_at <= :now
    order by urgent desc, seq limit :most
"""  # noqa: S608 - the columns are constants
"""The oldest entry of each patient, unless somebody works on it: what a person said is told in its order."""

TALLY: Final = """
    select count(*) filter (where parked is null), count(*) filter (where parked is not null),
           count(*) filter (where page_at is not null), min(kept_at) filter (where parked is null)
    from entry
"""
