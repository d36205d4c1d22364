"""Keeps what patients say while the database is away, pages somebody for what is on the safety floor, and
works on it when the database is back. `docs/when-the-database-is-away.md` tells how that looks from outside.

`keeper` takes a request in, `said` is what stands sealed in the spool, `kinds` knows the kinds of request
that are kept. `fallback` pages, `breaker` remembers that the database is away, `drain` works on what is kept.
"""

from app.keeping.keeper import Keeping

__all__ = ["Keeping"]
