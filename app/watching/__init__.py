"""Watches what must not fail: that alerts exist, that timers are set, that somebody looks at them in time.

`faults` is the closed list of what may be wrong. `hindsight` says which findings an answer must have led
to; `answers`, `timers` and `lateness` look; `watcher` has them look twice a minute. `operator` is told of
what was found, and `heartbeat` is heard outside as long as nothing was.
"""

from app.watching.faults import Fault, Trouble
from app.watching.watcher import Watcher, watcher_of

__all__ = ["Fault", "Trouble", "Watcher", "watcher_of"]
