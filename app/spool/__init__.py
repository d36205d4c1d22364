"""What was said while the database was away: kept on this machine's disk, sealed, until it is back.

`store` is the file itself (SQLite, fsynced before anybody is told that something is kept), `entry` what
stands in it, `spool` the same from a coroutine. Nothing here knows HTTP or the database.
"""

from app.spool.entry import Entry, NewEntry, Placed, Tally
from app.spool.faults import SpoolError, SpoolFull, SpoolUnwritable
from app.spool.spool import Spool
from app.spool.store import Store, tally_of

__all__ = [
    "Entry",
    "NewEntry",
    "Placed",
    "Spool",
    "SpoolError",
    "SpoolFull",
    "SpoolUnwritable",
    "Store",
    "Tally",
    "tally_of",
]
